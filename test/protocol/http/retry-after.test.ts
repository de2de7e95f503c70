import fc from "fast-check";
import { retryAfterSeconds } from "groupstream/protocol/http";
import { describe, expect, it } from "vitest";

const now = Date.UTC(2026, 10, 24, 12, 0, 0);

describe("retryAfterSeconds", () => {
  it.each([
    ["0", 0],
    ["120", 120],
    [" 7 ", 7],
    ["86400", 86_400],
    ["999999999999999999999999", 86_400],
    ["Tue, 24 Nov 2026 12:01:00 GMT", 60],
    ["Tuesday, 24-Nov-26 12:01:00 GMT", 60],
    ["Tue Nov 24 12:01:00 2026", 60],
    ["Tue, 24 Nov 2026 11:00:00 GMT", 0],
    ["Tue, 24 Nov 2037 11:00:00 GMT", 86_400],
  ])("reads %j as %d s", (header, seconds) => {
    expect(retryAfterSeconds(header, now)).toBe(seconds);
  });

  it.each([undefined, "", "-1", "1.5", "soon", "2026-11-24T12:01:00Z", "Tue, 99 Nov 2026 12:01:00 GMT", "1e3", "0x10"])(
    "takes %j for no answer",
    (header) => {
      expect(retryAfterSeconds(header, now)).toBeUndefined();
    },
  );

  it("gives whole seconds from 0 to a day, or nothing, for any text", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.integer().map(String),
          fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
        ),
        (header) => {
          const seconds = retryAfterSeconds(header, now);
          expect(seconds === undefined || (Number.isInteger(seconds) && seconds >= 0 && seconds <= 86_400)).toBe(true);
        },
      ),
    );
  });
});
