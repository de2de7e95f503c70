/** What stands of an object at a target, and what is wanted there: loaded for one wish, in one transaction. */

import type { ItemRef, Verb } from "../contract/adapter.ts";
import { merelySpeaks } from "../contract/scheduling.ts";
import type { View } from "../contract/view.ts";
import type { ActorId, Place } from "../contract/words.ts";
import { collectionOf, systemOf } from "../contract/words.ts";
import type {
  CollectionRecord,
  DeliveryRecord,
  Item,
  ItemHeader,
  RouteRecord,
  RowNo,
  StoredEntry,
  Transaction,
} from "../store/contract.ts";
import { parentsOf } from "../store/references.ts";
import { withheld } from "./private.ts";
import { begins, concerns, isAt, type Named, type ParsedRoute, placesIn, targetOf } from "./routes.ts";
import { type ReactionState, type TargetState, type Wish, wish } from "./wish.ts";

/** What deciding a wish needs beside the store. */
export interface DecisionContext {
  readonly routes: readonly ParsedRoute[];
  /** What a target never edits or takes back. */
  readonly acts: readonly Verb[];
  /** Our own account at the target. */
  readonly self: ActorId | undefined;
  /** The object as these items show it together. */
  readonly fold: (items: readonly Item[], records: ReadonlyMap<Place, CollectionRecord>) => FoldedView | undefined;
  /** Every entry of the object, and how far back the routes reach. */
  readonly told: readonly StoredEntry[];
  readonly stood: readonly RouteRecord[];
  /** Roots found before, by lane; kept by {@link decide}. */
  readonly roots: Roots;
}

/** First items of conversations at their targets. */
export type Roots = Map<string, { readonly item: RowNo; readonly object: RowNo; readonly ref: ItemRef }>;

/** Roots that are remembered at most. */
const rootsAtMost = 10_000;

/** An object as the items of one system show it. */
export interface FoldedView {
  readonly view: View;
  readonly text: "none" | "preview" | "full";
}

/** A wish with all that performing it needs. */
export interface Decision {
  readonly wish: Wish;
  /** By which the object is wanted there. */
  readonly route?: ParsedRoute;
  readonly folded?: FoldedView;
  /** The items it is folded from. */
  readonly sources: readonly Item[];
  /** The object's UUID. */
  readonly uuid?: string;
  /** An item whose text was not read, where the view that is to be delivered has none. */
  readonly unread?: Item;
  /** All its items; those that are its own there, and stand. */
  readonly items: readonly Item[];
  readonly own: readonly Item[];
  /** What it answers there. */
  readonly parent?: ItemRef;
  /** The first item of its conversation there. */
  readonly root?: ItemRef;
  /** Places the object has been in, for its trail. */
  readonly been: readonly Place[];
  /** The target's collections, the sources', and those the object has been in. */
  readonly records: ReadonlyMap<Place, CollectionRecord>;
  /** Somebody elsewhere reacts to it. */
  readonly reacting: boolean;
  /** Where a reaction belongs: the object's items at the target, and what stands there. */
  readonly reactions: readonly (ReactionState & { readonly item: ItemRef })[];
}

export const refOf = ({ place, key }: ItemHeader): ItemRef => ({ collection: collectionOf(place), key });

/** Seen there, or no longer looked at: not marked, not gone. */
const isPresent = ({ state }: ItemHeader): boolean => state === "here" || state === "out";

const lastDone = (deliveries: readonly DeliveryRecord[]): Verb | undefined => {
  const done = deliveries.filter(({ state, verb }) => state === "done" && ["Create", "Update", "Delete"].includes(verb));
  const made = done.findLast(({ verb }) => verb !== "Update");
  return made?.verb as Verb | undefined;
};

/** Whether a route that ends at the target concerns the object: an entry began it, or it had it before. */
const concerned = (route: ParsedRoute, had: boolean, { told, stood }: DecisionContext, named: Named): boolean => {
  if (had) return true;
  const began = stood.find(({ id }) => id === route.id)?.began ?? 0;
  return told.some(
    (entry) => entry.seq > began && concerns(route, entry, named) && begins(entry, placesIn(route, entry.places, named)),
  );
};

