/** One random history: a world that changes while a hub reads it, troubles, deaths, then quiet; and the laws. */

import { isGroupstreamError, type Place, systemOf } from "groupstream";
import { sqliteStore } from "groupstream/stores/sqlite";
import { type Hub, openHubWith } from "../../src/hub/hub.ts";
import type { Rules } from "../../src/sync/rules.ts";
import { FakeClock } from "./clock.ts";
import { type Commit, Life, mortal } from "./crash.ts";
import { blurred, oneEach, sameAsStore, sameAsWorld } from "./laws.ts";
import { Random } from "./random.ts";
import { Replay } from "./replay.ts";
import { traced } from "./traced.ts";
import { type Env, Presence, type Toy } from "./world.ts";
import { type WorldName, worlds } from "./worlds.ts";

/** A law that did not hold. */
export interface Broken {
  readonly law: string;
  readonly what: string;
}

export interface History {
  readonly world: WorldName;
  readonly seed: number;
  readonly broken: readonly Broken[];
  /** Syncs after the world went quiet until nothing was open. */
  readonly rounds: number;
  /** Entries told. */
  readonly told: number;
  readonly deaths: number;
  readonly trace: readonly string[];
}

/** Syncs in which every mark must settle once the world is quiet. */
const roundsAtMost = 5;

