/** The inside of a write transaction on SQLite. Lookups go through prepared statements, a page's keys at once. */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { collectionOf, systemOf } from "../../words.ts";
import type { CollectionRecord, EvidenceKey, EvidenceRecord, RowNo, SystemRecord, Tick, Transaction } from "../contract.ts";
import {
  collectionFrom,
  deliveryFrom,
  entryFrom,
  itemFrom,
  num,
  objectFrom,
  quarantineFrom,
  type Row,
  standingNumber,
} from "./rows.ts";
import { writingOn } from "./writing.ts";

/** Counters kept in memory between transactions; the one writer is this process. */
export interface Counters {
  tick: Tick;
  item: RowNo;
  object: RowNo;
}

const itemColumns = `items.n, place, key, object, role, state, view, revision, ord, mapping, text, identity, digested, stamp, seen, mark, marked_at, absent, asked, items.digest`;
export const fromItems = `SELECT ${itemColumns} FROM items JOIN collections ON collections.n = items.collection LEFT JOIN views ON views.item = items.n`;

/** Prepared statements by text: prepared once, used for the life of the connection. */
export const preparing = (db: DatabaseSync): ((sql: string) => StatementSync) => {
  const prepared = new Map<string, StatementSync>();
  return (sql) => {
    let statement = prepared.get(sql);
    if (!statement) prepared.set(sql, (statement = db.prepare(sql)));
    return statement;
  };
};

/** One of these values: asked plainly where there is one, as there mostly is for a delivery. */
const among = (column: string, values: readonly (string | number)[]): readonly [sql: string, value: string | number] =>
  values.length === 1
    ? [`${column} = ?`, values[0] as string | number]
    : [`${column} IN (SELECT value FROM json_each(?))`, JSON.stringify(values)];

