/** A message's header fields, parts and text → its view. Pure, canonical: equal input gives an equal view, key for key. */

import type { Loss, MessageView, Party, ThingRef } from "../../contract/view.ts";
import type { CollectionId } from "../../contract/words.ts";
import { cleanLine } from "../text/characters.ts";
import { mailtoOf } from "../text/mailto.ts";
import { readParties } from "./address.ts";
import { automaticOf } from "./automatic.ts";
import { mailDate } from "./date.ts";
import { hintOf } from "./evidence.ts";
import { decodeWords, type Headers } from "./headers.ts";
import { messageIds } from "./ids.ts";
import { type PartNode, readFiles } from "./structure.ts";
import type { MessageText } from "./text.ts";
import { trailIn } from "./trail.ts";

const PARENT_LIMIT = 3;

/**
 * The header fields that {@link noteOf}, {@link automaticOf} and {@link headerFacts} read, in lower case; nothing else need
 * be fetched. Without `received`: only a message without Message-ID needs it, as evidence, and it is the longest of all.
 */
export const wantedHeaders: readonly string[] = [
  "from",
  "to",
  "cc",
  "bcc",
  "subject",
  "date",
  "message-id",
  "in-reply-to",
  "references",
  "return-path",
  "auto-submitted",
  "precedence",
  "list-id",
  "list-post",
  "list-unsubscribe",
  "x-autoreply",
  "x-autorespond",
  "x-failed-recipients",
  "x-loop",
  "feedback-id",
  "x-groupstream-trail",
];

/** What a view is made of. */
export interface NoteSource {
  readonly headers: Headers;
  /** Absent: attachments are unknown and left out. */
  readonly structure?: PartNode;
  /** Absent: the text was not read. */
  readonly text?: MessageText;
  /** Keywords and `flagged`; any order, doubles allowed. */
  readonly flags?: readonly string[];
  readonly seen?: boolean;
  readonly labels?: readonly CollectionId[];
  /** The system's own names of the thread (THREADID, X-GM-THRID), before those the header fields give. */
  readonly contextIds?: readonly ThingRef[];
}

const once = <T extends string>(values: readonly T[] | undefined): readonly T[] | undefined =>
  values === undefined || values.length === 0 ? undefined : [...new Set(values)].sort();

const refs = (ids: readonly string[]): ThingRef[] => ids.map((id) => ({ evidence: hintOf(id) }));

/** All values of an address field: RFC 5322 allows one, lists and broken programs give several. */
const partiesOf = (headers: Headers, field: string, losses: Loss[]): readonly Party[] | undefined => {
  const values = headers.all(field).filter((value) => value !== "");
  if (values.length === 0) return undefined;
  const read = readParties(values.join(", "), field);
  losses.push(...read.losses);
  return read.parties.length > 0 ? read.parties : undefined;
};

/** The list among the recipients: its address by List-Post (RFC 2369 §3.4), its name by List-Id (RFC 2919 §2). */
const markList = (parties: readonly Party[] | undefined, headers: Headers): readonly Party[] | undefined => {
  const post = /<\s?mailto:([^>?\s]{3,320})/i.exec(headers.get("list-post")?.slice(0, 1_000) ?? "")?.[1];
  const id = post === undefined ? undefined : mailtoOf(post);
  if (id === undefined) return parties;
  const named = headers.get("list-id") ?? "";
  const phrase = decodeWords(named.slice(0, Math.max(0, named.lastIndexOf("<"))).replaceAll('"', ""));
  return parties?.map((party) => {
    if (party.id.toLowerCase() !== id.toLowerCase()) return party;
    const name = party.name ?? (phrase === "" ? undefined : phrase);
    return { id: party.id, ...(name !== undefined && { name }), type: "Group" as const };
  });
};

/** In-Reply-To first, then References from its end (RFC 5322 §3.6.4: the last is the parent). */
const parentsOf = (headers: Headers, own: string | undefined): { parents: string[]; oldest: string | undefined } => {
  if (headers.get("in-reply-to") === undefined && headers.get("references") === undefined)
    return { parents: [], oldest: undefined };
  const replied = messageIds(headers.all("in-reply-to").join(" "));
  const references = messageIds(headers.all("references").join(" "));
  const nearest = new Set([...replied, ...references.toReversed()]);
  if (own !== undefined) nearest.delete(own);
  return {
    parents: [...nearest].slice(0, PARENT_LIMIT),
    oldest: references.find((id) => id !== own) ?? replied.find((id) => id !== own),
  };
};

/**
 * The view of a message. Names parents and thread as hints by Message-ID: `inReplyTo` at most three, nearest first;
 * `context` the given thread ids, then the oldest reference, or where there is none the message's own id. A field that
 * cannot be read is left out with a loss; a sender, a time or an address is never invented. Never fails.
 */
export const noteOf = (source: NoteSource): MessageView => {
  const { headers, structure, text } = source;
  const losses: Loss[] = [];
  const subject = decodeWords(headers.get("subject") ?? "");
  const rawDate = headers.get("date");
  const published = rawDate === undefined ? undefined : mailDate(rawDate);
  if (rawDate !== undefined && rawDate !== "" && published === undefined)
    losses.push({ field: "published", reason: "The Date field holds no date that can be read." });

  const from = partiesOf(headers, "from", losses);
  const attributedTo = from?.[0];
  if (from !== undefined && from.length > 1)
    losses.push({ field: "attributedTo", reason: "The message names several authors; the first is kept." });
  const to = markList(partiesOf(headers, "to", losses), headers);
  const cc = markList(partiesOf(headers, "cc", losses), headers);
  const bcc = partiesOf(headers, "bcc", losses);

  const own = messageIds(headers.get("message-id") ?? "")[0];
  const { parents, oldest } = parentsOf(headers, own);
  const thread = oldest ?? own;
  const context = [...(source.contextIds ?? []), ...refs(thread === undefined ? [] : [thread])];

  const { files: attachment, losses: unlisted } = structure === undefined ? { files: [], losses: [] } : readFiles(structure);
  losses.push(...unlisted);
  if (headers.cut) losses.push({ field: "headers", reason: "Only the beginning of the very long header fields was read." });
  if (text !== undefined) losses.push(...text.losses);

  const automatic = automaticOf(headers, structure);
  const trail = trailIn(headers);
  const flags = once(source.flags?.map((flag) => cleanLine(flag, 200)).filter((flag) => flag !== ""));
  const labels = once(source.labels);
  return {
    type: "Note",
    ...(subject !== "" && { name: subject }),
    ...(text !== undefined && { content: text.content, text: text.text }),
    ...(published !== undefined && { published }),
    ...(attributedTo !== undefined && { attributedTo }),
    ...(to !== undefined && { to }),
    ...(cc !== undefined && { cc }),
    ...(bcc !== undefined && { bcc }),
    ...(parents.length > 0 && { inReplyTo: refs(parents) }),
    ...(context.length > 0 && { context }),
    ...(attachment.length > 0 && { attachment }),
    ...(automatic !== undefined && { automatic }),
    ...(trail && { trail }),
    ...(flags !== undefined && { flags }),
    ...(source.seen !== undefined && { seen: source.seen }),
    ...(labels !== undefined && { labels }),
    ...(losses.length > 0 && { losses }),
  };
};
