/** Which entries may go: nobody has them still to read, unless that is wanted by name. */

import { openStates } from "../observe/deliveries.ts";
import type { StoredEntry } from "../store/contract.ts";
import type { AdminContext } from "./index.ts";

/** What a prune did. */
export interface Pruned {
  /** Entries that went. */
  readonly removed: number;
  /** The number of the first entry that is still there; 0 in an empty log. */
  readonly first: number;
  /**
   * Who keeps older entries than asked for, slowest first: readers and routes by name that were not given in `past`, and how many
   * entries lie before them.
   */
  readonly held: readonly { readonly by: "reader" | "route" | "delivery"; readonly name: string; readonly entries: number }[];
}

/** One that has got as far as `seq`. */
interface Follower {
  readonly by: Pruned["held"][number]["by"];
  readonly name: string;
  readonly seq: number;
}

/** How far may be pruned, and who stands in the way of the rest. Pure. */
const reach = (
  wanted: number,
  followers: readonly Follower[],
  past: readonly string[],
): { readonly upTo: number; readonly held: Pruned["held"] } => {
  const slow = followers
    .filter(({ name, seq, by }) => seq < wanted && (by === "delivery" || !past.includes(name)))
    .sort((a, b) => a.seq - b.seq);
  return {
    upTo: Math.min(wanted, ...slow.map(({ seq }) => seq)),
    held: slow.map(({ by, name, seq }) => ({ by, name, entries: wanted - seq })),
  };
};

/** Entries read in one go. */
const atOnce = 1_000;

/** The last of the entries at the log's beginning that are older. */
const olderUpTo = async ({ store }: AdminContext, before: number): Promise<number> => {
  let upTo = 0;
  for (;;) {
    const entries: readonly StoredEntry[] = await store.entries(upTo, atOnce);
    for (const { seq, at } of entries) {
      if (at >= before) return upTo;
      upTo = seq;
    }
    if (entries.length === 0) return upTo;
  }
};

export const prune = async (context: AdminContext, before: number, past: readonly string[]): Promise<Pruned> => {
  const { store } = context;
  const wanted = Math.min(await olderUpTo(context, before), (await store.lastSeq()) - 1);
  const [open] = await store.deliveries({ states: openStates, limit: 1 });
  const followers: readonly Follower[] = [
    ...(await store.readers()).map(({ name, seq }) => ({ by: "reader" as const, name, seq })),
    ...(await store.routes()).map(({ id, seq }) => ({ by: "route" as const, name: id, seq })),
    // The entry of an open delivery is still to be sent.
    ...(open ? [{ by: "delivery" as const, name: open.id, seq: open.seq - 1 }] : []),
  ];
  const { upTo, held } = reach(wanted, followers, past);
  const removed = upTo > 0 ? await store.prune(upTo) : 0;
  const [first] = await store.entries(0, 1);
  return { removed, first: first?.seq ?? 0, held };
};
