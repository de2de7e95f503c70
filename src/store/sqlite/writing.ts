/** Changes → rows of the SQLite schema, in the transaction that is open on the connection. */

import type { StatementSync } from "node:sqlite";
import { systemOf } from "../../contract/words.ts";
import type { Changes, DeliveryRecord } from "../contract.ts";
import type { RecordCache } from "./record-cache.ts";
import { itemValues } from "./rows.ts";

type Value = string | number | null;

/** Rows given to SQLite at once: crossing into it costs as much as writing a small row. */
const atOnce = 8;

const replaced = (columns: readonly string[]): string =>
  `DO UPDATE SET ${columns.map((column) => `${column} = excluded.${column}`).join(", ")}`;

/** What an item's row gets anew: all but its number, place and key. */
const itemChanges = replaced([
  "object",
  "role",
  "state",
  "revision",
  "ord",
  "mapping",
  "text",
  "identity",
  "digested",
  "stamp",
  "seen",
  "mark",
  "marked_at",
  "absent",
  "asked",
  "digest",
]);

const deliveryColumns = [
  "state",
  "verb",
  "attempt",
  "next",
  "because",
  "reason",
  "obstacle",
  "digest",
  "losses",
  "changed",
] as const;
const deliveryChanges = replaced(deliveryColumns);
const renewal = `UPDATE deliveries SET ${deliveryColumns.map((column) => `${column} = ?`).join(", ")} WHERE id = ?`;

const deliveryValues = (one: DeliveryRecord): Value[] => [
  one.state,
  one.verb,
  one.attempt,
  one.next,
  one.because ? JSON.stringify(one.because) : null,
  one.reason ?? null,
  one.obstacle ?? null,
  one.digest ?? null,
  one.losses?.length ? JSON.stringify(one.losses) : null,
  one.changed,
];

/** Writes changes. */
export const writingOn = (sql: (text: string) => StatementSync, kept: RecordCache): ((changes: Changes) => void) => {
  const run = (text: string, ...values: Value[]): void => void sql(text).run(...values);

  /** Never REPLACE: a second row for a known key is a fault, and must fail on the unique index. */
  const put = (into: string, rows: readonly (readonly Value[])[], conflict = ""): void => {
    const [first] = rows;
    if (!first) return;
    const row = `(${Array(first.length).fill("?").join(", ")})`;
    const statement = (count: number): StatementSync =>
      sql(`INSERT ${into} VALUES ${Array(count).fill(row).join(", ")} ${conflict}`);
    let at = 0;
    if (rows.length >= atOnce) {
      const several = statement(atOnce);
      for (; at + atOnce <= rows.length; at += atOnce) several.run(...rows.slice(at, at + atOnce).flat());
    }
    const one = statement(1);
    for (; at < rows.length; at += 1) one.run(...(rows[at] as readonly Value[]));
  };

  const putItems = (items: NonNullable<Changes["items"]>): void => {
    const rows = items.map((item) => {
      const collection = kept.numberOf(item.place);
      if (collection === undefined) throw new Error(`no collection ${item.place} for an item`);
      return itemValues(item, collection);
    });
    put("INTO items", rows, `ON CONFLICT (n) ${itemChanges}`);
    const shown = items.flatMap(({ n, view }) => (view ? [[n, JSON.stringify(view)]] : []));
    put("INTO views (item, view)", shown, `ON CONFLICT (item) ${replaced(["view"])}`);
    for (const { n, view } of items) if (!view) run("DELETE FROM views WHERE item = ?", n);
  };

  /** True if it was known. */
  const renewed = (one: DeliveryRecord): boolean => sql(renewal).run(...deliveryValues(one), one.id).changes > 0;

  return ({ items = [], objects = [], evidence = [], entries = [], deliveries = [], ...changes }) => {
    for (const system of changes.systems ?? []) {
      run(
        `INSERT INTO systems (id, record) VALUES (?, ?) ON CONFLICT (id) ${replaced(["record"])}`,
        system.id,
        JSON.stringify(system),
      );
      kept.wrote({ system });
    }
    for (const collection of changes.collections ?? []) {
      run(
        `INSERT INTO collections (place, system, record) VALUES (?, ?, ?) ON CONFLICT (place) ${replaced(["record"])}`,
        collection.place,
        systemOf(collection.place),
        JSON.stringify(collection),
      );
      kept.wrote({ collection });
    }
    putItems(items);
    for (const { n, stamp, seen } of changes.stamps ?? [])
      run("UPDATE items SET stamp = coalesce(?, stamp), seen = ? WHERE n = ?", stamp ?? null, seen, n);
    put(
      "INTO objects (n, uuid, type, version, thread, memory)",
      objects.map(({ n, uuid, type, version, thread, memory }) => [
        n,
        uuid,
        type,
        version,
        thread,
        memory ? JSON.stringify(memory) : null,
      ]),
      `ON CONFLICT (n) ${replaced(["version", "memory"])}`,
    );
    const [strong, hints]: [Value[][], Value[][]] = [[], []];
    for (const one of evidence) (one.strong ? strong : hints).push([one.scope, one.id, one.object]);
    put("OR IGNORE INTO evidence (scope, id, object)", strong);
    put("OR IGNORE INTO hints (scope, id, object)", hints);
    put(
      "OR IGNORE INTO threads (scope, id, thread)",
      (changes.threads ?? []).map(({ scope, id, thread }) => [scope, id, thread]),
    );
    for (const { a, b } of changes.links ?? []) run("INSERT OR IGNORE INTO links (a, b) VALUES (?, ?)", a, b);
    for (const { place, key } of changes.released ?? []) run("DELETE FROM quarantine WHERE place = ? AND key = ?", place, key);
    for (const row of changes.quarantine ?? [])
      run(
        `INSERT INTO quarantine (place, key, revision, reason, part, since, tries, mapping, stamp) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (place, key) ${replaced(["revision", "reason", "part", "tries", "mapping", "stamp"])}`,
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
    put(
      "INTO entries (id, object, type, facet, places, thread, cause, activity, at)",
      entries.map((entry) => [
        entry.id,
        entry.object,
        entry.type,
        entry.facet,
        JSON.stringify(entry.places),
        entry.thread,
        entry.cause ?? null,
        entry.activity,
        entry.at,
      ]),
    );
    put(
      `INTO deliveries (id, target, seq, object, lane, created, ${deliveryColumns.join(", ")})`,
      deliveries
        .filter((one) => one.attempt === 0 || !renewed(one))
        .map((one) => [one.id, one.target, one.seq, one.object, one.lane, one.created, ...deliveryValues(one)]),
      `ON CONFLICT (id) ${deliveryChanges}`,
    );
    for (const { id, seq } of changes.routes ?? [])
      run(`INSERT INTO routes (id, seq, began) VALUES (?, ?, ?) ON CONFLICT (id) ${replaced(["seq"])}`, id, seq, seq);
  };
};
