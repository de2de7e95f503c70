/** One look: opened, its pages committed one by one, finished. I/O around reconcile. */

import { v7 } from "uuid";
import type { Adapter, Collection, Evidence, Manifest, Page, Read, Sighting } from "../adapter.ts";
import type { Naming } from "../activity/compose.ts";
import { GroupstreamError, isGroupstreamError } from "../errors.ts";
import { type FullPolicy, minimised, readOf } from "../policy/index.ts";
import type { CollectionRecord, Item, RowNo, Store, Tick } from "../store/contract.ts";
import type { ItemKey, Place, SystemId } from "../words.ts";
import { collectionOf, systemOf } from "../words.ts";
import { type Needs, reconcile } from "./reconcile.ts";
import type { Rules } from "./rules.ts";
import { type Fetched, type Glance, isWhole, loadScene, nothingFetched, type Sighted, type TextLevel } from "./scene.ts";
import { narrate } from "./story.ts";

/** What a look needs of the world. Clock and ids are given, so that histories can be replayed. */
export interface Surroundings {
  readonly store: Store;
  readonly adapter: Adapter;
  readonly manifest: Manifest;
  readonly policy: FullPolicy;
  readonly rules: Rules;
  readonly naming: Naming;
  readonly now: () => number;
  readonly uuid?: () => string;
  /** Another system's adapter, for partners. */
  readonly peer: (system: SystemId) => Adapter | undefined;
  readonly history?: "all" | number;
  readonly progress?: (progress: Progress) => void;
}

/** How a look goes on. */
export interface Progress {
  readonly place: Place;
  /** Sightings committed in this look. */
  readonly seen: number;
  /** Activities told in this look. */
  readonly told: number;
  /** Sightings still to come, where the adapter can tell. */
  readonly estimate?: number;
}

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
/** A page that asks for more again and again is the adapter's fault. */
const roundsAtMost = 8;

export const collectionFrom = (record: CollectionRecord): Collection => ({
  id: record.id,
  name: record.name,
  audience: record.audience,
  ...(record.role !== undefined && { role: record.role as NonNullable<Collection["role"]> }),
  ...(record.owner !== undefined && { owner: record.owner }),
  ...(record.address !== undefined && { address: record.address }),
});

export const readKey = (read: Read, mapping: number): string => `${read.text} ${read.behaviour} ${mapping}`;

/**
 * Looks at one collection until it is up to date.
 * Aborted or failed: what was committed stays, the next look goes on from there.
 * Fails: as `Adapter.changes`; `position-lost` is answered here by a listing.
 * @param revision  the collection's own, read before; stored if this look may vouch for it
 */
