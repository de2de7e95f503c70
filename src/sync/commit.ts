/** One page, committed: load → reconcile → fold → tell → write in one transaction; what that asks for is fetched in between. */

import { uuidAt } from "../activity/uuid.ts";
import type { Evidence, Page, Read, Sighting } from "../contract/adapter.ts";
import { GroupstreamError, isGroupstreamError } from "../contract/errors.ts";
import { carrierOf } from "../contract/scheduling.ts";
import type { ActorId, ItemKey, Place } from "../contract/words.ts";
import { systemOf } from "../contract/words.ts";
import { minimised, readOf } from "../policy/index.ts";
import { collectionFrom } from "../store/collection.ts";
import type { CollectionRecord, DeliveryRecord, Item, RowNo, Store, Tick } from "../store/contract.ts";
import type { SyncContext } from "./context.ts";
import { foldObjects } from "./page/fold.ts";
import {
  type Fetched,
  isWhole,
  type LookState,
  loadPage,
  type MovedFrom,
  nothingFetched,
  type Sighted,
  type TextLevel,
} from "./page/load.ts";
import { type Needs, reconcile } from "./page/reconcile.ts";
import { tellChanges } from "./page/tell.ts";
import type { TouchedObject } from "./page/unit-of-work.ts";
import { writePage } from "./page/write.ts";

/** A page that asks for more again and again is the adapter's fault. */
const roundsAtMost = 8;

/** Where pages never cease, what was just read is as fresh as can be had. */
const readAgainAtMost = 3;

interface LookOpening {
  readonly opened: Tick;
  readonly openedAt: number;
  readonly fresh: boolean;
  /** It lists again what was listed with doubt: once is enough, some servers leave things out for ever. */
  readonly again?: boolean;
  readonly text: TextLevel;
  /** The page is what a target answered to these: each names its sighting's key, and objects of their own. */
  readonly receipts?: readonly Receipted[];
}

/** What a target answered to a delivery: both are written together. */
export interface Receipted {
  /** Of the sighting that is the answer. */
  readonly key: ItemKey;
  /** As the answer leaves it. */
  readonly delivery: DeliveryRecord;
  /** Who asked for it. */
  readonly actor: ActorId;
  /** When it was asked for: if a page of the collection was committed since, what the answer shows is read again. */
  readonly since: Tick;
  /** What it moved: no longer where it was. */
  readonly left?: MovedFrom;
}

const receiptsOf = (receipts: readonly Receipted[]): NonNullable<LookState["receipts"]> =>
  new Map(receipts.map(({ key, delivery, left }) => [key, { delivery, ...(left && { left }) }]));

const isOf =
  ({ object }: TouchedObject) =>
  ({ delivery }: Receipted): boolean =>
    delivery.object === object.n;

/** A page without a position (receive, refresh) leaves the stored one alone. */
type PageLike = Pick<Page, "sightings"> & Partial<Page>;

/** Commits one page: load → reconcile → fold → tell → write in one transaction; what that asks for is fetched in between. */
export const commit = async (
  context: SyncContext,
  place: Place,
  page: PageLike,
  look: LookOpening,
  signal: AbortSignal,
): Promise<{ told: number; held: boolean }> => {
  const { store, adapter, manifest, policy, rules, naming, now } = context;
  let sighted: Sighted[] = page.sightings.map((sighting) => ({ sighting: minimised(sighting, policy), text: look.text }));
  let fetched: Fetched = nothingFetched;
  const { receipts } = look;
  const deliveries = receipts?.map(({ delivery }) => delivery);
  let since = Math.min(...(receipts ?? []).map((receipt) => receipt.since));
  let readAgain = 0;
  for (let round = 0; round < roundsAtMost; round += 1) {
    const outcome = await store.transaction(async (tx) => {
      const record = await tx.collection(place);
      const system = await tx.system(systemOf(place));
      if (deliveries && !(record && system)) {
        // Where it stands is not read here: that it is done is all there is to keep.
        await tx.write({ deliveries });
        return { told: 0, held: false };
      }
      if (!record || !system) throw new GroupstreamError("store", `${place}: no such collection is stored`);
      if (record.touched > since && adapter.fetch && readAgain < readAgainAtMost) {
        // No page may lie between reading and writing.
        readAgain += 1;
        since = tx.tick();
        return { needs: { keys: sighted.map(({ sighting }) => sighting.key), digests: [], partners: [] } };
      }
      const { listing: open, ...closed } = record;
      const current = page.listing && { id: page.listing.id, opened: look.opened, openedAt: look.openedAt, text: look.text };
      const listing = open && open.id === page.listing?.id ? open : current;
      const glance: LookState = {
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
        ...(context.history !== undefined && { history: context.history }),
        ...(receipts && { receipts: receiptsOf(receipts) }),
      };
      const loaded = await loadPage(tx, glance, sighted, {
        now: now(),
        tick: tx.tick(),
        rules,
        fetched,
        uuid: context.uuid ?? (() => uuidAt(now())),
      });
      const decided = reconcile(loaded, sighted);
      if ("needs" in decided) return decided;
      if (receipts && receipts.length > 1 && !decided.touched.every((one) => receipts.some(isOf(one))))
        throw new GroupstreamError("store", `${place}: answers to several deliveries cannot be told apart`);
      const last = page.listing?.last === true;
      // A listing answers the wish for one; where the source never lists, so does whatever it brings.
      const asked = record.relist && !page.listing && (record.held > 0 || !look.again);
      // An answer to a delivery is no page: it says nothing of the collection.
      const next: CollectionRecord | undefined = receipts
        ? undefined
        : {
            ...closed,
            ...(page.position !== undefined && { position: page.position }),
            ...(listing && !last && { listing }),
            ...(!page.listing && open && page.position === undefined && { listing: open }),
            ...(last && { held: decided.held ? record.held + 1 : 0, first: decided.held ? record.first : "done" }),
            // Decided here, not when the look has finished: it may never get there.
            relist: decided.held || (decided.unsure && rules.check && !look.again) || asked,
            touched: loaded.tick,
          };
      const folded = foldObjects(decided.touched, loaded.places, rules);
      const told = tellChanges(folded.changes);
      const written = await writePage(
        tx,
        {
          changes: decided.changes,
          remembering: folded.remembering,
          told,
          loaded,
          beside: { ...(next && { collections: [next] }), ...(deliveries && { deliveries }) },
        },
        { naming, system: system.id, now: loaded.now, ...(receipts && { receipts }) },
      );
      return { told: written, held: decided.held };
    });
    if (!("needs" in outcome)) return outcome;
    ({ sighted, fetched } = await supply(context, place, sighted, fetched, outcome.needs, signal));
  }
  throw new GroupstreamError(
    "malformed",
    `${place}: the adapter's answers keep asking for more; its fetch must answer each key whole, gone or out`,
  );
};

