/** The inside of a write transaction on SQLite. Lookups go through prepared statements, a page's keys at once. */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { systemOf } from "../../words.ts";
import type {
  Changes,
  CollectionRecord,
  EvidenceKey,
  EvidenceRecord,
  Item,
  RowNo,
  SystemRecord,
  Tick,
  Transaction,
} from "../contract.ts";
import {
  collectionFrom,
  deliveryFrom,
  entryFrom,
  itemFrom,
  itemValues,
  num,
  objectFrom,
  quarantineFrom,
  type Row,
} from "./rows.ts";

/** Counters kept in memory between transactions; the one writer is this process. */
export interface Counters {
  tick: Tick;
  item: RowNo;
  object: RowNo;
}

const itemColumns = `items.n, place, key, object, role, state, view, revision, ord, mapping, text, identity, digested, stamp, seen, mark, marked_at, absent, asked, items.digest`;
const fromItems = `SELECT ${itemColumns} FROM items JOIN collections ON collections.n = items.collection`;

/** Prepared statements by text: prepared once, used for the life of the connection. */
export const preparing = (db: DatabaseSync): ((sql: string) => StatementSync) => {
  const prepared = new Map<string, StatementSync>();
  return (sql) => {
    let statement = prepared.get(sql);
    if (!statement) prepared.set(sql, (statement = db.prepare(sql)));
    return statement;
  };
};

