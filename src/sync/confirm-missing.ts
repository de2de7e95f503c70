/** Settling: what was merely absent is asked for once more, then what is proven is told. I/O around the decision. */

import { uuidAt } from "../activity/uuid.ts";
import type { Sighting } from "../contract/adapter.ts";
import { isGroupstreamError } from "../contract/errors.ts";
import { type ActorId, type Place, systemOf } from "../contract/words.ts";
import { readOf } from "../policy/index.ts";
import { collectionFrom } from "../store/collection.ts";
import type { CollectionRecord, Item } from "../store/contract.ts";
import { commit } from "./commit.ts";
import type { SyncContext } from "./context.ts";
import { foldObjects } from "./page/fold.ts";
import { decideMissing, horizonOf } from "./page/missing.ts";
import { tellChanges } from "./page/tell.ts";
import { writePage } from "./page/write.ts";

/** Keys asked for at once. */
const askedAtOnce = 500;

/** Asks by key for what is only absent, then settles what is proven; resolves with the marks that stay open. */
export const confirmMissing = async (context: SyncContext, signal: AbortSignal): Promise<{ told: number; open: number }> => {
  if (context.rules.check) await askAgain(context, signal);
  return tellProven(context);
};

/**
 * A listing that failed to show something, once, is believed by every equal `Collection.revision` after it. So before a
 * mark that rests on a listing settles, its item is asked for by key; what is there loses its mark, and so does what nobody can
 * say anything of (out).
 */
const askAgain = async (context: SyncContext, signal: AbortSignal): Promise<void> => {
  const { store, adapter, policy, now } = context;
  if (!adapter.fetch) return;
  const { absent, collections } = await store.transaction(async (tx) => {
    const system = await tx.system(adapter.id);
    const records = await tx.collections(adapter.id);
    const { upTo } = system ? horizonOf(system, records, true) : { upTo: 0 };
    const proven = (await tx.missing(adapter.id)).filter((item) => item.absent && (item.mark ?? 0) < upTo);
    return {
      absent: Map.groupBy(proven, (item: Item) => item.place),
      collections: new Map(records.map((record) => [record.place, record])),
    };
  });
  for (const [place, items] of absent) {
    const record = collections.get(place);
    if (!record?.shown) continue;
    for (let at = 0; at < items.length; at += askedAtOnce) {
      const keys = items.slice(at, at + askedAtOnce).map(({ key }) => key);
      const there: Sighting[] = [];
      try {
        for await (const sighting of adapter.fetch(collectionFrom(record), keys, readOf(policy, false), signal))
          if ("object" in sighting || "out" in sighting) there.push(sighting);
      } catch (error) {
        signal.throwIfAborted();
        // It cannot be asked now: the mark rests on the looks alone, as with a system that cannot be asked by key.
        if (!isGroupstreamError(error)) throw error;
        return;
      }
      if (there.length === 0) continue;
      const opened = await store.transaction(async (tx) => tx.tick());
      await commit(context, place, { sightings: there }, { opened, openedAt: now(), fresh: false, text: policy.body }, signal);
    }
  }
};

/** One transaction. */
const tellProven = async (context: SyncContext): Promise<{ told: number; open: number }> =>
  context.store.transaction(async (tx) => {
    const system = await tx.system(context.adapter.id);
    const missing = await tx.missing(context.adapter.id);
    if (!system || missing.length === 0) return { told: 0, open: 0 };
    const collections = await tx.collections(context.adapter.id);
    const ns = [...new Set(missing.map(({ object }) => object))];
    const family = Map.groupBy(await tx.itemsOf(ns), (item) => item.object);
    const objects = new Map((await tx.objects(ns)).map((object) => [object.n, object]));
    const systems = new Set([...family.values()].flat().map((item) => systemOf(item.place)));
    const places = new Map<Place, CollectionRecord & { readonly self?: ActorId }>();
    for (const id of systems) {
      const self = (await tx.system(id))?.self;
      for (const record of await tx.collections(id)) places.set(record.place, self === undefined ? record : { ...record, self });
    }
    const now = context.now();
    const { changes, touched, losses, open } = decideMissing(
      {
        items: new Map(),
        family,
        objects,
        strong: new Map(),
        tick: tx.tick(),
        now,
        mint: (what) => tx.mint(what),
        uuid: context.uuid ?? (() => uuidAt(context.now())),
        rules: context.rules,
      },
      missing,
      system,
      collections,
    );
    const folded = foldObjects(touched, places, context.rules);
    const told = tellChanges(folded.changes);
    const written = await writePage(
      tx,
      { changes, remembering: folded.remembering, told },
      { naming: context.naming, system: system.id, now, losses },
    );
    return { told: written, open };
  });