export const look = async (around: Surroundings, place: Place, revision: string | undefined, signal: AbortSignal): Promise<Looked> => {
  const { store, adapter, policy, manifest, rules } = around;
  if (!adapter.changes) throw new GroupstreamError("misconfigured", `${place}: this system cannot be looked at`);
  const opening = await store.transaction(async (tx) => {
    const record = await tx.collection(place);
    if (!record) throw new GroupstreamError("store", `${place}: no such collection is stored`);
    return { record, tick: tx.tick(), at: around.now() };
  });
  const resumed = opening.record.listing !== undefined && !opening.record.relist;
  const fresh = opening.record.held > 0;
  const baseline = opening.record.first === "baseline" && rules.baseline && around.history === undefined;
  const read: Read = { ...readOf(policy, baseline), ...(fresh && { fresh }) };
  let sum: Looked = { place, seen: 0, told: 0, held: false };

  const pages = async (since: CollectionRecord["position"]): Promise<void> => {
    for await (const page of adapter.changes?.(collectionFrom(opening.record), since, read, signal) ?? []) {
      const told = await commit(around, place, page, { opened: opening.tick, openedAt: opening.at, fresh, text: read.text }, signal);
      sum = { place, seen: sum.seen + page.sightings.length, told: sum.told + told.told, held: sum.held || told.held };
      around.progress?.({ place, seen: sum.seen, told: sum.told, ...(page.estimate !== undefined && { estimate: page.estimate }) });
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
  await finish(around, place, {
    resumed: resumed && !listsAgain,
    opened: opening,
    revision,
    read: readKey(read, manifest.mapping),
    held: sum.held,
  });
  await refresh(around, place, opening, signal);
  return sum;
};

const withoutPosition = (record: CollectionRecord): CollectionRecord => {
  const { position: _position, listing: _listing, ...rest } = record;
  return rest;
};

const finish = async (
  { store, rules, now }: Surroundings,
  place: Place,
  end: { resumed: boolean; opened: { record: CollectionRecord; tick: Tick; at: number }; revision: string | undefined; read: string; held: boolean },
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
      relist: end.held,
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
const refresh = async (around: Surroundings, place: Place, opening: { tick: Tick; at: number }, signal: AbortSignal): Promise<void> => {
  const { store, adapter, manifest, policy } = around;
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
  await commit(around, place, { sightings }, { opened: opening.tick, openedAt: opening.at, fresh: false, text: policy.body }, signal);
};

interface Opened {
  readonly opened: Tick;
  readonly openedAt: number;
  readonly fresh: boolean;
  readonly text: TextLevel;
}

/** A page without a position (receive, refresh) leaves the stored one alone. */
type PageLike = Pick<Page, "sightings"> & Partial<Page>;

/** Commits one page: load → reconcile → write → tell in one transaction; what that asks for is fetched in between. */
export const commit = async (around: Surroundings, place: Place, page: PageLike, look: Opened, signal: AbortSignal): Promise<{ told: number; held: boolean }> => {
  const { store, adapter, manifest, policy, rules, naming, now } = around;
  let sighted: Sighted[] = page.sightings.map((sighting) => ({ sighting: minimised(sighting, policy), text: look.text }));
  let fetched: Fetched = nothingFetched;
  for (let round = 0; round < roundsAtMost; round += 1) {
    const outcome = await store.transaction(async (tx) => {
      const record = await tx.collection(place);
      const system = await tx.system(systemOf(place));
      if (!record || !system) throw new GroupstreamError("store", `${place}: no such collection is stored`);
      const { listing: open, ...closed } = record;
      const current = page.listing && { id: page.listing.id, opened: look.opened, openedAt: look.openedAt, text: look.text };
      const listing = open && open.id === page.listing?.id ? open : current;
      const glance: Glance = {
        system,
        collection: record,
        opened: look.opened,
        openedAt: look.openedAt,
        ...(listing && {
          listing: {
            ...listing,
            ...(page.listing?.last && { last: true as const }),
            ...(page.listing?.count !== undefined && { count: page.listing.count }),
          },
        }),
        fresh: look.fresh,
        fetches: adapter.fetch !== undefined,
        looks: adapter.changes !== undefined,
        mapping: manifest.mapping,
        wants: policy.body,
        share: manifest.plausible ?? 0.5,
        ...(around.history !== undefined && { history: around.history }),
      };
      const scene = await loadScene(tx, glance, sighted, { now: now(), tick: tx.tick(), rules, fetched, uuid: around.uuid ?? v7 });
      const decided = reconcile(scene, sighted);
      if ("needs" in decided) return decided;
      await tx.write(decided.changes);
      const { entries, objects } = await narrate(tx, decided.stories, { naming, system: system.id, now: scene.now });
      const last = page.listing?.last === true;
      const next: CollectionRecord = {
        ...closed,
        ...(page.position !== undefined && { position: page.position }),
        ...(listing && !last && { listing }),
        ...(!page.listing && open && page.position === undefined && { listing: open }),
        ...(last && { held: decided.held ? record.held + 1 : 0, first: decided.held ? record.first : "done" }),
        relist: page.position === undefined ? record.relist : false,
        touched: scene.tick,
      };
      await tx.write({ entries, objects, collections: [next] });
      return { told: entries.length, held: decided.held };
    });
    if (!("needs" in outcome)) return outcome;
    ({ sighted, fetched } = await supply(around, place, sighted, fetched, outcome.needs, signal));
  }
  throw new GroupstreamError("malformed", `${place}: the adapter's answers keep asking for more; its fetch must answer each key whole or gone`);
};

/** Fetches what reconcile asked for. */
const supply = async (
  around: Surroundings,
  place: Place,
  sighted: readonly Sighted[],
  fetched: Fetched,
  needs: Needs,
  signal: AbortSignal,
): Promise<{ sighted: Sighted[]; fetched: Fetched }> => {
  const { policy } = around;
  const read = readOf(policy, false);
  const answers = new Map<ItemKey, Sighting>();
  const ask = async (keys: readonly ItemKey[], how: Read): Promise<void> => {
    for (const [key, sighting] of await answersOf(around, place, keys, how, signal)) answers.set(key, minimised(sighting, policy));
  };
  if (needs.keys.length > 0) await ask(needs.keys, read);
  if (needs.digests.length > 0) await ask(needs.digests, { ...read, digest: true });
  const paged = new Set(sighted.map(({ sighting }) => sighting.key));
  const partners = new Map<RowNo, readonly Evidence[] | undefined>(fetched.partners);
  for (const partner of needs.partners) partners.set(partner.n, await evidenceOf(around, partner, signal));
  return {
    sighted: sighted.map((one) => {
      const sighting = answers.get(one.sighting.key);
      return sighting ? { sighting, text: policy.body } : one;
    }),
    fetched: {
      out: new Map([...fetched.out, ...[...answers].filter(([key]) => !paged.has(key))]),
      partners,
      digested: new Set([...fetched.digested, ...needs.digests]),
    },
  };
};

/** Exactly one answer for each key; silence and anything but whole, gone and malformed are the adapter's fault. */
const answersOf = async ({ store, adapter }: Surroundings, place: Place, keys: readonly ItemKey[], read: Read, signal: AbortSignal): Promise<Map<ItemKey, Sighting>> => {
  const record = (await store.collections(systemOf(place))).find((collection) => collection.place === place);
  const answers = new Map<ItemKey, Sighting>();
  if (record && adapter.fetch) {
    for await (const sighting of adapter.fetch(collectionFrom(record), keys, read, signal)) {
      if (isWhole(sighting) || "gone" in sighting || "malformed" in sighting) answers.set(sighting.key, sighting);
    }
  }
  for (const key of keys) {
    if (!answers.has(key)) answers.set(key, { key, revision: "", malformed: { reason: "the adapter gave no answer for this key" } });
  }
  return answers;
};

/** A partner's evidence with digest; undefined where it cannot be had now: then in doubt two objects. */
const evidenceOf = async (around: Surroundings, partner: Item, signal: AbortSignal): Promise<readonly Evidence[] | undefined> => {
  const adapter = around.peer(systemOf(partner.place));
  const record = (await around.store.collections(systemOf(partner.place))).find((collection) => collection.id === collectionOf(partner.place));
  if (!adapter?.fetch || !record) return undefined;
  try {
    for await (const sighting of adapter.fetch(collectionFrom(record), [partner.key], { text: "none", behaviour: false, digest: true }, signal)) {
      if (isWhole(sighting)) return sighting.same ?? [];
    }
  } catch (error) {
    signal.throwIfAborted();
    if (!isGroupstreamError(error)) throw error;
  }
  return undefined;
};
