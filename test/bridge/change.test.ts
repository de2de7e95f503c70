/** Changes an application asks for: occurrences are named by local times, and these by the zone's own clock. */

import type { EventView } from "groupstream";
import { describe, expect, it } from "vitest";
import { changedBy } from "../../src/bridge/change.ts";

const series = (start: string, end: string, timezone: string): EventView => ({
  type: "Event",
  name: "Night shift",
  start,
  end,
  timezone,
  startTime: "2026-01-01T01:30:00Z",
  recurrence: { rules: ["FREQ=DAILY"] },
});

const occurrence = (view: EventView, id: string) => {
  const { recurrence } = changedBy(view, { location: "Room 3" }, { id });
  return (recurrence as NonNullable<EventView["recurrence"]>).overrides?.[id];
};

describe("an occurrence that is changed", () => {
  const berlin = series("2026-01-01T02:30:00", "2026-01-01T03:30:00", "Europe/Berlin");

  it.each([
    ["in winter", "2026-02-01T02:30:00", "2026-02-01T01:30:00Z"],
    ["in summer", "2026-07-01T02:30:00", "2026-07-01T00:30:00Z"],
    // RFC 5545 section 3.3.5: the first of two, and in a gap by the offset before it.
    ["when the clock is turned back, and the time occurs twice", "2026-10-25T02:30:00", "2026-10-25T00:30:00Z"],
    ["when the clock is turned forward, and there is no such time", "2026-03-29T02:30:00", "2026-03-29T01:30:00Z"],
  ])("has its own instant %s", (_, id, instant) => {
    expect(occurrence(berlin, id)).toMatchObject({ originalTime: instant, startTime: instant, start: id, location: "Room 3" });
  });

  it("is a day where the series is of days, and UTC where its zone is not known", () => {
    const days: EventView = { type: "Event", start: "2026-01-01", end: "2026-01-02", recurrence: { rules: ["FREQ=DAILY"] } };
    expect(occurrence(days, "2026-01-05")).toMatchObject({ originalTime: "2026-01-05T00:00:00Z", end: "2026-01-06" });
    const nowhere = series("2026-01-01T02:30:00", "2026-01-01T03:30:00", "Mars/Olympus");
    expect(occurrence(nowhere, "2026-02-01T02:30:00")).toMatchObject({ originalTime: "2026-02-01T02:30:00Z" });
  });
});
