/** Looking after a store: what is erased and pruned leaves no trace, copies are whole, another process is heard. */

import { closeSync, openSync, rmSync } from "node:fs";
import type { StatementSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { GroupstreamError } from "../../contract/errors.ts";
import type { RequestRecord, Store } from "../contract.ts";
import { entryFrom, num, type Row } from "./rows.ts";

/** How often another process's commits are looked for, ms; this process's are known at once. */
export const pollEvery = 100;

/** Entries removed in one transaction: others write between two of them. */
const prunedAtOnce = 2_000;

/** How long another process may read from before an erasure, ms: until then the old text is in the write-ahead log. */
const readersMayTake = 60_000;

/** What it needs of the store it belongs to. */
export interface StoreAdminContext {
  readonly sql: (text: string) => StatementSync;
  readonly all: (text: string, ...values: (string | number | null)[]) => Row[];
  readonly reading: <T>(work: () => T) => Promise<T>;
  readonly transaction: Store["transaction"];
  /** Runs while no transaction does. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>;
  readonly path: string;
  readonly memory: boolean;
}

type StoreAdmin = Pick<
  Store,
  "find" | "routes" | "erase" | "prune" | "backup" | "ask" | "asked" | "answer" | "answerTo" | "withdraw"
>;

/** In a thread: a copy of a large store takes long, and its hub goes on meanwhile. */
const copying = `
const { workerData } = require("node:worker_threads");
const { DatabaseSync } = require("node:sqlite");
const db = new DatabaseSync(workerData.from, { readOnly: true, timeout: 10000 });
try { db.prepare("VACUUM INTO ?").run(workerData.to); } finally { db.close(); }`;

const copied = (from: string, to: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(copying, { eval: true, workerData: { from, to } });
    worker.once("error", reject);
    worker.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`the copying thread ended with ${code}`))));
  });

export const storeAdmin = ({ sql, all, reading, transaction, alone, path, memory }: StoreAdminContext): StoreAdmin => {
  /**
   * `secure_delete` has overwritten the freed bytes, but so far only in the write-ahead log, which also holds the pages as
   * they were before: it is carried over and cut to nothing.
   */
  const scrub = async (): Promise<void> => {
    if (memory) return;
    for (const end = Date.now() + readersMayTake; ; await sleep(pollEvery)) {
      const busy = await alone(async () => {
        sql("PRAGMA busy_timeout = 0").get();
        try {
          return num((sql("PRAGMA wal_checkpoint(TRUNCATE)").get() as Row).busy) !== 0;
        } finally {
          sql("PRAGMA busy_timeout = 10000").get();
        }
      });
      if (!busy) return;
      if (Date.now() > end)
        throw new GroupstreamError(
          "store",
          `${path}: another process reads this store all the time, so erased text is still in ${path}-wal; end that process and ask for it again`,
        );
    }
  };

  return {
    find: (what) =>
      reading(() =>
        ("activity" in what
          ? all("SELECT * FROM entries WHERE id = ?", what.activity)
          : all("SELECT * FROM entries WHERE object = ? ORDER BY seq", what.object)
        ).map(entryFrom),
      ),
    routes: () =>
      reading(() =>
        all("SELECT * FROM routes ORDER BY id").map((row) => ({
          id: String(row.id),
          seq: num(row.seq),
          ...(row.began !== null && { began: num(row.began) }),
        })),
      ),
    erase: async (entries) => {
      await transaction(async () => {
        for (const { seq, activity } of entries) sql("UPDATE entries SET activity = ? WHERE seq = ?").run(activity, seq);
      });
      await scrub();
    },
    prune: async (upTo) => {
      let removed = 0;
      for (;;) {
        const gone = await transaction(async () => {
          const { changes } = sql(
            "DELETE FROM entries WHERE seq IN (SELECT seq FROM entries WHERE seq <= ? AND seq < (SELECT max(seq) FROM entries) ORDER BY seq LIMIT ?)",
          ).run(upTo, prunedAtOnce);
          sql("DELETE FROM deliveries WHERE seq <= ? AND seq < (SELECT min(seq) FROM entries)").run(upTo);
          return Number(changes);
        });
        removed += gone;
        if (gone < prunedAtOnce) break;
        // What else this process does gets its turn.
        await sleep(0);
      }
      if (removed > 0) await scrub();
      return removed;
    },
    backup: async (to) => {
      const failed = (cause: unknown): GroupstreamError =>
        new GroupstreamError(
          "store",
          `${to} cannot be written as a copy of ${path}: ${cause instanceof Error ? cause.message : String(cause)}; name a file that does not exist yet, on a disk with room`,
          { cause },
        );
      try {
        // It will hold people's mail: for its owner alone. SQLite takes an empty file for a new one.
        closeSync(openSync(to, "wx", 0o600));
      } catch (cause) {
        throw failed(cause);
      }
      try {
        if (memory) await alone(async () => void sql("VACUUM INTO ?").run(to));
        else await copied(path, to);
      } catch (cause) {
        rmSync(to, { force: true });
        throw failed(cause);
      }
    },
    ask: (request, at) =>
      transaction(async () =>
        num(Number(sql("INSERT INTO requests (request, asked) VALUES (?, ?)").run(JSON.stringify(request), at).lastInsertRowid)),
      ),
    asked: async (signal) => {
      for (;;) {
        signal.throwIfAborted();
        const rows = await reading(() => all("SELECT n, request FROM requests WHERE answer IS NULL ORDER BY n"));
        if (rows.length > 0)
          return rows.map(({ n, request }) => ({ n: num(n), request: JSON.parse(String(request)) as RequestRecord["request"] }));
        await sleep(pollEvery, undefined, { signal }).catch(() => undefined);
      }
    },
    answer: (n, answer) => transaction(async () => void sql("UPDATE requests SET answer = ? WHERE n = ?").run(answer, n)),
    answerTo: (n) =>
      reading(() => {
        const [row] = all("SELECT answer FROM requests WHERE n = ?", n);
        return row === undefined || row.answer === null ? undefined : String(row.answer);
      }),
    withdraw: (n) => transaction(async () => void sql("DELETE FROM requests WHERE n = ?").run(n)),
  };
};
