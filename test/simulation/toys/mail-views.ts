/** A toy mail as its adapter shows it, and as it truly is. */

import type { Evidence, MessageView, Read, Whole } from "groupstream";
import { padded } from "../random.ts";
import type { Fact } from "../world.ts";
import type { Copy, Folder, Mail, MailOptions } from "./mail-words.ts";

export const wholeOf = (
  { mail, size, flags, came, modseq }: Copy,
  key: string,
  revision: string,
  tier: MailOptions["tier"],
  read: Read,
): Whole => {
  const same: Evidence[] = [
    { id: `size:${mail.mid}:${mail.date}:${mail.from}:${size}`, within: "system", weight: "content" },
    { id: `mid:${mail.mid}`, within: "everywhere", weight: "hint" },
  ];
  if (read.text === "full" || read.digest)
    same.unshift({ id: `text:${mail.mid}:${mail.date}:${mail.from}:${mail.text}`, within: "everywhere", weight: "content" });
  const object: MessageView = {
    type: "Note",
    name: mail.tag,
    ...(read.text !== "none" && { text: mail.text }),
    published: mail.date,
    attributedTo: { id: mail.from },
    ...(flags.size > 0 && { flags: [...flags] }),
    ...(mail.parent !== undefined && { inReplyTo: [{ evidence: `mid:${mail.parent}` }] }),
  };
  return { key, revision, object, same, came: new Date(came).toISOString(), ...(tier !== "plain" && { order: padded(modseq) }) };
};

/** Copies of one mail in one folder are one fact; those of another size no evidence but their text joins. */
export const factsOf = (folder: Folder): readonly Fact[] => {
  const facts = new Map<string, { sizes: Set<number>; flags: Set<string>; mail: Mail }>();
  for (const { mail, size, flags } of folder.copies.values()) {
    const fact = facts.get(mail.tag) ?? { sizes: new Set(), flags: new Set(), mail };
    fact.sizes.add(size);
    for (const flag of flags) fact.flags.add(flag);
    facts.set(mail.tag, fact);
  }
  return [...facts].map(([tag, { sizes, flags, mail }]) => ({
    tag,
    copies: sizes.size,
    flags: [...flags].sort(),
    reactions: [],
    props: { text: mail.text },
  }));
};
