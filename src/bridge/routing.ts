/** Routing: the log, entry by entry, into deliveries. One transaction per batch; a crash repeats it without effect. */

import { uuidNamed } from "../activity/uuid.ts";
import type { Audience } from "../contract/adapter.ts";
import type { View } from "../contract/view.ts";
import type { ActorId, Place, SystemId } from "../contract/words.ts";
import { systemOf } from "../contract/words.ts";
import type { CollectionRecord, DeliveryRecord, Item, Store, StoredEntry, Transaction } from "../store/contract.ts";
import { parentsOf } from "../store/references.ts";
import { audienceOf, mayReach, type Verdict } from "./audience.ts";
import { answerVerbs } from "./invitation-answer.ts";
import { isPrivate, withheld } from "./private.ts";
import { automatic, begins, concerns, isAt, type Named, type ParsedRoute, placesIn, targetOf, unmet } from "./routes.ts";

/** Entries routed in one transaction. */
const batch = 100;
/** Items of a conversation that are asked who sees them. */
const conversation = 1_000;

/** What routing needs. */
export interface RoutingContext {
  readonly store: Store;
  readonly routes: readonly ParsedRoute[];
  readonly now: () => number;
  /** One name for all the ids of one person; their own id where no other is known. */
  readonly person: (id: ActorId) => ActorId;
}

/** Gives every route that is new its place: the log's end, or its beginning with `history: "all"`. */
export const beginRoutes = async ({ store, routes }: Pick<RoutingContext, "store" | "routes">): Promise<void> =>
  store.transaction(async (tx) => {
    const end = await tx.lastSeq();
    for (const { id, route } of routes) {
      if ((await tx.route(id)) === undefined) await tx.write({ routes: [{ id, seq: route.history === "all" ? 0 : end }] });
    }
  });

