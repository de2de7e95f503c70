/** One discovery: which collections there are, which are new, which have vanished, which need no look. */

import type { Collection } from "../contract/adapter.ts";
import { type Place, placeOf } from "../contract/words.ts";
import { mayRead, readOf } from "../policy/index.ts";
import { collectionFrom, newSystem } from "../store/collection.ts";
import type { CollectionRecord, Item, RowNo, SystemRecord, Transaction } from "../store/contract.ts";
import type { SyncContext } from "./context.ts";
import { readKey } from "./look.ts";
import { markedAt } from "./page/item-rows.ts";
import { implausible } from "./page/plausible.ts";

/** What a discovery found. */
export interface Discovered {
  /** Places to look at, with the collection's revision as read. */
  readonly due: readonly { readonly place: Place; readonly revision?: string }[];
  /** It was implausible: nothing was taken for vanished. */
  readonly held: boolean;
}

/** Asks for every collection; commits what that says. Aborted or failed: nothing is changed. */
export const discover = async (context: SyncContext, signal: AbortSignal): Promise<Discovered> => {
  const { store, adapter, policy, manifest, now } = context;
  const opening = await store.transaction(async (tx) => {
    const record = await tx.system(adapter.id);
    const known = new Set((await tx.collections(adapter.id)).map(({ id }) => id));
    return { tick: tx.tick(), at: now(), fresh: (record?.held ?? 0) > 0, known };
  });
  const listed = new Map<Place, Collection>();
  for await (const collection of adapter.collections(signal, opening.fresh, opening.known)) {
    if (mayRead(policy, collection)) listed.set(placeOf(adapter.id, collection.id), collection);
  }
  signal.throwIfAborted();

  return store.transaction(async (tx) => {
    const system: SystemRecord = (await tx.system(adapter.id)) ?? newSystem(adapter);
    const known = new Map((await tx.collections(adapter.id)).map((record) => [record.place, record]));
    const vanished = [...known.values()].filter(
      (record) => record.shown && !listed.has(record.place) && mayRead(policy, collectionFrom(record)),
    );
    const lost = await lostWith(tx, vanished);
    const share = manifest.plausible ?? 0.5;
    const held = context.rules.plausible && system.held === 0 && implausible(lost.losing, lost.standing, share);
    if (held) {
      await tx.write({ systems: [{ ...system, held: 1 }] });
      return { due: [], held };
    }

    const records: CollectionRecord[] = [];
    const due: { place: Place; revision?: string }[] = [];
    for (const [place, collection] of listed) {
      const before = known.get(place);
      const record = before
        ? again(before, collection)
        : found(place, collection, system, manifest.mapping, adapter.changes !== undefined);
      const same = before !== undefined && unchanged(record, collection, context) && (await tx.quarantined(place)).length === 0;
      if (same) records.push({ ...record, opened: opening.tick, openedAt: opening.at, finishedAt: now() });
      else {
        records.push(record);
        if (adapter.changes) due.push({ place, ...(collection.revision !== undefined && { revision: collection.revision }) });
      }
    }
    for (const record of vanished) records.push({ ...record, shown: false });
    await tx.write({ collections: records });
    const at = { tick: tx.tick(), now: now() };
    await tx.write({ items: lost.items.filter(({ state }) => state !== "missing").map((item) => markedAt(item, true, at)) });

    const ages = records.filter((record) => record.shown).map((record) => record.openedAt);
    const { age: _age, ...rest } = system;
    const next: SystemRecord = {
      ...rest,
      discovered: true,
      opened: opening.tick,
      finishedAt: now(),
      held: 0,
      mapping: manifest.mapping,
      ...(manifest.self !== undefined && { self: manifest.self }),
      ...(ages.length > 0 && ages.every((age) => age !== undefined) && { age: Math.min(...(ages as number[])) }),
    };
    await tx.write({ systems: [next] });
    return { due, held: false };
  });
};

/** A collection shown again is listed anew: its items may have been marked meanwhile. */
const again = (before: CollectionRecord, collection: Collection): CollectionRecord => {
  const { role: _role, owner: _owner, address: _address, ...rest } = before;
  return { ...rest, ...described(collection), shown: true, relist: before.relist || !before.shown };
};

const described = (collection: Collection) => ({
  name: collection.name,
  audience: collection.audience,
  ...(collection.role !== undefined && { role: collection.role }),
  ...(collection.owner !== undefined && { owner: collection.owner }),
  ...(collection.address !== undefined && { address: collection.address }),
});

const found = (place: Place, collection: Collection, system: SystemRecord, mapped: number, looks: boolean): CollectionRecord => ({
  place,
  id: collection.id,
  ...described(collection),
  shown: true,
  // What cannot be looked at has no first listing, so no baseline: all it keeps is news.
  first: !looks ? "done" : system.discovered ? "late" : "baseline",
  ...(system.discovered && system.age !== undefined && { quietBefore: system.age }),
  mapped,
  held: 0,
  touched: 0,
  relist: false,
});

/** Equal revision = nothing changed, unless something waits that a look would bring. */
const unchanged = (record: CollectionRecord, collection: Collection, { policy, manifest }: SyncContext): boolean =>
  collection.revision !== undefined &&
  collection.revision === record.revision &&
  record.listing === undefined &&
  record.held === 0 &&
  !record.relist &&
  record.failing === undefined &&
  (record.read === readKey(readOf(policy, false), manifest.mapping) ||
    record.read === readKey(readOf(policy, true), manifest.mapping));

const lostWith = async (
  tx: Transaction,
  vanished: readonly CollectionRecord[],
): Promise<{ items: readonly Item[]; losing: number; standing: number }> => {
  const items = (await Promise.all(vanished.map((record) => tx.presentItems(record.place)))).flat();
  const places = new Set(vanished.map(({ place }) => place));
  const survivors = new Set(
    (await tx.itemHeadersOf([...new Set(items.map(({ object }) => object))]))
      .filter((item) => item.role === "own" && (item.state === "here" || item.state === "out") && !places.has(item.place))
      .map(({ object }) => object),
  );
  const losing = new Set<RowNo>(
    items.filter((item) => item.state === "here" && !survivors.has(item.object)).map(({ object }) => object),
  );
  return { items, losing: losing.size, standing: items.length };
};
