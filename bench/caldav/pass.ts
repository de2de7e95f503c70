/** One pass over a calendar in a process of its own: `pass.ts <json>` prints what {@link Used} it took. */

import { sampling, type Used as Took } from "../heap.ts";
import type { CalendarTarget } from "./floor.ts";

/** The product, and what it is measured against. */
export type Kind = "product" | "floor" | "tsdav" | "bare";

/** One pass. */
export interface Pass {
  readonly kind: Kind;
  readonly target: CalendarTarget;
  /** The store it writes. */
  readonly file: string;
  /** floor, tsdav: the store whose rows are inserted. */
  readonly model?: string;
}

/** What it took. */
export interface Used extends Took {
  readonly events: number;
}

const measured = async (pass: () => Promise<number>): Promise<Used> => {
  const { before, end } = sampling();
  const started = performance.now();
  const events = await pass();
  return { events, ms: performance.now() - started, before, peak: end() };
};

const product = async ({ target: { url, user, pass }, file }: Pass): Promise<Used> => {
  const { openHub } = await import("groupstream");
  const { caldav } = await import("groupstream/adapters/caldav");
  return measured(async () => {
    await using hub = await openHub({
      store: file,
      systems: [caldav({ id: "calendars", url, auth: { username: user, password: pass }, allow: ["private", "http"] })],
    });
    const [line] = await hub.sync();
    if (!line || line.failures.length > 0) throw new Error(JSON.stringify(line?.failures));
    return line.seen;
  });
};

/** Inserts the model's rows, one event's whenever one was read. */
const inserting = async ({ file, model = "" }: Pass, read: (row: () => void) => Promise<number>): Promise<Used> => {
  const { insertingInto, rowsOf } = await import("../rows.ts");
  const rows = rowsOf(model);
  return measured(async () => {
    const { db, insert } = insertingInto(file, rows);
    try {
      let at = 0;
      return await read(() => insert(at++));
    } finally {
      db.close();
    }
  });
};

const floor = async (pass: Pass): Promise<Used> => {
  const { changedSince, eachObject } = await import("./floor.ts");
  return inserting(pass, async (row) => {
    const { hrefs } = await changedSince(pass.target, "");
    return eachObject(pass.target, hrefs, row);
  });
};

/** The floor's loop with inserts of what it read: for its memory, in which a model's rows must not lie. */
const bare = async ({ target, file }: Pass): Promise<Used> => {
  const { DatabaseSync } = await import("node:sqlite");
  const { changedSince, eachObject } = await import("./floor.ts");
  return measured(async () => {
    const db = new DatabaseSync(file);
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -32000");
    db.exec("CREATE TABLE items (n INTEGER PRIMARY KEY, data TEXT); BEGIN IMMEDIATE");
    const insert = db.prepare("INSERT INTO items (data) VALUES (?)");
    const { hrefs } = await changedSince(target, "");
    const read = await eachObject(target, hrefs, (data) => void insert.run(data));
    db.exec("COMMIT");
    db.close();
    return read;
  });
};

const tsdav = async (pass: Pass): Promise<Used> => {
  const { createDAVClient } = await import("tsdav");
  const { url, user, pass: password, calendar } = pass.target;
  return inserting(pass, async (row) => {
    const client = await createDAVClient({
      serverUrl: url,
      credentials: { username: user, password },
      authMethod: "Basic",
      defaultAccountType: "caldav",
      // Node's fetch does not survive a large compressed answer over HTTP/1.0, which is what Radicale gives.
      fetchOptions: { headers: { "accept-encoding": "identity" } },
    });
    const [found] = (await client.fetchCalendars()).filter((one) => one.url === calendar);
    if (!found) throw new Error(`tsdav does not find ${calendar}`);
    const objects = await client.fetchCalendarObjects({ calendar: found });
    for (const _ of objects) row();
    return objects.length;
  });
};

const pass = JSON.parse(process.argv[2] ?? "{}") as Pass;
const kinds: { readonly [kind in Kind]: (pass: Pass) => Promise<Used> } = { product, floor, bare, tsdav };
console.log(JSON.stringify(await kinds[pass.kind](pass)));
process.exit(0);
