/** A transaction as it will be once a page is written: what is told of a page may name what comes with the same page. */

import type { Changes, EvidenceRecord, Transaction } from "../../store/contract.ts";
import { evidenceKey } from "../../store/references.ts";

/** Lookups that see the page's changes before they are written. */
export interface Pending
  extends Pick<Transaction, "hints" | "itemHeaders" | "delivery" | "strong" | "itemsOf" | "objects" | "collectionsAt"> {
  /** Hints of this page alone, by {@link evidenceKey}; in the order they were found. */
  newHints(names: readonly string[]): readonly EvidenceRecord[];
}

/** @param changes  of the page; what it says of collections and deliveries is not looked up */
export const pendingOn = (tx: Transaction, { items = [], objects = [], evidence = [] }: Changes): Pending => ({
  hints: (keys) => tx.hints(keys),
  delivery: (id) => tx.delivery(id),
  collectionsAt: (places) => tx.collectionsAt(places),
  newHints: (names) => {
    const asked = new Set(names);
    return evidence.filter((row) => !row.strong && asked.has(evidenceKey(row)));
  },
  strong: async (keys) => {
    const asked = new Set(keys.map(evidenceKey));
    const known = await tx.strong(keys);
    const names = new Set(known.map(evidenceKey));
    return [...known, ...evidence.filter((row) => row.strong && asked.has(evidenceKey(row)) && !names.has(evidenceKey(row)))];
  },
  itemHeaders: async (place, keys) => {
    const asked = new Set(keys);
    const changed = items.filter((item) => item.place === place && asked.has(item.key));
    const own = new Set(changed.map(({ key }) => key));
    return [...(await tx.itemHeaders(place, keys)).filter(({ key }) => !own.has(key)), ...changed];
  },
  itemsOf: async (ns) => {
    const asked = new Set(ns);
    const changed = new Map(items.map((item) => [item.n, item]));
    const known = (await tx.itemsOf(ns)).filter(({ n }) => !changed.has(n));
    return [...known, ...items.filter(({ object }) => asked.has(object))];
  },
  objects: async (ns) => {
    const asked = new Set(ns);
    const changed = objects.filter(({ n }) => asked.has(n));
    const own = new Set(changed.map(({ n }) => n));
    return [...changed, ...(await tx.objects(ns.filter((n) => !own.has(n))))];
  },
});
