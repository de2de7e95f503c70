/** Calendar objects as the views of meetings and tasks. */

import { plannedEvidence, plannedView, readCalendars, seriesOf } from "groupstream/protocol/icalendar";
import { describe, expect, it } from "vitest";
import { zoneNamed } from "../../../src/protocol/icalendar/zones.ts";

const wrap = (body: string): string => `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n${body}\r\nEND:VCALENDAR\r\n`;
const event = (...lines: string[]): string =>
  ["BEGIN:VEVENT", "UID:u1", "DTSTAMP:20261120T080000Z", ...lines, "END:VEVENT"].join("\r\n");

const shown = (body: string, text: "none" | "preview" | "full" = "full", floating?: string) => {
  const [calendar] = readCalendars(wrap(body)).calendars;
  const [series] = seriesOf(calendar!);
  const zone = floating === undefined ? undefined : zoneNamed(floating);
  return plannedView(series!, { text, ...(zone && { floating: zone }) });
};

describe("an event", () => {
  it("has its time in its own zone beside the instant, its people, and the newest SEQUENCE and DTSTAMP as edition", () => {
    expect(
      shown(
        event(
          "SUMMARY:Jour fixe",
          "SEQUENCE:2",
          "DTSTART;TZID=Europe/Berlin:20261126T100000",
          "DTEND;TZID=Europe/Berlin:20261126T110000",
          "LOCATION:Room 1",
          "DESCRIPTION:Line one\\nLine <two>",
          "STATUS:CONFIRMED",
          "ORGANIZER;CN=Ada:mailto:ada@EXAMPLE.org",
          "ATTENDEE;CN=Eve;PARTSTAT=DECLINED:MAILTO:eve@example.org",
          "ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED:mailto:bob@example.org",
          "ATTENDEE:invalid:nomail",
          "X-SOMETHING:else",
        ),
      ),
    ).toEqual({
      type: "Event",
      name: "Jour fixe",
      text: "Line one\nLine <two>",
      content: "<p>Line one<br>Line &lt;two&gt;</p>",
      location: "Room 1",
      startTime: "2026-11-26T09:00:00Z",
      endTime: "2026-11-26T10:00:00Z",
      start: "2026-11-26T10:00:00",
      end: "2026-11-26T11:00:00",
      timezone: "Europe/Berlin",
      attributedTo: { id: "mailto:ada@example.org", name: "Ada" },
      attendees: [
        { id: "mailto:bob@example.org", name: "Bob", answer: "accepted" },
        { id: "mailto:eve@example.org", name: "Eve", answer: "declined" },
      ],
      status: "confirmed",
      sequence: 2,
      edition: "0000000002 2026-11-20T08:00:00Z",
    });
  });

  it.each<[string, string[], object]>([
    [
      "a day",
      ["DTSTART;VALUE=DATE:20261224"],
      { startTime: "2026-12-24T00:00:00Z", endTime: "2026-12-25T00:00:00Z", start: "2026-12-24", end: "2026-12-25" },
    ],
    [
      "an instant",
      ["DTSTART:20261224T090000Z", "DURATION:PT30M"],
      { startTime: "2026-12-24T09:00:00Z", endTime: "2026-12-24T09:30:00Z" },
    ],
    ["a floating time", ["DTSTART:20261224T090000"], { startTime: "2026-12-24T14:00:00Z", start: "2026-12-24T09:00:00" }],
    [
      "a Windows zone",
      ["DTSTART;TZID=W. Europe Standard Time:20261224T090000"],
      { startTime: "2026-12-24T08:00:00Z", start: "2026-12-24T09:00:00", timezone: "Europe/Berlin" },
    ],
  ])("%s is kept as it is", (_, lines, times) => {
    expect(shown(event(...lines), "full", "America/New_York")).toEqual({
      type: "Event",
      ...times,
      edition: "0000000000 2026-11-20T08:00:00Z",
    });
  });

  it("is equal however it is written: order of lines and attendees, folding, case, other properties", () => {
    const one = event(
      "SUMMARY:A",
      "DTSTART:20261224T090000Z",
      "ATTENDEE:mailto:a@x.org",
      "ATTENDEE:mailto:b@x.org",
      "RRULE:FREQ=WEEKLY;BYDAY=TU,MO",
    );
    const other = event(
      "RRULE:BYDAY=MO,TU;FREQ=weekly;INTERVAL=1",
      "LAST-MODIFIED:20261121T000000Z",
      "ATTENDEE:mailto:b@x.org",
      "ATTENDEE:MAILTO:a@X.org",
      "DTSTART:20261224T090000Z",
      "summary:A",
      "X-A:b",
    );
    expect(shown(other)).toEqual(shown(one));
  });

  it("has no text where none is read", () => {
    const view = shown(event("DTSTART:20261224T090000Z", "DESCRIPTION:secret"), "none");
    expect(JSON.stringify(view)).not.toContain("secret");
  });

  it("that is private says so", () => {
    expect(shown(event("DTSTART:20261224T090000Z", "CLASS:CONFIDENTIAL"))).toMatchObject({ classification: "confidential" });
    expect(shown(event("DTSTART:20261224T090000Z", "CLASS:PUBLIC"))).not.toHaveProperty("classification");
  });
});

