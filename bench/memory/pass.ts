/**
 * One pass in a process of its own, with its heap bounded from outside: `pass.ts <json>` prints what {@link Used} it took. Each
 * kind loads only what it needs: what the other one imports would count as its memory.
 */

import { sampling, type Used as Took } from "../heap.ts";
import type { FloorTarget } from "../imap/floor.ts";

/** What a pass does; `kept`: the product's, with a consumer that keeps every sighting. */
export type Kind = "floor" | "product" | "kept";

/** One pass. */
export interface Pass {
  readonly kind: Kind;
  readonly target: FloorTarget;
  /** The store it writes. */
  readonly file: string;
  /** kept: how often each sighting is kept. */
  readonly copies?: number;
}

/** What it took. */
export interface Used extends Took {
  readonly messages: number;
}

/** Reads the adapter's fields and inserts them as they came, 500 messages a transaction; keeps nothing. */
const floor = async ({ target, file }: Pass): Promise<Used> => {
  const { DatabaseSync } = await import("node:sqlite");
  const { eachRow, sameFields } = await import("../imap/floor.ts");
  const db = new DatabaseSync(file);
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -32000; PRAGMA wal_autocheckpoint = 4000");
  db.exec(
    "CREATE TABLE items (n INTEGER PRIMARY KEY, path TEXT, uid INTEGER, flags TEXT, size INTEGER, structure TEXT, headers TEXT)",
  );
  const insert = db.prepare("INSERT INTO items (path, uid, flags, size, structure, headers) VALUES (?, ?, ?, ?, ?, ?)");
  const { before, end } = sampling();
  let open = 0;
  const { messages, ms } = await eachRow(target, sameFields, (path, { uid, flags, size, bodyStructure, headers }) => {
    if (open === 0) db.exec("BEGIN IMMEDIATE");
    const [shape, fields] = [JSON.stringify(bodyStructure), headers?.toString("latin1") ?? null];
    insert.run(path, uid, JSON.stringify([...(flags ?? [])]), size ?? null, shape, fields);
    open = (open + 1) % 500;
    if (open === 0) db.exec("COMMIT");
  });
  if (db.isTransaction) db.exec("COMMIT");
  const peak = end();
  db.close();
  return { messages, ms, peak, before };
};

/** One hub, one sync, a new store. */
const product = async ({ kind, target, file, copies = 1 }: Pass): Promise<Used> => {
  const { openHub } = await import("groupstream");
  const { imap } = await import("groupstream/adapters/imap");
  const { host, port, user, pass } = target;
  const reading = imap({ id: "mail", host, port, auth: { user, pass }, exclude: [] });
  const kept: unknown[] = [];
  const keeping: typeof reading = {
    ...reading,
    async *changes(...asked) {
      for await (const page of reading.changes?.(...asked) ?? []) {
        for (let n = 0; n < copies; n++) kept.push(...structuredClone(page.sightings));
        yield page;
      }
    },
  };
  const hub = await openHub({ store: file, systems: [kind === "kept" ? keeping : reading] });
  const { before, end } = sampling();
  const started = performance.now();
  const [line] = await hub.sync();
  const ms = performance.now() - started;
  const peak = end();
  if (!line || line.failures.length > 0) throw new Error(JSON.stringify(line?.failures));
  if (kind === "kept" && kept.length !== line.seen * copies) throw new Error("the list does not hold what was read");
  await hub.close();
  return { messages: line.seen, ms, peak, before };
};

const pass = JSON.parse(process.argv[2] ?? "{}") as Pass;
console.log(JSON.stringify(await (pass.kind === "floor" ? floor(pass) : product(pass))));
process.exit(0);
