/** The rows the product wrote, and how they are inserted again by a loop that does nothing else. */

import { DatabaseSync } from "node:sqlite";
import { migrations } from "../src/store/migrations.ts";

type Values = (string | number | null)[];

/** Rows of one table, in the order they were written, and how each is inserted. */
interface Table {
  readonly insert: string;
  /** By object. */
  readonly rows: ReadonlyMap<number, readonly Values[]>;
}

/** The rows of a store, by the object they are about. */
export interface Rows {
  readonly objects: readonly number[];
  readonly tables: readonly Table[];
}

/** Reads every row of a store into memory. @param after  only of objects above this number */
export const rowsOf = (file: string, after = 0): Rows => {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const table = (name: string, by: string, of = (n: number): number => n): Table => {
      const rows = new Map<number, Values[]>();
      let columns = 0;
      for (const row of db.prepare(`SELECT * FROM ${name}`).iterate() as Iterable<Record<string, string | number | null>>) {
        const values = Object.values(row);
        columns = values.length;
        const n = of(Number(row[by]));
        if (n <= after) continue;
        rows.set(n, [...(rows.get(n) ?? []), values]);
      }
      return {
        insert: `INSERT OR IGNORE INTO ${name} VALUES (${Array(columns || 1)
          .fill("?")
          .join(", ")})`,
        rows,
      };
    };
    const about = new Map(
      db
        .prepare("SELECT n, object FROM items")
        .all()
        .map(({ n, object }) => [Number(n), Number(object)]),
    );
    const tables = [
      table("items", "object"),
      table("views", "item", (item) => about.get(item) ?? 0),
      table("objects", "n"),
      table("evidence", "object"),
      table("hints", "object"),
      table("threads", "thread"),
      table("entries", "object"),
    ];
    return {
      objects: (db.prepare("SELECT object FROM items WHERE object > ? ORDER BY n").all(after) as { object: number }[]).map(
        ({ object }) => object,
      ),
      tables,
    };
  } finally {
    db.close();
  }
};

/** Makes the store's schema in a new file, or takes a store as it is, WAL, NORMAL, as the product does; `insert` writes all rows of the n-th item. */
export const insertingInto = (file: string, { objects, tables }: Rows): { db: DatabaseSync; insert(n: number): void } => {
  const db = new DatabaseSync(file);
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -32000; PRAGMA wal_autocheckpoint = 4000");
  if (db.prepare("SELECT count(*) AS n FROM sqlite_master").get()?.n === 0) for (const step of migrations) db.exec(step);
  const statements = tables.filter(({ rows }) => rows.size > 0).map(({ insert, rows }) => ({ insert: db.prepare(insert), rows }));
  return {
    db,
    insert: (n) => {
      if (n % 500 === 0) db.exec("BEGIN IMMEDIATE");
      const object = objects[n] as number;
      for (const { insert, rows } of statements) for (const values of rows.get(object) ?? []) insert.run(...values);
      if (n % 500 === 499 || n === objects.length - 1) db.exec("COMMIT");
    },
  };
};
