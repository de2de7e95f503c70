/** Notes in a JSON file: `[{ "id": "1", "version": 1, "title": "…", "text": "…" }]`. */

import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { type Adapter, GroupstreamError, type Read, type Sighting } from "groupstream";

type Note = { readonly id: string; readonly version: number; readonly title: string; readonly text: string };
/** What a position of ours holds; `listing` and `after` only while a listing is under way. */
type Place = { readonly v: 1; readonly listing?: string; readonly after?: string };

/** Well below the 500 sightings and the 1 MiB of a page. */
const pageSize = 100;
const textLimit = { none: 0, preview: 2_000, full: 10_000 };

const whole = ({ id, version, title, text }: Note, read: Read): Sighting => ({
  key: id,
  revision: String(version),
  object: { type: "Note", name: title, ...(read.text !== "none" && { text: text.slice(0, textLimit[read.text]) }) },
});

export const notes = ({ id, path }: { readonly id: string; readonly path: string }): Adapter => {
  const rows = async (signal: AbortSignal): Promise<Note[]> => {
    signal.throwIfAborted();
    try {
      const all = JSON.parse(await readFile(path, { encoding: "utf8", signal })) as Note[];
      return all.sort((a, b) => (a.id < b.id ? -1 : 1));
    } catch (cause) {
      signal.throwIfAborted();
      throw new GroupstreamError("unreachable", `${id}: ${path} cannot be read; check that it is there.`, { system: id, cause });
    }
  };
  return {
    contract: 1,
    id,
    kind: "notes",
    describe: async (signal) => {
      await rows(signal);
      return { server: "a file of notes", mapping: 1, gives: { changes: { level: "full" } }, takes: {} };
    },
    async *collections(signal) {
      await rows(signal);
      yield { id: "notes", name: "Notes", audience: "unknown" };
    },
    async *changes(_collection, since, read, signal) {
      const { listing = randomUUID(), after = "" } = (since ?? {}) as Place;
      const all = (await rows(signal)).filter((note) => note.id > after);
      for (let at = 0; at === 0 || at < all.length; at += pageSize) {
        const page = all.slice(at, at + pageSize);
        const last = at + pageSize >= all.length;
        yield {
          sightings: page.map((note) => whole(note, read)),
          position: last ? { v: 1 } : { v: 1, listing, after: page.at(-1)?.id ?? after },
          listing: { id: listing, ...(last && { last: true as const }) },
        };
      }
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
};
