import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Breaker, type BreakerEvent, breakerAfter, closed, mayTry } from "../../src/bridge/breaker.ts";

const run = (events: readonly [BreakerEvent, number][], from: Breaker = closed): Breaker =>
  events.reduce((state, [event, now]) => breakerAfter(state, event, now), from);
const failures = (count: number, at = 0): [BreakerEvent, number][] => Array.from({ length: count }, () => ["failure", at]);
const open: Breaker = { state: "open", until: 10_000, pause: 10_000 };
const half: Breaker = { state: "half-open", since: 10_000, pause: 10_000 };

/** Every state with every event, before and after the moment that matters. */
const cases: {
  readonly [state in Breaker["state"]]: { readonly [event in BreakerEvent]: readonly [Breaker, number, Breaker][] };
} = {
  closed: {
    try: [[closed, 1, closed]],
    success: [[{ state: "closed", failures: 4 }, 1, closed]],
    failure: [
      [closed, 1, { state: "closed", failures: 1 }],
      [{ state: "closed", failures: 4 }, 1, { state: "open", until: 10_001, pause: 10_000 }],
    ],
  },
  open: {
    try: [
      [open, 9_999, open],
      [open, 10_000, { state: "half-open", since: 10_000, pause: 10_000 }],
    ],
    success: [[open, 1, closed]],
    failure: [[open, 1, open]],
  },
  "half-open": {
    try: [
      [half, 10_001, half],
      [half, 160_000, { ...half, since: 160_000 }],
    ],
    success: [[half, 10_001, closed]],
    failure: [
      [half, 11_000, { state: "open", until: 31_000, pause: 20_000 }],
      [{ ...half, pause: 400_000 }, 11_000, { state: "open", until: 611_000, pause: 600_000 }],
    ],
  },
};

describe("the breaker", () => {
  for (const [from, row] of Object.entries(cases)) {
    for (const [event, list] of Object.entries(row)) {
      it(`goes on from ${from} by ${event}`, () => {
        for (const [state, now, to] of list) expect(breakerAfter(state, event as BreakerEvent, now)).toEqual(to);
      });
    }
  }

  it("opens by five failures in a row, lets one try when its time is up, and closes by its success", () => {
    expect(mayTry(run(failures(4)), 0)).toBe(true);
    const opened = run(failures(5));
    expect([mayTry(opened, 0), mayTry(opened, 9_999), mayTry(opened, 10_000)]).toEqual([10_000, 1, true]);
    const probing = run([["try", 10_000]], opened);
    expect(mayTry(probing, 10_001)).toBe(149_999);
    expect(mayTry(run([["success", 10_200]], probing), 10_200)).toBe(true);
  });

  it("forgets failures by a success in between", () => {
    expect(run([...failures(4), ["success", 1], ...failures(4)])).toEqual({ state: "closed", failures: 4 });
  });

  it("lets another try where the one under way was never heard of again", () => {
    expect(mayTry(half, 159_999)).toBe(1);
    expect(mayTry(half, 160_000)).toBe(true);
  });

  it("never blocks for longer than ten minutes, never changes a state it was given, and one success opens the way", () => {
    const step = fc.tuple(fc.constantFrom<BreakerEvent>("try", "success", "failure"), fc.nat(1_000_000));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let [state, now] = [closed, 0];
        for (const [event, passed] of steps) {
          now += passed;
          if (event === "try" && mayTry(state, now) !== true) continue;
          state = breakerAfter(Object.freeze(state), event, now);
          const wait = mayTry(state, now);
          if (wait === true) continue;
          expect(event).not.toBe("success");
          expect(wait).toBeGreaterThan(0);
          expect(wait).toBeLessThanOrEqual(600_000);
          expect(mayTry(state, now + wait)).toBe(true);
        }
      }),
    );
  });
});
