/**
 * What the core asks of a store: records, one kind of write transaction, a log.
 *
 * Everything a page changes is given to one `Transaction.write` inside one `Store.transaction`: it is all there after the
 * commit, or nothing is. Write transactions run one after the other. The work inside one does no I/O but the store's own.
 */

import type { ActivityId, DeliveryId, ItemKey, ListingId, Place, ReaderName, SystemId } from "../contract/words.ts";
import type {
  Changes,
  CollectionRecord,
  DeliveryRecord,
  DeliveryState,
  EvidenceKey,
  EvidenceRecord,
  HubRequest,
  Item,
  ItemHeader,
  ObjectRecord,
  Presence,
  QuarantineRecord,
  RequestRecord,
  RouteRecord,
  RowNo,
  StoredEntry,
  SystemRecord,
  Tick,
} from "./records.ts";

export type * from "./records.ts";

/** The inside of a write transaction: sees its own writes; nothing stays of it if the work throws. */
export interface Transaction {
  /** The next tick. */
  tick(): Tick;
  /** A row number never given before. */
  mint(what: "item" | "object"): RowNo;
  /** The record of a system; undefined before its first discovery. */
  system(id: SystemId): Promise<SystemRecord | undefined>;
  /** The record of a collection. */
  collection(place: Place): Promise<CollectionRecord | undefined>;
  /** Every collection ever discovered, in the order they were found. */
  collections(system: SystemId): Promise<readonly CollectionRecord[]>;
  /** The records of these places; places that are not known are left out. */
  collectionsAt(places: readonly Place[]): Promise<readonly CollectionRecord[]>;
  /** Items of these keys, whatever their state; keys that are not known are left out. */
  items(place: Place, keys: readonly ItemKey[]): Promise<readonly Item[]>;
  /** Every item of these objects, whatever its state. */
  itemsOf(objects: readonly RowNo[]): Promise<readonly Item[]>;
  /** The same as {@link items} without what they show. */
  itemHeaders(place: Place, keys: readonly ItemKey[]): Promise<readonly ItemHeader[]>;
  /** The same as {@link itemsOf} without what they show. */
  itemHeadersOf(objects: readonly RowNo[]): Promise<readonly ItemHeader[]>;
  /** Objects by row number; unknown ones are left out. */
  objects(ns: readonly RowNo[]): Promise<readonly ObjectRecord[]>;
  /** Identity and content evidence of these keys: at most one object each. */
  strong(keys: readonly EvidenceKey[]): Promise<readonly EvidenceRecord[]>;
  /** Hints of these keys: any number of objects each, lowest row first. */
  hints(keys: readonly EvidenceKey[]): Promise<readonly EvidenceRecord[]>;
  /** Objects that later evidence says are one with any of these (`Changes.links`), in either order; each once, never these themselves. */
  linked(ns: readonly RowNo[]): Promise<readonly RowNo[]>;
  /** Conversations booked under names of things not seen yet. */
  threads(keys: readonly EvidenceKey[]): Promise<readonly (EvidenceKey & { readonly thread: RowNo })[]>;
  /** What a listing showed: how many items of this place are here or missing, how many of them bear its stamp, and those here, missing or out that lack it. */
  listed(
    place: Place,
    stamp: ListingId,
  ): Promise<{ readonly present: number; readonly stamped: number; readonly unstamped: readonly Item[] }>;
  /** True if no item of this place is here or missing. */
  isEmpty(place: Place): Promise<boolean>;
  /** Items here or missing at this place. */
  presentItems(place: Place): Promise<readonly Item[]>;
  /** True if this item is still about this object, and here or out: seen there, or no longer looked at. */
  isPresent(item: RowNo, object: RowNo): Promise<boolean>;
  /** Keys of what we made at this place and is not gone, but for one object's: of thousands, so no more than their keys. */
  renderingKeys(place: Place, without: RowNo): Promise<readonly ItemKey[]>;
  /** Missing items of a system, oldest mark first. */
  missing(system: SystemId): Promise<readonly Item[]>;
  /** Items of a place whose view another mapping made, at most `limit`. */
  stale(place: Place, mapping: number, limit: number): Promise<readonly Item[]>;
  /** What could not be read at this place. */
  quarantined(place: Place): Promise<readonly QuarantineRecord[]>;
  /** A delivery by id. */
  delivery(id: DeliveryId): Promise<DeliveryRecord | undefined>;
  /** Every delivery of this object to this target, lowest `seq` first. */
  deliveriesOf(object: RowNo, target: Place): Promise<readonly DeliveryRecord[]>;
  /** Deliveries into this system that may have been performed: `sending` and `unknown`. */
  openDeliveries(system: SystemId): Promise<readonly DeliveryRecord[]>;
  /**
   * Items in these states of the conversation that this object began, but for those of one object, the one known longest first.
   * @param there  a collection, or a whole system (`mail/`)
   */
  inThread(
    thread: RowNo,
    there: Place,
    only: { readonly without: RowNo; readonly states: readonly Presence[]; readonly limit: number },
  ): Promise<readonly Item[]>;
  /** How far in the log a route has got; undefined for a new one. */
  route(id: string): Promise<number | undefined>;
  /** Entries above `after`, in order, also those of this transaction. */
  entries(after: number, limit: number): Promise<readonly StoredEntry[]>;
  /** The highest `seq`; 0 for an empty log. */
  lastSeq(): Promise<number>;
  /** Books all of it. May be called more than once; later records of the same key win. */
  write(changes: Changes): Promise<void>;
}

