/** Changes → rows of the SQLite schema, in the transaction that is open on the connection. */

import type { StatementSync } from "node:sqlite";
import { systemOf } from "../../words.ts";
import type { Changes } from "../contract.ts";
import { itemValues } from "./rows.ts";

/** Writes changes. @param numberOf  the number of a collection's row */
export const writingOn = (
  sql: (text: string) => StatementSync,
  numberOf: (place: string) => number | undefined,
): ((changes: Changes) => void) => {
  const run = (text: string, ...values: (string | number | null)[]): void => void sql(text).run(...values);
  return (changes) => {
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
      `INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (n) DO UPDATE SET
     object = excluded.object, role = excluded.role, state = excluded.state, revision = excluded.revision, ord = excluded.ord,
     mapping = excluded.mapping, text = excluded.text, identity = excluded.identity, digested = excluded.digested, stamp = excluded.stamp,
     seen = excluded.seen, mark = excluded.mark, marked_at = excluded.marked_at, absent = excluded.absent, asked = excluded.asked, digest = excluded.digest`,
    );
    const putView = sql("INSERT INTO views (item, view) VALUES (?, ?) ON CONFLICT (item) DO UPDATE SET view = excluded.view");
    for (const item of changes.items ?? []) {
      const collection = numberOf(item.place);
      if (collection === undefined) throw new Error(`no collection ${item.place} for an item`);
      putItem.run(...itemValues(item, collection));
      if (item.view) putView.run(item.n, JSON.stringify(item.view));
      else run("DELETE FROM views WHERE item = ?", item.n);
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
};
