/** A bridge between a mailbox and a room on real servers: how fast, and what is left after everything broke. */

import type { Bench } from "./bar.ts";
import { chaos } from "./bridge/chaos.ts";
import { latency } from "./bridge/latency.ts";
import { rate } from "./bridge/rate.ts";

export const run = async (bench: Bench): Promise<void> => {
  await rate(bench);
  await latency(bench);
  await chaos(bench);
};
