/** Every row of a store's file, so that "nothing was written" can be asserted. */

import { DatabaseSync } from "node:sqlite";

/** Rows by table; of a system its failure is left out, which is what `status()` tells of it. */
export const rowsOf = (path: string): Readonly<Record<string, readonly unknown[]>> => {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").all();
    return Object.fromEntries(
      tables.map(({ name }) => {
        const rows = db.prepare(`SELECT * FROM "${String(name)}"`).all();
        return [String(name), name === "systems" ? rows.map((row) => withoutFailure(String(row.record))) : rows];
      }),
    );
  } finally {
    db.close();
  }
};

const withoutFailure = (record: string): unknown => {
  const { failing: _, ...rest } = JSON.parse(record) as Record<string, unknown>;
  return rest;
};

/** The tables that hold anything, beside the store's own settings and what SQLite keeps for itself. */
export const filledTables = (path: string): readonly string[] =>
  Object.entries(rowsOf(path)).flatMap(([name, rows]) =>
    rows.length > 0 && name !== "meta" && !name.startsWith("sqlite_") ? [name] : [],
  );
