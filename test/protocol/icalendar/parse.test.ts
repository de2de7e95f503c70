/** Calendar objects as they are met, hostile ones, and the way back. */

import fc from "fast-check";
import { expect, it } from "vitest";
import { type CalendarLimits, readCalendars } from "../../../src/protocol/icalendar/parse.ts";
import { writeCalendar } from "../../../src/protocol/icalendar/write.ts";
import { calendar, event } from "./objects.ts";

const summaries = (data: string | Uint8Array): readonly string[] =>
  readCalendars(data).calendars.flatMap((one) =>
    one.getAllSubcomponents("vevent").map((found) => String(found.getFirstPropertyValue("summary"))),
  );
const refused = (data: string, limits: CalendarLimits = {}) =>
  expect(() => readCalendars(data, limits)).toThrow(expect.objectContaining({ code: "malformed" }));

it.each([
  ["a byte order mark", `\ufeff${calendar(...event("SUMMARY:Tea"))}`],
  ["bare LF", calendar(...event("SUMMARY:Tea")).replaceAll("\r\n", "\n")],
  ["bare CR", calendar(...event("SUMMARY:Tea")).replaceAll("\r\n", "\r")],
  ["doubled breaks", calendar(...event("SUMM", " ARY:T", "\tea")).replaceAll("\r\n", "\r\n\r\n")],
  ["control characters", calendar(...event("SUMMARY:T\0e\x07a"))],
  ["lower case", calendar(...event("summary:Tea")).replace("BEGIN:VEVENT", "begin:vevent")],
])("mends %s without a word", (_, text) => {
  expect(summaries(text)).toEqual(["Tea"]);
  expect(summaries(Buffer.from(text))).toEqual(["Tea"]);
  expect(readCalendars(text).problems).toEqual([]);
});

it("joins a character that a fold has split, and reads text that is not UTF-8", () => {
  const split = Buffer.from(calendar(...event("SUMMARY:Tü")), "utf8")
    .toString("latin1")
    .replace("\xc3\xbc", "\xc3\r\n \xbc");
  expect(summaries(Buffer.from(split, "latin1"))).toEqual(["Tü"]);
  expect(summaries(Buffer.from(calendar(...event("SUMMARY:Tü")), "latin1"))).toEqual(["Tü"]);
  expect(summaries(Buffer.from(`\ufeff${calendar(...event("SUMMARY:Tü"))}`, "utf16le"))).toEqual(["Tü"]);
});

it("leaves out bad lines and names them by number, never by content", () => {
  const bad = [
    "secret",
    "DTSTART:secret",
    "RRULE:FREQ=SECRET",
    "RRULE:FREQ=DAILY;COUNT=0",
    "X;A=secret",
    "DTEND:20260230T250000",
  ];
  const { calendars, problems } = readCalendars(calendar(...event(...bad, "SUMMARY:Tea")));
  expect(problems.map((problem) => problem.slice(0, 8))).toEqual(
    bad.map((_, index) => `Line ${index + 5}:`.padEnd(8)).map((text) => text.slice(0, 8)),
  );
  expect(problems.join()).not.toMatch(/secret/i);
  expect(
    calendars[0]
      ?.getAllSubcomponents("vevent")[0]
      ?.getAllProperties()
      .map((property) => property.name),
  ).toEqual(["uid", "summary"]);
});

it("closes what is not closed, and reads several calendars", () => {
  const open = [
    "BEGIN:VCALENDAR",
    "BEGIN:VEVENT",
    "SUMMARY:One",
    "BEGIN:VALARM",
    "BEGIN:VEVENT",
    "SUMMARY:Two",
    "END:VTODO",
    "BEGIN:VCALENDAR",
    ...event("SUMMARY:Three"),
  ];
  const { calendars, problems } = readCalendars(open.join("\r\n"));
  expect(summaries(open.join("\r\n"))).toEqual(["One", "Two", "Three"]);
  expect(calendars).toHaveLength(2);
  expect(problems).toHaveLength(4);
});

