/** The embedded store: one SQLite file through Node's own `node:sqlite`, WAL; nothing to install. */

import { closeSync, existsSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { GroupstreamError, isGroupstreamError } from "../../contract/errors.ts";
import type { DeliveryState, Item, Store, SystemRecord } from "../contract.ts";
import { pollEvery, storeAdmin } from "./admin.ts";
import { changeSignal } from "./change-signal.ts";
import { lockFile } from "./lock.ts";
import { recordCache } from "./record-cache.ts";
import { collectionRecordOf, deliveryFrom, entryFrom, itemFrom, num, objectFrom, quarantineFrom, type Row } from "./rows.ts";
import { countersOf, migrate, refuseForeign } from "./schema.ts";
import { fromItems, preparing, transactionOn } from "./transaction.ts";

/**
 * Pages of the write-ahead log before it is worked into the file: 16 MiB. With SQLite's own 4 MiB a first pass rewrites the same
 * index pages at nearly every commit, which takes a third longer.
 */
const checkpointAt = 4_000;

/** Options of the embedded store. */
export interface SqliteOptions {
  /** `full`: every commit survives a power cut. Default `normal`: survives a killed process; a power cut may undo the last commits, never half of one. */
  readonly synchronous?: "normal" | "full";
}

/**
 * Opens or makes the store at this path; `:memory:` for one that ends with the process.
 * Fails: `store` if it is of a newer version (untouched), no store, or cannot be opened.
 */
export const sqliteStore = async (path: string, { synchronous = "normal" }: SqliteOptions = {}): Promise<Store> => {
  if (typeof path !== "string" || path === "")
    throw new GroupstreamError("misconfigured", 'a store needs a path, such as ./groupstream.db, or ":memory:"');
  const memory = path === ":memory:";
  try {
    if (!memory && existsSync(path)) refuseForeign(path);
    // It will hold people's mail: for its owner alone, as SQLite then makes the files beside it.
    if (!memory) closeSync(openSync(path, "a", 0o600));
    const db = new DatabaseSync(path, { timeout: 10_000 });
    db.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous === "full" ? "FULL" : "NORMAL"}; PRAGMA secure_delete = ON; PRAGMA cache_size = -32000; PRAGMA wal_autocheckpoint = ${checkpointAt}`,
    );
    migrate(db);
    return storeOn(db, memory ? db : new DatabaseSync(path, { timeout: 10_000 }), path, memory);
  } catch (cause) {
    if (isGroupstreamError(cause)) throw cause;
    throw new GroupstreamError(
      "store",
      `${path} cannot be opened as a store: ${cause instanceof Error ? cause.message : String(cause)}; check the path, its permissions and the disk`,
      { cause },
    );
  }
};

/** SQLite takes the other columns from the row that holds the minimum. */
const laneHeads = "SELECT *, min(seq) FROM deliveries WHERE state IN ('pending', 'retrying', 'unknown', 'sending') GROUP BY lane";

const storeOn = (db: DatabaseSync, readDb: DatabaseSync, path: string, memory: boolean): Store => {
  const sql = preparing(db);
  const readSql = memory ? sql : preparing(readDb);
  const counters = countersOf(db);
  const kept = recordCache(sql);
  const id = String((db.prepare("SELECT value FROM meta WHERE name = 'id'").get() as Row).value);
  const locks = new Set<string>();
  let tail: Promise<unknown> = Promise.resolve();

  /** One after the other; a failed one holds up nobody. */
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = tail.then(work, work);
    tail = turn.catch(() => undefined);
    return turn;
  };

  const transaction: Store["transaction"] = (work) =>
    alone(async () => {
      const before = counters.tick;
      begin();
      try {
        const outcome = await work(transactionOn(sql, counters, kept));
        if (counters.tick !== before)
          sql("INSERT INTO meta (name, value) VALUES ('tick', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value").run(
            String(counters.tick),
          );
        sql("COMMIT").run();
        followers.wake();
        return outcome;
      } catch (error) {
        if (db.isTransaction) sql("ROLLBACK").run();
        kept.forget();
        throw asStoreError(error);
      }
    });

  /** Another process may have written meanwhile (a reader's place, a forgotten system): counters are read again then. */
  let dataVersion = num((db.prepare("PRAGMA data_version").get() as Row).data_version);
  const begin = (): void => {
    sql("BEGIN IMMEDIATE").run();
    const version = num((sql("PRAGMA data_version").get() as Row).data_version);
    if (version !== dataVersion) {
      Object.assign(counters, countersOf(db));
      kept.forget();
    }
    dataVersion = version;
  };

  const asStoreError = (error: unknown): unknown => {
    const code = (error as { code?: string })?.code;
    if (code !== "ERR_SQLITE_ERROR") return error;
    return new GroupstreamError(
      "store",
      `${path}: ${(error as Error).message}; nothing of this step was written, check disk space and permissions`,
      { cause: error },
    );
  };

  /** In memory there is one connection: a read waits for the transaction that is open on it. */
  const reading = async <T>(work: () => T): Promise<T> => (memory ? alone(async () => work()) : work());
  const all = (text: string, ...values: (string | number | null)[]): Row[] => readSql(text).all(...values) as Row[];
  const get = (text: string, ...values: (string | number)[]): Row | undefined => readSql(text).get(...values) as Row | undefined;
  const seqNow = (): number => num(get("SELECT coalesce(max(seq), 0) AS seq FROM entries")?.seq);
  const lastSeq = () => reading(seqNow);
  let known = 0;
  const followers = changeSignal(memory ? undefined : `${path}-wal`, () => readDb.isOpen && known < (known = seqNow()));

  return {
    id,
    transaction,
    lastSeq,
    entries: (after, limit) =>
      reading(() => all("SELECT * FROM entries WHERE seq > ? ORDER BY seq LIMIT ?", after, limit).map(entryFrom)),
    changed: async (after, signal) => {
      while ((await lastSeq()) <= after) {
        const { woken, stop } = followers.next();
        try {
          if ((await lastSeq()) > after) return;
          await Promise.race([woken, sleep(pollEvery, undefined, { signal, ref: true })]);
        } finally {
          stop();
        }
        signal.throwIfAborted();
      }
    },
    place: (reader) => reading(() => num(get("SELECT seq FROM readers WHERE name = ?", reader)?.seq ?? 0)),
    moveTo: (reader, seq) =>
      alone(
        async () =>
          void sql(
            "INSERT INTO readers (name, seq) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET seq = max(seq, excluded.seq)",
          ).run(reader, seq),
      ),
    readers: () =>
      reading(() =>
        all("SELECT name, seq FROM readers ORDER BY name").map((row) => ({ name: String(row.name), seq: num(row.seq) })),
      ),
    systems: () =>
      reading(() => all("SELECT record FROM systems ORDER BY id").map((row) => JSON.parse(String(row.record)) as SystemRecord)),
    collections: (system) =>
      reading(() =>
        (system === undefined
          ? all("SELECT record FROM collections ORDER BY n")
          : all("SELECT record FROM collections WHERE system = ? ORDER BY n", system)
        ).map(collectionRecordOf),
      ),
    counts: (system) =>
      reading(() => {
        const items = get(
          "SELECT count(*) AS items, coalesce(sum(state = 1), 0) AS missing FROM items WHERE state < 3 AND collection IN (SELECT n FROM collections WHERE system = ?)",
          system,
        );
        const prefix = `${system}/`;
        const held = get("SELECT count(*) AS n FROM quarantine WHERE substr(place, 1, ?) = ?", prefix.length, prefix);
        const toldAt = all(
          "SELECT json_extract(places, '$[0]') AS place, count(*) AS n FROM entries WHERE substr(places, 3, ?) = ? GROUP BY 1 ORDER BY 1",
          prefix.length,
          prefix,
        ).map((row) => ({ place: String(row.place), told: num(row.n) }));
        const told = toldAt.reduce((sum, at) => sum + at.told, 0);
        return { items: num(items?.items), missing: num(items?.missing), quarantined: num(held?.n), told, toldAt };
      }),
    quarantine: (system) =>
      reading(() =>
        all("SELECT * FROM quarantine ORDER BY place, key")
          .map(quarantineFrom)
          .filter(({ place }) => system === undefined || place.startsWith(`${system}/`)),
      ),
    deliveries: ({ states, target, seq, obstructed, limit = 1000 }) =>
      reading(() =>
        all(
          "SELECT * FROM deliveries WHERE (? IS NULL OR seq = ?) AND target = coalesce(?, target) AND (? IS NULL OR state IN (SELECT value FROM json_each(?))) AND (? OR obstacle IS NOT NULL) ORDER BY seq, id LIMIT ?",
          seq ?? null,
          seq ?? null,
          target ?? null,
          states ? "" : null,
          JSON.stringify(states ?? []),
          obstructed ? 0 : 1,
          limit,
        ).map(deliveryFrom),
      ),
    heads: ({ now, without, limit }) =>
      reading(() =>
        all(
          `SELECT * FROM (${laneHeads}) WHERE next <= ? AND state <> 'sending' AND target NOT IN (SELECT value FROM json_each(?)) ORDER BY seq LIMIT ?`,
          now,
          JSON.stringify(without),
          limit,
        ).map(deliveryFrom),
      ),
    headOf: (lane) =>
      reading(() => {
        const row = get(
          "SELECT * FROM deliveries WHERE state IN ('pending', 'retrying', 'unknown', 'sending') AND lane = ? ORDER BY seq LIMIT 1",
          lane,
        );
        return row && deliveryFrom(row);
      }),
    dueTimes: () =>
      reading(() =>
        all(`SELECT target, min(next) AS next FROM (${laneHeads}) WHERE state <> 'sending' GROUP BY target`).map((row) => ({
          target: String(row.target),
          next: num(row.next),
        })),
      ),
    deliveryCounts: () =>
      reading(() =>
        Object.fromEntries(
          all("SELECT state, count(*) AS n FROM deliveries GROUP BY state").map((row) => [
            String(row.state) as DeliveryState,
            num(row.n),
          ]),
        ),
      ),
    object: (uuid) =>
      reading(() => {
        const row = get("SELECT * FROM objects WHERE uuid = ?", uuid);
        if (!row) return undefined;
        const items: Item[] = all(`${fromItems} WHERE object = ? ORDER BY items.n`, num(row.n)).map(itemFrom);
        return { record: objectFrom(row), items };
      }),
    forget: (system) =>
      transaction(async () => {
        const prefix = `${system}/`;
        sql(
          "DELETE FROM views WHERE item IN (SELECT n FROM items WHERE collection IN (SELECT n FROM collections WHERE system = ?))",
        ).run(system);
        sql("DELETE FROM items WHERE collection IN (SELECT n FROM collections WHERE system = ?)").run(system);
        sql("DELETE FROM collections WHERE system = ?").run(system);
        sql("DELETE FROM systems WHERE id = ?").run(system);
        kept.forget();
        sql("DELETE FROM quarantine WHERE substr(place, 1, ?) = ?").run(prefix.length, prefix);
        for (const table of ["evidence", "hints", "threads"]) sql(`DELETE FROM ${table} WHERE scope = ?`).run(system);
        sql("DELETE FROM objects WHERE n NOT IN (SELECT object FROM items)").run();
        for (const table of ["evidence", "hints"])
          sql(`DELETE FROM ${table} WHERE object NOT IN (SELECT object FROM items)`).run();
      }),
    setting: (name, value) =>
      alone(async () => {
        if (value !== undefined) sql("INSERT OR IGNORE INTO meta (name, value) VALUES (?, ?)").run(name, value);
        const row = sql("SELECT value FROM meta WHERE name = ?").get(name) as Row | undefined;
        return row && String(row.value);
      }),
    lock: async (holder) => {
      if (memory) {
        const [first] = locks;
        if (first !== undefined)
          throw new GroupstreamError(
            "store",
            `${holder} cannot sync or deliver on this store: ${first} does so already; stop that one first`,
          );
        locks.add(holder);
        return { [Symbol.asyncDispose]: async () => void locks.delete(holder) };
      }
      const first = (): string =>
        String((db.prepare("SELECT value FROM meta WHERE name = 'holder'").get() as Row | undefined)?.value ?? "another process");
      const lock = lockFile(`${path}-lock`, holder, first);
      await alone(
        async () =>
          void db
            .prepare(
              "INSERT INTO meta (name, value) VALUES ('holder', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            )
            .run(holder),
      );
      return lock;
    },
    ...storeAdmin({ sql, all, reading, transaction, alone, path, memory }),
    [Symbol.asyncDispose]: async () => {
      await tail;
      followers.close();
      if (readDb.isOpen) readDb.close();
      if (db.isOpen) db.close();
    },
  };
};
