/** What a TZID means, and that the process's own zone never means anything. */

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { readCalendars } from "../../../src/protocol/icalendar/parse.ts";
import { zoneNamed, zoneOf } from "../../../src/protocol/icalendar/zones.ts";
import { ianaZone } from "../../../src/time/iana.ts";
import type { Zone } from "../../../src/time/zone.ts";
import { calendar, vtimezone } from "./objects.ts";

const zones = (...lines: readonly string[]) => readCalendars(calendar(...lines)).calendars[0]!.getAllSubcomponents("vtimezone");
const summer = (zone: Zone | undefined): string | undefined => zone?.toInstant("2026-07-01T12:00:00");

it.each([
  ["Europe/Berlin", "Europe/Berlin"],
  ["europe/berlin", "Europe/Berlin"],
  ["W. Europe Standard Time", "Europe/Berlin"],
  ["/freeassociation.sourceforge.net/Europe/Berlin", "Europe/Berlin"],
  ["/freeassociation.sourceforge.net/Tzfile/Europe/Berlin", "Europe/Berlin"],
  ["/mozilla.org/20050126_1/Europe/Berlin", "Europe/Berlin"],
  ["tzone://Microsoft/Utc", "UTC"],
  ["tzone://Microsoft/W. Europe Standard Time", "Europe/Berlin"],
  ['"Europe/Berlin"', "Europe/Berlin"],
  ["GMT", "UTC"],
  ["Eastern Standard Time", "America/New_York"],
])("knows %s", (name, iana) => {
  expect(zoneNamed(name)?.iana).toBe(iana);
});

it.each([
  "",
  "Customized Time Zone",
  "(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna",
  "+01:00",
  "constructor",
  "Mars/Olympus",
  "x".repeat(1e6),
])("knows no zone by a name it cannot trust (%#)", (name) => {
  expect(zoneNamed(name)).toBeUndefined();
  expect(zoneOf(name, [], 2026)).toBeUndefined();
});

it("takes the IANA zone where the object's rules agree with it", () => {
  expect(zoneOf("Europe/Berlin", zones(...vtimezone("Europe/Berlin")), 2026)?.iana).toBe("Europe/Berlin");
  expect(zoneOf("W. Europe Standard Time", zones(...vtimezone("W. Europe Standard Time")), 2026)?.iana).toBe("Europe/Berlin");
  const placed = zones(...vtimezone("Mine", { extra: ["X-LIC-LOCATION:Europe/Berlin"] }));
  expect(zoneOf("Mine", placed, 2026)?.iana).toBe("Europe/Berlin");
});

it("takes the object's rules where they differ, be it by an hour or a week", () => {
  const week = zones(...vtimezone("Europe/Berlin", { daylight: ["+0100", "+0200", "2SU"] }));
  const own = zoneOf("Europe/Berlin", week, 2026);
  expect(own?.iana).toBeUndefined();
  expect(own?.toInstant("2026-03-15T12:00:00")).toBe("2026-03-15T10:00:00Z");
  const hour = zones(...vtimezone("Europe/Berlin").map((line) => line.replace("T020000", "T010000")));
  expect(zoneOf("Europe/Berlin", hour, 2026)?.iana).toBeUndefined();
  expect(ianaZone("Europe/Berlin")?.toInstant("2026-03-15T12:00:00")).toBe("2026-03-15T11:00:00Z");
});

it("takes the only zone of an object for a name that means nothing", () => {
  const named = "(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna";
  expect(summer(zoneOf("Customized Time Zone", zones(...vtimezone(named)), 2026))).toBe("2026-07-01T10:00:00Z");
  expect(summer(zoneOf(named, zones(...vtimezone(named)), 2026))).toBe("2026-07-01T10:00:00Z");
  expect(zoneOf("Mars", zones(...vtimezone("A"), ...vtimezone("B")), 2026)).toBeUndefined();
  expect(zoneOf("Mine", zones("BEGIN:VTIMEZONE", "TZID:Mine", "X-LIC-LOCATION:Europe/Berlin", "END:VTIMEZONE"), 2026)?.iana).toBe(
    "Europe/Berlin",
  );
});

