/**
 * The log: how fast pages are committed, against bare inserts of the same rows; what an activity takes on disk; and how soon
 * readers that follow have a new entry, in the process that writes and in another one.
 */

import { type ChildProcess, execFile, fork } from "node:child_process";
import { copyFile, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { openHub } from "groupstream";
import type { Store } from "groupstream/stores";
import { sqliteStore } from "groupstream/stores/sqlite";
import { type Bench, median, percentile, round } from "./bar.ts";
import type { Pass, Passed } from "./log/pass.ts";
import { clock, follow, type ReadersStart, type Yielded } from "./log/readers.ts";
import { receiving, sightings } from "./log/shelf.ts";

const runs = 7;
const readers = 50;
/** ms between two entries, each to be read alone. */
const apart = 20;

const timed = async (pass: Pass): Promise<Passed> => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--conditions=groupstream:source",
    "--disable-warning=ExperimentalWarning",
    join(import.meta.dirname, "log/pass.ts"),
    JSON.stringify(pass),
  ]);
  return JSON.parse(stdout) as Passed;
};

const committing = async (dir: string, kind: "told" | "recorded", count: number, { say, note }: Bench): Promise<void> => {
  let files = 0;
  const file = (): string => join(dir, `${kind}-${files++}.db`);
  // A log is never empty for long: the pages that are timed go into one that holds most of the sightings already.
  const [begun, model] = [file(), file()];
  const before = (4 * count) / 5;
  const timedCount = count - before;
  await timed({ kind, file: begun, count, until: before });
  const again = (path: string): Promise<void> => copyFile(begun, path);
  await again(model);
  const first = await timed({ kind, file: model, count });
  if (first.sightings !== timedCount || first.told !== (kind === "told" ? timedCount : 0))
    throw new Error(`${first.told} of ${timedCount} were told, ${first.sightings} seen`);
  note(`${kind}: ${first.bytes} bytes a sighting`);
  const size = (await stat(model)).size;
  const [own, least]: [number[], number[]] = [[], []];
  for (let n = 0; n < runs; n++) {
    const [mine, bare] = [file(), file()];
    await again(mine);
    own.push((await timed({ kind, file: mine, count })).ms);
    await again(bare);
    const floor = await timed({ kind: "rows", file: bare, model, after: before });
    if (floor.sightings !== timedCount) throw new Error(`the rows of ${floor.sightings} of ${timedCount} were inserted`);
    least.push(floor.ms);
    for (const path of [mine, bare]) await rm(path);
  }
  const [rate, floor] = [(1000 * timedCount) / median(own), (1000 * timedCount) / median(least)];
  say({
    name: `pages of 500 committed into a log of ${before}, ${kind}`,
    value: round(rate, 0),
    unit: "sightings/s",
    against: `bare inserts of the same rows: ${round(floor, 0)} a second`,
    ratio: round(rate / floor),
    bar: 0.5,
    holds: rate / floor >= 0.5,
  });
  say({
    name: `  on disk, ${kind}`,
    value: round(size / count, 0),
    unit: kind === "told" ? "bytes an activity" : "bytes an item",
  });
};

/** Resolves when every reader of the process follows; `yielded` when each had all. */
const elsewhere = async (start: ReadersStart): Promise<{ child: ChildProcess; yielded: Promise<readonly Yielded[]> }> => {
  const child = fork(join(import.meta.dirname, "log/readers.ts"), { execArgv: ["--conditions=groupstream:source"] });
  const said = (): Promise<unknown> =>
    new Promise((resolve, reject) => {
      child.once("message", resolve);
      child.once("exit", (code) => reject(new Error(`the readers' process ended with ${code}`)));
    });
  const following = said();
  child.send(start);
  await following;
  const yielded = said() as Promise<readonly Yielded[]>;
  yielded.catch(() => undefined);
  return { child, yielded };
};

/** One log and its readers: in this process, or all of them in another one. */
const reading = async (file: string, entries: number, away: boolean, { say }: Bench): Promise<void> => {
  const inner = await sqliteStore(file);
  /** When the last transaction was about to be committed: its commit counts, too. */
  let commits = 0;
  const store: Store = {
    ...inner,
    transaction: (work) =>
      inner.transaction(async (tx) => {
        const outcome = await work(tx);
        commits = clock();
        return outcome;
      }),
  };
  const hub = await openHub({ store, systems: [receiving(sightings(entries, true))] });
  let other: Awaited<ReturnType<typeof elsewhere>> | undefined;
  try {
    await hub.sync();
    const start = { readers, after: 0, entries };
    if (away) other = await elsewhere({ ...start, store: file });
    const reads = other ? other.yielded : follow(hub, start);
    const committed: number[] = [];
    for (let n = 0; n < entries; n++) {
      await pause(apart);
      await hub.receive("inbox", new Request("http://localhost/", { method: "POST" }));
      committed.push(commits);
    }
    const yielded = await reads;
    if (yielded.length !== readers * entries) throw new Error(`${yielded.length} of ${readers * entries} were read`);
    const later = yielded.map(({ seq, at }) => at - (committed[seq - 1] ?? Number.NaN));
    const p95 = percentile(later, 0.95);
    say({
      name: `${readers} following readers ${away ? "in another process" : "in the process that writes"}, p95`,
      value: round(p95, 1),
      unit: "ms after commit",
      against: `${entries} entries, p50 ${round(percentile(later, 0.5), 1)} ms`,
      bar: 10,
      holds: p95 <= 10,
    });
  } finally {
    other?.child.removeAllListeners("exit");
    other?.child.kill("SIGKILL");
    await hub.close();
    await inner[Symbol.asyncDispose]();
  }
};

export const run = async (bench: Bench): Promise<void> => {
  const dir = await mkdtemp(join(tmpdir(), "groupstream-log-"));
  try {
    const count = bench.full ? 250_000 : 50_000;
    await committing(dir, "told", count, bench);
    await committing(dir, "recorded", count, bench);
    for (const away of [false, true]) await reading(join(dir, `readers-${away}.db`), bench.full ? 500 : 100, away, bench);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
};
