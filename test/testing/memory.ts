/** A system in memory as a world of the conformance kit: what a test does to it by hand, by the kit's names. */

import { setTimeout as sleep } from "node:timers/promises";
import type { ItemRef } from "groupstream";
import type { Content, MemorySystem, Thing, World } from "groupstream/testing";

const cannot = (why: string) => ({ cannot: why });
const refOf = (thing: Thing): ItemRef => thing as ItemRef;

/** @param many  so many things need two pages */
export const memoryWorld = (system: MemorySystem, many = 1_100): World => ({
  collections: [...system.collections.keys()] as unknown as World["collections"],
  many,
  create: async (collection, { name, text }) => ({ collection, key: system.add(collection, { type: "Note", name, text }) }),
  change: async (thing, { name, text }: Content) => system.change(refOf(thing).collection, refOf(thing).key, { name, text }),
  remove: async (thing) => system.remove(refOf(thing).collection, refOf(thing).key),
  move: async (thing, to) => {
    const { collection, key } = refOf(thing);
    const as = `${key}.`;
    system.move(collection, key, to, as);
    return { collection: to, key: as };
  },
  flag: async (thing, on) => system.change(refOf(thing).collection, refOf(thing).key, { flags: on ? ["flagged"] : [] }),
  spoil: async (where) =>
    system.put(where, { key: "spoilt", revision: "1", malformed: { reason: "It cannot be read.", part: "raw" } }),
  found: async () => system.open("found").id,
  forget: async (where) => void (system.at(where).generation += "'"),
  cut: cannot("there is no line"),
  slow: async (ms) => {
    system.before = (_, signal) => sleep(ms, undefined, { signal }).catch(() => undefined);
  },
  repeat: cannot("it repeats nothing"),
  [Symbol.asyncDispose]: async () => undefined,
});