it("reads a VTIMEZONE of single onsets, of Outlook's 1601, and one that ends", () => {
  const since = (dtstart: string, ...more: readonly string[]) =>
    zoneOf(
      "Mine",
      zones(
        "BEGIN:VTIMEZONE",
        "TZID:Mine",
        "BEGIN:STANDARD",
        `DTSTART:${dtstart}`,
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0300",
        ...more,
        "END:STANDARD",
        "END:VTIMEZONE",
      ),
      2026,
    )!;
  expect(since("16010101T000000").toInstant("2026-01-01T12:00:00")).toBe("2026-01-01T09:00:00Z");
  expect(since("20260601T000000").toInstant("2026-01-01T12:00:00")).toBe("2026-01-01T11:00:00Z");
  expect(since("20260601T000000", "RDATE:20260101T000000").toInstant("2026-01-01T12:00:00")).toBe("2026-01-01T09:00:00Z");
});

it("resolves gaps and doubled hours as §3.3.5 says", () => {
  for (const zone of [ianaZone("Europe/Berlin")!, zoneOf("Mine", zones(...vtimezone("Mine")), 2026)!]) {
    expect(zone.toInstant("2026-03-29T02:30:00")).toBe("2026-03-29T01:30:00Z");
    expect(zone.toInstant("2026-10-25T02:30:00")).toBe("2026-10-25T00:30:00Z");
    expect(zone.toInstant("2026-10-25T03:00:00")).toBe("2026-10-25T02:00:00Z");
    expect(zone.toLocal("2026-10-25T01:30:00Z")).toBe("2026-10-25T02:30:00");
  }
  expect(ianaZone("Pacific/Apia")?.toInstant("2011-12-30T12:00:00")).toBe("2011-12-30T22:00:00Z");
  expect(ianaZone("Africa/Monrovia")?.toInstant("1960-01-01T00:00:00")).toBe("1960-01-01T00:44:30Z");
});

it("refuses years no calendar needs, and what is no time", () => {
  const refused = (local: string) =>
    expect(() => ianaZone("UTC")!.toInstant(local)).toThrow(expect.objectContaining({ code: "malformed" }));
  for (const local of ["1899-12-31T23:59:59", "2201-01-01T00:00:00", "2026-02-30", "2026-01-01T24:00:00", "", "x"])
    refused(local);
});

it("bounds a hostile VTIMEZONE", () => {
  const many = Array.from({ length: 5_000 }, () => [
    "BEGIN:STANDARD",
    "DTSTART:19000101T000000",
    "TZOFFSETFROM:+0100",
    "TZOFFSETTO:+0300",
    "RRULE:FREQ=SECONDLY",
    "END:STANDARD",
  ]).flat();
  const before = process.cpuUsage();
  zoneOf("Mine", zones("BEGIN:VTIMEZONE", "TZID:Mine", ...many, "END:VTIMEZONE"), 2026);
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(2_000);
});

const program = `
import { readCalendars, seriesOf } from "./src/protocol/icalendar/index.ts";
import { occurrencesOf } from "./src/protocol/icalendar/occurrences.ts";
import { ianaZone } from "./src/time/iana.ts";
const text = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", "DTSTART;TZID=Europe/Berlin:20260328T023000", "RRULE:FREQ=DAILY;COUNT=3", "END:VEVENT",
  "BEGIN:VEVENT", "DTSTART;VALUE=DATE:20260328", "END:VEVENT", "BEGIN:VEVENT", "DTSTART:20261101T013000", "END:VEVENT", "END:VCALENDAR"].join("\\n");
const window = { from: "2026-01-01T00:00:00Z", to: "2027-01-01T00:00:00Z", floating: ianaZone("Europe/Berlin") };
const found = seriesOf(readCalendars(text).calendars[0]).flatMap((one) => occurrencesOf(one, window).occurrences);
console.log(new Date(0).getTimezoneOffset(), JSON.stringify(found.map(({ component, ...rest }) => rest)));
`;

it("answers the same whatever the process's zone is", async () => {
  const answers = await Promise.all(
    ["UTC", "America/New_York", "Asia/Kolkata"].map(async (TZ) => {
      const args = ["--conditions=groupstream:source", "--input-type=module", "-e", program];
      const { stdout } = await promisify(execFile)(process.execPath, args, { env: { ...process.env, TZ }, timeout: 50_000 });
      return [stdout.slice(0, stdout.indexOf(" ")), stdout.slice(stdout.indexOf(" "))] as const;
    }),
  );
  expect(answers.map(([offset]) => offset)).toEqual(["0", "300", "-330"]);
  expect(new Set(answers.map(([, found]) => found)).size).toBe(1);
  expect(answers[0]?.[1]).toContain("2026-03-29T01:30:00Z");
});
