/** When a delivery is tried again. Pure: chance enters as a function. */

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/**
 * Milliseconds between one attempt and the next, as Standard Webhooks 1.0 proposes: ten attempts over about three days. A
 * short outage costs seconds, a long weekend loses nothing.
 */
const schedule: readonly number[] = [
  0,
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
];

/**
 * The same for what people read and answer: a line that was cut for a moment must not cost minutes. Each attempt begins by asking
 * whether the last one was done, so trying often doubles nothing. About three days, too.
 */
const conversing: readonly number[] = [
  0,
  2 * second,
  5 * second,
  15 * second,
  30 * second,
  minute,
  2 * minute,
  5 * minute,
  10 * minute,
  30 * minute,
  hour,
  2 * hour,
  4 * hour,
  8 * hour,
  12 * hour,
  20 * hour,
  24 * hour,
];

/** The number of attempts a delivery to a webhook gets before it is dead. */
export const mostAttempts = schedule.length;

/** Share of the delay that chance adds, so that what failed together does not return together. */
const jitter = 0.1;

/** What the delay depends on. */
export interface Failed {
  /** Attempts made so far; 0 before the first. */
  readonly attempt: number;
  /** Seconds the target asked for; wins where it is longer than the schedule, never believed beyond a day. */
  readonly retryAfter?: number;
  /** The target holds things that people answer. Default: it is handed activities. */
  readonly holds?: boolean;
  /** Numbers from 0 (inclusive) to 1 (exclusive): `Math.random`. */
  readonly random: () => number;
}

/**
 * Milliseconds until the next attempt: the schedule or `retryAfter`, whichever is longer, and up to a tenth more; never
 * earlier than the target asked. `undefined`: there is no next attempt, the delivery is dead and a person decides.
 */
export const retryDelay = ({ attempt, retryAfter = 0, holds = false, random }: Failed): number | undefined => {
  const planned = (holds ? conversing : schedule)[attempt];
  if (planned === undefined) return undefined;
  const asked = Math.min(Math.max(retryAfter, 0) * second, 24 * hour);
  return Math.round(Math.max(planned, asked) * (1 + jitter * random()));
};
