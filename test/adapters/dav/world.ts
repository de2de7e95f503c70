/** The conformance kit's world on a server of calendars or address books. */

import { randomUUID } from "node:crypto";
import type { Revision } from "groupstream";
import { hrefOfKey } from "groupstream/protocol/dav";
import type { World } from "groupstream/testing";
import { openDav } from "../../../src/protocol/dav/client.ts";
import type { DiscoveredCollection } from "../../../src/protocol/dav/collection.ts";
import type { DavKind } from "../../../src/protocol/dav/names.ts";
import { davMake, davPut, davRemove } from "../../../src/protocol/dav/write.ts";
import { calendarAt, fetchKeys, never } from "../../protocol/dav/places.ts";
import type { DavServer, Kept } from "./servers.ts";

interface Thing {
  readonly collection: DiscoveredCollection;
  readonly key: string;
}

/** What the kit's world of a kind is made of. */
export interface WorldOf extends Kept {
  readonly kind: DavKind;
  /** The text of something that cannot be read. */
  readonly spoilt: (uid: string) => string;
  readonly wish: NonNullable<World["wish"]>;
}

let worlds = 0;
/** A world of two collections on a server. */
export const worldOn = async (
  { url, auth, home, many, fill, forget, moves }: DavServer,
  { kind, ending, text, spoilt, wish }: WorldOf,
): Promise<World> => {
  const keyOf = (uid: string): string => `${uid}${ending}`;
  const uidOf = (key: string): string => key.slice(0, -ending.length);
  const at = (collection: string): DiscoveredCollection => ({ ...calendarAt(collection), kind });
  const dav = openDav({ system: "dav", url, auth, allow: "private" });
  const place = `w${++worlds}`;
  const made: string[] = [];
  const make = async (name: string): Promise<string> => {
    const collection = `${home}${place}-${name}/`;
    const done = await davMake(dav, collection, { kind, name: `${place} ${name}` }, never);
    if (done.kind !== "done") throw new Error(`${collection} is not made: ${JSON.stringify(done)}`);
    made.push(collection);
    return collection;
  };
  const collections = [await make("one"), await make("two")] as const;
  const revisionOf = async ({ collection, key }: Thing): Promise<Revision> => {
    const [now] = await fetchKeys(dav, collection, [key]);
    if (!now || !("revision" in now) || now.revision === undefined) throw new Error(`${key} is not there`);
    return now.revision;
  };
  /** Writes a new thing, or over the revision that stands there. */
  const write = async (url: string, uid: string, data: string, over?: Revision): Promise<Thing> => {
    const key = keyOf(uid);
    const condition = over === undefined ? ({ create: true } as const) : { match: over };
    const done = await davPut(dav, hrefOfKey(key, url), data, { kind, ...condition }, never);
    if (done.kind !== "done") throw new Error(`${key} is not written: ${JSON.stringify(done)}`);
    return { collection: at(url), key };
  };
  const remove = async (thing: unknown): Promise<void> => {
    const { collection, key } = thing as Thing;
    const done = await davRemove(dav, hrefOfKey(key, collection.url), await revisionOf(thing as Thing), never);
    if (done.kind !== "done") throw new Error(`${key} is not removed: ${JSON.stringify(done)}`);
  };
  return {
    collections,
    many,
    create: (collection, content) => {
      const uid = randomUUID();
      return write(collection, uid, text(uid, content));
    },
    ...(fill && { fill }),
    change: async (thing, content) => {
      const { collection, key } = thing as Thing;
      const uid = uidOf(key);
      await write(collection.url, uid, text(uid, content), await revisionOf(thing as Thing));
    },
    remove,
    move: async (thing, to) => {
      const { collection, key } = thing as Thing;
      const from = hrefOfKey(key, collection.url);
      const destination = hrefOfKey(key, to);
      if (moves) {
        const headers = { destination, overwrite: "F" };
        const { status } = await dav.ask({ method: "MOVE", url: from, headers }, never);
        if (status !== 201) throw new Error(`${key} is not moved: ${status}`);
        return { collection: at(to), key };
      }
      // Where there is no MOVE clients write it there, and remove it here.
      const body = new TextDecoder().decode((await dav.ask({ method: "GET", url: from }, never)).body);
      const moved = await write(to, uidOf(key), body);
      await remove(thing);
      return moved;
    },
    flag: { cannot: "neither events nor contacts have flags" },
    spoil: async (collection) => {
      const uid = randomUUID();
      await write(collection, uid, spoilt(uid));
    },
    found: () => make(`more${randomUUID()}`),
    forget,
    cut: { cannot: "each request has a line of its own" },
    slow: { cannot: "the server cannot be told to be slow" },
    wish,
    repeat: { cannot: "sync-collection tells states, not events" },
    [Symbol.asyncDispose]: async () => {
      for (const collection of made) await dav.send({ method: "DELETE", url: collection }, never);
      await dav[Symbol.asyncDispose]();
    },
  };
};
