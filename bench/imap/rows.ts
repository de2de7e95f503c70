/** The rows the product wrote, and a loop that reads the same fields and inserts the same rows, nothing else. */

import { DatabaseSync } from "node:sqlite";
import { migrations } from "../../src/store/migrations.ts";
import { eachRow, type FloorTarget, type FloorTime, sameFields } from "./floor.ts";

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

/** Reads every row of a store into memory. */
export const rowsOf = (file: string): Rows => {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const table = (name: string, by: string): Table => {
      const rows = new Map<number, Values[]>();
      let columns = 0;
      for (const row of db.prepare(`SELECT * FROM ${name}`).iterate() as Iterable<Record<string, string | number | null>>) {
        const values = Object.values(row);
        columns = values.length;
        const n = Number(row[by]);
        rows.set(n, [...(rows.get(n) ?? []), values]);
      }
      return {
        insert: `INSERT OR IGNORE INTO ${name} VALUES (${Array(columns || 1)
          .fill("?")
          .join(", ")})`,
        rows,
      };
    };
    const tables = [
      table("items", "object"),
      table("objects", "n"),
      table("evidence", "object"),
      table("hints", "object"),
      table("threads", "thread"),
    ];
    return {
      objects: (db.prepare("SELECT object FROM items ORDER BY n").all() as { object: number }[]).map(({ object }) => object),
      tables,
    };
  } finally {
    db.close();
  }
};

/** Reads the adapter's fields and inserts the product's rows, 500 messages a transaction, WAL, NORMAL, the same schema. */
export const insertingRows = async (target: FloorTarget, file: string, { objects, tables }: Rows): Promise<FloorTime> => {
  const started = performance.now();
  const db = new DatabaseSync(file);
  try {
    db.exec(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -32000; PRAGMA wal_autocheckpoint = 4000",
    );
    for (const step of migrations) db.exec(step);
    const statements = tables
      .filter(({ rows }) => rows.size > 0)
      .map(({ insert, rows }) => ({ insert: db.prepare(insert), rows }));
    let at = 0;
    const { messages } = await eachRow(target, sameFields, () => {
      if (at % 500 === 0) db.exec("BEGIN IMMEDIATE");
      const object = objects[at++] as number;
      for (const { insert, rows } of statements) for (const values of rows.get(object) ?? []) insert.run(...values);
      if (at % 500 === 0) db.exec("COMMIT");
    });
    if (db.isTransaction) db.exec("COMMIT");
    return { messages, ms: performance.now() - started };
  } finally {
    db.close();
  }
};
