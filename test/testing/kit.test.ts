/** The kit itself: an honest adapter passes every check; each liar fails the one that is named for it, and no other. */

import { adapterConformance } from "groupstream/testing";
import { afterAll, beforeAll, describe, expect, it, test, vi } from "vitest";
import { adapterChecks } from "../../src/testing/adapter/index.ts";
import { type Liar, liars as readingLiars } from "./liars.ts";
import { performingLiars } from "./performing-liars.ts";
import { shelfWorld } from "./shelf.ts";

// Everything here waits and hardly works.
vi.setConfig({ maxConcurrency: 100 });

adapterConformance({ test, title: "shelves", world: async () => shelfWorld(), make: ({ shelves }) => shelves.adapter() });
adapterConformance({
  test,
  title: "shelves that post",
  world: async () => shelfWorld(true),
  make: ({ shelves }) => shelves.adapter(),
});

const liars: Readonly<Record<string, Liar>> = { ...readingLiars, ...performingLiars };

/** Names of the checks a liar fails. */
const failuresOf = async ({ make, posts }: Liar): Promise<string[]> => {
  const checks: [string, () => Promise<void>][] = [];
  adapterConformance({
    test: (name, check) => checks.push([name, check]),
    title: "liar",
    world: async () => shelfWorld(posts),
    make: ({ shelves }) => make(shelves),
  });
  expect(checks).toHaveLength(adapterChecks.length);
  const failed: string[] = [];
  for (const [name, check] of checks)
    await check().catch((error: Error) => {
      expect(error.message.length).toBeGreaterThan(10);
      failed.push(name.slice("liar: ".length));
    });
  return failed;
};

describe("each liar fails exactly the check named for it", () => {
  // What is not run after a failure says so on the console.
  beforeAll(() => void vi.spyOn(console, "warn").mockImplementation(() => undefined));
  afterAll(() => void vi.restoreAllMocks());

  it.concurrent.each(Object.entries(liars))("%s", { timeout: 120_000 }, async (_, liar) => {
    expect(await failuresOf(liar)).toEqual([liar.check]);
  });

  it("every check that rests on none finds a liar", () => {
    const found = new Set(Object.values(liars).map(({ check }) => check));
    const summaries = adapterChecks.filter(({ name }) => name.startsWith("is told"));
    expect(adapterChecks.map(({ name }) => name).filter((name) => !found.has(name))).toEqual(summaries.map(({ name }) => name));
  });
});
