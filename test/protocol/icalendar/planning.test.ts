/** Views as calendar objects: made whole, changed fact by fact, merged, split. */

import fc from "fast-check";
import {
  changedPlanned,
  factsOf,
  isAnswerFact,
  newPlanned,
  type Planned,
  plannedView,
  readCalendars,
  seriesOf,
  splitPlanned,
} from "groupstream/protocol/icalendar";
import { baseCarried, baseOfFacts, carriedFacts, mergedFacts } from "groupstream/protocol/merge";
import { describe, expect, it } from "vitest";
import { occurrencesOf } from "../../../src/protocol/icalendar/occurrences.ts";
import { zoneNamed } from "../../../src/protocol/icalendar/zones.ts";

const stamp = "2026-11-26T10:00:00Z";
const seriesIn = (text: string) => readCalendars(text).calendars.flatMap((calendar) => seriesOf(calendar))[0]!;
const shown = (text: string): Planned => plannedView(seriesIn(text), { text: "full" })!;
const write = (view: Planned) => newPlanned(view, { uid: "u", stamp });
const starts = (view: Planned): readonly string[] =>
  occurrencesOf(seriesIn(write(view).text), { from: "2026-01-01T00:00:00Z", to: "2028-01-01T00:00:00Z" }).occurrences.map(
    ({ startLocal }) => startLocal,
  );

const ten = { start: "2026-12-03T10:00:00", end: "2026-12-03T11:00:00", timezone: "Europe/Berlin" } as const;
const weekly = (more: object = {}): Planned => ({
  type: "Event",
  name: "Review",
  ...ten,
  recurrence: { rules: ["FREQ=WEEKLY;COUNT=6;BYDAY=TH"], ...more },
});

const line = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 40 })
  .map((text) => text.replace(/[\p{C}\p{Z}\s]+/gu, " ").trim());
const filled = line.filter((text) => text !== "");
const attendee = fc.record({
  id: fc.constantFrom("mailto:eve@example.org", "mailto:bob@example.org", "mailto:room@example.org"),
  name: filled,
  answer: fc.constantFrom("none" as const, "accepted" as const, "tentative" as const, "declined" as const),
});
const times = fc.constantFrom(
  ten,
  { start: "2026-12-24", end: "2026-12-27" },
  { start: "2026-12-24T09:00:00", end: "2026-12-24T10:30:00" },
  { startTime: "2026-12-24T09:00:00Z", endTime: "2026-12-24T10:30:00Z" },
  { start: "2026-03-29T02:30:00", end: "2026-03-29T03:30:00", timezone: "America/New_York" },
  { start: "2026-12-24T09:00:00", end: "2026-12-24T10:30:00", timezone: "Australia/Lord_Howe" },
);
const event = fc
  .record(
    {
      name: filled,
      text: filled,
      location: filled,
      status: fc.constantFrom("confirmed" as const, "tentative" as const, "cancelled" as const),
      classification: fc.constantFrom("private" as const, "confidential" as const),
      attendees: fc.uniqueArray(attendee, { selector: ({ id }) => id, maxLength: 3 }),
    },
    { requiredKeys: [] },
  )
  .chain((fields) => times.map((when): Planned => ({ type: "Event", ...fields, ...when })));