/** Durable state of one hub. */
export interface Store extends AsyncDisposable {
  /** This store's own UUID, minted when it was made. */
  readonly id: string;
  /** Runs the work alone; commits if it resolves, rolls back if it rejects, and passes its outcome on. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Entries with `seq` above `after`, in order, at most `limit`; committed ones only, without gaps. */
  entries(after: number, limit: number): Promise<readonly StoredEntry[]>;
  /** The highest committed `seq`; 0 for an empty log. */
  lastSeq(): Promise<number>;
  /** Resolves when there may be entries above `after`, also from another process; rejects with the signal's reason. */
  changed(after: number, signal: AbortSignal): Promise<void>;
  /** A reader's place; 0 for a new one. */
  place(reader: ReaderName): Promise<number>;
  /** Moves a reader's place forward; never back. */
  moveTo(reader: ReaderName, seq: number): Promise<void>;
  /** Every reader that has ever moved, by name. */
  readers(): Promise<readonly { readonly name: ReaderName; readonly seq: number }[]>;
  /** Every system that was ever asked, by id. */
  systems(): Promise<readonly SystemRecord[]>;
  /** Collections of one system or of all, in the order they were found. */
  collections(system?: SystemId): Promise<readonly CollectionRecord[]>;
  /** Items that stand, open marks, quarantined keys and the log's entries of a system; these also by the first of their places. */
  counts(system: SystemId): Promise<{
    readonly items: number;
    readonly missing: number;
    readonly quarantined: number;
    readonly told: number;
    readonly toldAt: readonly { readonly place: Place; readonly told: number }[];
  }>;
  /** What could not be read, by place and key. */
  quarantine(system?: SystemId): Promise<readonly QuarantineRecord[]>;
  /** Deliveries by state, target and entry, lowest `seq` first; at most `limit`, default 1,000. */
  deliveries(filter: {
    readonly states?: readonly DeliveryState[];
    readonly target?: Place;
    readonly seq?: number;
    /** Only those that bear an obstacle. */
    readonly obstructed?: true;
    readonly limit?: number;
  }): Promise<readonly DeliveryRecord[]>;
  /**
   * The first open delivery of every lane, where that is due by `now`, not being sent, and its target is none of `without`;
   * lowest `seq` first, at most `limit`.
   */
  heads(due: {
    readonly now: number;
    readonly without: readonly Place[];
    readonly limit: number;
  }): Promise<readonly DeliveryRecord[]>;
  /** The first open delivery of this lane, whenever it is due; also one that is being sent. */
  headOf(lane: string): Promise<DeliveryRecord | undefined>;
  /** For each target with open deliveries, when the first of them that heads a lane is due, ms. */
  dueTimes(): Promise<readonly { readonly target: Place; readonly next: number }[]>;
  /** How many deliveries stand in each state. */
  deliveryCounts(): Promise<Readonly<Partial<Record<DeliveryState, number>>>>;
  /** The object of this UUID and its items. */
  object(uuid: string): Promise<{ readonly record: ObjectRecord; readonly items: readonly Item[] } | undefined>;
  /** The entry of this activity, or every entry of this object, in order; empty where there is none. */
  find(what: { readonly activity: ActivityId } | { readonly object: RowNo }): Promise<readonly StoredEntry[]>;
  /** Every route that ever had a place, by id. */
  routes(): Promise<readonly RouteRecord[]>;
  /**
   * Puts another document in the place of each of these entries; the rest of them stays. When it resolves, no file of the
   * store holds the old ones any more: not in free pages, not in what was to be written. Fails: `store`.
   */
  erase(entries: readonly { readonly seq: number; readonly activity: string }[]): Promise<void>;
  /**
   * Removes the entries up to `upTo`, but never the newest, and their deliveries, as thoroughly as `erase` does. Numbers are
   * never given again. Resolves with how many entries went.
   */
  prune(upTo: number): Promise<number>;
  /**
   * Writes a whole, usable copy to a path that must not exist yet, readable for its owner alone; works beside a running hub,
   * which goes on meanwhile. Fails: `store`; nothing is left of a copy that failed.
   */
  backup(path: string): Promise<void>;
  /** Asks the hub that runs on this store, `at` ms; resolves with the request's number. */
  ask(request: HubRequest, at: number): Promise<number>;
  /** Requests without an answer, oldest first, as soon as there is one, also of another process; rejects with the signal's reason. */
  asked(signal: AbortSignal): Promise<readonly RequestRecord[]>;
  /** Books the answer to a request; nothing if it was withdrawn. */
  answer(n: number, answer: string): Promise<void>;
  /** The answer to a request; undefined while there is none. */
  answerTo(n: number): Promise<string | undefined>;
  /** Takes a request and its answer away. */
  withdraw(n: number): Promise<void>;
  /** Removes all that is known of a system; its log entries stay. */
  forget(system: SystemId): Promise<void>;
  /** A value of the store's own settings (`base`), set once. */
  setting(name: string, value?: string): Promise<string | undefined>;
  /**
   * The right to sync and deliver on this store, until disposed or the process dies.
   * Fails: `store` naming the holder, if another has it.
   */
  lock(holder: string): Promise<AsyncDisposable>;
}
