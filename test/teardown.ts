/** Waits, at most three seconds, until what the tests started is not even `<defunct>` any more. */

import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

const unreaped = (): boolean =>
  readdirSync("/proc").some((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return state === "Z" && parent === "1";
    } catch {
      return false;
    }
  });

/** vitest's global teardown. */
export const teardown = async (): Promise<void> => {
  for (let waited = 0; waited < 3_000 && unreaped(); waited += 50) await pause(50);
};