describe("a new object", () => {
  it("shows what it was made of", () => {
    fc.assert(
      fc.property(event, (view) => {
        const { text, losses } = write(view);
        expect(losses).toEqual([]);
        expect([...factsOf(shown(text))].sort()).toEqual([...factsOf(view)].sort());
      }),
      { numRuns: 60 },
    );
  });

  it("brings the zone along, with the offsets the zone has, in every seventh zone there is", () => {
    const zones = Intl.supportedValuesOf("timeZone").filter((_, index) => index % 7 === 0);
    for (const timezone of zones) {
      const { text } = write({ type: "Event", start: "2026-06-03T10:00:00", end: "2026-06-03T11:00:00", timezone });
      // Of another name nobody knows: only the VTIMEZONE says what it is.
      const unnamed = text.replaceAll(/TZID([:=])[^:\r\n]+/g, (_, sign) => `TZID${sign}Nowhere`);
      const view = shown(unnamed);
      expect([timezone, view.startTime]).toEqual([timezone, zoneNamed(timezone)?.toInstant("2026-06-03T10:00:00")]);
      const { startTime } = shown(unnamed.replace(/:20260603T10/, ":20261203T10").replace(/:20260603T11/, ":20261203T11"));
      expect([timezone, startTime]).toEqual([timezone, zoneNamed(timezone)?.toInstant("2026-12-03T10:00:00")]);
    }
  });

  it("says what is lost: formatting", () => {
    expect(write({ type: "Event", content: "<p>Bring <b>numbers</b></p>", ...ten }).losses).toEqual([
      { field: "content", reason: expect.stringContaining("plain") },
    ]);
  });

  it.each([
    ["a zone that is none", { timezone: "Mars/Olympus" }],
    ["a time that is none", { start: "tomorrow" }],
    ["a year far away", { start: "9999-12-31T10:00:00" }],
  ])("is refused for %s", (_, wrong) => {
    expect(() => write({ type: "Event", name: "x", ...ten, ...wrong })).toThrow(/cannot be written/);
  });
});

describe("merging", () => {
  const view: Planned = { type: "Event", name: "Review", location: "Room 1", text: "Numbers", ...ten };
  const facts = factsOf(view);
  const carried = baseCarried(carriedFacts(facts));

  it("keeps theirs, writes ours, and names what both changed, by a base carried as digests as by the base itself", () => {
    for (const base of [carried, baseOfFacts(facts)]) {
      const { changes, conflicts } = mergedFacts(
        base,
        factsOf({ ...view, location: "Room 7", text: "Figures" }),
        factsOf({ ...view, name: "Retrospective", text: "Words" }),
      );
      expect([...changes]).toEqual([["name", "Retrospective"]]);
      expect(conflicts).toEqual([{ fact: "text", theirs: "Figures", ours: "Words" }]);
    }
  });

  it("counts the same change on both sides for none, and lets the wish say what attendees answer", () => {
    const eve = { id: "mailto:eve@example.org", answer: "none" as const };
    const base = baseOfFacts(factsOf({ ...view, attendees: [eve] }));
    const both = mergedFacts(
      base,
      factsOf({ ...view, name: "Other", attendees: [{ ...eve, answer: "tentative" }] }),
      factsOf({ ...view, name: "Other", attendees: [{ ...eve, answer: "accepted" }] }),
      isAnswerFact,
    );
    expect(both.conflicts).toEqual([]);
    expect([...both.changes]).toEqual([[`answer ${eve.id}`, "accepted"]]);
  });

  it("without a base writes what differs", () => {
    const { changes } = mergedFacts(baseCarried(undefined), factsOf({ ...view, location: "Room 7" }), facts);
    expect([...changes]).toEqual([["location", "Room 1"]]);
  });
});

