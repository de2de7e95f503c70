import { type Adapter, placeOf, type Sighting } from "groupstream";
import { describe, expect, test } from "vitest";
import { FakeClock } from "./clock.ts";
import { Random } from "./random.ts";
import { type Env, Presence, type Toy } from "./world.ts";
import { worldNames, worlds } from "./worlds.ts";

const quiet = new AbortController().signal;
const read = { text: "full", behaviour: false } as const;

const worldOf = (seed: number, busy: boolean): { env: Env; start(toys: Toy[]): void } => {
  const random = new Random(seed);
  let toys: Toy[] = [];
  const env: Env = {
    random,
    clock: new FakeClock(),
    presence: new Presence(),
    settled: false,
    large: false,
    step: () => {
      env.clock.advance(1000);
      if (busy && random.chance(0.2)) random.pick(toys)?.mutate();
    },
  };
  return { env, start: (made) => void (toys = made) };
};

/** The simplest reader there can be: lists everything, believes everything, keeps nothing. */
const listed = async (adapter: Adapter): Promise<Map<string, string[]>> => {
  const found = new Map<string, string[]>();
  for await (const collection of adapter.collections(quiet)) {
    const names: string[] = [];
    for await (const page of adapter.changes?.(collection, undefined, read, quiet) ?? []) {
      expect(page.listing).toBeDefined();
      expect(new Set(page.sightings.map(({ key }) => key)).size).toBe(page.sightings.length);
      for (const sighting of page.sightings) {
        const whole = isWhole(sighting) ? [sighting] : await fetched(adapter, collection, sighting.key);
        names.push(...whole.flatMap((one) => (isWhole(one) ? [one.object.name ?? ""] : [])));
      }
    }
    found.set(placeOf(adapter.id, collection.id), names.sort());
  }
  return found;
};

const isWhole = (sighting: Sighting) => "object" in sighting && sighting.object !== undefined;

const fetched = async (
  adapter: Adapter,
  collection: Parameters<NonNullable<Adapter["changes"]>>[0],
  key: string,
): Promise<Sighting[]> => {
  const out: Sighting[] = [];
  for await (const sighting of adapter.fetch?.(collection, [key], read, quiet) ?? []) out.push(sighting);
  expect(out).toHaveLength(1);
  return out;
};

describe.each(worldNames)("the toys of the world %s", (name) => {
  test("a listing of a quiet source shows its true state", async () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const { env, start } = worldOf(seed, false);
      const toys = worlds[name](env);
      start(toys);
      for (let i = 0; i < 40; i += 1) env.random.pick(toys)?.mutate();
      for (const toy of toys) toy.calm();
      for (const toy of toys) {
        const adapter = toy.adapter();
        if (!adapter.changes) continue;
        const truth = [...toy.truth()].map(([place, facts]): [string, string[]] => [
          place,
          [...new Set(facts.map(({ tag }) => tag))].sort(),
        ]);
        const seen = [...(await listed(adapter))].map(([place, names]): [string, string[]] => [place, [...new Set(names)]]);
        expect(new Map(seen)).toEqual(new Map(truth));
      }
    }
  });

  test("who is where is known while the source changes", async () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const { env, start } = worldOf(seed, true);
      const toys = worlds[name](env);
      start(toys);
      for (let i = 0; i < 60; i += 1) env.random.pick(toys)?.mutate();
      const standing = [...env.presence.standing(Number.POSITIVE_INFINITY)].map(([place, tag]) => `${place} ${tag}`);
      const truth = toys.flatMap((toy) =>
        [...toy.truth()].flatMap(([place, facts]) => facts.map(({ tag }) => `${place} ${tag}`)),
      );
      expect(standing.sort()).toEqual(truth.sort());
    }
  });
});
