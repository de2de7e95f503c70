import { expect, test } from "vitest";
import { Happenings } from "./happenings.ts";
import { runHistory } from "./history.ts";
import { type WorldName, worldNames } from "./worlds.ts";

/** So many random histories of each world; `npm run simulate` runs thousands. */
const seeds: { readonly [world in WorldName]: number } = {
  mail: 110,
  calendar: 150,
  delta: 110,
  directory: 150,
  chat: 130,
  push: 100,
  all: 25,
};

test.each(worldNames)("every law holds in random histories of the world %s", { timeout: 120_000 }, async (world) => {
  const broken: string[] = [];
  let told = 0;
  const happenings = new Happenings(world);
  for (let seed = 1; seed <= seeds[world]; seed += 1) {
    const history = await runHistory(world, seed);
    told += history.told;
    happenings.read(history.trace);
    const [first] = history.broken;
    if (first) broken.push(`npm run simulate -- --world ${world} --seed ${seed} --trace\n    ${first.law} ${first.what}`);
  }
  expect(broken.join("\n")).toBe("");
  // A world in which nothing happens proves nothing.
  expect(told).toBeGreaterThan(seeds[world]);
  expect([...happenings.counts].filter(([, count]) => count === 0).map(([what]) => what)).toEqual([]);
});

test("a seed gives the same history each time", async () => {
  const [once, again] = [await runHistory("all", 7), await runHistory("all", 7)];
  expect(again.trace).toEqual(once.trace);
  expect(once.trace.length).toBeGreaterThan(50);
});
