/**
 * Systems and collections as the writing connection knows them: every page and every delivery asks for the same few again. Kept
 * as they were read, renewed as they are written; let go when a transaction fails or another process has written.
 */

import type { StatementSync } from "node:sqlite";
import type { Place, SystemId } from "../../contract/words.ts";
import type { CollectionRecord, RowNo, SystemRecord } from "../contract.ts";
import { num, type Row } from "./rows.ts";

interface Known {
  readonly n: RowNo;
  readonly record: CollectionRecord;
}

/** Small records, read once. */
export interface RecordCache {
  system(id: SystemId): SystemRecord | undefined;
  collection(place: Place): CollectionRecord | undefined;
  /** In the order they were found. */
  collections(system: SystemId): readonly CollectionRecord[];
  /** The number of a collection's row. */
  numberOf(place: Place): RowNo | undefined;
  /** As it has just been written. */
  wrote(changed: { readonly system: SystemRecord } | { readonly collection: CollectionRecord }): void;
  forget(): void;
}

export const recordCache = (sql: (text: string) => StatementSync): RecordCache => {
  const systems = new Map<SystemId, SystemRecord>();
  const collections = new Map<Place, Known>();
  const listed = new Map<SystemId, readonly Place[]>();

  const known = (place: Place): Known | undefined => {
    const found = collections.get(place);
    if (found) return found;
    const row = sql("SELECT n, record FROM collections WHERE place = ?").get(place) as Row | undefined;
    if (!row) return undefined;
    const read: Known = { n: num(row.n), record: JSON.parse(String(row.record)) };
    collections.set(place, read);
    return read;
  };

  return {
    system: (id) => {
      const found = systems.get(id);
      if (found) return found;
      const row = sql("SELECT record FROM systems WHERE id = ?").get(id) as Row | undefined;
      if (!row) return undefined;
      const record = JSON.parse(String(row.record)) as SystemRecord;
      systems.set(id, record);
      return record;
    },
    collection: (place) => known(place)?.record,
    collections: (system) => {
      const rows = (): Place[] =>
        (sql("SELECT place FROM collections WHERE system = ? ORDER BY n").all(system) as Row[]).map(({ place }) => String(place));
      const places = listed.get(system) ?? rows();
      listed.set(system, places);
      return places.flatMap((place) => known(place)?.record ?? []);
    },
    numberOf: (place) => known(place)?.n,
    wrote: (changed) => {
      // As it is read again: what JSON has no word for is gone.
      if ("system" in changed) {
        systems.set(changed.system.id, JSON.parse(JSON.stringify(changed.system)));
        return;
      }
      const { place } = changed.collection;
      const found = collections.get(place);
      if (found) collections.set(place, { n: found.n, record: JSON.parse(JSON.stringify(changed.collection)) });
      else listed.clear();
    },
    forget: () => {
      for (const records of [systems, collections, listed]) records.clear();
    },
  };
};
