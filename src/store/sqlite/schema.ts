/** A file becomes a store: what it is refused as, how it is brought to this version, where its counters stand. */

import { randomUUID } from "node:crypto";
import { chmodSync, renameSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { GroupstreamError } from "../../contract/errors.ts";
import { migrations } from "../migrations.ts";
import { num, type Row } from "./rows.ts";
import type { Counters } from "./transaction.ts";

const versionOf = (db: DatabaseSync): number => num((db.prepare("PRAGMA user_version").get() as Row).user_version);

/** A store of a newer version, and somebody else's database, are left exactly as they are. */
export const refuseForeign = (path: string): void => {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const version = versionOf(db);
    const tables = num((db.prepare("SELECT count(*) AS n FROM sqlite_master").get() as Row).n);
    if (version > migrations.length)
      throw new GroupstreamError(
        "store",
        `${path} is of store version ${version}, this groupstream knows ${migrations.length}; upgrade groupstream, the store was not touched`,
      );
    if (version === 0 && tables > 0)
      throw new GroupstreamError("store", `${path} is a database of something else; name another path, it was not touched`);
  } finally {
    db.close();
  }
};

/** A whole copy beside the file, `groupstream.db-v1`: who goes back to the version before finds their store as it was. */
const keepCopy = (db: DatabaseSync, version: number): void => {
  const path = db.location();
  if (path === null) return;
  const copy = `${path}-v${version}`;
  rmSync(`${copy}.part`, { force: true });
  db.prepare("VACUUM INTO ?").run(`${copy}.part`);
  // As the store itself: it holds people's mail.
  chmodSync(`${copy}.part`, 0o600);
  renameSync(`${copy}.part`, copy);
};

/** Brings an older store to this version, forward only, after a copy of it was made; all of it or nothing. */
export const migrate = (db: DatabaseSync): void => {
  const before = versionOf(db);
  if (before > 0 && before < migrations.length) keepCopy(db, before);
  db.exec("BEGIN IMMEDIATE");
  try {
    const from = versionOf(db);
    for (const step of migrations.slice(from)) db.exec(step);
    if (from < migrations.length) db.exec(`PRAGMA user_version = ${migrations.length}`);
    db.prepare("INSERT OR IGNORE INTO meta (name, value) VALUES ('id', ?)").run(randomUUID());
    db.exec("COMMIT");
  } catch (error) {
    db.exec("ROLLBACK");
    throw error;
  }
};

/** An object's number is never given again while an entry bears it: the entry would be taken for one about another object. */
export const countersOf = (db: DatabaseSync): Counters => {
  const row = db
    .prepare(
      "SELECT (SELECT coalesce(max(n), 0) FROM items) AS item, max((SELECT coalesce(max(n), 0) FROM objects), (SELECT coalesce(max(object), 0) FROM entries)) AS object, (SELECT value FROM meta WHERE name = 'tick') AS tick",
    )
    .get() as Row;
  return { item: num(row.item), object: num(row.object), tick: num(row.tick ?? 0) };
};
