/** The log of every store: numbered in commit order, followed without a gap. */

import { strict as assert } from "node:assert";
import { entry } from "./records.ts";
import { type StoreCheck, write } from "./stage.ts";

export const loggingChecks: readonly StoreCheck[] = [
  {
    name: "numbers the log in commit order, without gaps, however many write at once",
    run: async ({ store }) => {
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
      assert.deepEqual(
        entries.map(({ id }) => id.slice(6)),
        done,
      );
      assert.deepEqual(
        entries.map(({ seq }) => seq),
        entries.map((_, index) => index + 1),
      );
    },
  },

  {
    name: "50 followers miss nothing and get nothing twice, wherever they begin",
    run: async ({ store }) => {
      const commits = [3, 1, 5, 2, 4, 1, 5, 5, 2, 1];
      const total = commits.reduce((sum, count) => sum + count, 0);
      const ended = new AbortController();
      const follow = async (after: number): Promise<number[]> => {
        const seen: number[] = [];
        let at = after;
        while (at < total) {
          await store.changed(at, ended.signal);
          const entries = await store.entries(at, 3);
          assert((entries.at(-1)?.seq ?? 0) > at, `changed resolved, and entries gives nothing above ${at}`);
          for (const { seq } of entries) {
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
        assert.deepEqual(
          seen,
          Array.from({ length: total - (i % total) }, (_, k) => (i % total) + k + 1),
        );
    },
  },
  {
    name: "changed: at once where there is more; ends with the signal's reason",
    run: async ({ store }) => {
      await write(store, { entries: [entry("1")] });
      await store.changed(0, new AbortController().signal);
      const abort = new AbortController();
      const waiting = store.changed(1, abort.signal);
      abort.abort(new Error("enough"));
      await assert.rejects(waiting);
      await assert.rejects(store.changed(1, AbortSignal.abort(new Error("before"))));
    },
  },

  {
    name: "changed: hears of another opening's entries",
    run: async ({ store, again }) => {
      const other = again ? await again() : store;
      const waiting = store.changed(0, AbortSignal.timeout(5_000));
      await write(other, { entries: [entry("1")] });
      await waiting;
      assert.equal(await store.lastSeq(), 1);
      if (again) await other[Symbol.asyncDispose]();
    },
  },

  {
    name: "moves a reader forward, never back",
    run: async ({ store }) => {
      assert.equal(await store.place("crm"), 0);
      for (const seq of [3, 7, 5]) await store.moveTo("crm", seq);
      assert.equal(await store.place("crm"), 7);
      assert.deepEqual(await store.readers(), [{ name: "crm", seq: 7 }]);
    },
  },
];
