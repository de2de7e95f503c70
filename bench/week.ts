/**
 * A week in the calendars of two people on two servers, lived through twice: once with a hub that nobody disturbs, once with lines that are
 * cut, hubs and servers that are killed, and positions that are lost. After each step the hub comes to rest. Both are told the same, of each
 * thing in the same order, nothing twice, and what they were told is what stands on the servers. Two planted faults show that this can fail.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bench } from "./bar.ts";
import { type Fault, faults } from "./crash/store.ts";
import { type Course, live, type Outcome } from "./week/history.ts";
import { differences, movesOtherwise } from "./week/laws.ts";

/** Mistakes of one history that are printed. */
const shown = 5;

export const run = async ({ full, say, note }: Bench): Promise<void> => {
  const steps = full ? 300 : 60;
  const seed = Number(process.env.SEED ?? 1);
  const cache = await mkdtemp(join(tmpdir(), "groupstream-week-cache-"));
  const history = (course: Pick<Course, "steps" | "troubles" | "fault">): Promise<Outcome> =>
    live({ seed, cache, note, ...course });
  const report = (name: string, { steps, seconds, befallen, stories }: Outcome, broken: readonly string[]): void => {
    const told = [...stories.values()].reduce((sum, story) => sum + story.length, 0);
    const { kills, cuts, outages, losses } = befallen;
    note(
      `${name}: seed ${seed}, ${steps} steps, ${told} told, ${kills} kills, ${cuts} cuts, ${outages} servers killed, ${losses} times positions lost, ${seconds.toFixed(0)} s`,
    );
    for (const what of broken.slice(0, shown)) note(`  ${what}`);
    if (broken.length > shown) note(`  and ${broken.length - shown} more`);
  };
  const planted = async (fault: Fault): Promise<void> => {
    const outcome = await history({ steps: 8, troubles: "death", fault });
    report(`planted: ${faults[fault]}`, outcome, outcome.broken);
    say({
      name: `planted: ${faults[fault]}`,
      value: outcome.broken.length,
      unit: "mistakes",
      against: "at least one is found",
      holds: outcome.broken.length > 0,
    });
  };
  try {
    const [undisturbed, disturbed] = await Promise.all([
      history({ steps, troubles: "none" }),
      history({ steps, troubles: "all" }),
    ]);
    report("undisturbed", undisturbed, undisturbed.broken);
    report("disturbed", disturbed, disturbed.broken);
    const otherwise = differences(disturbed.stories, undisturbed.stories);
    for (const what of otherwise.slice(0, shown)) note(`  ${what}`);
    const moves = [...undisturbed.stories.values()].flat().filter(({ moved }) => moved !== undefined).length;
    note(
      `  ${moves} went to another calendar; ${movesOtherwise(disturbed.stories, undisturbed.stories)} of them told by other activities`,
    );
    const mistakes = undisturbed.broken.length + disturbed.broken.length;
    say({ name: `a week of ${steps} steps: broken laws`, value: mistakes, unit: "mistakes", bar: 0, holds: mistakes === 0 });
    say({
      name: `  things told otherwise than undisturbed`,
      value: otherwise.length,
      unit: "things",
      bar: 0,
      holds: otherwise.length === 0,
    });
    await Promise.all([planted("position-first"), planted("two-transactions")]);
  } finally {
    await rm(cache, { recursive: true, force: true });
  }
};