export const runHistory = async (world: WorldName, seed: number, rules: Partial<Rules> = {}): Promise<History> => {
  const random = new Random(seed);
  const clock = new FakeClock();
  const presence = new Presence();
  const trace: string[] = [];
  const broken: Broken[] = [];
  const say = (line: string): void => void trace.push(line);
  const complain = (law: string, what: string): void => {
    broken.push({ law, what });
    say(`    !! ${law} ${what}`);
  };

  /** One history in three is undisturbed: then nothing excuses a double. */
  const disturbed = random.chance(0.67);
  const lively = random.chance(0.6);
  let life = new Life();
  let busy = 0;
  let settled = false;
  let toys: Toy[] = [];
  const lies = new Set<string>();
  let hidden = false;
  const mutate = (when: string): void => {
    const toy = random.pick(toys);
    const what = toy?.mutate();
    if (what !== undefined) say(`${when}${toy?.id}: ${what}`);
  };
  const trouble = (when: string): void => {
    const toy = random.pick(toys);
    const what = toy?.trouble();
    if (what === undefined) return;
    lies.add(what);
    hidden ||= what.startsWith("hides: ");
    say(`${when}${toy?.id} ${what}`);
  };
  const env: Env = {
    random,
    clock,
    presence,
    large: random.chance(0.2),
    get settled() {
      return settled;
    },
    step: (what) => {
      life.step(what);
      say(`      ${what}`);
      clock.advance(1 + random.int(1500));
      if (random.next() < busy) mutate("    > ");
      if (disturbed && random.next() < busy / 8) trouble("    > ");
    },
  };
  toys = worlds[world](env);
  const initial = new Set<Place>(toys.flatMap((toy) => [...toy.truth().keys()]));

  const store = await sqliteStore(":memory:");
  const replay = new Replay(complain, (place, tag) => initial.has(place) && presence.baseline(place, tag));
  const silent = new Map<string, Set<string>>();
  /** Of each item ever stored, the tag; and the tags of partners by hint that were gone when their text was asked for. */
  const keys = new Map<string, string>();
  const unreached = new Map<string, number>();
  const gone = (place: Place, key: string): void => {
    const tag = keys.get(`${place} ${key}`) ?? "";
    unreached.set(tag, (unreached.get(tag) ?? 0) + 1);
  };
  const news: string[] = [];
  const committed = (commit: Commit): void => {
    for (const { object, place, view } of commit.quiet) {
      const name = view.name ?? "";
      silent.set(name, (silent.get(name) ?? new Set()).add(object));
      say(`    (${view.name} ${object.slice(0, 4)} recorded in ${place})`);
    }
    for (const { place, key, view } of commit.items) if (view?.name !== undefined) keys.set(`${place} ${key}`, view.name);
    for (const { place, held } of commit.collections) if (held > 0) say(`    (${place} is held)`);
    for (const entry of commit.entries) {
      judge(entry);
      news.push(`${entry.type} ${replay.nameOf(entry.activity)} ${entry.facet}`);
      say(`    = ${entry.seq} ${entry.type}: ${replay.nameOf(entry.activity)} ${entry.facet}`);
    }
    replay.read(commit);
  };
  /** What no reader of the log can know: whether it is so in the world. */
  const judge = ({ type, activity, places: [place = ""] }: Commit["entries"][number]): void => {
    const tag = replay.nameOf(activity).split(" ")[0] ?? "";
    const objects = [...replay.objects.values()].filter((known) => known.tag === tag);
    // Another system's copy may not have been seen yet.
    const systems = new Set(objects.flatMap(({ at }) => [...at.keys()].map(systemOf)));
    const where = presence.whereabouts(tag).filter((place) => systems.has(systemOf(place)));
    if (type === "Delete" && !hidden && objects.length === 1 && where.length > 0)
      complain("L4", `${tag} is told as deleted, and stands in ${where.join(", ")}`);
    // The first listing of a collection found later is silent about it; once it is filed elsewhere, it is new there.
    if (type === "Create" && !disturbed && !lively && tag.startsWith("old") && presence.baseline(place, tag))
      complain("L5", `${tag} is told as new, and came long ago`);
  };
  let mine = mortal(store, life, committed);
  const open = async (): Promise<Hub> => {
    mine = mortal(store, life, committed);
    return openHubWith({
      store: mine,
      systems: toys.map((toy) => traced(toy.adapter(), say, gone)),
      policy: { body: "full" },
      clock,
      random: () => random.next(),
      uuid: () =>
        `${random
          .int(2 ** 32)
          .toString(16)
          .padStart(8, "0")}-0000-4000-8000-${random
          .int(2 ** 32)
          .toString(16)
          .padStart(12, "0")}`,
      rules,
    });
  };
  let hub = await open();
  let deaths = 0;
  /** Runs what may die; a dead process is replaced by a new one on the same store. */
  const living = async (what: string, work: () => Promise<void>): Promise<void> => {
    say(what);
    try {
      await work();
    } catch (error) {
      if (!life.dead) complain("L0", `${what} fails: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (!life.dead) return void life.endsIn(Number.POSITIVE_INFINITY);
    deaths += 1;
    say(`  † the process died (${life.end}); a new one starts`);
    await mine.leave();
    life = new Life();
    await sameAsStore(store, replay, complain);
    hub = await open();
  };
  let first = true;
  const sync = async (): Promise<boolean> => {
    let clean = false;
    const from = presence.look();
    const before = replay.seq;
    await living("sync", async () => {
      const lines = await hub.sync();
      clean = lines.every(({ failures, open: marks, held }) => failures.length + marks + held.length === 0);
      for (const { system, failures, open: marks, held } of lines)
        if (failures.length + marks + held.length > 0)
          say(`    ${system}: open ${marks}, held [${held}], ${failures.map(({ message }) => message).join("; ")}`);
      settled ||= clean;
      if (clean && busy === 0 && lies.size === 0) {
        for (const [place, tag] of presence.standing(from)) {
          const unread = toys.find(({ id }) => place.startsWith(`${id}/`))?.adapter().changes === undefined;
          if (!unread && !replay.heard.has(tag)) complain("L4", `${tag} outlived a look in ${place} and was never told`);
        }
      }
    });
    // What is there when the hub first looks is its baseline, whatever troubles that look.
    if (first && busy === 0 && replay.seq > before) complain("L5", `the first sync tells ${replay.seq - before} entries`);
    first = false;
    return clean;
  };
  const deliver = async (all: boolean): Promise<void> => {
    for (const toy of toys) {
      const { outbox } = toy;
      for (let left = all ? Number.POSITIVE_INFINITY : 1 + random.int(3); outbox && outbox.length > 0 && left > 0; left -= 1) {
        const request = outbox[0] as Request;
        first = false;
        await living(`${toy.id} is called`, async () => {
          const response = await hub.receive(toy.id, request.clone()).catch((error: unknown) => {
            // Not kept, and so not answered 2xx: the sender tries again.
            if (!isGroupstreamError(error) || !["unreachable", "throttled", "forbidden"].includes(error.code)) throw error;
            outbox.push(...outbox.splice(outbox.indexOf(request), 1));
            return undefined;
          });
          if (response === undefined) return;
          if (response.ok) outbox.splice(outbox.indexOf(request), 1);
          else complain("L0", `${toy.id} answered ${response.status}`);
        });
      }
    }
  };

  const steps = 6 + random.int(16);
  for (let i = 0; i < steps; i += 1) {
    const roll = random.int(100);
    clock.advance(random.int(60_000));
    if (roll < 42) for (let n = 1 + random.int(4); n > 0; n -= 1) mutate("");
    else if (roll < 80) {
      busy = lively && random.chance(0.7) ? 0.12 : 0;
      if (disturbed && random.chance(0.3)) life.endsIn(2 + random.int(60 * toys.length));
      await sync();
      busy = 0;
    } else if (roll < 88) disturbed ? trouble("") : mutate("");
    else if (roll < 95) {
      if (disturbed && random.chance(0.3)) life.endsIn(1 + random.int(5));
      await deliver(false);
      life.endsIn(Number.POSITIVE_INFINITY);
    } else {
      await hub.close();
      await mine.leave();
      hub = await open();
      say("the hub is opened anew");
    }
  }

  say("quiet now");
  for (const toy of toys) toy.calm();
  lies.add("calmed");
  let rounds = 0;
  for (let clean = false; !clean && rounds < roundsAtMost + 3; rounds += 1) {
    clock.advance(2 * 3_600_000);
    await deliver(true);
    clean = await sync();
  }
  if (rounds > roundsAtMost) complain("L2", `${rounds} rounds until nothing was open`);
  sameAsWorld(new Map(toys.flatMap((toy) => [...toy.truth()])), replay, silent, complain);
  if (!disturbed && !lively) oneEach(replay, silent, unreached, complain);
  await sameAsStore(store, replay, complain);
  const silence = async (what: string): Promise<void> => {
    // More objects at one place than its copies differ: by other keys nobody can tell which of them is which.
    const alike = blurred(new Map(toys.flatMap((toy) => [...toy.truth()])), replay);
    news.length = 0;
    await deliver(true);
    await sync();
    for (const told of news) if (!alike.has(told.split(" ")[1] ?? "")) complain("L2", `${told}: told of a world that ${what}`);
  };
  await silence("did not change");
  for (const toy of toys) toy.again();
  await silence("was shown once more");
  await sameAsStore(store, replay, complain);
  await hub.close();
  await mine.leave();
  await store[Symbol.asyncDispose]();
  return { world, seed, broken, rounds, told: replay.seq, deaths, trace };
};
