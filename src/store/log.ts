/** The part of the store's contract for the log: entries in commit order, who reads them and how far, and how far routes have got. */

import type { ActivityId, ReaderName } from "../contract/words.ts";
import type { RouteRecord, RowNo, StoredEntry } from "./records.ts";

/** Inside a transaction: the log: entries in commit order, who reads them and how far, and how far routes have got. */
export interface LogTransaction {
  /** Entries above `after`, in order, also those of this transaction. */
  entries(after: number, limit: number): Promise<readonly StoredEntry[]>;
  /** The highest `seq`; 0 for an empty log. */
  lastSeq(): Promise<number>;
  /** How far in the log a route has got; undefined for a new one. */
  route(id: string): Promise<number | undefined>;
}

/** The log: entries in commit order, who reads them and how far, and how far routes have got. */
export interface LogStore {
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
  /** The entry of this activity, or every entry of this object, in order; empty where there is none. */
  find(what: { readonly activity: ActivityId } | { readonly object: RowNo }): Promise<readonly StoredEntry[]>;
  /** Every route that ever had a place, by id. */
  routes(): Promise<readonly RouteRecord[]>;
}
