/** One page, committed: load → reconcile → fold → tell → write in one transaction; what that asks for is fetched in between. */

import { uuidAt } from "../activity/uuid.ts";
import type { Page } from "../contract/adapter.ts";
import { GroupstreamError } from "../contract/errors.ts";
import type { ActorId, ItemKey, Place } from "../contract/words.ts";
import { systemOf } from "../contract/words.ts";
import { minimised } from "../policy/index.ts";
import type { CollectionRecord, DeliveryRecord, SystemRecord, Tick } from "../store/contract.ts";
import type { SyncContext } from "./context.ts";
import { fetchNeeds } from "./fetch-needs.ts";
import { foldObjects } from "./page/fold.ts";
import {
  type Fetched,
  type LookState,
  loadPage,
  type MovedFrom,
  nothingFetched,
  type Sighted,
  type TextLevel,
} from "./page/load.ts";
import { type Decided, reconcile } from "./page/reconcile.ts";
import { tellChanges } from "./page/tell.ts";
import type { TouchedObject } from "./page/unit-of-work.ts";
import { writePage } from "./page/write.ts";
import type { Rules } from "./rules.ts";

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
interface Receipted {
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

/** The listing a page is of: the one the collection is in, or one that begins with this page. */
const listingOf = (
  { listing: open }: CollectionRecord,
  { listing }: PageLike,
  { opened, openedAt, text }: LookOpening,
): CollectionRecord["listing"] =>
  open && open.id === listing?.id ? open : listing && { id: listing.id, opened, openedAt, text };

/** The look this page belongs to, as of this page. */
const lookStateOf = (
  { adapter, manifest, policy, history }: SyncContext,
  page: PageLike,
  look: LookOpening,
  system: SystemRecord,
  collection: CollectionRecord,
): LookState => {
  const { opened, openedAt, fresh, receipts } = look;
  const listing = listingOf(collection, page, look);
  return {
    system,
    collection,
    opened,
    openedAt,
    ...(listing && {
      listing: {
        ...listing,
        ...(page.listing?.last && { last: true as const }),
        ...(page.listing?.count !== undefined && { count: page.listing.count }),
      },
    }),
    fresh,
    fetches: adapter.fetch !== undefined,
    looks: adapter.changes !== undefined,
    mapping: manifest.mapping,
    wants: policy.body,
    share: manifest.plausible ?? 0.5,
    ...(history !== undefined && { history }),
    ...(receipts && { receipts: receiptsOf(receipts) }),
  };
};

/** Where the looks at a collection stand once this page is committed. */
const collectionAfter = (
  record: CollectionRecord,
  page: PageLike,
  look: LookOpening,
  decided: Pick<Decided, "held" | "unsure">,
  rules: Rules,
  touched: Tick,
): CollectionRecord => {
  const { listing: open, ...closed } = record;
  const { held, unsure } = decided;
  const last = page.listing?.last === true;
  const listing = listingOf(record, page, look);
  // A listing answers the wish for one; where the source never lists, so does whatever it brings.
  const asked = record.relist && !page.listing && (record.held > 0 || !look.again);
  return {
    ...closed,
    ...(page.position !== undefined && { position: page.position }),
    ...(listing && !last && { listing }),
    ...(!page.listing && open && page.position === undefined && { listing: open }),
    ...(last && { held: held ? record.held + 1 : 0, first: held ? record.first : "done" }),
    // Decided here, not when the look has finished: it may never get there.
    relist: held || (unsure && rules.check && !look.again) || asked,
    touched,
  };
};

/** Commits one page: load → reconcile → fold → tell → write in one transaction; what that asks for is fetched in between. */
export const commit = async (
  context: SyncContext,
  place: Place,
  page: PageLike,
  look: LookOpening,
  signal: AbortSignal,
): Promise<{ told: number; held: boolean }> => {
  const { store, adapter, policy, rules, naming, now } = context;
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
      const state = lookStateOf(context, page, look, system, record);
      const loaded = await loadPage(tx, state, sighted, {
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
      const folded = foldObjects(decided.touched, loaded.places, rules);
      const told = tellChanges(folded.changes);
      const written = await writePage(
        tx,
        {
          changes: decided.changes,
          remembering: folded.remembering,
          told,
          loaded,
          // An answer to a delivery is no page: it says nothing of the collection.
          beside: deliveries
            ? { deliveries }
            : { collections: [collectionAfter(record, page, look, decided, rules, loaded.tick)] },
        },
        { naming, system: system.id, now: loaded.now, ...(receipts && { receipts }) },
      );
      return { told: written, held: decided.held };
    });
    if (!("needs" in outcome)) return outcome;
    ({ sighted, fetched } = await fetchNeeds(context, place, sighted, fetched, outcome.needs, signal));
  }
  throw new GroupstreamError(
    "malformed",
    `${place}: the adapter's answers keep asking for more; its fetch must answer each key whole, gone or out`,
  );
};
