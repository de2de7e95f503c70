/**
 * One pass of the log's benchmark in a process of its own: `pass.ts <json>` prints the sightings, the activities told and the
 * time. All but the pass itself (making sightings, reading the model's rows) is done before the clock starts; so is a pass into
 * memory, by product and floor alike: a hub commits pages for months, and how soon Node has compiled it is another question.
 */

import { openHub } from "groupstream";
import { insertingInto, rowsOf } from "../imap/rows.ts";
import { listing, sightings } from "./shelf.ts";

/** `told`: each sighting becomes an activity; `recorded`: a baseline; `rows`: bare inserts of the rows of `model`. */
export type Pass = { readonly file: string } & (
  | { readonly kind: "told" | "recorded"; readonly count: number }
  | { readonly kind: "rows"; readonly model: string }
);

/** What a pass did. */
export interface Passed {
  readonly sightings: number;
  readonly told: number;
  readonly ms: number;
  /** Bytes of the mean sighting as JSON; 0 for rows. */
  readonly bytes: number;
}

const product = async (file: string, count: number, told: boolean): Promise<Passed> => {
  const all = sightings(count, told);
  const bytes = Math.round(Buffer.byteLength(JSON.stringify(all)) / count);
  await using hub = await openHub({ store: file, systems: [listing(all)], ...(told && { history: "all" as const }) });
  const started = performance.now();
  const [line] = await hub.sync();
  const ms = performance.now() - started;
  if (!line || line.failures.length > 0) throw new Error(JSON.stringify(line?.failures));
  return { sightings: line.seen, told: line.told, ms, bytes };
};

const rows = (file: string, model: string): Passed => {
  const all = rowsOf(model);
  const started = performance.now();
  const { db, insert } = insertingInto(file, all);
  for (const n of all.objects.keys()) insert(n);
  const ms = performance.now() - started;
  db.close();
  return { sightings: all.objects.length, told: 0, ms, bytes: 0 };
};

/** Sightings of the pass before the clock starts. */
const first = 5_000;

const memory = ":memory:";

const pass = JSON.parse(process.argv[2] ?? "{}") as Pass;
const run = async (file: string, count?: number): Promise<Passed> =>
  pass.kind === "rows" ? rows(file, pass.model) : product(file, count ?? pass.count, pass.kind === "told");
await run(memory, first);
const done = await run(pass.file);
console.log(JSON.stringify(done));
process.exit(0);
