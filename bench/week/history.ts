/** One history: the week is lived through while a hub looks on; disturbed, or not. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { StoredEntry } from "../../src/store/contract.ts";
import { sqliteStore } from "../../src/store/sqlite/index.ts";
import { Random } from "../../test/simulation/random.ts";
import { type Lives, livesOf } from "../crash/lives.ts";
import type { Death, Fault } from "../crash/store.ts";
import { judge, type Stories, sentenceOf } from "./laws.ts";
import { type Step, scriptOf } from "./script.ts";
import { type Server, startServers } from "./servers.ts";

/** How a history goes. */
export interface Course {
  readonly seed: number;
  readonly steps: number;
  /** `all`: lines are cut, hub and servers are killed, positions are lost; `death`: in each step the hub dies while it writes what it tells. */
  readonly troubles: "none" | "all" | "death";
  readonly fault?: Fault;
  /** A folder for compiled sources, shared by all histories. */
  readonly cache: string;
  /** Progress for people. */
  readonly note: (text: string) => void;
}

/** What befell the hub, and how often. */
export interface Befallen {
  /** It was ended by SIGKILL in the middle of a round. */
  readonly kills: number;
  /** The line was cut in the middle of a round. */
  readonly cuts: number;
  /** A server was ended by SIGKILL, and started again. */
  readonly outages: number;
  /** Positions were lost. */
  readonly losses: number;
}

/** What came of it. */
export interface Outcome {
  readonly steps: number;
  readonly befallen: Befallen;
  /** What was told of each thing, in order. */
  readonly stories: Stories;
  /** Every law that does not hold, and on what. Empty: green. */
  readonly broken: readonly string[];
  readonly seconds: number;
}

/** Things that are there before the hub is first started. */
const first = 8;

/** Where processes die: at any moment (undefined), or at a point of a transaction that is hard to hit. */
const moments: readonly ((random: Random) => Death | undefined)[] = [
  () => undefined,
  (random) => ({ where: "inside", what: "any", n: 1 + random.int(8) }),
  (random) => ({ where: "after", what: "any", n: 1 + random.int(8) }),
  () => ({ where: "inside", what: "entries", n: 1 }),
  () => ({ where: "after", what: "entries", n: 1 }),
];

/** What is asked for when a line is cut. */
const requests = ["PROPFIND ", "REPORT ", "GET "] as const;

/** Everything that is known of where the looks stood is gone from the store. */
const losePositions = async (file: string): Promise<void> => {
  await using store = await sqliteStore(file);
  await store.transaction(async (tx) => {
    tx.tick();
    const collections = (await store.collections()).map(({ position: _position, revision: _revision, ...rest }) => rest);
    await tx.write({ collections });
  });
};

const logOf = async (file: string): Promise<readonly StoredEntry[]> => {
  await using store = await sqliteStore(file);
  return store.entries(0, 1_000_000);
};

/** Something that befalls the hub: it begins before a sync, and what it resolves with ends it, after the sync. */
type Trouble = () => Promise<() => Promise<void>>;

const ended = async (): Promise<void> => undefined;

const troublesOf = (lives: Lives, servers: readonly Server[], file: string, random: Random) => {
  const befallen = { kills: 0, cuts: 0, outages: 0, losses: 0 };
  const server = (): Server => random.pick(servers) as Server;
  const kill: Trouble = async () => {
    const death = (random.pick(moments) as (typeof moments)[number])(random);
    if (death || !lives.living) await lives.begin(death);
    if (death) return ended;
    const killed = lives.kill(random.int(200));
    return () => killed;
  };
  /** In the middle of a request: it reaches the server and its answer never comes, or it never leaves. */
  const cut: Trouble = async () => {
    const { line } = server();
    const where = random.pick(["cutAfter", "cutBefore"] as const) as "cutAfter" | "cutBefore";
    line[where] = random.pick(requests);
    return async () => {
      if (line[where] === undefined) befallen.cuts += 1;
      line[where] = undefined;
    };
  };
  /** For some time no connection lives longer than a moment. */
  const storm: Trouble = async () => {
    const { line } = server();
    const { asked } = line;
    const over = new AbortController();
    const length = 50 + random.int(200);
    const gap = 3 + random.int(30);
    const blowing = (async () => {
      for (let blown = 0; blown < length && !over.signal.aborted; blown += gap) {
        line.cut();
        await pause(gap);
      }
    })();
    return async () => {
      if (line.asked > asked) befallen.cuts += 1;
      over.abort();
      await blowing;
    };
  };
  const outage: Trouble = async () => {
    const one = server();
    const after = random.int(150);
    const going = pause(after).then(() => one.kill());
    return async () => {
      await going;
      befallen.outages += 1;
      await one.start();
    };
  };
  const lose: Trouble = async () => {
    befallen.losses += 1;
    const forget = servers.find((one) => one.forget)?.forget;
    if (forget && random.chance(0.5)) await forget();
    else {
      await lives.kill(0);
      await losePositions(file);
    }
    return ended;
  };
  const all: readonly Trouble[] = [kill, kill, kill, cut, cut, storm, outage, lose];
  function* inTurn(): Generator<Trouble, never> {
    for (;;) yield* random.shuffle(all);
  }
  const death: Trouble = async () => {
    await lives.begin({ where: "inside", what: "entries", n: 1 });
    return ended;
  };
  return { befallen, death, next: inTurn() };
};

