/** fold: the items of each touched object → what it was and is, as far as anybody is told of it. Pure. */

import { isCarried } from "../../contract/scheduling.ts";
import type { Reaction, View } from "../../contract/view.ts";
import type { ActorId, Place } from "../../contract/words.ts";
import { placeOf, systemOf } from "../../contract/words.ts";
import { type Folded, fold } from "../../fold/index.ts";
import type { Memory } from "../../fold/memory.ts";
import type { Item, ObjectRecord } from "../../store/contract.ts";
import type { PlaceState, Snapshot } from "../../tell/index.ts";
import type { Attribution, TouchedObject } from "./unit-of-work.ts";

/** Counts for fold and whereabouts: here, missing and out alike. */
const isPresent = (item: Item): boolean => item.state !== "gone" && item.view !== undefined;

/** What counts of a collection: whose it is, what for, and who we are there. */
type Places = ReadonlyMap<Place, { readonly owner?: ActorId; readonly role?: string; readonly self?: ActorId }>;

/** What our own account reacts with stands for others, who are told where they reacted: it is never news. */
const reactionsOf = (view: View, self: ActorId | undefined): readonly Reaction[] =>
  self === undefined ? (view.reactions ?? []) : (view.reactions ?? []).filter(({ actor }) => actor !== self);

const stateOf = (view: View, item: boolean, role: string | undefined, self: ActorId | undefined): PlaceState => ({
  item,
  ...(isCarried({ view }) && { spoken: true as const }),
  ...(role !== undefined && { role }),
  flags: new Set(view.flags),
  ...(view.seen !== undefined && { seen: view.seen }),
  reactions: reactionsOf(view, self),
});

/** Two items of one object in one collection are taken together. */
const union = ({ spoken, ...a }: PlaceState, b: PlaceState): PlaceState => ({
  ...a,
  ...(spoken && b.spoken && { spoken }),
  item: a.item || b.item,
  flags: new Set([...a.flags, ...b.flags]),
  ...((a.seen ?? b.seen) !== undefined && { seen: (a.seen ?? false) || (b.seen ?? false) }),
  reactions: [...a.reactions, ...b.reactions],
});

/**
 * The side these items make.
 * @param told  the side told before, so that fold does not fall behind it; absent for that side itself
 */
export const snapshotOf = (items: readonly Item[], places: Places, memory: Memory | undefined, told?: Folded): Snapshot => {
  const at = new Map<Place, PlaceState>();
  const rendered = new Map<Place, readonly Reaction[]>();
  const views = [];
  for (const item of items) {
    if (!isPresent(item) || !item.view) continue;
    const { owner, role, self } = places.get(item.place) ?? {};
    if (item.role === "rendering") {
      const reactions = reactionsOf(item.view, self);
      if (reactions.length > 0) rendered.set(item.place, [...(rendered.get(item.place) ?? []), ...reactions]);
      continue;
    }
    views.push({ item: item.n, view: item.view, text: item.text, ...(owner !== undefined && { owner }) });
    const state = stateOf(item.view, true, role, self);
    const there = at.get(item.place);
    at.set(item.place, there ? union(there, state) : state);
    for (const label of item.view.labels ?? []) {
      const named = placeOf(systemOf(item.place), label);
      if (!at.has(named)) at.set(named, { item: false, flags: new Set(), reactions: [] });
    }
  }
  const folded = fold(views, memory, told);
  return { at, rendered, ...(folded && { folded }) };
};

/** The object as these own items show it together; undefined if none of them stands. */
export const foldedOf = (items: readonly Item[], places: Places): Pick<Folded, "view" | "text"> | undefined =>
  snapshotOf(items, places, undefined).folded;

/** One object's change, for `tell`. */
export interface ObjectChange {
  readonly object: ObjectRecord;
  readonly before: Snapshot;
  readonly after: Snapshot;
  readonly attribution: Attribution;
}

/**
 * Folds each touched object before and after. Gives the changes to tell, and the records of objects that must remember
 * something else than before.
 * @param highwater  what was told is never taken back by an older view
 */
export const foldObjects = (
  touched: readonly TouchedObject[],
  places: Places,
  { highwater }: { readonly highwater: boolean },
): { readonly changes: readonly ObjectChange[]; readonly remembering: readonly ObjectRecord[] } => {
  const remembering: ObjectRecord[] = [];
  const told = (snapshot: Snapshot): Folded | undefined => (highwater ? snapshot.folded : undefined);
  const changes = touched.map(({ object, before, after, toldBefore, attribution }): ObjectChange => {
    const memory = highwater ? object.memory : undefined;
    // What is recorded beside what was told changes silently what the object is, but not what was told of it.
    const known = toldBefore && told(snapshotOf(toldBefore, places, memory));
    const was = snapshotOf(before, places, memory, known);
    const now = snapshotOf(after, places, memory, told(was));
    const next = now.folded?.memory;
    if (sameMemory(object.memory, next)) return { object, before: was, after: now, attribution };
    const remembered = withMemory(object, next);
    remembering.push(remembered);
    return { object: remembered, before: was, after: now, attribution };
  });
  return { changes, remembering };
};

const sameMemory = (a: Memory | undefined, b: Memory | undefined): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);

const withMemory = (record: ObjectRecord, memory: Memory | undefined): ObjectRecord => {
  const { memory: _memory, ...rest } = record;
  return memory ? { ...rest, memory } : rest;
};
