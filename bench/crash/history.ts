/** One history: a mailbox is edited by a script while the hub on it is killed and started again, then the laws are asked. */

import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { sqliteStore } from "../../src/store/sqlite/index.ts";
import type { Dovecot } from "../../test/lab/dovecot.ts";
import { Random } from "../../test/simulation/random.ts";
import { startReceiver } from "../receiver.ts";
import { judge } from "./laws.ts";
import { type Lives, livesOf } from "./lives.ts";
import { begin, type Script, standing } from "./script.ts";
import type { Death, Fault, Trace } from "./store.ts";

/** How a history goes. */
export interface Course {
  readonly server: Dovecot;
  readonly seed: number;
  /** SIGKILLs; the script goes on until so many have happened. */
  readonly kills: number;
  /** `quiet`: the script waits for a quiet hub after each edit; `busy`: it waits for nobody and the hub runs. */
  readonly pace: "quiet" | "busy";
  readonly fault?: Fault;
  /** A folder for compiled sources, shared by all histories. */
  readonly cache: string;
  /** `quiet` only: at least so many edits. */
  readonly steps?: number;
}

/** What came of it. */
export interface Outcome {
  readonly seed: number;
  readonly deaths: number;
  readonly steps: number;
  readonly repeats: number;
  /** Every law that does not hold, and on what. Empty: green. */
  readonly broken: readonly string[];
  /** What was told, in order. */
  readonly sentences: readonly string[];
}

/** Letters that are there before the hub is first started. */
const first = 12;
/** So that the story goes on, and not one edit takes all deaths. */
const deathsPerEdit = 2;
/** A process that has not reached the point it is to die at is killed after so long, ms. */
const longest = { quiet: 250, busy: 1_800 } as const;

/** Where processes die, in equal shares: at any moment (undefined), or at a point of a transaction that is hard to hit. */
const moments: readonly ((random: Random) => Death | undefined)[] = [
  () => undefined,
  () => undefined,
  (random) => ({ where: "inside", what: "any", n: 1 + random.int(20) }),
  (random) => ({ where: "after", what: "any", n: 1 + random.int(25) }),
  () => ({ where: "inside", what: "entries", n: 1 }),
  (random) => ({ where: "inside", what: "entries", n: 1 + random.int(2) }),
  () => ({ where: "after", what: "entries", n: 1 }),
  () => ({ where: "after", what: "sending", n: 1 }),
  () => ({ where: "inside", what: "receipt", n: 1 }),
];

/** The moments in an order of their own, again and again. */
function* deathsFrom(random: Random): Generator<Death | undefined, never> {
  for (;;) for (const moment of random.shuffle(moments)) yield moment(random);
}

/** Syncs until everything is told and delivered, in as many lives as that takes. */
const untilQuiet = async (lives: Lives, next: () => Death | undefined, kill: () => number | undefined): Promise<void> => {
  for (let tries = 0; tries < 100; tries += 1) {
    if (!lives.living) await lives.begin(next());
    const after = kill();
    const killed = after === undefined ? undefined : lives.kill(after);
    const said = await lives.sync();
    await killed;
    if (said !== "dead" && said.open.length === 0 && said.told === 0) return;
    if (tries === 99) throw new Error(`the hub does not come to rest: ${said === "dead" ? "it dies" : said.open.join("; ")}`);
  }
};

const quietly = async (course: Course, lives: Lives, script: Script, random: Random): Promise<number> => {
  const deaths = deathsFrom(random);
  let planned: Death | undefined;
  let before = 0;
  const mayDie = (): boolean => lives.deaths < course.kills && lives.deaths - before < deathsPerEdit;
  const next = (): Death | undefined => {
    planned = mayDie() ? deaths.next().value : undefined;
    return planned;
  };
  const kill = (): number | undefined => (mayDie() && planned === undefined ? random.int(longest.quiet) : undefined);
  await untilQuiet(lives, next, kill);
  let steps = 0;
  while (steps < (course.steps ?? 0) || lives.deaths < course.kills) {
    before = lives.deaths;
    await script.step();
    steps += 1;
    await untilQuiet(lives, next, kill);
  }
  return steps;
};

const busily = async (course: Course, lives: Lives, script: Script, random: Random): Promise<number> => {
  await untilQuiet(
    lives,
    () => undefined,
    () => undefined,
  );
  await lives.begin(undefined);
  let over = false;
  let steps = 0;
  const editing = (async () => {
    for (; !over; steps += 1) {
      await script.step();
      await pause(random.int(120));
    }
  })();
  const chance = new Random(course.seed + 1);
  const deaths = deathsFrom(chance);
  try {
    for (let planned: Death | undefined; lives.deaths < course.kills; planned = deaths.next().value) {
      if (!lives.living) await lives.begin(planned);
      lives.run();
      await lives.kill(planned === undefined ? 100 + chance.int(900) : longest.busy);
    }
  } finally {
    over = true;
    await editing;
  }
  return steps;
};

/** Runs one history in a mailbox of its own. Rejects only where the bench itself cannot go on. */
export const live = async (course: Course): Promise<Outcome> => {
  const { server, seed, fault } = course;
  const dir = await mkdtemp(join(tmpdir(), "groupstream-crash-"));
  const [file, traceFile] = [join(dir, "hub.db"), join(dir, "trace")];
  const secret = `whsec_${randomBytes(32).toString("base64")}`;
  const user = server.user(`crash-${seed}-${course.pace}-${fault ?? "honest"}-${course.kills}`);
  const broken: string[] = [];
  const random = new Random(seed);
  await using receiver = await startReceiver(secret);
  const client = await server.raw(user);
  try {
    const script = await begin(client, new Random(seed), first);
    const settings = {
      store: file,
      host: server.host,
      port: server.port,
      user,
      pass: server.password,
      url: receiver.url,
      secret,
    };
    const program = join(import.meta.dirname, "child.ts");
    await using lives = livesOf({ program, settings, trace: traceFile, fault, cache: course.cache });
    const steps = await (course.pace === "quiet" ? quietly : busily)(course, lives, script, random);
    await lives.begin(undefined);
    await untilQuiet(
      lives,
      () => undefined,
      () => undefined,
    );
    const { deaths } = lives;
    await lives[Symbol.asyncDispose]();

    const trace = (await readFile(traceFile, "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Trace);
    await using store = await sqliteStore(file);
    const evidence = { store, trace, stays: script.stays, standing: await standing(client), received: receiver.received };
    const sentences = await judge(evidence, (what) => broken.push(what));
    if (receiver.forged > 0) broken.push(`${receiver.forged} webhooks were signed wrongly`);
    const repeats = receiver.received.length - new Set(receiver.received.map(({ id }) => id)).size;
    return { seed, deaths, steps, repeats, broken, sentences };
  } finally {
    client.close();
    await rm(dir, { recursive: true, force: true });
  }
};
