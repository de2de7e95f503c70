/** How one activity came into the log, and why it went or did not go where. Ids, types and places; never content. */

import { type ParsedRoute, targetOf, type Unconcerned, unconcerned } from "../bridge/routes.ts";
import type { ActivityId, DeliveryId, ItemKey, Place, ReaderName } from "../contract/words.ts";
import { systemOf } from "../contract/words.ts";
import type { CollectionRecord, DeliveryRecord, Presence, RouteRecord, Store, StoredEntry } from "../store/contract.ts";
import { type Delivery, deliveryShown } from "./deliveries.ts";

/**
 * What one route did with an activity.
 *
 * delivery       it concerned it: see the delivery, which may be open, done, refused, or `void` with the reason
 * waiting        it concerns it and has not got so far: nobody routes, or its target was not discovered yet
 * unconcerned    it is none of its: another system, another collection, another type
 * before         it began later in the log
 * passed         it concerns it today and made nothing of it when it passed: the route has changed since
 */
export type RouteVerdict =
  | { readonly route: string; readonly outcome: "delivery"; readonly delivery: Delivery }
  | { readonly route: string; readonly outcome: "unconcerned"; readonly because: Unconcerned }
  | { readonly route: string; readonly outcome: "waiting" | "before" | "passed" };

/** Everything the store knows about how an activity came and went. Times are RFC 3339. */
export interface Why {
  readonly activity: ActivityId;
  readonly seq: number;
  readonly type: string;
  /** Which kind of change was told. */
  readonly facet: string;
  /** When it was written into the log. */
  readonly at: string;
  /** Where it happened; the first is where it was seen. */
  readonly places: readonly { readonly place: Place; readonly name?: string; readonly lastLook?: string }[];
  /** The delivery of ours that caused it. */
  readonly cause?: DeliveryId;
  /** The items that show its object now. */
  readonly items: readonly { readonly place: Place; readonly key: ItemKey; readonly state: Presence }[];
  /** Every route of this hub, in their order. */
  readonly routes: readonly RouteVerdict[];
  /** Deliveries to targets that no route of this hub names any more. */
  readonly others: readonly Delivery[];
  readonly readers: readonly { readonly name: ReaderName; readonly passed: boolean }[];
}

const verdictOn = (
  parsed: ParsedRoute,
  entry: StoredEntry,
  deliveries: readonly DeliveryRecord[],
  stood: RouteRecord | undefined,
  collections: readonly CollectionRecord[],
): RouteVerdict => {
  const route = parsed.id;
  const records = new Map(collections.map((record) => [record.place, record]));
  const because = unconcerned(parsed, entry, (place) => records.get(place));
  if (because !== undefined) return { route, outcome: "unconcerned", because };
  const target = targetOf(
    parsed,
    collections.filter(({ place }) => systemOf(place) === parsed.to),
  );
  const delivery = deliveries.find((one) => one.target === target);
  if (delivery) return { route, outcome: "delivery", delivery: deliveryShown(delivery) };
  if (stood === undefined || stood.seq < entry.seq) return { route, outcome: "waiting" };
  return { route, outcome: stood.began !== undefined && entry.seq <= stood.began ? "before" : "passed" };
};

/** Explains an activity by its id or its number in the log; undefined if the log does not hold it. */
export const whyOf = async (
  store: Store,
  routes: readonly ParsedRoute[],
  activity: ActivityId | number,
): Promise<Why | undefined> => {
  const [entry] = typeof activity === "number" ? await store.entries(activity - 1, 1) : await store.find({ activity });
  if (!entry || (typeof activity === "number" && entry.seq !== activity)) return undefined;
  const collections = await store.collections();
  const deliveries = await store.deliveries({ seq: entry.seq });
  const stood = new Map((await store.routes()).map((route) => [route.id, route]));
  const verdicts = routes.map((parsed) => verdictOn(parsed, entry, deliveries, stood.get(parsed.id), collections));
  const explained = new Set(verdicts.flatMap((one) => (one.outcome === "delivery" ? [one.delivery.id] : [])));
  const known = new Map(collections.map((one) => [one.place, one]));
  const items = await store.transaction((tx) => tx.itemsOf([entry.object]));
  return {
    activity: entry.id,
    seq: entry.seq,
    type: entry.type,
    facet: entry.facet,
    at: new Date(entry.at).toISOString(),
    places: entry.places.map((place) => {
      const { name, finishedAt } = known.get(place) ?? {};
      return {
        place,
        ...(name !== undefined && { name }),
        ...(finishedAt !== undefined && { lastLook: new Date(finishedAt).toISOString() }),
      };
    }),
    ...(entry.cause !== undefined && { cause: entry.cause }),
    items: items.map(({ place, key, state }) => ({ place, key, state })),
    routes: verdicts,
    others: deliveries.filter(({ id }) => !explained.has(id)).map(deliveryShown),
    readers: (await store.readers()).map(({ name, seq }) => ({ name, passed: seq >= entry.seq })),
  };
};