/** Makes deliveries of everything the log holds beyond the routes' places. Resolves with how many. */
export const routeAll = async (routing: RoutingContext): Promise<number> => {
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

/** One entry, one route: what is looked at. */
interface Case {
  readonly tx: Transaction;
  readonly routing: RoutingContext;
  readonly known: Collections;
  readonly named: Named;
  readonly parsed: ParsedRoute;
  readonly entry: StoredEntry;
  readonly target: Place;
  /** All items of its object. */
  readonly items: readonly Item[];
  /** `target object` of this batch: their deliveries are not stored yet. */
  readonly wishes: ReadonlySet<string>;
}

const routeSome = async (tx: Transaction, routing: RoutingContext): Promise<{ read: number; made: number }> => {
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
  const records = new Map([...known.values()].flat().map((record) => [record.place, record]));
  const named: Named = (place) => records.get(place);

  const deliveries = new Map<string, DeliveryRecord>();
  const wishes = new Set<string>();
  const families = Map.groupBy(await tx.itemsOf([...new Set(entries.map(({ object }) => object))]), ({ object }) => object);
  for (const entry of entries) {
    for (const parsed of routing.routes) {
      if (entry.seq <= (places.get(parsed.id) ?? entry.seq)) continue;
      const target = targetOf(parsed, known.get(parsed.to) ?? []);
      const key = `${target} ${entry.seq}`;
      // Two routes into one target make one delivery; the first that lets it go decides.
      if (deliveries.has(key) && deliveries.get(key)?.state !== "void") continue;
      const verdict = await verdictOn({
        tx,
        routing,
        known,
        named,
        parsed,
        entry,
        target,
        wishes,
        items: families.get(entry.object) ?? [],
      });
      if (verdict?.goes) wishes.add(`${target} ${entry.object}`);
      if (verdict) deliveries.set(key, deliveryOf(routing, parsed, entry, target, verdict));
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

const deliveryOf = (
  { store, now }: RoutingContext,
  { handsOver }: ParsedRoute,
  entry: StoredEntry,
  target: Place,
  { goes, because }: Verdict,
): DeliveryRecord => {
  const at = now();
  return {
    // Of the activity, not of its number: a store restored from a backup numbers other activities alike.
    id: uuidNamed(`${target} ${entry.id}`, store.id),
    target,
    seq: entry.seq,
    object: entry.object,
    lane: `${target} ${entry.thread}`,
    state: goes ? "pending" : "void",
    verb: handsOver ? "Deliver" : entry.type,
    attempt: 0,
    next: at,
    because,
    created: at,
    changed: at,
  };
};

const viewsIn = (items: readonly Item[], system: SystemId): readonly View[] =>
  items.flatMap(({ place, view, role }) => (view && role === "own" && systemOf(place) === system ? [view] : []));

/** What was sent of it before is ended. */
const ended: Verdict = { goes: true, because: { code: "ended" } };

/** May this entry go this way? undefined: it is none of the route's. */
const verdictOn = async (one: Case): Promise<Verdict | undefined> => {
  const { tx, parsed, entry, target, named, items } = one;
  const views = viewsIn(items, parsed.from);
  const happened = concerns(parsed, entry, named);
  if (parsed.handsOver) {
    if (!happened || views.some((view) => unmet(parsed, view) !== undefined)) return undefined;
    const secret = views.map((view) => withheld(parsed, view)).find((because) => because !== undefined);
    if (secret !== undefined) return { goes: false, because: secret };
    return audienceVerdict(one, items);
  }
  if (await isOwnDoing(one)) return undefined;
  const before =
    one.wishes.has(`${target} ${entry.object}`) ||
    (await tx.deliveriesOf(entry.object, target)).some(({ state }) => state !== "void");
  const reaction = ["Like", "EmojiReact", "Undo"].includes(entry.type);
  const stands = items.some((item) => item.state !== "gone" && isAt(target, item.place));
  if (reaction && happened && (before || stands)) return { goes: true, because: { code: "reaction" } };
  const begun = happened && begins(entry, placesIn(parsed, entry.places, named));
  if (!before && (!begun || views.length === 0 || views.some((view) => unmet(parsed, view) !== undefined))) return undefined;
  const machine = views.map((view) => automatic(parsed, view)).find((because) => because !== undefined);
  if (machine !== undefined && !before) return { goes: false, because: machine };
  const secret = views.map((view) => withheld(parsed, view)).find((because) => because !== undefined);
  if (secret !== undefined) return before ? ended : { goes: false, because: secret };
  if (parsed.route.only === "replies" && !before && (await answeredAt(one, views)).length === 0)
    return { goes: false, because: { code: "no-conversation" } };
  // What stands there is ended or kept up to date by whoever could see it already.
  return views.length === 0 ? ended : audienceVerdict(one, items);
};

/** Our own doing is never carried back to where it was asked for; what nobody knows the cause of, nowhere. */
const isOwnDoing = async ({ tx, entry, target }: Case): Promise<boolean> => {
  if (entry.cause === undefined) return false;
  const delivery = await tx.delivery(entry.cause);
  if (!delivery) return true;
  // What somebody answered there by a reaction shows there, in what we posted.
  if (answerVerbs.has(delivery.verb)) return false;
  // An application asked for it, at no place.
  if (delivery.seq < 0) return false;
  const [asked] = await tx.entries(delivery.seq - 1, 1);
  return asked?.seq !== delivery.seq || asked.places.some((place) => isAt(target, place));
};

/** The object's own audience as its source shows it, against who can see the target. */
const audienceVerdict = async (one: Case, items: readonly Item[]): Promise<Verdict> => {
  const { tx, routing, known, parsed, entry, target } = one;
  const { from, route } = parsed;
  const own = items.filter(({ place, view, role }) => view && role === "own" && systemOf(place) === from);
  const collections = new Map(known.get(from)?.map((collection) => [collection.place, collection]));
  const views = viewsIn(items, parsed.from);
  // Whoever reads the calendar does not read what is private in it.
  const hidden = views.some(isPrivate);
  const readers = (places: readonly Place[], records: ReadonlyMap<Place, CollectionRecord>) =>
    places.flatMap((place) => {
      const found = records.get(place);
      return found
        ? [...(hidden ? [] : [found.audience]), ...(found.owner === undefined ? [] : [[found.owner] as readonly ActorId[]])]
        : [];
    });
  const reach = await reachOf(one, views);
  const verdict = mayReach(
    audienceOf(views, readers(entry.places.concat(own.map(({ place }) => place)), collections)),
    reach,
    route.widen,
    routing.person,
  );
  if (verdict.goes || own.length > 0) return verdict;
  const delivered = (await tx.deliveriesOf(entry.object, target)).some(({ state }) => state !== "void");
  return delivered ? ended : verdict;
};

/** What it answers at the target, and what else of the conversation stands there: an answer to it may still be on its way. */
const answeredAt = async ({ tx, parsed, entry, target }: Case, views: readonly View[]): Promise<readonly Item[]> => {
  const parents = (await Promise.all(views.map((view) => parentsOf(tx, view, parsed.from)))).flat();
  const answered = (await tx.itemsOf(parents)).filter(
    ({ place, state, object }) => state !== "gone" && object !== entry.object && isAt(target, place),
  );
  const states = ["here", "missing", "out"] as const;
  return [...answered, ...(await tx.inThread(entry.thread, target, { without: entry.object, states, limit: conversation }))];
};

/** Who will see it: the readers of the collection; of a whole system those of what is answered there, and whom that names. */
const reachOf = async (one: Case, views: readonly View[]): Promise<Audience> => {
  const { known, parsed, target } = one;
  const records = known.get(parsed.to) ?? [];
  const found = records.find(({ place }) => place === target);
  if (found || parsed.target) return found?.audience ?? "unknown";
  const answered = await answeredAt(one, views);
  return audienceOf(
    viewsIn(answered, parsed.to),
    records.filter(({ place }) => answered.some((item) => item.place === place)).map(({ audience }) => audience),
  );
};
