/**
 * Readers that follow a log: in this process, or in one of their own by `fork`, which says when all of them follow and then, for
 * each entry, when each of them had it. Times are of the machine's monotonic clock, the same in every process, ms.
 */

import type { Hub } from "groupstream";
import { openHub } from "groupstream";

/** When which entry was yielded. */
export interface Yielded {
  readonly seq: number;
  readonly at: number;
}

/** The machine's monotonic clock, ms. */
export const clock = (): number => Number(process.hrtime.bigint()) / 1e6;

/** What a reading process is told. */
export interface ReadersStart {
  readonly store: string;
  readonly readers: number;
  /** Entries after this one are awaited, so many. */
  readonly after: number;
  readonly entries: number;
}

/** Follows with so many readers at once; resolves when each of them had all entries. */
export const follow = async (hub: Hub, { readers, after, entries }: Omit<ReadersStart, "store">): Promise<Yielded[]> => {
  const yielded: Yielded[] = [];
  const one = async (): Promise<void> => {
    let had = 0;
    for await (const { seq } of hub.activities({ after, follow: true })) {
      yielded.push({ seq, at: clock() });
      had += 1;
      if (had === entries) return;
    }
  };
  await Promise.all(Array.from({ length: readers }, one));
  return yielded;
};

if (process.send && import.meta.main) {
  process.once("disconnect", () => process.exit(0));
  process.once("message", async (start: ReadersStart) => {
    await using hub = await openHub({ store: start.store, systems: [] });
    const reading = follow(hub, start);
    process.send?.("following");
    process.send?.(await reading);
  });
}
