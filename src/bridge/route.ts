/** Routing: the log, entry by entry, into deliveries. One transaction per batch; a crash repeats it without effect. */

import { v5 } from "uuid";
import type { CollectionRecord, DeliveryRecord, Store, StoredEntry, Transaction } from "../store/contract.ts";
import type { ActorId, Place, SystemId } from "../words.ts";
import { systemOf } from "../words.ts";
import { audienceOf, mayReach, type Verdict } from "./audience.ts";
import { concerns, type ParsedRoute, targetOf } from "./routes.ts";

/** Entries routed in one transaction. */
const batch = 100;

/** What routing needs. */
export interface Routing {
  readonly store: Store;
  readonly routes: readonly ParsedRoute[];
  readonly now: () => number;
}

/** Gives every route that is new its place: the log's end, or its beginning with `history: "all"`. */
export const beginRoutes = async ({ store, routes }: Routing): Promise<void> =>
  store.transaction(async (tx) => {
    const end = await tx.lastSeq();
    for (const { id, route } of routes) {
      if ((await tx.route(id)) === undefined) await tx.write({ routes: [{ id, seq: route.history === "all" ? 0 : end }] });
    }
  });

/** Makes deliveries of everything the log holds beyond the routes' places. Resolves with how many. */
export const routeAll = async (routing: Routing): Promise<number> => {
  let made = 0;
  for (;;) {
    const step = await routing.store.transaction((tx) => routeSome(tx, routing));
    made += step.made;
    if (step.read === 0) return made;
  }
};

/** The collections of every system a route names; read once a batch. */
type Collections = ReadonlyMap<SystemId, readonly CollectionRecord[]>;

const collectionsOf = async (tx: Transaction, routes: readonly ParsedRoute[]): Promise<Collections> => {
  const known = new Map<SystemId, readonly CollectionRecord[]>();
  for (const id of new Set(routes.flatMap(({ from, to }) => [from, to]))) known.set(id, await tx.collections(id));
  return known;
};

const routeSome = async (tx: Transaction, routing: Routing): Promise<{ read: number; made: number }> => {
  const known = await collectionsOf(tx, routing.routes);
  const places = new Map<string, number>();
  for (const { id, to } of routing.routes) {
    // Who can see a target is known once it was discovered; until then its routes wait.
    if (known.get(to)?.length) places.set(id, (await tx.route(id)) ?? 0);
  }
  if (places.size === 0) return { read: 0, made: 0 };
  const after = Math.min(...places.values());
  const entries = await tx.entries(after, batch);
  const last = entries.at(-1)?.seq;
  if (last === undefined) return { read: 0, made: 0 };
  const names = new Map([...known.values()].flat().map(({ place, name }) => [place, name]));
  const nameOf = (place: Place): string => names.get(place) ?? "";

  const deliveries = new Map<string, DeliveryRecord>();
  for (const entry of entries) {
    for (const parsed of routing.routes) {
      if (entry.seq <= (places.get(parsed.id) ?? entry.seq) || !concerns(parsed, entry, nameOf)) continue;
      const target = targetOf(parsed, known.get(parsed.to) ?? []);
      const key = `${target} ${entry.seq}`;
      // Two routes into one target make one delivery; the first that lets it go decides.
      if (deliveries.has(key) && deliveries.get(key)?.state !== "void") continue;
      deliveries.set(key, await deliveryOf(tx, routing, known, parsed, entry, target));
    }
  }
  const routes = routing.routes.filter(({ id }) => (places.get(id) ?? last) < last).map(({ id }) => ({ id, seq: last }));
  const wished = await withoutKnown(tx, [...deliveries.values()]);
  await tx.write({ deliveries: wished, routes });
  return { read: entries.length, made: wished.filter(({ state }) => state !== "void").length };
};

/** A delivery that exists is left as it is: its lane may have gone on. */
const withoutKnown = async (tx: Transaction, deliveries: readonly DeliveryRecord[]): Promise<readonly DeliveryRecord[]> => {
  const fresh: DeliveryRecord[] = [];
  for (const delivery of deliveries) if ((await tx.delivery(delivery.id)) === undefined) fresh.push(delivery);
  return fresh;
};

const deliveryOf = async (
  tx: Transaction,
  { store, now }: Routing,
  known: Collections,
  parsed: ParsedRoute,
  entry: StoredEntry,
  target: Place,
): Promise<DeliveryRecord> => {
  const at = now();
  const { goes, reason } = await verdictOn(tx, known, parsed, entry, target);
  return {
    // Of the activity, not of its number: a store restored from a backup numbers other activities alike.
    id: v5(`${target} ${entry.id}`, store.id),
    target,
    seq: entry.seq,
    lane: `${target} ${entry.thread}`,
    state: goes ? "pending" : "void",
    verb: "Deliver",
    attempt: 0,
    next: at,
    reason,
    created: at,
    changed: at,
  };
};

/** The object's own audience as its source shows it; once it is gone, what was sent of it before may be ended. */
const verdictOn = async (
  tx: Transaction,
  known: Collections,
  { route, from, to }: ParsedRoute,
  entry: StoredEntry,
  target: Place,
): Promise<Verdict> => {
  const reach = known.get(to)?.find(({ place }) => place === target)?.audience ?? "unknown";
  const items = (await tx.itemsOf([entry.object])).filter(
    ({ place, view, role }) => view && role === "own" && systemOf(place) === from,
  );
  const collections = new Map(known.get(from)?.map((collection) => [collection.place, collection]));
  const audiences = entry.places.concat(items.map(({ place }) => place)).flatMap((place) => {
    const found = collections.get(place);
    return found ? [found.audience, ...(found.owner === undefined ? [] : [[found.owner] as readonly ActorId[]])] : [];
  });
  const verdict = mayReach(
    audienceOf(
      items.flatMap(({ view }) => (view ? [view] : [])),
      audiences,
    ),
    reach,
    route.widen,
  );
  if (verdict.goes || items.length > 0 || !(await tx.delivered(target, entry.object))) return verdict;
  return { goes: true, reason: "what was sent of it before is ended" };
};