/** A transaction on this connection. The caller has begun it and ends it. */
export const transactionOn = (sql: (text: string) => StatementSync, counters: Counters): Transaction => {
  const all = (text: string, ...values: (string | number | null)[]): Row[] => sql(text).all(...values) as Row[];
  const get = (text: string, ...values: (string | number | null)[]): Row | undefined =>
    sql(text).get(...values) as Row | undefined;
  const run = (text: string, ...values: (string | number | null)[]): void => void sql(text).run(...values);

  const numbers = new Map<string, number>();
  const numberOf = (place: string): number | undefined => {
    const known = numbers.get(place) ?? get("SELECT n FROM collections WHERE place = ?", place)?.n;
    if (known !== undefined) numbers.set(place, num(known as number));
    return known === undefined ? undefined : num(known as number);
  };

  /** One statement for all keys: crossing into SQLite costs more than the search. */
  const lookup = <T>(
    keys: readonly EvidenceKey[],
    table: string,
    column: string,
    make: (key: EvidenceKey, n: number) => T,
  ): T[] => {
    if (keys.length === 0) return [];
    const ids = JSON.stringify([...new Set(keys.map(({ id }) => id))]);
    const rows = all(
      `SELECT id, scope, ${column} AS n FROM ${table} WHERE id IN (SELECT value FROM json_each(?)) ORDER BY ${column}`,
      ids,
    );
    // Most pages are of things never seen before.
    if (rows.length === 0) return [];
    const wanted = new Set(keys.map(({ scope, id }) => `${scope} ${id}`));
    return rows.flatMap((row) => {
      const key = { scope: String(row.scope), id: String(row.id) };
      return wanted.has(`${key.scope} ${key.id}`) ? [make(key, num(row.n))] : [];
    });
  };

  const write = (changes: Changes): void => {
    for (const record of changes.systems ?? [])
      run(
        "INSERT INTO systems (id, record) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET record = excluded.record",
        record.id,
        JSON.stringify(record),
      );
    for (const record of changes.collections ?? []) {
      run(
        "INSERT INTO collections (place, system, record) VALUES (?, ?, ?) ON CONFLICT (place) DO UPDATE SET record = excluded.record",
        record.place,
        systemOf(record.place),
        JSON.stringify(record),
      );
    }
    // Never REPLACE: a second row for a known key is a fault, and must fail on the unique index.
    const putItem = sql(
      `INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (n) DO UPDATE SET
       object = excluded.object, role = excluded.role, state = excluded.state, view = excluded.view, revision = excluded.revision, ord = excluded.ord,
       mapping = excluded.mapping, text = excluded.text, identity = excluded.identity, digested = excluded.digested, stamp = excluded.stamp,
       seen = excluded.seen, mark = excluded.mark, marked_at = excluded.marked_at, absent = excluded.absent, asked = excluded.asked, digest = excluded.digest`,
    );
    for (const item of changes.items ?? []) {
      const collection = numberOf(item.place);
      if (collection === undefined) throw new Error(`no collection ${item.place} for an item`);
      putItem.run(...itemValues(item, collection));
    }
    for (const { n, stamp, seen } of changes.stamps ?? [])
      run("UPDATE items SET stamp = coalesce(?, stamp), seen = ? WHERE n = ?", stamp ?? null, seen, n);
    const putObject = sql(
      "INSERT INTO objects (n, uuid, type, version, thread, memory) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (n) DO UPDATE SET version = excluded.version, memory = excluded.memory",
    );
    for (const { n, uuid, type, version, thread, memory } of changes.objects ?? [])
      putObject.run(n, uuid, type, version, thread, memory ? JSON.stringify(memory) : null);
    const putStrong = sql("INSERT OR IGNORE INTO evidence (scope, id, object) VALUES (?, ?, ?)");
    const putHint = sql("INSERT OR IGNORE INTO hints (scope, id, object) VALUES (?, ?, ?)");
    for (const { scope, id, object, strong } of changes.evidence ?? []) (strong ? putStrong : putHint).run(scope, id, object);
    for (const { scope, id, thread } of changes.threads ?? [])
      run("INSERT OR IGNORE INTO threads (scope, id, thread) VALUES (?, ?, ?)", scope, id, thread);
    for (const { a, b } of changes.links ?? []) run("INSERT OR IGNORE INTO links (a, b) VALUES (?, ?)", a, b);
    for (const { place, key } of changes.released ?? []) run("DELETE FROM quarantine WHERE place = ? AND key = ?", place, key);
    for (const row of changes.quarantine ?? []) {
      run(
        `INSERT INTO quarantine (place, key, revision, reason, part, since, tries, mapping, stamp) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (place, key) DO UPDATE SET revision = excluded.revision, reason = excluded.reason, part = excluded.part, tries = excluded.tries, mapping = excluded.mapping, stamp = excluded.stamp`,
        row.place,
        row.key,
        row.revision,
        row.reason,
        row.part ?? null,
        row.since,
        row.tries,
        row.mapping,
        row.stamp ?? null,
      );
    }
    for (const entry of changes.entries ?? []) {
      run(
        "INSERT INTO entries (id, object, type, facet, places, thread, cause, activity, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        entry.id,
        entry.object,
        entry.type,
        entry.facet,
        JSON.stringify(entry.places),
        entry.thread,
        entry.cause ?? null,
        entry.activity,
        entry.at,
      );
    }
    for (const delivery of changes.deliveries ?? []) {
      const { id, target, seq, object, lane, state, verb, attempt, next, reason, obstacle, digest, losses, created, changed } =
        delivery;
      run(
        `INSERT INTO deliveries (id, target, seq, object, lane, state, verb, attempt, next, reason, obstacle, digest, losses, created, changed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET state = excluded.state, verb = excluded.verb, attempt = excluded.attempt, next = excluded.next, reason = excluded.reason, obstacle = excluded.obstacle, digest = excluded.digest, losses = excluded.losses, changed = excluded.changed`,
        id,
        target,
        seq,
        object,
        lane,
        state,
        verb,
        attempt,
        next,
        reason ?? null,
        obstacle ?? null,
        digest ?? null,
        losses?.length ? JSON.stringify(losses) : null,
        created,
        changed,
      );
    }
    for (const { id, seq } of changes.routes ?? [])
      run("INSERT INTO routes (id, seq, began) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET seq = excluded.seq", id, seq, seq);
  };

  return {
    tick: () => ++counters.tick,
    mint: (what) => ++counters[what],
    system: async (id) => {
      const row = get("SELECT record FROM systems WHERE id = ?", id);
      return row && (JSON.parse(String(row.record)) as SystemRecord);
    },
    collection: async (place): Promise<CollectionRecord | undefined> => {
      const row = get("SELECT record FROM collections WHERE place = ?", place);
      return row && collectionFrom(row);
    },
    collections: async (system) => all("SELECT record FROM collections WHERE system = ? ORDER BY n", system).map(collectionFrom),
    collectionsAt: async (places) =>
      places.length === 0
        ? []
        : all("SELECT record FROM collections WHERE place IN (SELECT value FROM json_each(?))", JSON.stringify(places)).map(
            collectionFrom,
          ),
    items: async (place, keys) => {
      const collection = numberOf(place);
      if (collection === undefined || keys.length === 0) return [];
      return all(
        `${fromItems} WHERE items.collection = ? AND key IN (SELECT value FROM json_each(?))`,
        collection,
        JSON.stringify(keys),
      ).map(itemFrom);
    },
    itemsOf: async (ns) =>
      ns.length === 0
        ? []
        : all(`${fromItems} WHERE object IN (SELECT value FROM json_each(?)) ORDER BY items.n`, JSON.stringify(ns)).map(itemFrom),
    objects: async (ns) =>
      ns.length === 0
        ? []
        : all("SELECT * FROM objects WHERE n IN (SELECT value FROM json_each(?))", JSON.stringify(ns)).map(objectFrom),
    strong: async (keys): Promise<EvidenceRecord[]> =>
      lookup(keys, "evidence", "object", (key, object) => ({ ...key, strong: true, object })),
    hints: async (keys): Promise<EvidenceRecord[]> =>
      lookup(keys, "hints", "object", (key, object) => ({ ...key, strong: false, object })),
    linked: async (ns) => {
      if (ns.length === 0) return [];
      const asked = JSON.stringify(ns);
      const rows = all(
        "SELECT b AS n FROM links WHERE a IN (SELECT value FROM json_each(?)) UNION SELECT a FROM links WHERE b IN (SELECT value FROM json_each(?))",
        asked,
        asked,
      );
      return rows.map(({ n }) => num(n)).filter((n) => !ns.includes(n));
    },
    threads: async (keys) => lookup(keys, "threads", "thread", (key, thread) => ({ ...key, thread })),
    unstamped: async (place, stamp): Promise<Item[]> =>
      all(`${fromItems} WHERE items.collection = ? AND state < 3 AND stamp IS NOT ?`, numberOf(place) ?? 0, stamp).map(itemFrom),
    count: async (place, stamp) => {
      const row = get(
        "SELECT count(*) AS standing, coalesce(sum(stamp IS ?), 0) AS stamped FROM items WHERE collection = ? AND state < 2",
        stamp ?? null,
        numberOf(place) ?? 0,
      );
      return { standing: num(row?.standing), stamped: stamp === undefined ? 0 : num(row?.stamped) };
    },
    standing: async (place) => all(`${fromItems} WHERE items.collection = ? AND state < 3`, numberOf(place) ?? 0).map(itemFrom),
    missing: async (system) =>
      all(
        `${fromItems} WHERE state = 1 AND items.collection IN (SELECT n FROM collections WHERE system = ?) ORDER BY mark, items.n`,
        system,
      ).map(itemFrom),
    stale: async (place, mapping, limit) =>
      all(
        `${fromItems} WHERE items.collection = ? AND state < 3 AND mapping <> ? LIMIT ?`,
        numberOf(place) ?? 0,
        mapping,
        limit,
      ).map(itemFrom),
    quarantined: async (place) => all("SELECT * FROM quarantine WHERE place = ?", place).map(quarantineFrom),
    delivery: async (id) => {
      const row = get("SELECT * FROM deliveries WHERE id = ?", id);
      return row && deliveryFrom(row);
    },
    deliveriesOf: async (object, target) =>
      all("SELECT * FROM deliveries WHERE object = ? AND target = ? ORDER BY seq", object, target).map(deliveryFrom),
    openAt: async (system) =>
      all(
        "SELECT * FROM deliveries WHERE state IN ('sending', 'unknown') AND substr(target, 1, ?) = ? ORDER BY seq",
        system.length + 1,
        `${system}/`,
      ).map(deliveryFrom),
    inThread: async (thread, system) =>
      all(
        `${fromItems} WHERE object IN (SELECT ? UNION SELECT n FROM objects WHERE thread = ? AND thread <> n) AND items.collection IN (SELECT n FROM collections WHERE system = ?) ORDER BY items.n`,
        thread,
        thread,
        system,
      ).map(itemFrom),
    route: async (id) => {
      const row = get("SELECT seq FROM routes WHERE id = ?", id);
      return row && num(row.seq);
    },
    entries: async (after, limit) => all("SELECT * FROM entries WHERE seq > ? ORDER BY seq LIMIT ?", after, limit).map(entryFrom),
    lastSeq: async () => num(get("SELECT coalesce(max(seq), 0) AS seq FROM entries")?.seq),
    write: async (changes) => write(changes),
  };
};