it("refuses what holds no calendar, and what is beyond a limit", () => {
  for (const text of ["", "\0", "<html></html>", "END:VCALENDAR", "BEGIN:VEVENT\r\nEND:VEVENT"]) refused(text);
  const text = calendar(...event("SUMMARY:Tea", "BEGIN:VALARM", "END:VALARM"));
  refused(text, { bytes: text.length - 1 });
  refused(text, { lines: 4 });
  refused(text, { components: 2 });
  refused(text, { depth: 2 });
  expect(readCalendars(text, { bytes: text.length, lines: 10, components: 3, depth: 3, line: 15 }).problems).toEqual([]);
  expect(readCalendars(calendar(...event(`SUMMARY:${"x".repeat(20)}`)), { line: 20 }).problems).toEqual([
    "Line 5: left out, it is longer than 20 characters.",
  ]);
  refused(`BEGIN:VCALENDAR\r\n${"BEGIN:X\r\n".repeat(100_000)}`);
  refused(`BEGIN:VCALENDAR\r\n${"BEGIN:VEVENT\r\n".repeat(100_000)}`);
  expect(readCalendars(calendar(..."x".repeat(5_000).split(""))).problems).toHaveLength(101);
});

const timed = (work: () => unknown): number => {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

it("takes time by the size of what it reads and no more", () => {
  const folded = calendar(...event(`DESCRIPTION:${`${"x".repeat(73)}\r\n `.repeat(137_000)}`));
  expect(folded.length).toBeGreaterThan(10_000_000);
  expect(timed(() => readCalendars(Buffer.from(folded), { line: 16 * 1024 * 1024 }))).toBeLessThan(1_000);
  for (const line of [
    `X;${"A=1;".repeat(1_000_000)}B=1:x`,
    `X;A=${'"'.repeat(4_000_000)}:`,
    `X;${'A="'.repeat(1_000_000)}`,
    "A;".repeat(2_000_000),
  ])
    expect(timed(() => expect(readCalendars(calendar(...event(line))).problems).toHaveLength(1))).toBeLessThan(1_000);
});

const name = fc.stringMatching(/^X-[A-Z]{1,8}$/);
const text = fc.string({ unit: "grapheme", maxLength: 120 }).map((value) => value.replace(/[\0-\x1f\x7f]/g, " ").toWellFormed());
const parameter = fc.tuple(name, fc.stringMatching(/^[A-Za-z0-9 ü;:,]{1,40}$/)).map(([key, value]) => `;${key}="${value}"`);
const escaped = (value: string): string => value.replace(/[\\,;]/g, (character) => `\\${character}`);
const property = fc.oneof(
  fc
    .tuple(name, fc.uniqueArray(parameter, { maxLength: 3, selector: (one) => one.split("=")[0] }), text)
    .map(([key, parameters, value]) => `${key}${parameters.join("")}:${value}`),
  text.map((value) => `SUMMARY:${escaped(value)}`),
  fc.constantFrom(
    "DTSTART;TZID=Europe/Berlin:20260105T090000",
    "RRULE:FREQ=WEEKLY;BYDAY=MO,TU",
    "EXDATE;VALUE=DATE:20260112,20260119",
    "RDATE;VALUE=PERIOD:20260201T100000Z/PT3H",
    "GEO:48.85;2.35",
    "ATTENDEE;CN=Anna;PARTSTAT=ACCEPTED:mailto:anna@example.org",
    "CATEGORIES:one,two",
    "TRIGGER;VALUE=DATE-TIME:20260105T080000Z",
    "ATTACH;ENCODING=BASE64;VALUE=BINARY:AAAA",
  ),
);

const unfold = (written: string): string => written.replace(/\r\n[ \t]/g, "");

it("writes what it read: unknown properties, parameters, alarms and zones in their order, folded at 75 octets", () => {
  fc.assert(
    fc.property(fc.array(property, { maxLength: 8 }), fc.array(property, { maxLength: 3 }), (properties, alarm) => {
      const lines = [
        "BEGIN:VTIMEZONE",
        "TZID:Mine",
        "BEGIN:STANDARD",
        "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0100",
        "END:STANDARD",
        "END:VTIMEZONE",
      ];
      const source = calendar(...lines, ...event(...properties, "BEGIN:VALARM", ...alarm, "END:VALARM"));
      const { calendars, problems } = readCalendars(source);
      expect(problems).toEqual([]);
      const written = writeCalendar(calendars[0]!);
      const plain = (whole: string): string => unfold(whole).replace(/="([^";:,]*)"/g, "=$1");
      expect(plain(written)).toBe(plain(source));
      for (const line of written.split("\r\n")) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
      expect(written).toBe(Buffer.from(written).toString());
      expect(writeCalendar(readCalendars(Buffer.from(written)).calendars[0]!)).toBe(written);
    }),
    { numRuns: 300 },
  );
});

