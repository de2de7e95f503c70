/** When a failed system or collection is tried again. Pure. */

const first = 5_000;
const most = 15 * 60_000;

/**
 * Milliseconds to wait after this many failed attempts: 5 s doubled each time up to 15 min, or what the server asked for
 * if that is longer.
 * @param retryAfter  seconds
 */
export const delayAfter = (attempts: number, retryAfter = 0): number =>
  Math.max(Math.min(most, first * 2 ** Math.max(0, attempts - 1)), retryAfter * 1000);