describe("a series", () => {
  const master = event(
    "SUMMARY:Weekly",
    "LOCATION:Room 1",
    "DTSTART;TZID=Europe/Berlin:20261126T100000",
    "DURATION:PT1H",
    "RRULE:FREQ=WEEKLY",
    "EXDATE:20261210T090000Z",
  );
  const exception = (...lines: string[]): string =>
    event("DTSTART;TZID=Europe/Berlin:20261203T140000", "DURATION:PT1H", ...lines);

  it("holds its exceptions by the time they would have had, whatever zone that is written in, and only what they change", () => {
    const view = shown(`${master}\r\n${exception("RECURRENCE-ID:20261203T090000Z", "SUMMARY:Weekly")}`);
    expect(view?.type === "Event" && view.recurrence).toEqual({
      rules: ["FREQ=WEEKLY"],
      excluded: ["2026-12-10T10:00:00"],
      overrides: {
        "2026-12-03T10:00:00": {
          originalTime: "2026-12-03T09:00:00Z",
          startTime: "2026-12-03T13:00:00Z",
          endTime: "2026-12-03T14:00:00Z",
          start: "2026-12-03T14:00:00",
          end: "2026-12-03T15:00:00",
          timezone: "Europe/Berlin",
          location: "",
        },
      },
    });
  });

  it("says that all that follow change, and which instance is cancelled", () => {
    const view = shown(
      `${master}\r\n${exception("RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20261203T100000", "SUMMARY:Weekly", "LOCATION:Room 1", "STATUS:CANCELLED")}`,
    );
    expect(view?.type === "Event" && view.recurrence?.overrides?.["2026-12-03T10:00:00"]).toMatchObject({
      future: true,
      status: "cancelled",
    });
  });

  it("known by one of its instances alone is that instance", () => {
    expect(shown(exception("RECURRENCE-ID:20261203T090000Z", "SUMMARY:Once"))).toMatchObject({
      name: "Once",
      startTime: "2026-12-03T13:00:00Z",
    });
  });
});

describe("a task", () => {
  const task = (...lines: string[]): string =>
    ["BEGIN:VTODO", "UID:t1", "DTSTAMP:20261120T080000Z", ...lines, "END:VTODO"].join("\r\n");

  it("says when it is due, how far it is and who does it", () => {
    expect(
      shown(
        task(
          "SUMMARY:Report",
          "DUE;VALUE=DATE:20261203",
          "STATUS:IN-PROCESS",
          "PERCENT-COMPLETE:40",
          "PRIORITY:1",
          "ATTENDEE:mailto:bob@example.org",
        ),
      ),
    ).toEqual({
      type: "Task",
      name: "Report",
      endTime: "2026-12-03T00:00:00Z",
      end: "2026-12-03",
      status: "in-process",
      progress: 40,
      priority: 1,
      attendees: [{ id: "mailto:bob@example.org", answer: "none" }],
      edition: "0000000000 2026-11-20T08:00:00Z",
    });
    expect(shown(task("COMPLETED:20261202T090000Z", "STATUS:COMPLETED"))).toMatchObject({
      status: "completed",
      completed: "2026-12-02T09:00:00Z",
    });
  });
});

it("one meeting in two calendars is known by UID and organiser; a copy without an organiser is the system's own", () => {
  const of = (body: string) => plannedEvidence(seriesOf(readCalendars(wrap(body)).calendars[0]!)[0]!);
  expect(of(event("ORGANIZER;CN=Ada:mailto:ada@example.org"))).toEqual([
    { id: "uid:u1 mailto:ada@example.org", within: "everywhere", weight: "identity" },
  ]);
  // Exchange writes addresses as people typed them.
  expect(of(event("ORGANIZER:MAILTO:Ada@Example.org"))).toEqual(of(event("ORGANIZER;CN=Ada:mailto:ada@example.org")));
  expect(of(event())).toEqual([{ id: "uid:u1", within: "system", weight: "identity" }]);
});
