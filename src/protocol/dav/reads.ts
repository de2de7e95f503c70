/** How an account of calendars or address books is read, as its adapter has it: the same for both. */

import { randomUUID } from "node:crypto";
import type { Adapter } from "../../contract/adapter.ts";
import { type DavAccess, davShown } from "./access.ts";
import { rawResource } from "./acting.ts";
import { type DavReading, davChanges, davFetch } from "./changes.ts";
import type { DiscoveredCollection } from "./collection.ts";

/**
 * What an adapter gives of its access, and its end: collections, looks, items by key, and their raw forms.
 * @param shownIn  how resources of a collection are shown, asked anew for each look
 */
export const davReads = (
  access: DavAccess,
  shownIn: (collection: DiscoveredCollection) => DavReading["sightingOf"],
): Required<Pick<Adapter, "collections" | "changes" | "fetch" | "content" | typeof Symbol.asyncDispose>> => {
  const readingOf = (collection: DiscoveredCollection): DavReading => ({ mint: randomUUID, sightingOf: shownIn(collection) });
  return {
    collections: (signal, fresh, known) => davShown(access, signal, fresh, known),
    async *changes({ id }, since, read, signal) {
      const collection = await access.collection(id, signal);
      yield* davChanges(access.dav, collection, since, readingOf(collection), read, signal);
    },
    async *fetch({ id }, keys, read, signal) {
      const collection = await access.collection(id, signal);
      yield* davFetch(access.dav, collection, keys, readingOf(collection), read, signal);
    },
    content: (item, part, signal) => rawResource(access, item, part, signal),
    [Symbol.asyncDispose]: () => access[Symbol.asyncDispose](),
  };
};
