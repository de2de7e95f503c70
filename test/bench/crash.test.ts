/** The crash benchmark in small: killed hubs keep the laws, and a fault planted in the store breaks them. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Course, live, type Outcome } from "../../bench/crash/history.ts";
import { difference } from "../../bench/crash.ts";
import { type Dovecot, startDovecot } from "../lab/dovecot.ts";
import { LabUnavailable } from "../lab/packages.ts";

/** All nine moments at which a process may die come up in so many. */
const kills = 9;

let server: Dovecot | undefined;
let cache = "";
let missing = "";

beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), "groupstream-crash-cache-"));
  try {
    server = await startDovecot();
  } catch (error) {
    if (!(error instanceof LabUnavailable) || process.env.CI === "1") throw error;
    missing = error.message;
  }
});

afterAll(async () => {
  await server?.stop();
  await rm(cache, { recursive: true, force: true });
});

const history = async (
  course: Pick<Course, "kills" | "pace" | "fault" | "steps">,
  skip: (why: string) => never,
): Promise<Outcome> => {
  if (!server) return skip(`no Dovecot: ${missing}`);
  return live({ server, cache, seed: 2, ...course });
};

describe("a hub that is killed again and again", () => {
  it("tells what an undisturbed one tells, each once", async ({ skip }) => {
    const disturbed = await history({ pace: "quiet", kills, steps: 20 }, skip);
    const undisturbed = await history({ pace: "quiet", kills: 0, steps: disturbed.steps }, skip);
    expect(disturbed.deaths).toBe(kills);
    expect(undisturbed.deaths).toBe(0);
    expect(disturbed.broken).toEqual([]);
    expect(undisturbed.broken).toEqual([]);
    expect(disturbed.sentences.length).toBeGreaterThan(10);
    expect(difference(disturbed.sentences, undisturbed.sentences)).toBeUndefined();
  });

  it("is caught where items and log are not of one transaction", async ({ skip }) => {
    const { broken } = await history({ pace: "quiet", kills, fault: "two-transactions" }, skip);
    expect(broken).not.toEqual([]);
  });
});

describe("the first sentence that differs", () => {
  it("is named; equal stories have none", () => {
    expect(difference(["a", "b"], ["a", "b"])).toBeUndefined();
    expect(difference(["a", "b"], ["a", "c"])).toBe("sentence 2 is b, undisturbed c");
    expect(difference(["a"], ["a", "b"])).toBe("sentence 2 is missing, undisturbed b");
  });
});