/** A transaction on this connection. The caller has begun it and ends it. */
export const transactionOn = (sql: (text: string) => StatementSync, counters: Counters): Transaction => {
  const all = (text: string, ...values: (string | number | null)[]): Row[] => sql(text).all(...values) as Row[];
  const get = (text: string, ...values: (string | number | null)[]): Row | undefined =>
    sql(text).get(...values) as Row | undefined;

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
    const [isOne, ids] = among("id", [...new Set(keys.map(({ id }) => id))]);
    const rows = all(`SELECT id, scope, ${column} AS n FROM ${table} WHERE ${isOne} ORDER BY ${column}`, ids);
    // Most pages are of things never seen before.
    if (rows.length === 0) return [];
    const wanted = new Set(keys.map(({ scope, id }) => `${scope} ${id}`));
    return rows.flatMap((row) => {
      const key = { scope: String(row.scope), id: String(row.id) };
      return wanted.has(`${key.scope} ${key.id}`) ? [make(key, num(row.n))] : [];
    });
  };

  const write = writingOn(sql, numberOf);

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
    collectionsAt: async (places) => {
      if (places.length === 0) return [];
      const [isOne, value] = among("place", places);
      return all(`SELECT record FROM collections WHERE ${isOne}`, value).map(collectionFrom);
    },
    items: async (place, keys) => {
      const collection = numberOf(place);
      if (collection === undefined || keys.length === 0) return [];
      const [isOne, value] = among("key", keys);
      return all(`${fromItems} WHERE items.collection = ? AND ${isOne}`, collection, value).map(itemFrom);
    },
    itemsOf: async (ns) => {
      if (ns.length === 0) return [];
      const [isOne, value] = among("object", ns);
      return all(`${fromItems} WHERE ${isOne} ORDER BY items.n`, value).map(itemFrom);
    },
    objects: async (ns) => {
      if (ns.length === 0) return [];
      const [isOne, value] = among("n", ns);
      return all(`SELECT * FROM objects WHERE ${isOne}`, value).map(objectFrom);
    },
    strong: async (keys): Promise<EvidenceRecord[]> =>
      lookup(keys, "evidence", "object", (key, object) => ({ ...key, strong: true, object })),
    hints: async (keys): Promise<EvidenceRecord[]> =>
      lookup(keys, "hints", "object", (key, object) => ({ ...key, strong: false, object })),
    linked: async (ns) => {
      if (ns.length === 0) return [];
      const [isA, value] = among("a", ns);
      const [isB] = among("b", ns);
      const rows = all(`SELECT b AS n FROM links WHERE ${isA} UNION SELECT a FROM links WHERE ${isB}`, value, value);
      return rows.map(({ n }) => num(n)).filter((n) => !ns.includes(n));
    },
    threads: async (keys) => lookup(keys, "threads", "thread", (key, thread) => ({ ...key, thread })),
    listed: async (place, stamp) => {
      // One pass over the collection: there may be 100,000 of them.
      const row = get(
        `SELECT count(*) FILTER (WHERE state < 2) AS standing, count(*) FILTER (WHERE state < 2 AND stamp IS ?) AS stamped,
         json_group_array(n) FILTER (WHERE state < 3 AND stamp IS NOT ?) AS unstamped FROM items WHERE collection = ?`,
        stamp,
        stamp,
        numberOf(place) ?? 0,
      );
      const unstamped = String(row?.unstamped);
      return {
        standing: num(row?.standing),
        stamped: num(row?.stamped),
        unstamped:
          unstamped === "[]"
            ? []
            : all(`${fromItems} WHERE items.n IN (SELECT value FROM json_each(?)) ORDER BY items.n`, unstamped).map(itemFrom),
      };
    },
    bare: async (place) =>
      get("SELECT 1 FROM items WHERE collection = ? AND state < 2 LIMIT 1", numberOf(place) ?? 0) === undefined,
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
      // By the object, which has few: a target has had thousands.
      all("SELECT * FROM deliveries WHERE object = ? AND +target = ? ORDER BY seq", object, target).map(deliveryFrom),
    openAt: async (system) =>
      all(
        "SELECT * FROM deliveries INDEXED BY deliveries_open WHERE state IN ('pending', 'retrying', 'unknown', 'sending') AND state IN ('sending', 'unknown') AND substr(target, 1, ?) = ? ORDER BY seq",
        system.length + 1,
        `${system}/`,
      ).map(deliveryFrom),
    inThread: async (thread, there, { without, states, limit }) => {
      const whole = collectionOf(there) === "";
      const where = whole ? "items.collection IN (SELECT n FROM collections WHERE system = ?)" : "items.collection = ?";
      // By the conversation, which is small: a system holds thousands. An index says who of it stands there.
      const found = all(
        // The least is found without sorting them all.
        `SELECT ${limit === 1 ? "min(items.n) AS n" : "items.n"} FROM (SELECT ? AS one UNION ALL SELECT n FROM objects WHERE thread = ? AND thread <> n)
         CROSS JOIN items ON items.object = one WHERE one <> ? AND ${where} AND state IN (${states.map(standingNumber).join(", ")})
         ${limit === 1 ? "" : "ORDER BY items.n "}LIMIT ?`,
        thread,
        thread,
        without,
        whole ? systemOf(there) : (numberOf(there) ?? 0),
        limit,
      );
      const ns = found.flatMap(({ n }) => (n === null ? [] : [num(n)]));
      if (ns.length === 0) return [];
      const [isOne, value] = among("items.n", ns);
      return all(`${fromItems} WHERE ${isOne} ORDER BY items.n`, value).map(itemFrom);
    },
    route: async (id) => {
      const row = get("SELECT seq FROM routes WHERE id = ?", id);
      return row && num(row.seq);
    },
    entries: async (after, limit) => all("SELECT * FROM entries WHERE seq > ? ORDER BY seq LIMIT ?", after, limit).map(entryFrom),
    lastSeq: async () => num(get("SELECT coalesce(max(seq), 0) AS seq FROM entries")?.seq),
    write: async (changes) => write(changes),
  };
};
