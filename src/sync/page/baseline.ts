/** Which new items are recorded without being told. Pure. */

import type { Whole } from "../../contract/adapter.ts";
import type { Rules } from "../rules.ts";
import type { LookState } from "./load.ts";

/**
 * How much older than our own clock's time something must be, ms: sources give whole seconds, by clocks of their own. In
 * doubt it is told.
 */
const slack = 60_000;

/**
 * `all`: recorded, whatever it would tell (baseline) · `create`: only a `Create` of it is silent (a collection found
 * later) · `no`: told.
 */
export const quietly = (whole: Whole, look: LookState, rules: Rules): "all" | "create" | "no" => {
  const { first, quietBefore } = look.collection;
  const came = whole.came === undefined ? Number.NaN : Date.parse(whole.came);
  if (first === "baseline" && rules.baseline) {
    if (look.history === "all" || (look.history !== undefined && came >= look.history)) return "no";
    // What came after the listing opened is news; what cannot say when it came existed.
    return came > (look.listing?.openedAt ?? look.openedAt) ? "no" : "all";
  }
  if (first === "late" && rules.age && quietBefore !== undefined && came + slack <= quietBefore) return "create";
  return "no";
};
