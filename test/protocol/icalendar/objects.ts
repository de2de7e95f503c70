/** Calendar objects for tests, written as lines. */

import ICAL from "ical.js";
import { readCalendars } from "../../../src/protocol/icalendar/parse.ts";
import { type Series, seriesOf } from "../../../src/protocol/icalendar/series.ts";

export const calendar = (...lines: readonly string[]): string =>
  `${["BEGIN:VCALENDAR", "VERSION:2.0", ...lines, "END:VCALENDAR"].join("\r\n")}\r\n`;

export const event = (...lines: readonly string[]): readonly string[] => ["BEGIN:VEVENT", "UID:1", ...lines, "END:VEVENT"];

/** The series of one object; `components` are lists of lines. */
export const series = (...components: readonly (readonly string[])[]): Series => {
  const [first] = readCalendars(calendar(...components.flat())).calendars;
  const [found] = seriesOf(first ?? new ICAL.Component("vcalendar"));
  if (!found) throw new Error("the object holds no series");
  return found;
};

/** A VTIMEZONE of two yearly changes; the default is the European Union's. */
export const vtimezone = (
  tzid: string,
  { standard = ["+0200", "+0100", "-1SU"], daylight = ["+0100", "+0200", "-1SU"], extra = [] as readonly string[] } = {},
): readonly string[] => [
  "BEGIN:VTIMEZONE",
  `TZID:${tzid}`,
  ...extra,
  "BEGIN:STANDARD",
  "DTSTART:19701025T030000",
  `TZOFFSETFROM:${standard[0]}`,
  `TZOFFSETTO:${standard[1]}`,
  `RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=${standard[2]}`,
  "END:STANDARD",
  "BEGIN:DAYLIGHT",
  "DTSTART:19700329T020000",
  `TZOFFSETFROM:${daylight[0]}`,
  `TZOFFSETTO:${daylight[1]}`,
  `RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=${daylight[2]}`,
  "END:DAYLIGHT",
  "END:VTIMEZONE",
];
