/** A calendar on a real server: its first pass and a few changes, against a bare client, tsdav and vdirsyncer. */

import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { openHub } from "groupstream";
import { caldav } from "groupstream/adapters/caldav";
import { openDav } from "../src/protocol/dav/client.ts";
import { davMake } from "../src/protocol/dav/write.ts";
import { LabUnavailable } from "../test/lab/packages.ts";
import { startRadicale } from "../test/lab/radicale.ts";
import { type Bench, median, round } from "./bar.ts";
import { eventFile, eventText, fillCalendar } from "./caldav/events.ts";
import { type CalendarTarget, changedSince, eachObject } from "./caldav/floor.ts";
import type { Kind, Pass, Used } from "./caldav/pass.ts";
import { vdirsyncer } from "./caldav/vdirsyncer.ts";
import { type Counting, counting, httpRequest } from "./counting.ts";
import { attempt, least, patience, step } from "./heap.ts";

const runs = 5;
/** As the command line is started. */
const young = "--max-semi-space-size=8";

const bytesOf = (line: readonly { readonly bytes: number }[]): number => line.reduce((sum, { bytes }) => sum + bytes, 0);

const through = (target: CalendarTarget, { port }: Counting): CalendarTarget => {
  const at = (url: string): string => Object.assign(new URL(url), { port: String(port) }).href;
  return { ...target, url: at(target.url), calendar: at(target.calendar) };
};

/** A few of many events change: what that costs on the wire. */
const changes = async ({ say, note }: Bench, target: CalendarTarget, folder: string, count: number): Promise<void> => {
  await using ours = await counting(Number(new URL(target.url).port), httpRequest);
  await using theirs = await counting(Number(new URL(target.url).port), httpRequest);
  const [mine, bare] = [through(target, ours), through(target, theirs)];
  await using hub = await openHub({
    store: ":memory:",
    systems: [
      caldav({
        id: "calendars",
        url: mine.url,
        auth: { username: target.user, password: target.pass },
        allow: ["private", "http"],
      }),
    ],
  });
  await hub.sync();
  const { token } = await changedSince(bare, "");
  for (let n = 0; n < 10; n += 1) await writeFile(join(folder, eventFile(n * 7)), eventText(n * 7, 1));
  ours.take();
  theirs.take();
  const [line] = await hub.sync();
  const news = ours.take();
  if (!line || line.failures.length > 0 || line.seen !== 10) throw new Error(JSON.stringify(line));
  const { hrefs } = await changedSince(bare, token);
  const read = await eachObject(bare, hrefs, () => undefined);
  if (read !== 10) throw new Error(`the bare client read ${read} of 10 changes`);
  const floor = theirs.take();
  note(news.map(({ command, bytes }) => `  ${command} (${bytes})`).join("\n"));
  say({
    name: `10 of ${count} changed: requests`,
    value: news.length,
    unit: "requests",
    against: `a bare client: ${floor.length}`,
    bar: 3,
    holds: news.length <= 3,
  });
  const ratio = bytesOf(news) / bytesOf(floor);
  say({
    name: "  bytes",
    value: bytesOf(news),
    unit: "bytes",
    against: `a bare client: ${bytesOf(floor)}`,
    ratio: round(ratio),
    bar: 1.2,
    holds: ratio <= 1.2,
  });
};

