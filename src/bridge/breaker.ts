/**
 * The circuit breaker of one host: whether a delivery may be tried now. Pure and immutable; the clock enters as a number.
 *
 *            failure, fewer than 5 in a row
 *                 ┌──────┐
 *                 ▼      │
 *   success ──▶ closed ──┘
 *      ▲           │ failure, the fifth in a row
 *      │           ▼
 *      ├──────── open ◀───────────────┐
 *      │           │ try, when        │ failure: closed twice as long
 *      │           ▼ its time is up   │
 *      └─────── half-open ────────────┘
 *
 * closed     everything is tried; failures are counted, a success forgets them
 * open       nothing is tried until its time is up; an attempt that began earlier may still end and tell us
 * half-open  one try is under way and decides; no second one until it ends, or two and a half minutes have passed without a word of it
 *            (its process died)
 *
 * What counts as failure is that the host does not serve: no connection, silence, 5xx. An answer that refuses one delivery
 * is a success here.
 */

/** The state of one host's circuit. */
export type Breaker =
  | { readonly state: "closed"; readonly failures: number }
  | { readonly state: "open"; readonly until: number; readonly pause: number }
  | { readonly state: "half-open"; readonly since: number; readonly pause: number };

/** What happens to it: one try begins, or ends well or badly. */
export type BreakerEvent = "try" | "success" | "failure";

/** A host nothing is known about. */
export const closed: Breaker = { state: "closed", failures: 0 };

/** Failures in a row that open it. */
const limit = 5;
/** Milliseconds the first opening lasts, and the longest. */
const firstPause = 10_000;
const longestPause = 600_000;
/** Milliseconds after which an attempt nobody heard of again is forgotten: longer than any request may take. */
const lostAfter = 150_000;

type Circuit<Is extends Breaker["state"]> = Extract<Breaker, { state: Is }>;
type Row<Is extends Breaker["state"]> = { readonly [event in BreakerEvent]: (breaker: Circuit<Is>, now: number) => Breaker };

const opened = (pause: number, now: number): Breaker => ({ state: "open", pause, until: now + pause });

/** Every state with every event: a forgotten case does not compile. */
const table: { readonly [Is in Breaker["state"]]: Row<Is> } = {
  closed: {
    try: (breaker) => breaker,
    success: (breaker) => (breaker.failures === 0 ? breaker : closed),
    failure: ({ failures }, now) =>
      failures + 1 < limit ? { state: "closed", failures: failures + 1 } : opened(firstPause, now),
  },
  open: {
    try: (breaker, now) => (now < breaker.until ? breaker : { state: "half-open", since: now, pause: breaker.pause }),
    success: () => closed,
    // One that began before it opened: it is known already.
    failure: (breaker) => breaker,
  },
  "half-open": {
    try: (breaker, now) => (now < breaker.since + lostAfter ? breaker : { ...breaker, since: now }),
    success: () => closed,
    failure: ({ pause }, now) => opened(Math.min(pause * 2, longestPause), now),
  },
};

/**
 * The state after an event. `try` is told when one begins, and only where {@link mayTry} said `true`; told while closed it
 * changes nothing.
 * @param now  milliseconds, any clock that only goes forward
 */
export const breakerAfter = (breaker: Breaker, event: BreakerEvent, now: number): Breaker => {
  switch (breaker.state) {
    case "closed":
      return table.closed[event](breaker, now);
    case "open":
      return table.open[event](breaker, now);
    case "half-open":
      return table["half-open"][event](breaker, now);
  }
};

/** `true`: one may begin now; otherwise the milliseconds, more than 0, after which to ask again. */
export const mayTry = (breaker: Breaker, now: number): true | number => {
  if (breaker.state === "closed") return true;
  const at = breaker.state === "open" ? breaker.until : breaker.since + lostAfter;
  return now >= at || at - now;
};