/** Decides what is to be done for one delivery, as everything stands now. */
export const decide = async (
  tx: Transaction,
  delivery: DeliveryRecord,
  entry: Pick<StoredEntry, "object" | "thread">,
  deciding: DecisionContext,
): Promise<Decision> => {
  const { target } = delivery;
  const items = await tx.itemsOf([entry.object]);
  const at = items.filter(({ place }) => isAt(target, place));
  const deliveries = (await tx.deliveriesOf(entry.object, target)).filter(({ id }) => id !== delivery.id);
  const had = deliveries.some(({ state }) => state !== "void") || at.some(({ role }) => role === "rendering");

  const own = (system: string): Item[] =>
    items.filter(
      ({ role, state, view, place }) =>
        role === "own" && state !== "gone" && view && !merelySpeaks(view) && systemOf(place) === system,
    );
  const to = systemOf(target);
  const into = deciding.routes.filter((one) => !one.handsOver && one.to === to && own(one.from).length > 0);
  const there = await tx.collections(to);
  const sourced = await Promise.all([...new Set(into.map(({ from }) => from))].map(tx.collections));
  const been = [...new Set(items.map(({ place }) => place))];
  const records = new Map([there, ...sourced, await tx.collectionsAt(been)].flat().map((record) => [record.place, record]));
  const named: Named = (place) => records.get(place);
  const route = into.find((one) => targetOf(one, there) === target && concerned(one, had, deciding, named));
  const source = route ? own(route.from) : [];
  const folded = deciding.fold(source, records);

  const parents = folded && route ? await parentsOf(tx, folded.view, route.from) : [];
  const answered = (await tx.itemHeadersOf(parents)).filter((item) => isAt(target, item.place) && isPresent(item));
  const parent = answered.find(({ role }) => role === "own") ?? answered[0];
  const root = await rootAt(tx, target, entry, at.some(isPresent) ? undefined : deciding.roots);
  const renderings = at.filter((item) => item.role === "rendering" && item.state !== "gone");
  const state: TargetState = {
    wanted: route !== undefined && !(folded && withheld(route, folded.view)),
    there: at.some(({ role, state }) => role === "own" && state !== "gone")
      ? "itself"
      : (await sameThere(tx, entry.object, target))
        ? "same"
        : undefined,
    renderings: renderings.map((item) => ({ item: refOf(item), ...(item.digest !== undefined && { digest: item.digest }) })),
    removed: at.some(({ role, state }) => role === "rendering" && state === "gone"),
    last: lastDone(deliveries),
    acts: deciding.acts.includes("Create"),
  };
  const decided = wish(state);
  const awaited = decided.does === "Create" && parent === undefined ? await unseen(tx, parents, target, deciding) : false;
  const lonely = decided.does === "Create" && route?.route.only === "replies" && parent === undefined;
  const unread = folded?.text === "none" ? source.find(isPresent) : undefined;
  const [object] = await tx.objects([entry.object]);
  const wanted = await othersReact(tx, items, target);
  return {
    wish: awaited
      ? { does: "wait", because: { code: "parent-unseen" } }
      : lonely
        ? { does: "nothing", because: { code: "no-parent" } }
        : decided,
    ...(route && { route }),
    ...(folded && { folded }),
    sources: source,
    items,
    own: at.filter((item) => item.role === "own" && isPresent(item)),
    ...(object && { uuid: object.uuid }),
    ...(unread && { unread }),
    ...(parent && { parent: refOf(parent) }),
    ...(root && { root }),
    reacting: wanted.size > 0,
    been,
    records,
    reactions: at.filter(isPresent).map((item) => ({ item: refOf(item), wanted, ours: ourReactions(item, deciding.self) })),
  };
};

/**
 * The first item of a conversation there, other than the object's own. It stays the root as long as it stands.
 * @param roots  absent: the object may be the root itself
 */
const rootAt = async (
  tx: Transaction,
  target: Place,
  { object, thread }: Pick<StoredEntry, "object" | "thread">,
  roots: Roots | undefined,
): Promise<ItemRef | undefined> => {
  const lane = `${target} ${thread}`;
  const known = roots?.get(lane);
  // A conversation of hundreds is not looked through for each of its members.
  if (known && (await tx.isPresent(known.item, known.object))) return known.ref;
  const [first] = await tx.inThread(thread, target, { without: object, states: ["here", "out"], limit: 1 });
  if (!first) return undefined;
  if (roots && roots.size >= rootsAtMost) roots.clear();
  roots?.set(lane, { item: first.n, object: first.object, ref: refOf(first) });
  return refOf(first);
};

/** Something that later evidence says is the same stands there, its own or posted by us. */
const sameThere = async (tx: Transaction, object: RowNo, target: Place): Promise<boolean> =>
  (await tx.itemHeadersOf(await tx.linked([object]))).some((item) => isAt(target, item.place) && isPresent(item));

/** Something was made there for one of these objects, and has neither shown nor gone. What is an act may never show. */
const unseen = async (tx: Transaction, objects: readonly RowNo[], target: Place, { acts }: DecisionContext): Promise<boolean> => {
  if (acts.includes("Create")) return false;
  for (const n of objects) {
    const made = lastDone(await tx.deliveriesOf(n, target)) === "Create";
    if (made && !(await tx.itemHeadersOf([n])).some(({ place, role }) => role === "rendering" && isAt(target, place)))
      return true;
  }
  return false;
};

/** What others react with elsewhere. What an account of ours reacts with stands for somebody already. */
const othersReact = async (tx: Transaction, items: readonly Item[], target: Place): Promise<ReadonlySet<string>> => {
  const emojis = new Set<string>();
  for (const { place, state, view } of items) {
    if (!view?.reactions?.length || state === "gone" || isAt(target, place)) continue;
    const self = (await tx.system(systemOf(place)))?.self;
    for (const { actor, emoji } of view.reactions) if (actor !== self) emojis.add(emoji);
  }
  return emojis;
};

/** What our account reacts with at this item. */
const ourReactions = ({ view }: Item, self: ActorId | undefined): ReadonlySet<string> =>
  new Set((view?.reactions ?? []).filter(({ actor }) => actor === self).map(({ emoji }) => emoji));
