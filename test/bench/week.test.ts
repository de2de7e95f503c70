/** The week in small: two people in two servers' calendars, told the same whether the hub is disturbed or not; a planted fault is caught. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Course, live, type Outcome } from "../../bench/week/history.ts";
import { differences } from "../../bench/week/laws.ts";
import { scriptOf } from "../../bench/week/script.ts";
import { LabUnavailable } from "../lab/packages.ts";

/** On a machine with nothing else to do the longest takes 20 s; on a busy one each process starts late. */
const patience = 240_000;

let cache = "";
beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), "groupstream-week-cache-"));
});
afterAll(() => rm(cache, { recursive: true, force: true }));

const history = (course: Pick<Course, "seed" | "steps" | "troubles" | "fault">, skip: (why: string) => never): Promise<Outcome> =>
  live({ cache, note: console.warn, ...course }).catch((error: unknown) => {
    if (!(error instanceof LabUnavailable) || process.env.CI) throw error;
    return skip(error.message);
  });

describe("a week in calendars", () => {
  it("is the same script for the same seed, and goes on alike however long it is", () => {
    const week = (steps: number) => scriptOf(7, { first: 8, steps, schedules: true }).steps;
    expect(week(300).slice(0, 60)).toEqual(week(60));
    expect(new Set(week(300).map(({ what }) => what.replace(/ \S+(?: fixe)? \d+ in .*/, ""))).size).toBeGreaterThan(15);
  });

  it(
    "is told as if nobody had disturbed it, each thing once",
    async ({ skip }) => {
      const [disturbed, undisturbed] = await Promise.all([
        history({ seed: 2, steps: 20, troubles: "all" }, skip),
        history({ seed: 2, steps: 20, troubles: "none" }, skip),
      ]);
      const { kills, cuts, outages } = disturbed.befallen;
      expect(kills * cuts * outages).toBeGreaterThan(0);
      expect(undisturbed.befallen).toEqual({ kills: 0, cuts: 0, outages: 0, losses: 0 });
      expect([...undisturbed.stories.values()].flat().length).toBeGreaterThan(10);
      expect(disturbed.broken).toEqual([]);
      expect(undisturbed.broken).toEqual([]);
      expect(differences(disturbed.stories, undisturbed.stories)).toEqual([]);
    },
    patience,
  );

  it(
    "is caught where the position is written before the activities",
    async ({ skip }) => {
      const { broken } = await history({ seed: 1, steps: 5, troubles: "death", fault: "position-first" }, skip);
      expect(broken).not.toEqual([]);
    },
    patience,
  );
});

describe("the difference between two histories", () => {
  const told = (...sentences: readonly string[]) =>
    new Map([[7, sentences.map((sentence) => ({ sentence, content: sentence }))]]);
  it("is named by the thing and its first other sentence", () => {
    expect(differences(told("a", "b"), told("a", "b"))).toEqual([]);
    expect(differences(told("a", "b"), told("a", "c"))).toEqual(["7, sentence 2 is b, undisturbed c"]);
    expect(differences(told("a"), new Map())).toEqual(["7, sentence 1 is a, undisturbed missing"]);
  });
});
