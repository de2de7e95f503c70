/**
 * Runs random histories and prints a table.
 *
 *   npm run simulate -- --world mail --seeds 3000 --from 1
 *   npm run simulate -- --world mail --seed 123 --trace
 *   npm run simulate -- --world mail --seeds 300 --off settle        one rule switched off
 *   npm run simulate -- --world mail --seeds 300 --happenings        in how many histories each trouble came
 */

import { parseArgs } from "node:util";
import type { Rules } from "../../src/sync/rules.ts";
import { Happenings } from "./happenings.ts";
import { runHistory } from "./history.ts";
import { type WorldName, worldNames } from "./worlds.ts";

const { values } = parseArgs({
  options: {
    world: { type: "string" },
    seeds: { type: "string", default: "300" },
    from: { type: "string", default: "1" },
    seed: { type: "string" },
    trace: { type: "boolean", default: false },
    off: { type: "string" },
    happenings: { type: "boolean", default: false },
  },
});

const chosen = values.world === undefined ? worldNames : worldNames.filter((name) => name === values.world);
if (chosen.length === 0) throw new Error(`--world must be one of ${worldNames.join(", ")}`);
const rules = Object.fromEntries((values.off?.split(",") ?? []).map((rule) => [rule, false])) as Partial<Rules>;
const from = Number(values.seed ?? values.from);
const seeds = values.seed === undefined ? Number(values.seeds) : 1;

const rows = [];
for (const world of chosen as WorldName[]) {
  const laws = new Map<string, number[]>();
  const happenings = new Happenings(world);
  let bad = 0;
  let told = 0;
  let rounds = 0;
  const began = performance.now();
  for (let seed = from; seed < from + seeds; seed += 1) {
    const history = await runHistory(world, seed, rules);
    told += history.told;
    if (values.happenings) happenings.read(history.trace);
    rounds = Math.max(rounds, history.rounds);
    if (values.trace) console.log(history.trace.join("\n"));
    if (history.broken.length > 0) bad += 1;
    if (history.broken.length > 0 && values.seed === undefined)
      console.log(`${world} ${seed}: ${history.broken.map(({ law, what }) => `${law} ${what}`).join(" · ")}`);
    for (const law of new Set(history.broken.map((one) => one.law))) laws.set(law, [...(laws.get(law) ?? []), seed]);
    if (values.seed !== undefined) for (const { law, what } of history.broken) console.log(`${law}  ${what}`);
  }
  if (values.happenings) console.table(Object.fromEntries(happenings.counts));
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  rows.push({
    world,
    histories: seeds,
    broken: bad,
    told,
    "most rounds": rounds,
    seconds,
    laws: [...laws].map(([law, list]) => `${law}: ${list.length} (${list.slice(0, 5).join(" ")})`).join(" · "),
  });
}
console.table(rows);
process.exitCode = rows.some(({ broken }) => broken > 0) ? 1 : 0;
