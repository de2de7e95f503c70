/** A system in memory: mails that were read and mapped before the clock starts, so that only core and store are measured. */

import type { Adapter, Collection, Json, Page, Whole } from "groupstream";
import {
  chooseText,
  decodePart,
  headerFacts,
  mailEvidence,
  noteOf,
  partBytes,
  scanMail,
  textDigest,
  textOf,
} from "groupstream/protocol";
import { mails } from "../../test/lab/mails.ts";

/** The contract's most sightings of a page. */
export const pageSize = 500;

/** Whole sightings of sample mails, about 1.5 KB each with their text. */
export const sightings = (count: number, text: boolean): Whole[] =>
  [...mails({ count, size: "rich", mailboxes: ["INBOX"] })].map(({ raw, date }, n): Whole => {
    const bytes = Buffer.from(raw);
    const { headers, structure } = scanMail(bytes);
    const { plain } = chooseText(structure);
    const whole = plain && textOf({ plain: decodePart(partBytes(bytes, plain as typeof structure), plain) });
    return {
      key: `1:${n + 1}`,
      revision: String(n + 1),
      object: noteOf({ headers, structure, ...(text && whole && { text: whole }) }),
      same: mailEvidence({
        ...headerFacts(headers),
        size: bytes.length,
        ...(text && whole && { digest: textDigest(whole.text) }),
      }),
      came: date.toISOString(),
      order: String(n + 1).padStart(10, "0"),
    };
  });

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

/** Lists these, 500 a page, once. */
export const listing = (all: readonly Whole[]): Adapter => ({
  ...base("shelf"),
  async *changes(_, since): AsyncGenerator<Page> {
    if (since !== undefined) return;
    for (let at = 0; at < all.length; at += pageSize) {
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
