/** The part of the store's contract for reading: what one page needs to know before it is decided. */

import type { ItemKey, ListingId, Place, SystemId } from "../contract/words.ts";
import type {
  CollectionRecord,
  EvidenceKey,
  EvidenceRecord,
  Item,
  ItemHeader,
  ObjectRecord,
  QuarantineRecord,
  RowNo,
  SystemRecord,
} from "./records.ts";

/** Inside a transaction: reading: what one page needs to know before it is decided. */
export interface PageTransaction {
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
  /** Missing items of a system, oldest mark first. */
  missing(system: SystemId): Promise<readonly Item[]>;
  /** Items of a place whose view another mapping made, at most `limit`. */
  stale(place: Place, mapping: number, limit: number): Promise<readonly Item[]>;
  /** What could not be read at this place. */
  quarantined(place: Place): Promise<readonly QuarantineRecord[]>;
  /** A row number never given before. */
  mint(what: "item" | "object"): RowNo;
}

/** Reading: what one page needs to know before it is decided. */
export interface PageStore {
  /** Every system that was ever asked, by id. */
  systems(): Promise<readonly SystemRecord[]>;
  /** Collections of one system or of all, in the order they were found. */
  collections(system?: SystemId): Promise<readonly CollectionRecord[]>;
  /** The object of this UUID and its items. */
  object(uuid: string): Promise<{ readonly record: ObjectRecord; readonly items: readonly Item[] } | undefined>;
}
