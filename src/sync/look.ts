/** One look: opened, its pages committed one by one, finished. I/O around reconcile. */

import type { Read, Sighting } from "../contract/adapter.ts";
import { GroupstreamError, isGroupstreamError } from "../contract/errors.ts";
import type { Place } from "../contract/words.ts";
import { readOf } from "../policy/index.ts";
import { collectionFrom } from "../store/collection.ts";
import type { CollectionRecord, Tick } from "../store/contract.ts";
import { commit } from "./commit.ts";
import type { SyncContext } from "./context.ts";

/** What a finished look did. */
export interface Looked {
  readonly place: Place;
  readonly seen: number;
  readonly told: number;
  /** Its listing was implausible: it is asked again. */
  readonly held: boolean;
}

/** At most this many items of an older mapping are read again at the end of one look. */
const refreshedAtOnce = 200;

export const readKey = (read: Read, mapping: number): string => `${read.text} ${read.behaviour} ${mapping}`;

/**
 * Looks at one collection until it is up to date.
 * Aborted or failed: what was committed stays, the next look goes on from there.
 * Fails: as `Adapter.changes`; `position-lost` is answered here by a listing.
 * @param revision  the collection's own, read before; stored if this look may vouch for it
 */
export const look = async (
  context: SyncContext,
  place: Place,
  revision: string | undefined,
  signal: AbortSignal,
): Promise<Looked> => {
  const first = await once(context, place, revision, signal);
  // A listing of an earlier look was only ended: what has changed since it opened is still unseen.
  if (!first.resumed || first.held) return first;
  const second = await once(context, place, revision, signal);
  return { place, seen: first.seen + second.seen, told: first.told + second.told, held: second.held };
};

/** One pass, from its opening to its finish; `resumed`: it went on with the listing of a look that was broken off. */
const once = async (
  context: SyncContext,
  place: Place,
  revision: string | undefined,
  signal: AbortSignal,
): Promise<Looked & { readonly resumed: boolean }> => {
  const { store, adapter, policy, manifest, rules } = context;
  if (!adapter.changes) throw new GroupstreamError("misconfigured", `${place}: this system cannot be looked at`);
  const opening = await store.transaction(async (tx) => {
    const record = await tx.collection(place);
    if (!record) throw new GroupstreamError("store", `${place}: no such collection is stored`);
    const lists = record.position === undefined || record.relist;
    const bare = lists && (await tx.isEmpty(place));
    return { record, bare, tick: tx.tick(), at: context.now() };
  });
  const resumed = opening.record.listing !== undefined && !opening.record.relist;
  const fresh = opening.record.held > 0 || opening.record.relist;
  const baseline = opening.record.first === "baseline" && rules.baseline && context.history === undefined;
  const read: Read = { ...readOf(policy, baseline), ...(fresh && { fresh }), ...(opening.bare && { whole: true }) };
  let sum: Looked = { place, seen: 0, told: 0, held: false };

  const pages = async (since: CollectionRecord["position"]): Promise<void> => {
    for await (const page of adapter.changes?.(collectionFrom(opening.record), since, read, signal) ?? []) {
      const told = await commit(
        context,
        place,
        page,
        { opened: opening.tick, openedAt: opening.at, fresh, again: opening.record.relist, text: read.text },
        signal,
      );
      sum = { place, seen: sum.seen + page.sightings.length, told: sum.told + told.told, held: sum.held || told.held };
      context.progress?.({
        place,
        seen: sum.seen,
        told: sum.told,
        ...(page.estimate !== undefined && { estimate: page.estimate }),
      });
      signal.throwIfAborted();
    }
  };

  const since = opening.record.relist ? undefined : opening.record.position;
  let listsAgain = false;
  try {
    await pages(since);
  } catch (error) {
    if (since === undefined || !isGroupstreamError(error) || error.code !== "position-lost") throw error;
    listsAgain = true;
    await store.transaction(async (tx) => {
      const record = await tx.collection(place);
      if (record) await tx.write({ collections: [withoutPosition(record)] });
    });
    await pages(undefined);
  }
  signal.throwIfAborted();
  await finish(context, place, {
    resumed: resumed && !listsAgain,
    opened: opening,
    revision,
    read: readKey(read, manifest.mapping),
    held: sum.held,
  });
  await refresh(context, place, opening, signal);
  return { ...sum, resumed: resumed && !listsAgain };
};

const withoutPosition = (record: CollectionRecord): CollectionRecord => {
  const { position: _position, listing: _listing, ...rest } = record;
  return rest;
};

const finish = async (
  { store, rules, now }: SyncContext,
  place: Place,
  end: {
    resumed: boolean;
    opened: { record: CollectionRecord; tick: Tick; at: number };
    revision: string | undefined;
    read: string;
    held: boolean;
  },
): Promise<void> =>
  store.transaction(async (tx) => {
    const record = await tx.collection(place);
    if (!record) return;
    const took = end.resumed ? end.opened.record.listing : undefined;
    const { failing: _failing, revision: _revision, ...rest } = record;
    const done: CollectionRecord = {
      ...rest,
      finishedAt: now(),
      first: end.held ? record.first : "done",
      ...(!end.held && {
        opened: took && rules.settle ? took.opened : end.opened.tick,
        openedAt: took?.openedAt ?? end.opened.at,
        read: end.read,
      }),
      ...(end.revision !== undefined && !end.held && (!took || !rules.revision) && { revision: end.revision }),
    };
    await tx.write({ collections: [done] });
  });

/** Items mapped by another version of the adapter, and quarantined ones it has not tried yet, are read again. */
const refresh = async (
  context: SyncContext,
  place: Place,
  opening: { tick: Tick; at: number },
  signal: AbortSignal,
): Promise<void> => {
  const { store, adapter, manifest, policy } = context;
  if (!adapter.fetch) return;
  const again = await store.transaction(async (tx) => {
    const record = await tx.collection(place);
    const waiting = (await tx.quarantined(place)).filter(({ mapping }) => mapping !== manifest.mapping);
    if (!record || record.mapped === manifest.mapping) return waiting;
    const stale = await tx.stale(place, manifest.mapping, refreshedAtOnce);
    if (stale.length < refreshedAtOnce) await tx.write({ collections: [{ ...record, mapped: manifest.mapping }] });
    return [...stale, ...waiting];
  });
  if (again.length === 0) return;
  const sightings = again.map(({ key, revision }): Sighting => ({ key, revision }));
  await commit(
    context,
    place,
    { sightings },
    { opened: opening.tick, openedAt: opening.at, fresh: false, text: policy.body },
    signal,
  );
};
