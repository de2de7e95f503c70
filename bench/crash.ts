/**
 * `kill -9` at random moments, also inside a transaction, started again each time; then the laws: the log gives the mailbox's
 * state, nothing is told twice, every arrival is told, every entry is received, and where the script waited for a quiet hub
 * the sentences are those of an undisturbed run. Three planted faults show that these laws can fail.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startDovecot } from "../test/lab/dovecot.ts";
import type { Bench } from "./bar.ts";
import { type Course, live, type Outcome } from "./crash/history.ts";
import { type Fault, faults } from "./crash/store.ts";

/** Mistakes of one history that are printed. */
const shown = 5;

/** The first sentence that differs, in words; undefined: all are equal. */
export const difference = (told: readonly string[], undisturbed: readonly string[]): string | undefined => {
  const at = Array.from({ length: Math.max(told.length, undisturbed.length) }, (_, n) => n).find(
    (n) => told[n] !== undisturbed[n],
  );
  return at === undefined
    ? undefined
    : `sentence ${at + 1} is ${told[at] ?? "missing"}, undisturbed ${undisturbed[at] ?? "missing"}`;
};

export const run = async ({ full, say, note }: Bench): Promise<void> => {
  const kills = full ? 200 : 25;
  const seed = full ? 1 + Math.floor(Math.random() * 1_000_000) : 1;
  const server = await startDovecot();
  const cache = await mkdtemp(join(tmpdir(), "groupstream-crash-cache-"));
  const history = (course: Omit<Course, "server" | "cache" | "seed">): Promise<Outcome> =>
    live({ server, cache, seed, ...course });
  const report = (name: string, outcome: Outcome): void => {
    note(
      `${name}: seed ${outcome.seed}, ${outcome.deaths} kills, ${outcome.steps} edits, ${outcome.sentences.length} told, ${outcome.repeats} received again`,
    );
    for (const what of outcome.broken.slice(0, shown)) note(`  ${what}`);
    if (outcome.broken.length > shown) note(`  and ${outcome.broken.length - shown} more`);
  };
  const honest = (name: string, outcome: Outcome, broken: readonly string[]): void => {
    report(name, { ...outcome, broken });
    say({
      name: `${name}: broken laws after ${outcome.deaths} kills`,
      value: broken.length,
      unit: "mistakes",
      bar: 0,
      holds: broken.length === 0,
    });
  };
  const planted = async (fault: Fault): Promise<void> => {
    const outcome = await history({ pace: "quiet", kills: full ? 25 : 9, fault });
    report(faults[fault], outcome);
    say({
      name: `planted: ${faults[fault]}`,
      value: outcome.broken.length,
      unit: "mistakes",
      against: "at least one is found",
      holds: outcome.broken.length > 0,
    });
  };
  const waiting = async (): Promise<void> => {
    const disturbed = await history({ pace: "quiet", kills: Math.floor(kills / 2), steps: kills });
    const undisturbed = await history({ pace: "quiet", kills: 0, steps: disturbed.steps });
    report("the same edits, undisturbed", undisturbed);
    const other = difference(disturbed.sentences, undisturbed.sentences);
    honest("hub quiet between edits", disturbed, [
      ...disturbed.broken,
      ...undisturbed.broken,
      ...(other === undefined ? [] : [other]),
    ]);
  };
  const running = async (): Promise<void> => {
    const outcome = await history({ pace: "busy", kills: Math.ceil(kills / 2) });
    honest("edits while the hub runs", outcome, outcome.broken);
  };
  try {
    // Two at a time: each spends half its time waiting for a process to start.
    await Promise.all([waiting(), running()]);
    await Promise.all([planted("position-first"), planted("two-transactions").then(() => planted("done-first"))]);
  } finally {
    await server.stop();
    await rm(cache, { recursive: true, force: true });
  }
};
