/** How fast a first reading goes and how long it still takes. Pure. */

import type { Progress } from "../sync/context.ts";

/** Everything under way, added up. */
export interface Pace {
  readonly seen: number;
  /** Still to come, as far as the adapters can tell. */
  readonly left: number;
  /** Sightings a second since it began; absent in the first second. */
  readonly rate?: number;
  /** Seconds; absent while no rate is known, or nothing is left. */
  readonly remaining?: number;
}

/** @param ms  since it began */
export const paceOf = (steps: readonly Progress[], ms: number): Pace => {
  const seen = steps.reduce((sum, step) => sum + step.seen, 0);
  const left = steps.reduce((sum, { estimate }) => sum + (estimate ?? 0), 0);
  if (ms < 1_000 || seen === 0) return { seen, left };
  const rate = (seen * 1000) / ms;
  return { seen, left, rate: Math.round(rate), ...(left > 0 && { remaining: Math.ceil(left / rate) }) };
};

/** `45 s`, `12 min`, `3 h 20 min`: the same in every language. */
export const spoken = (seconds: number): string => {
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
};
