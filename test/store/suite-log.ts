/** The log of every store: numbered in commit order, followed without a gap. */

import fc from "fast-check";
import { expect, it } from "vitest";
import type { Changes, Store } from "../../src/store/contract.ts";
import type { Made } from "./suite.ts";
import { entry } from "./suite-records.ts";

const write = (store: Store, changes: Changes) => store.transaction((tx) => tx.write(changes));

export const logTests = (open: () => Promise<Made>): void => {
  it("numbers the log in commit order, without gaps, however many write at once", async () => {
    const { store } = await open();
    const done: string[] = [];
    await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        store
          .transaction(async (tx) => {
            await new Promise((resolve) => setTimeout(resolve, (i * 7) % 5));
            await tx.write({ entries: [entry(`${i}.a`), entry(`${i}.b`)] });
            if (i % 5 === 0) throw new Error("no");
          })
          .then(
            () => void done.push(`${i}.a`, `${i}.b`),
            () => undefined,
          ),
      ),
    );
    const entries = await store.entries(0, 1_000);
    expect(entries.map(({ id }) => id.slice(6))).toEqual(done);
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1));
  });

  it("50 followers miss nothing and get nothing twice, wherever they begin", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 15 }), async (commits) => {
        const { store } = await open();
        const total = commits.reduce((sum, count) => sum + count, 0);
        const ended = new AbortController();
        const follow = async (after: number): Promise<number[]> => {
          const seen: number[] = [];
          let at = after;
          while (at < total) {
            await store.changed(at, ended.signal);
            for (const { seq } of await store.entries(at, 3)) {
              seen.push(seq);
              at = seq;
            }
          }
          return seen;
        };
        const followers = Array.from({ length: 50 }, (_, i) => follow(i % total));
        let id = 0;
        for (const count of commits) await write(store, { entries: Array.from({ length: count }, () => entry(`${(id += 1)}`)) });
        for (const [i, seen] of (await Promise.all(followers)).entries())
          expect(seen).toEqual(Array.from({ length: total - (i % total) }, (_, k) => (i % total) + k + 1));
      }),
      { numRuns: 10 },
    );
  });

  it("changed: at once where there is more; ends with the signal's reason", async () => {
    const { store } = await open();
    await write(store, { entries: [entry("1")] });
    await store.changed(0, new AbortController().signal);
    const abort = new AbortController();
    const waiting = store.changed(1, abort.signal);
    abort.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow();
    await expect(store.changed(1, AbortSignal.abort(new Error("before")))).rejects.toThrow();
  });

  it("changed: hears of another opening's entries", async () => {
    const { store, again } = await open();
    const other = again ? await again() : store;
    const waiting = store.changed(0, AbortSignal.timeout(5_000));
    await write(other, { entries: [entry("1")] });
    await waiting;
    expect(await store.lastSeq()).toBe(1);
    if (again) await other[Symbol.asyncDispose]();
  });

  it("moves a reader forward, never back", async () => {
    const { store } = await open();
    expect(await store.place("crm")).toBe(0);
    for (const seq of [3, 7, 5]) await store.moveTo("crm", seq);
    expect(await store.place("crm")).toBe(7);
    expect(await store.readers()).toEqual([{ name: "crm", seq: 7 }]);
  });
};