/** Syncs until everything is told, in as many lives as that takes; a trouble comes with the first sync. Resolves with how many died in one. */
const untilQuiet = async (lives: Lives, systems?: readonly string[], trouble?: Trouble): Promise<number> => {
  let said: Awaited<ReturnType<Lives["sync"]>> = "dead";
  let deaths = 0;
  for (let tries = 0; tries < 40; tries += 1) {
    const over = tries === 0 ? await trouble?.() : undefined;
    if (!lives.living) await lives.begin(undefined);
    said = await lives.sync(systems);
    await over?.();
    if (said === "dead") deaths += 1;
    if (!over && said !== "dead" && said.open.length === 0 && said.told === 0) return deaths;
  }
  throw new Error(`the hub does not come to rest: ${said === "dead" ? "it dies" : said.open.join("; ")}`);
};

/** Runs one history on servers of its own. Rejects only where the bench itself cannot go on. */
export const live = async ({ seed, steps, troubles: which, fault, cache, note }: Course): Promise<Outcome> => {
  const started = performance.now();
  const dir = await mkdtemp(join(tmpdir(), "groupstream-week-"));
  const [file, trace] = [join(dir, "hub.db"), join(dir, "trace")];
  try {
    await using servers = await startServers(note);
    const script = scriptOf(seed, { first, steps, schedules: servers.schedules });
    for (const write of script.first) await servers.write(write);
    const program = join(import.meta.dirname, "child.ts");
    const settings = { store: file, accounts: servers.accounts };
    await using lives = livesOf({ program, settings, trace, fault, cache });
    const chance = new Random(seed + 1);
    const troubles = troublesOf(lives, servers.all, file, chance);
    const next = (): Trouble => (which === "death" ? troubles.death : troubles.next.next().value);
    await untilQuiet(lives);
    const quietly = async ({ what, systems }: Step): Promise<void> => {
      // Where a step shows in two systems at once, it is settled which of them is looked at first.
      const phases = [...(systems.length > 1 ? systems.map((system) => [system]) : []), undefined];
      const hit = which === "death" || (which === "all" && chance.chance(0.7)) ? chance.int(phases.length) : undefined;
      for (const [at, phase] of phases.entries())
        troubles.befallen.kills += await untilQuiet(lives, phase, at === hit ? next() : undefined).catch((cause: unknown) => {
          throw new Error(`after "${what}"`, { cause });
        });
    };
    for (const step of script.steps) {
      await servers.write(step.write);
      await quietly(step);
    }
    // What is known of where the looks stood is lost once more: everything is listed, and there is nothing to tell.
    await lives.kill(0);
    const entries = await logOf(file);
    await losePositions(file);
    await untilQuiet(lives);
    await lives[Symbol.asyncDispose]();
    const late = (await logOf(file)).slice(entries.length);
    const broken = late.map(({ activity }) => `told after the end: ${sentenceOf(activity)}`);
    const evidence = { entries, first: script.first, standing: await servers.standing() };
    const stories = judge(evidence, (what) => broken.push(what));
    return {
      steps,
      befallen: troubles.befallen,
      stories,
      broken,
      seconds: (performance.now() - started) / 1_000,
    };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
};