export const run = async (bench: Bench): Promise<void> => {
  const { full, say, note } = bench;
  const count = full ? 5_000 : 500;
  const server = await startRadicale({ users: ["anna"] });
  const dir = await mkdtemp(join(tmpdir(), "groupstream-caldav-"));
  const script = join(import.meta.dirname, "caldav/pass.ts");
  let files = 0;
  try {
    const calendar = `${server.url}anna/bench/`;
    const target: CalendarTarget = { url: server.url, calendar, user: "anna", pass: server.password("anna") };
    await using dav = openDav({
      system: "bench",
      url: server.url,
      auth: { username: target.user, password: target.pass },
      allow: ["private", "http"],
    });
    await davMake(dav, calendar, { kind: "calendar", name: "bench" }, new AbortController().signal);
    const folder = join(server.dir, "data/collection-root/anna/bench");
    note(`filling ${count} events`);
    await fillCalendar(folder, count);
    note("the server reads them once");
    const { hrefs } = await changedSince(target, "");
    if (hrefs.length !== count) throw new Error(`the server shows ${hrefs.length} of ${count} events`);
    await eachObject(target, hrefs, () => undefined);

    // As strangers get it: reading and compiling sources is nobody's first pass.
    await promisify(execFile)(process.execPath, [
      join(import.meta.dirname, "../node_modules/tsup/dist/cli-default.js"),
      "--no-dts",
    ]);
    const file = (): string => join(dir, `${files++}.db`);
    const model = file();
    const pass = async (kind: Kind, to: string, bounds: { heap?: number; limit?: number; flags?: readonly string[] } = {}) => {
      const asked: Pass = { kind, target, file: to, model };
      const used = await attempt<Used>(script, asked, bounds.heap, bounds.limit ?? 600_000, bounds.flags, kind !== "product");
      if (typeof used !== "string" && used.events !== count) throw new Error(`${kind} read ${used.events} of ${count} events`);
      const held =
        typeof used === "string"
          ? used
          : `${round(used.ms / 1000)} s, peak ${round((used.peak - used.before) / 1e6, 0)} MB above`;
      note(`${kind}, heap ${bounds.heap ?? "unbounded"}: ${held}`);
      return used;
    };
    const unbounded = async (kind: Kind, to = file()): Promise<Used> => {
      const used = await pass(kind, to);
      if (typeof used === "string") throw new Error(`${kind}: ${used}`);
      return used;
    };

    await unbounded("product", model);
    const times: { readonly [kind in "product" | "floor" | "tsdav"]: number[] } = { product: [], floor: [], tsdav: [] };
    // In turn, so that a busy moment meets all.
    for (let n = 0; n < runs; n += 1)
      for (const kind of ["product", "floor", "tsdav"] as const) times[kind].push((await unbounded(kind)).ms);
    const [own, floor, peer] = [median(times.product), median(times.floor), median(times.tsdav)];
    say({
      name: `first pass over ${count} events`,
      value: round(own / 1000),
      unit: "s",
      against: `a bare client, same rows: ${round(floor / 1000)} s`,
      ratio: round(own / floor),
      bar: 1.3,
      holds: own / floor <= 1.3,
    });
    say({
      name: "  against tsdav writing the same rows",
      value: round(own / 1000),
      unit: "s",
      against: `${round(peer / 1000)} s`,
      ratio: round(own / peer),
      bar: 1,
      holds: own <= peer,
    });
    try {
      const other = await vdirsyncer(join(dir, "vdirsyncer"), target);
      const { ms, events } = await other.sync();
      if (events !== count) throw new Error(`vdirsyncer wrote ${events} of ${count} events`);
      say({ name: "  vdirsyncer into a folder", value: round(ms / 1000), unit: "s" });
    } catch (error) {
      if (!(error instanceof LabUnavailable)) throw error;
      note(`vdirsyncer is not shown: ${error.message}`);
    }

    const bare = await unbounded("bare");
    const runsWith = async (heap: number): Promise<boolean> =>
      typeof (await pass("bare", file(), { heap, limit: 5_000 + patience * bare.ms })) !== "string";
    const smallest = await least(runsWith);
    const bound = Math.floor(1.5 * smallest);
    const done = await pass("product", file(), { heap: bound, limit: 5_000 + patience * own, flags: [young] });
    say({
      name: "first pass completes with a heap of",
      value: bound,
      unit: "MB",
      against: `a bare client runs with ${smallest} MB, not with ${smallest - step}; ${typeof done === "string" ? done : `took ${round(done.ms / 1000)} s`}`,
      ratio: round(bound / smallest),
      bar: 1.5,
      holds: typeof done !== "string",
    });
    await changes(bench, target, folder, count);
  } finally {
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  }
};
