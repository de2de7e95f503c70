/**
 * One pass of the log's benchmark in a process of its own: `pass.ts <json>` prints the sightings, the activities told and the
 * time. All but the pass itself (making sightings, reading the model's rows) is done before the clock starts; so is a pass into
 * memory, by product and floor alike: a hub commits pages for months, and how soon Node has compiled it is another question.
 */

import { openHub } from "groupstream";
import { insertingInto, rowsOf } from "../rows.ts";
import { listing, sightings } from "./shelf.ts";

/**
 * `told`: each sighting becomes an activity; `recorded`: a baseline; `rows`: bare inserts of what `model` holds and `file` does
 * not. `told` and `recorded` go on with what `file` holds, up to `count` in all; with `until` they are broken off there.
 */
export type Pass = { readonly file: string } & (
  | { readonly kind: "told" | "recorded"; readonly count: number; readonly until?: number }
  | { readonly kind: "rows"; readonly model: string; readonly after: number }
);

/** What a pass did. */
export interface Passed {
  readonly sightings: number;
  readonly told: number;
  readonly ms: number;
  /** Bytes of the mean sighting as JSON; 0 for rows. */
  readonly bytes: number;
}

const product = async (file: string, count: number, told: boolean, until?: number): Promise<Passed> => {
  const all = sightings(count, told);
  const bytes = Math.round(Buffer.byteLength(JSON.stringify(all)) / count);
  await using hub = await openHub({ store: file, systems: [listing(all, until)], ...(told && { history: "all" as const }) });
  const started = performance.now();
  const [line] = await hub.sync();
  const ms = performance.now() - started;
  if (!line || line.failures.length !== (until === undefined ? 0 : 1)) throw new Error(JSON.stringify(line?.failures));
  return { sightings: line.seen, told: line.told, ms, bytes };
};

const rows = (file: string, model: string, after: number): Passed => {
  const all = rowsOf(model, after);
  const started = performance.now();
  const { db, insert } = insertingInto(file, all);
  for (const n of all.objects.keys()) insert(n);
  const ms = performance.now() - started;
  db.close();
  return { sightings: all.objects.length, told: 0, ms, bytes: 0 };
};

/** Sightings of the pass before the clock starts. */
const first = 20_000;

const memory = ":memory:";

const pass = JSON.parse(process.argv[2] ?? "{}") as Pass;
if (pass.kind === "rows") rows(memory, pass.model, pass.after);
else await product(memory, first, pass.kind === "told");
const done =
  pass.kind === "rows"
    ? rows(pass.file, pass.model, pass.after)
    : await product(pass.file, pass.count, pass.kind === "told", pass.until);
console.log(JSON.stringify(done));
process.exit(0);