it("survives any bytes", () => {
  const pieces = fc.constantFrom(
    "BEGIN:VCALENDAR",
    "END:VCALENDAR",
    "BEGIN:VEVENT",
    "END:VEVENT",
    "\r\n",
    "\n ",
    ":",
    ";",
    "=",
    '"',
    "DTSTART",
    "RRULE:FREQ=",
    "constructor:1",
    "__proto__;__proto__=1:2",
    "\0",
    "é",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(pieces, fc.string()), { maxLength: 60 }), (parts) => {
      const { calendars } = readCalendars(`BEGIN:VCALENDAR\r\nX-A:1${parts.join("")}`);
      for (const one of calendars) writeCalendar(one);
    }),
    { numRuns: 500 },
  );
});

it("reads a zone that every object repeats as it reads one that it never saw", () => {
  const lines = fc.constantFrom(
    "TZID:Europe/Berlin",
    "TZID;X-A=b:Büro",
    "X-LONG:some",
    " thing folded",
    "",
    "BEGIN:STANDARD",
    "END:STANDARD",
    "begin:daylight",
    "END:DAYLIGHT",
    "DTSTART:19701025T030000",
    "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
    "RRULE:FREQ=NEVER",
    "TZOFFSETFROM:+0200",
    "nothing",
    "END:VTIMEZONE",
    "BEGIN:VEVENT",
    "END:VCALENDAR",
    "BEGIN:VTIMEZONE",
  );
  const zone = fc.array(lines, { maxLength: 12 });
  const read = (text: string | Uint8Array, limits?: CalendarLimits): unknown => {
    try {
      const { calendars, problems } = readCalendars(text, limits);
      return [calendars.map((one) => one.toJSON()), problems];
    } catch (error) {
      return String(error);
    }
  };
  fc.assert(
    fc.property(zone, fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 9 }), (inner, most, components) => {
      const text = [
        "BEGIN:VCALENDAR",
        "BEGIN:VTIMEZONE",
        ...inner,
        "END:VTIMEZONE",
        ...event("SUMMARY:Tea"),
        "END:VCALENDAR",
        "",
      ].join("\r\n");
      // In lower case it is read line by line.
      const anew = text.replaceAll("BEGIN:VTIMEZONE", "begin:vtimezone");
      for (const limits of [{}, { lines: most }, { components }]) {
        expect(read(text, limits)).toEqual(read(anew, limits));
        expect(read(Buffer.from(text), limits)).toEqual(read(anew, limits));
      }
    }),
    { numRuns: 1_000 },
  );
});

it("takes no time by the square of zones whose end is none", () => {
  const zones = "BEGIN:VTIMEZONE\r\nEND:VTIMEZONE \r\n".repeat(19_000);
  const text = `BEGIN:VCALENDAR\r\n${zones}X-A:${"a".repeat(8_000_000)}\r\nEND:VCALENDAR\r\n`;
  const began = process.cpuUsage();
  expect(readCalendars(text).calendars[0]?.getAllSubcomponents("vtimezone")).toHaveLength(19_000);
  const { user, system } = process.cpuUsage(began);
  expect((user + system) / 1_000).toBeLessThan(3_000);
});

it("keeps what one object changes from all that share its zone", () => {
  const zone = ["BEGIN:VTIMEZONE", "TZID:Here", "BEGIN:STANDARD", "TZOFFSETTO:+0100", "END:STANDARD", "END:VTIMEZONE"];
  const text = calendar(...zone, ...event("SUMMARY:Tea"));
  const [first] = readCalendars(text).calendars;
  const [own] = first?.getAllSubcomponents("vtimezone") ?? [];
  expect(() => own?.addPropertyWithValue("x-mine", "1")).toThrow(TypeError);
  first?.removeSubcomponent(own!);
  expect(readCalendars(text).calendars[0]?.getAllSubcomponents("vtimezone")[0]?.toJSON()).toEqual([
    "vtimezone",
    [["tzid", {}, "text", "Here"]],
    [["standard", [["tzoffsetto", {}, "utc-offset", "+01:00"]], []]],
  ]);
});
