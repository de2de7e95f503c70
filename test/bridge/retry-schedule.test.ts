import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mostAttempts, retryDelay } from "../../src/bridge/retry-schedule.ts";

const [s, min, h] = [1_000, 60_000, 3_600_000];
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe("retryDelay", () => {
  it("of what people answer begins with seconds, and gives up after about three days, too", () => {
    const delays = Array.from({ length: 18 }, (_, attempt) => retryDelay({ attempt, holds: true, random: () => 0 }));
    expect(delays.slice(0, 4)).toEqual([0, 2_000, 5_000, 15_000]);
    expect(delays.at(-1)).toBeUndefined();
    const days = delays.reduce<number>((sum, delay) => sum + (delay ?? 0), 0) / 86_400_000;
    expect(days).toBeGreaterThan(2.9);
    expect(days).toBeLessThan(3.2);
  });

  it("keeps the schedule of ten attempts, then the delivery is dead", () => {
    const delays = Array.from({ length: 11 }, (_, attempt) => retryDelay({ attempt, random: () => 0 }));
    expect(delays).toEqual([0, 5 * s, 5 * min, 30 * min, 2 * h, 5 * h, 10 * h, 14 * h, 20 * h, 24 * h, undefined]);
    expect(mostAttempts).toBe(10);
    expect(retryDelay({ attempt: 10, retryAfter: 5, random: () => 0 })).toBeUndefined();
  });

  it("waits as long as the target asks where that is longer, and a day at most", () => {
    expect(retryDelay({ attempt: 1, retryAfter: 60, random: () => 0 })).toBe(60 * s);
    expect(retryDelay({ attempt: 2, retryAfter: 60, random: () => 0 })).toBe(5 * min);
    expect(retryDelay({ attempt: 1, retryAfter: 1e9, random: () => 0 })).toBe(24 * h);
    expect(retryDelay({ attempt: 1, retryAfter: -5, random: () => 0 })).toBe(5 * s);
  });

  it("is never earlier than schedule and target, and at most a tenth later", () => {
    fc.assert(
      fc.property(fc.nat(9), fc.option(fc.nat(90_000), { nil: undefined }), random, (attempt, retryAfter, chance) => {
        const asked = retryAfter === undefined ? {} : { retryAfter };
        const least = retryDelay({ attempt, ...asked, random: () => 0 }) ?? Number.NaN;
        const delay = retryDelay({ attempt, ...asked, random: () => chance }) ?? Number.NaN;
        expect(delay).toBeGreaterThanOrEqual(Math.min((retryAfter ?? 0) * s, 24 * h));
        expect(delay).toBeGreaterThanOrEqual(least);
        expect(delay).toBeLessThanOrEqual(Math.round(least * 1.1));
      }),
    );
  });
});
