/**
 * A system in memory: mails that were read and mapped before the clock starts, so that only core and store are measured. Not the one of
 * `groupstream/testing`: that one sorts, copies and measures its pages, which would be measured with them.
 */

import { type Adapter, type Collection, GroupstreamError, type Json, type Page, type ThingRef, type Whole } from "groupstream";
import { headerFacts, mailEvidence, noteOf, textOf } from "groupstream/protocol/mail";
import { decodePart } from "../../src/protocol/mail/part.ts";
import { partBytes, scanMail } from "../../src/protocol/mail/raw.ts";
import { chooseText } from "../../src/protocol/mail/structure.ts";
import { textDigest } from "../../src/protocol/mail/text.ts";
import { mails } from "../../test/lab/mails.ts";

/** The contract's most sightings of a page. */
export const pageSize = 500;

/** Sample mails that are parsed; more are these again under other names: making them is no part of what is measured. */
const distinct = 1_000;

/** What a mail is before it has a key: its view, and the facts of its evidence. */
const read = (raw: string, text: boolean) => {
  const bytes = Buffer.from(raw);
  const { headers, structure } = scanMail(bytes);
  const { plain } = chooseText(structure);
  const whole = text && plain ? textOf({ plain: decodePart(partBytes(bytes, plain as typeof structure), plain) }) : undefined;
  return {
    view: noteOf({ headers, structure, ...(whole && { text: whole }) }),
    facts: { ...headerFacts(headers), size: bytes.length, ...(whole && { digest: textDigest(whole.text) }) },
  };
};

/** Whole sightings of sample mails, about 2 KB each with their text. */
export const sightings = (count: number, text: boolean): Whole[] => {
  const samples = [...mails({ count: Math.min(count, distinct), size: "rich", mailboxes: ["INBOX"] })].map(({ raw, date }) => ({
    ...read(raw, text),
    came: date.toISOString(),
  }));
  return Array.from({ length: count }, (_, n): Whole => {
    const { view, facts, came } = samples[n % distinct] as (typeof samples)[number];
    const turn = Math.floor(n / distinct);
    // Message-IDs of each turn are its own, also where they name parents and threads.
    const renamed = (refs: readonly ThingRef[] | undefined): readonly ThingRef[] | undefined =>
      refs?.map((ref) => ("evidence" in ref ? { evidence: ref.evidence.replace(/^mid:/, `mid:${turn}.`) } : ref));
    const [context, inReplyTo] = [renamed(view.context), renamed(view.inReplyTo)];
    const { messageId, ...rest } = facts;
    return {
      key: `1:${n + 1}`,
      revision: String(n + 1),
      object: { ...view, name: `${view.name} ${turn}`, ...(context && { context }), ...(inReplyTo && { inReplyTo }) },
      same: mailEvidence({ ...rest, ...(messageId !== undefined && { messageId: `${turn}.${messageId}` }) }),
      came,
      order: String(n + 1).padStart(10, "0"),
    };
  });
};

const collection: Collection = { id: "INBOX", name: "INBOX", role: "inbox", audience: "unknown" };

const base = (id: string): Pick<Adapter, "contract" | "id" | "kind" | "describe" | "collections"> & AsyncDisposable => ({
  contract: 1,
  id,
  kind: "shelf",
  describe: async () => ({ server: "memory", mapping: 1, gives: {}, takes: {} }),
  async *collections() {
    yield collection;
  },
  [Symbol.asyncDispose]: async () => undefined,
});

/** Lists these, 500 a page, and goes on where it was broken off. @param until  it breaks off when so many were given */
export const listing = (all: readonly Whole[], until = Number.POSITIVE_INFINITY): Adapter => ({
  ...base("shelf"),
  async *changes(_, since): AsyncGenerator<Page> {
    for (let at = (since as { at: number } | undefined)?.at ?? 0; at < all.length; at += pageSize) {
      if (at >= until) throw new GroupstreamError("unreachable", "the shelf was taken away; put it back");
      const last = at + pageSize >= all.length;
      const position: Json = { at: Math.min(all.length, at + pageSize) };
      yield {
        sightings: all.slice(at, at + pageSize),
        position,
        listing: { id: "all", ...(last && { last, count: all.length }) },
      };
    }
  },
});

/** Takes the next of these whenever it is called from outside. */
export const receiving = (all: readonly Whole[]): Adapter => {
  let at = 0;
  return {
    ...base("inbox"),
    async receive(_, to) {
      const next = all[at++];
      await to.keep(collection.id, next ? [next] : []);
      return new Response(null, { status: next ? 204 : 404 });
    },
  };
};
