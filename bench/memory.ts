/**
 * Memory of a first pass: the least heap it completes with, against a loop that only reads and inserts; and the most the process
 * holds. The heap is bounded by `--max-old-space-size`, which bounds the reading thread's heap, too, each on its own. A list
 * kept on purpose shows that both figures can fail.
 *
 * The young generation is bounded as the command line bounds it (`bin`): only a whole process can, and by itself V8 lets up to
 * 128 MB of garbage lie there before it collects. What a process without that bound holds is shown beside it.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startDovecot } from "../test/lab/dovecot.ts";
import { fill } from "../test/lab/mails.ts";
import { type Bench, round } from "./bar.ts";
import { attempt, least, patience, step } from "./heap.ts";
import type { Pass, Used } from "./memory/pass.ts";

/** Messages the bars are stated for. */
const whole = 100_000;
/** As the command line is started; docs/operations.md says it to those who start a process of their own. */
const young = "--max-semi-space-size=8";
export const run = async ({ full, say, note }: Bench): Promise<void> => {
  const count = full ? whole : 5_000;
  const server = await startDovecot();
  const dir = await mkdtemp(join(tmpdir(), "groupstream-memory-"));
  const user = server.user("small");
  let files = 0;
  const pass = async (
    kind: Pass["kind"],
    heap: number | undefined,
    limit: number,
    ...flags: readonly string[]
  ): Promise<Used | string> => {
    const target = { host: server.host, port: server.port, user, pass: server.password, mailboxes: ["INBOX"] };
    const file = join(dir, `${files++}.db`);
    const asked: Pass = { kind, target, file, copies: whole / count };
    const used = await attempt<Used>(join(import.meta.dirname, "memory/pass.ts"), asked, heap, limit, flags);
    for (const end of ["", "-wal", "-shm", "-lock"]) await rm(`${file}${end}`, { force: true });
    if (typeof used !== "string" && used.messages !== count) throw new Error(`${used.messages} of ${count} messages were read`);
    const held =
      typeof used === "string"
        ? used
        : `${round(used.ms / 1000, 1)} s, peak ${round((used.peak - used.before) / 1e6, 0)} MB above`;
    note(`${[kind, `heap ${heap ?? "unbounded"}`, ...flags].join(", ")}: ${held}`);
    return used;
  };
  const unbounded = async (kind: Pass["kind"]): Promise<Used> => {
    const used = await pass(kind, undefined, 1_200_000);
    if (typeof used === "string") throw new Error(`${kind}: ${used}`);
    return used;
  };
  try {
    note(`filling ${count} messages`);
    await fill(server, user, { count, size: "small", mailboxes: ["INBOX"] });
    const [floor, product] = [await unbounded("floor"), await unbounded("product")];
    const smallest = await least(async (heap) => typeof (await pass("floor", heap, 5_000 + patience * floor.ms)) !== "string");
    const bound = Math.floor(1.5 * smallest);
    const limit = 5_000 + patience * product.ms;
    const done = await pass("product", bound, limit, young);
    const against = `imapflow and inserts run with ${smallest} MB, not with ${smallest - step}`;
    say({
      name: `first pass of ${count} completes with a heap of`,
      value: bound,
      unit: "MB",
      against: `${against}; ${typeof done === "string" ? done : `took ${round(done.ms / 1000, 1)} s`}`,
      ratio: round(bound / smallest),
      bar: 1.5,
      holds: typeof done !== "string",
    });
    const above = (used: Used): number => round((used.peak - used.before) / 1e6, 0);
    if (typeof done !== "string")
      say({
        name: `  its peak memory above openHub, with ${young}`,
        value: above(done),
        unit: "MB",
        bar: 150,
        holds: above(done) <= 150,
      });
    const own = await pass("product", bound, limit);
    if (typeof own !== "string") say({ name: "  its peak memory with V8's own young generation", value: above(own), unit: "MB" });
    say({
      name: "  its peak memory with a heap without any bound",
      value: above(product),
      unit: "MB",
      against: `the loop: ${above(floor)} MB`,
    });
    const [keptBound, kept] = [await pass("kept", bound, limit, young), await pass("kept", undefined, 1_200_000, young)];
    if (typeof kept === "string") throw new Error(`a list of all sightings: ${kept}`);
    say({
      name: `planted: a list of all sightings, heap of ${bound} MB`,
      value: typeof keptBound === "string" ? 1 : 0,
      unit: "failures",
      against: typeof keptBound === "string" ? keptBound : "it completed",
      bar: 1,
      holds: typeof keptBound === "string",
    });
    say({
      name: "planted: a list of all sightings, peak above openHub",
      value: above(kept),
      unit: "MB",
      against: `more than 150 MB; without the list ${above(product)}`,
      holds: above(kept) > 150,
    });
  } finally {
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  }
};
