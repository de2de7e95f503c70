/**
 * Libraries that our own readers are compared with. They are no dependencies of this repository: whoever repeats a measurement installs
 * them in a folder of their own and names that folder on the command line.
 */

import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const [folder = ""] = process.argv.slice(2);

/** A package out of the folder on the command line. Fails: Node's MODULE_NOT_FOUND. */
export const peer = <T>(name: string): T => {
  if (folder === "") throw new Error("Name the folder in which the packages to compare with are installed.");
  return createRequire(join(resolve(folder), "package.json"))(name) as T;
};

/** The first argument after the folder, if there is one. */
export const [, further] = process.argv.slice(2);

/** Milliseconds of processor time of one call, the median of `runs` after one that does not count. */
export const cost = (call: () => unknown, runs = 7): number => {
  const taken: number[] = [];
  for (let run = 0; run <= runs; run += 1) {
    const before = process.cpuUsage();
    call();
    const { user, system } = process.cpuUsage(before);
    if (run > 0) taken.push((user + system) / 1_000);
  }
  return taken.sort((a, b) => a - b)[runs >> 1] ?? 0;
};

/** What a call did, in few words: its answer, or the error it threw. */
export const outcome = (call: () => unknown): string => {
  try {
    return String(call());
  } catch (error) {
    return `throws: ${(error instanceof Error ? error.message : String(error)).slice(0, 70)}`;
  }
};

/** Rows under a head, as wide as they need. */
export const table = (head: readonly string[], rows: readonly (readonly unknown[])[]): void => {
  const all = [head, ...rows.map((row) => row.map((cell) => String(cell)))];
  const wide = head.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)));
  for (const row of all) console.log(row.map((cell, at) => cell.padEnd(wide[at] ?? 0)).join("  "));
};
