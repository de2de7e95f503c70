/** The inside of a write transaction on SQLite. Lookups go through prepared statements, a page's keys at once. */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { collectionOf, type ItemKey, type Place, systemOf } from "../../contract/words.ts";
import type { EvidenceKey, EvidenceRecord, RowNo, Tick, Transaction } from "../contract.ts";
import type { RecordCache } from "./record-cache.ts";
import {
  deliveryFrom,
  entryFrom,
  itemFrom,
  num,
  objectFrom,
  quarantineFrom,
  type Row,
  seatFrom,
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

const fromSeats =
  "SELECT items.n, place, key, object, role, state FROM items JOIN collections ON collections.n = items.collection";

/** Prepared statements by text: prepared once, used for the life of the connection. */
export const preparing = (db: DatabaseSync): ((sql: string) => StatementSync) => {
  const prepared = new Map<string, StatementSync>();
  return (sql) => {
    let statement = prepared.get(sql);
    if (!statement) prepared.set(sql, (statement = db.prepare(sql)));
    return statement;
  };
};

/** A statement that asks for one value, and the same for several. Made once: a prepared one is found by its text. */
interface Asking {
  readonly one: string;
  readonly several: string;
}

const asking = (write: (among: (column: string) => string) => string): Asking => ({
  one: write((column) => `${column} = ?`),
  several: write((column) => `${column} IN (SELECT value FROM json_each(?))`),
});

/** Asked plainly where there is one value, as there mostly is for a delivery. */
const asked = (statement: Asking, values: readonly (string | number)[]): readonly [sql: string, value: string | number] =>
  values.length === 1 ? [statement.one, values[0] as string | number] : [statement.several, JSON.stringify(values)];

const itemsAt = asking((among) => `${fromItems} WHERE items.collection = ? AND ${among("key")}`);
const itemsOf = asking((among) => `${fromItems} WHERE ${among("object")} ORDER BY items.n`);
const itemsNumbered = asking((among) => `${fromItems} WHERE ${among("items.n")} ORDER BY items.n`);
const seatsAt = asking((among) => `${fromSeats} WHERE items.collection = ? AND ${among("key")}`);
const seatsOf = asking((among) => `${fromSeats} WHERE ${among("object")} ORDER BY items.n`);
const objectsNumbered = asking((among) => `SELECT * FROM objects WHERE ${among("n")}`);
const linkedTo = asking((among) => `SELECT b AS n FROM links WHERE ${among("a")} UNION SELECT a FROM links WHERE ${among("b")}`);
const named = (table: string, column: string): Asking =>
  asking((among) => `SELECT id, scope, ${column} AS n FROM ${table} WHERE ${among("id")} ORDER BY ${column}`);
const byName = { evidence: named("evidence", "object"), hints: named("hints", "object"), threads: named("threads", "thread") };

/** A transaction on this connection. The caller has begun it and ends it. */
export const transactionOn = (sql: (text: string) => StatementSync, counters: Counters, kept: RecordCache): Transaction => {
  const all = (text: string, ...values: (string | number | null)[]): Row[] => sql(text).all(...values) as Row[];
  const get = (text: string, ...values: (string | number | null)[]): Row | undefined =>
    sql(text).get(...values) as Row | undefined;

  const { numberOf } = kept;
  const rowsOf = (statement: Asking, ns: readonly RowNo[]): Row[] => (ns.length === 0 ? [] : all(...asked(statement, ns)));
  const rowsAt = (statement: Asking, place: Place, keys: readonly ItemKey[]): Row[] => {
    const collection = numberOf(place);
    if (collection === undefined || keys.length === 0) return [];
    const [text, value] = asked(statement, keys);
    return all(text, collection, value);
  };

  /** One statement for all keys: crossing into SQLite costs more than the search. */
  const lookup = <T>(keys: readonly EvidenceKey[], table: keyof typeof byName, make: (key: EvidenceKey, n: number) => T): T[] => {
    if (keys.length === 0) return [];
    const rows = all(...asked(byName[table], [...new Set(keys.map(({ id }) => id))]));
    // Most pages are of things never seen before.
    if (rows.length === 0) return [];
    const wanted = new Set(keys.map(({ scope, id }) => `${scope} ${id}`));
    return rows.flatMap((row) => {
      const key = { scope: String(row.scope), id: String(row.id) };
      return wanted.has(`${key.scope} ${key.id}`) ? [make(key, num(row.n))] : [];
    });
  };

  const write = writingOn(sql, kept);

  return {
    tick: () => ++counters.tick,
    mint: (what) => ++counters[what],
    system: async (id) => kept.system(id),
    collection: async (place) => kept.collection(place),
    collections: async (system) => kept.collections(system),
    collectionsAt: async (places) => [...new Set(places)].flatMap((place) => kept.collection(place) ?? []),
    items: async (place, keys) => rowsAt(itemsAt, place, keys).map(itemFrom),
    itemsOf: async (ns) => rowsOf(itemsOf, ns).map(itemFrom),
    itemHeaders: async (place, keys) => rowsAt(seatsAt, place, keys).map(seatFrom),
    itemHeadersOf: async (ns) => rowsOf(seatsOf, ns).map(seatFrom),
    objects: async (ns) => rowsOf(objectsNumbered, ns).map(objectFrom),
    strong: async (keys): Promise<EvidenceRecord[]> =>
      lookup(keys, "evidence", (key, object) => ({ ...key, strong: true, object })),
    hints: async (keys): Promise<EvidenceRecord[]> => lookup(keys, "hints", (key, object) => ({ ...key, strong: false, object })),
    linked: async (ns) => {
      if (ns.length === 0) return [];
      const [statement, value] = asked(linkedTo, ns);
      const rows = all(statement, value, value);
      return rows.map(({ n }) => num(n)).filter((n) => !ns.includes(n));
    },
    threads: async (keys) => lookup(keys, "threads", (key, thread) => ({ ...key, thread })),
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
        present: num(row?.standing),
        stamped: num(row?.stamped),
        unstamped:
          unstamped === "[]"
            ? []
            : all(`${fromItems} WHERE items.n IN (SELECT value FROM json_each(?)) ORDER BY items.n`, unstamped).map(itemFrom),
      };
    },
    isEmpty: async (place) =>
      get("SELECT 1 FROM items WHERE collection = ? AND state < 2 LIMIT 1", numberOf(place) ?? 0) === undefined,
    presentItems: async (place) =>
      all(`${fromItems} WHERE items.collection = ? AND state < 3`, numberOf(place) ?? 0).map(itemFrom),
    isPresent: async (item, object) =>
      get("SELECT 1 FROM items WHERE n = ? AND object = ? AND state IN (0, 2)", item, object) !== undefined,
    renderingKeys: async (place, without) =>
      all(
        "SELECT key FROM items WHERE collection = ? AND role = 1 AND state < 3 AND object <> ? ORDER BY n",
        numberOf(place) ?? 0,
        without,
      ).map(({ key }) => String(key)),
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
    openDeliveries: async (system) =>
      all(
        "SELECT * FROM deliveries INDEXED BY deliveries_open WHERE state IN ('pending', 'retrying', 'unknown', 'sending') AND state IN ('sending', 'unknown') AND substr(target, 1, ?) = ? ORDER BY seq",
        system.length + 1,
        `${system}/`,
      ).map(deliveryFrom),
    inThread: async (thread, there, { without, states, limit }) => {
      const whole = collectionOf(there) === "";
      const where = whole ? "items.collection IN (SELECT n FROM collections WHERE system = ?)" : "items.collection = ?";
      const at = whole ? systemOf(there) : (numberOf(there) ?? 0);
      // Asked of each row, not sought for each state: a conversation of fifty is looked through twice as fast.
      const standing = `${where} AND +state IN (${states.map(standingNumber).join(", ")})`;
      // The least is found without sorting them all.
      const [least, sorted] = limit === 1 ? ["min(items.n) AS n", ""] : ["items.n", "ORDER BY n"];
      // By the conversation, which is small: a system holds thousands. An index says who of it stands there.
      const found = all(
        `SELECT ${least} FROM objects CROSS JOIN items ON items.object = objects.n
           WHERE objects.thread = ? AND objects.thread <> objects.n AND objects.n <> ? AND ${standing}
         UNION ALL SELECT ${least} FROM items WHERE object = ? AND object <> ? AND ${standing} ${sorted} LIMIT ?`,
        thread,
        without,
        at,
        thread,
        without,
        at,
        limit === 1 ? 2 : limit,
      );
      const known = found.flatMap(({ n }) => (n === null ? [] : [num(n)]));
      if (known.length === 0) return [];
      const ns = limit === 1 ? [Math.min(...known)] : known;
      return all(...asked(itemsNumbered, ns)).map(itemFrom);
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
