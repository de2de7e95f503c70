/** How much memory a pass needs: passes in processes of their own, their heap bounded by `--max-old-space-size`. */

import { spawn } from "node:child_process";
import { round } from "./bar.ts";

/** What a pass took. */
export interface Used {
  readonly ms: number;
  /** Most that the process held while it read, and what it held before, bytes; sampled every 20 ms. */
  readonly peak: number;
  readonly before: number;
}

/** MB between two heaps that are told apart. */
export const step = 4;
/** A loop that takes this many times as long as with all the memory it wants does not run any more. */
export const patience = 10;

/**
 * What a script prints for `pass`, or why it ended: out of memory, or collecting garbage for ever.
 * @param sources  false: with the package as it was built; sources take five more megabytes until their types are stripped
 */
export const attempt = <U extends Used>(
  script: string,
  pass: unknown,
  heap: number | undefined,
  limit: number,
  flags: readonly string[] = [],
  sources = true,
): Promise<U | string> =>
  new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [
        ...(sources ? ["--conditions=groupstream:source"] : []),
        "--disable-warning=ExperimentalWarning",
        ...(heap === undefined ? [] : [`--max-old-space-size=${heap}`]),
        ...flags,
        script,
        JSON.stringify(pass),
      ],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    let [said, trouble, late] = ["", "", false];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (trouble += text));
    const timer = setTimeout(() => {
      late = true;
      child.kill("SIGKILL");
    }, limit);
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(timer);
      if (code === 0) resolve(JSON.parse(said) as U);
      else if (late) resolve(`not done after ${round(limit / 1000, 0)} s`);
      else if (/heap out of memory|heap limit|ERR_WORKER_OUT_OF_MEMORY/i.test(trouble)) resolve("out of memory");
      else reject(new Error(`the pass failed:\n${trouble.slice(0, 2_000)}`));
    });
  });

/** The least heap, MB, with which it runs; `runs` is monotonous. */
export const least = async (runs: (heap: number) => Promise<boolean>): Promise<number> => {
  let [fails, holds] = [0, 4 * step];
  while (!(await runs(holds))) [fails, holds] = [holds, holds * 2];
  while (holds - fails > step) {
    const middle = Math.round((fails + holds) / 2 / step) * step;
    if (await runs(middle)) holds = middle;
    else fails = middle;
  }
  return holds;
};

/** Most the process holds between now and `end`, bytes. */
export const sampling = (): { readonly before: number; end(): number } => {
  const before = process.memoryUsage.rss();
  let peak = before;
  const look = (): void => {
    peak = Math.max(peak, process.memoryUsage.rss());
  };
  const timer = setInterval(look, 20);
  return {
    before,
    end: () => {
      clearInterval(timer);
      look();
      return peak;
    },
  };
};