describe("a change", () => {
  it("of any two views, written onto the one, shows the other", () => {
    fc.assert(
      fc.property(event, event, (before, after) => {
        const { text } = write(before);
        const { changes } = mergedFacts({ was: () => undefined }, factsOf(before), factsOf(after));
        const changed = changedPlanned(text, changes, factsOf(after), { stamp });
        expect([...factsOf(shown(changed))].sort()).toEqual([...factsOf(after)].sort());
      }),
      { numRuns: 60 },
    );
  });

  it("of the time raises SEQUENCE by one where an organiser asks, and of nothing else", () => {
    const { text, facts } = write(weekly());
    const sequence = (changes: [string, never][], organises: boolean) =>
      shown(changedPlanned(text, new Map(changes), facts, { stamp, organises })).sequence;
    expect(sequence([["location", "Attic" as never]], true)).toBeUndefined();
    expect(sequence([["times", { ...ten, end: "2026-12-03T12:00:00", zone: ten.timezone } as never]], true)).toBe(1);
    expect(sequence([["times", { ...ten, end: "2026-12-03T12:00:00", zone: ten.timezone } as never]], false)).toBeUndefined();
  });

  it("finds people whichever way their address is spelt", () => {
    const bob = { id: "mailto:Bob@Example.org", answer: "none" } as const;
    const typed = write({ ...weekly(), attendees: [bob] }).text.replace(/mailto:bob@example\.org/, "MAILTO:Bob@Example.ORG");
    expect(typed).toContain("MAILTO:Bob");
    const wish = factsOf({ ...weekly(), attendees: [{ ...bob, answer: "accepted" }] });
    const { changes } = mergedFacts({ was: () => undefined }, factsOf(shown(typed)), wish);
    expect([...changes.keys()]).toEqual(["answer mailto:bob@example.org"]);
    const { attendees } = shown(changedPlanned(typed, changes, wish, { stamp }));
    expect(attendees).toEqual([{ id: "mailto:bob@example.org", answer: "accepted" }]);
  });

  it("of excluded dates takes single ones out of a list", () => {
    const before = weekly({ excluded: ["2026-12-10T10:00:00", "2026-12-17T10:00:00"] });
    const { text } = write(before);
    const joined = text.replace(
      /EXDATE;TZID=Europe\/Berlin:(\w+)\r\nEXDATE;TZID=Europe\/Berlin:(\w+)/,
      "EXDATE;TZID=Europe/Berlin:$1,$2",
    );
    expect(joined).toContain(",");
    const after = weekly({ excluded: ["2026-12-17T10:00:00", "2026-12-31T10:00:00"] });
    const { changes } = mergedFacts({ was: () => undefined }, factsOf(shown(joined)), factsOf(after));
    expect(shown(changedPlanned(joined, changes, factsOf(after), { stamp })).recurrence?.excluded).toEqual(
      after.recurrence?.excluded,
    );
  });
});

describe("a series that is split", () => {
  const at = (id: string, originalTime: string, more: object) => ({ [id]: { originalTime, future: true as const, ...more } });
  const moved = { start: "2026-12-25T16:00:00", end: "2026-12-25T17:00:00", timezone: "Europe/Berlin", location: "Attic" };

  it("takes place as often as before, what follows at its own time, day and place", () => {
    const view = weekly({
      excluded: ["2026-12-10T10:00:00", "2026-12-31T10:00:00"],
      overrides: at("2026-12-24T10:00:00", "2026-12-24T09:00:00Z", moved),
    });
    const [first, second] = splitPlanned(view);
    expect(starts(first!.view)).toEqual(["2026-12-03T10:00:00", "2026-12-17T10:00:00"]);
    expect(starts(second!.view)).toEqual(["2026-12-25T16:00:00", "2027-01-08T16:00:00"]);
    expect(second).toMatchObject({ from: "2026-12-24T09:00:00Z", view: { name: "Review", location: "Attic" } });
  });

  it("is split as often as it changes, and ends where it ended", () => {
    const view: Planned = {
      ...weekly(),
      recurrence: {
        rules: ["FREQ=DAILY;UNTIL=20261208T090000Z"],
        overrides: {
          ...at("2026-12-05T10:00:00", "2026-12-05T09:00:00Z", {
            ...ten,
            start: "2026-12-05T12:00:00",
            end: "2026-12-05T13:00:00",
          }),
          ...at("2026-12-07T10:00:00", "2026-12-07T09:00:00Z", {
            ...ten,
            start: "2026-12-07T08:00:00",
            end: "2026-12-07T09:00:00",
          }),
        },
      },
    };
    expect(splitPlanned(view).map(({ view: part }) => starts(part))).toEqual([
      ["2026-12-03T10:00:00", "2026-12-04T10:00:00"],
      ["2026-12-05T12:00:00", "2026-12-06T12:00:00"],
      ["2026-12-07T08:00:00", "2026-12-08T08:00:00"],
    ]);
  });

  it("is refused where its rule names days that cannot move along", () => {
    const view: Planned = {
      ...weekly(),
      recurrence: {
        rules: ["FREQ=MONTHLY;BYDAY=1TH"],
        overrides: at("2027-01-07T10:00:00", "2027-01-07T09:00:00Z", {
          ...moved,
          start: "2027-01-08T10:00:00",
          end: "2027-01-08T11:00:00",
        }),
      },
    };
    expect(() => splitPlanned(view)).toThrow(/rule/);
  });
});