/** Fetches what reconcile asked for. */
const supply = async (
  context: SyncContext,
  place: Place,
  sighted: readonly Sighted[],
  fetched: Fetched,
  needs: Needs,
  signal: AbortSignal,
): Promise<{ sighted: Sighted[]; fetched: Fetched }> => {
  const { policy } = context;
  const read = readOf(policy, false);
  const answers = new Map<ItemKey, Sighting>();
  const ask = async (keys: readonly ItemKey[], how: Read): Promise<void> => {
    for (const [key, sighting] of await answersOf(context, place, keys, how, signal))
      answers.set(key, minimised(sighting, policy));
  };
  if (needs.keys.length > 0) await ask(needs.keys, read);
  if (needs.digests.length > 0) await ask(needs.digests, { ...read, digest: true });
  const paged = new Set(sighted.map(({ sighting }) => sighting.key));
  const asked = new Set([...needs.keys, ...needs.digests]);
  /** A message about a meeting comes beside the mail that was asked for: it becomes part of the page. */
  const isBeside = (sighting: Sighting): boolean =>
    isWhole(sighting) && !paged.has(sighting.key) && asked.has(carrierOf(sighting.object) ?? "");
  const beside = [...answers.values()].filter(isBeside);
  const partners = new Map<RowNo, readonly Evidence[] | undefined>(fetched.partners);
  for (const partner of needs.partners) partners.set(partner.n, await evidenceOf(context, partner, signal));
  return {
    sighted: [
      ...sighted.map((one) => {
        const sighting = answers.get(one.sighting.key);
        return sighting ? { sighting, text: policy.body } : one;
      }),
      ...beside.map((sighting) => ({ sighting, text: policy.body })),
    ],
    fetched: {
      absent: new Map([...fetched.absent, ...[...answers].filter(([key]) => !paged.has(key))]),
      partners,
      digested: new Set([...fetched.digested, ...needs.digests]),
    },
  };
};

const recordAt = async (store: Store, place: Place): Promise<CollectionRecord | undefined> =>
  (await store.collections(systemOf(place))).find((record) => record.place === place);

/** Exactly one answer for each key; silence and anything but whole, gone, out and malformed are the adapter's fault. */
const answersOf = async (
  { store, adapter }: SyncContext,
  place: Place,
  keys: readonly ItemKey[],
  read: Read,
  signal: AbortSignal,
): Promise<Map<ItemKey, Sighting>> => {
  const record = await recordAt(store, place);
  const answers = new Map<ItemKey, Sighting>();
  if (record && adapter.fetch) {
    for await (const sighting of adapter.fetch(collectionFrom(record), keys, read, signal)) {
      if (isWhole(sighting) || "gone" in sighting || "out" in sighting || "malformed" in sighting)
        answers.set(sighting.key, sighting);
    }
  }
  for (const key of keys) {
    if (!answers.has(key))
      answers.set(key, { key, revision: "", malformed: { reason: "the adapter gave no answer for this key" } });
  }
  return answers;
};

/** A partner's evidence with digest; undefined where it cannot be had now: then in doubt two objects. */
const evidenceOf = async (context: SyncContext, partner: Item, signal: AbortSignal): Promise<readonly Evidence[] | undefined> => {
  const adapter = context.peer(systemOf(partner.place));
  const record = await recordAt(context.store, partner.place);
  if (!adapter?.fetch || !record) return undefined;
  try {
    for await (const sighting of adapter.fetch(
      collectionFrom(record),
      [partner.key],
      { text: "none", behaviour: false, digest: true },
      signal,
    )) {
      if (isWhole(sighting)) return sighting.same ?? [];
    }
  } catch (error) {
    signal.throwIfAborted();
    if (!isGroupstreamError(error)) throw error;
  }
  return undefined;
};
