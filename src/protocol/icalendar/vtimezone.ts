/** A zone of the IANA database as a VTIMEZONE (RFC 5545 §3.6.5): what a calendar object must bring along for the TZIDs in it. */

import ICAL from "ical.js";
import { civilOf, DAY, dayNumber, lastYear, localText, weekdayOf } from "../../time/local.ts";
import type { OffsetAt, Zone } from "../../time/zone.ts";
import { type CalendarComponent, componentFrom } from "./component.ts";
import { weekdays } from "./rule.ts";
import { changeIn } from "./zones.ts";

/** Years in which changes are looked for: the one before the event, and so many after it. A rule is what they all have in common. */
const YEARS = 8;

interface Change {
  /** Local seconds on the clock that ends. */
  readonly local: number;
  readonly from: number;
  readonly to: number;
}

const changesOf = (offsetAt: OffsetAt, from: number, until: number): readonly Change[] => {
  const changes: Change[] = [];
  for (let at = from; at < until; at += 5 * DAY) {
    const [before, after] = [offsetAt(at), offsetAt(at + 5 * DAY)];
    if (before !== after) changes.push({ local: changeIn(offsetAt, at, at + 5 * DAY) + before, from: before, to: after });
  }
  return changes;
};

/** `+01:00`, as jCal writes UTC-OFFSET. */
const offsetText = (seconds: number): string => {
  const two = (value: number): string => String(value).padStart(2, "0");
  const size = Math.abs(seconds);
  const rest = size % 60 === 0 ? "" : `:${two(size % 60)}`;
  return `${seconds < 0 ? "-" : "+"}${two(Math.floor(size / 3600))}:${two(Math.floor(size / 60) % 60)}${rest}`;
};

/** Which weekday of its month a change falls on, from the front and from the end. */
const dayOfMonth = ({ local }: Change) => {
  const day = Math.floor(local / DAY);
  const civil = civilOf(day);
  const length = dayNumber(civil.year, civil.month + 1, 1) - dayNumber(civil.year, civil.month, 1);
  const last = civil.day + 7 > length;
  const time = local - day * DAY;
  return { year: civil.year, at: `${civil.month} ${weekdayOf(day)} ${time}`, nth: Math.ceil(civil.day / 7), last, civil, day };
};

/** The yearly rule these changes follow; undefined: none, or one of them is missing. */
const yearlyOf = (changes: readonly Change[], until: number): string | undefined => {
  const days = changes.map(dayOfMonth);
  const [first] = days;
  if (!first || first.year + days.length < until) return undefined;
  const regular = days.every((one, index) => one.at === first.at && one.year === first.year + index);
  const nth = days.every(({ last }) => last) ? -1 : days.every((one) => one.nth === first.nth) ? first.nth : undefined;
  if (!regular || nth === undefined) return undefined;
  return `FREQ=YEARLY;BYMONTH=${first.civil.month};BYDAY=${nth}${weekdays[weekdayOf(first.day)]}`;
};

const observance = (name: "standard" | "daylight", { local, from, to }: Change, more: readonly unknown[] = []): unknown => [
  name,
  [
    ["dtstart", {}, "date-time", localText(local)],
    ["tzoffsetfrom", {}, "utc-offset", offsetText(from)],
    ["tzoffsetto", {}, "utc-offset", offsetText(to)],
    ...more,
  ],
  [],
];

/**
 * A VTIMEZONE of this TZID with the offsets of the zone from the year before `year` on: yearly rules where the changes of the years around
 * follow one, else their dates, for eight years.
 */
export const vtimezoneOf = (tzid: string, { offsetAt }: Zone, year: number): CalendarComponent => {
  const [from, until] = [year - 1, Math.min(year + YEARS, lastYear)];
  const start = dayNumber(from, 1, 1) * DAY;
  const changes = changesOf(offsetAt, start, dayNumber(until, 1, 1) * DAY);
  const usual = offsetAt(start);
  const kinds = new Map<string, Change[]>();
  for (const change of changes) {
    const kind = `${change.from} ${change.to}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), change]);
  }
  const observances = [...kinds.values()].map((alike) => {
    const [first] = alike as [Change];
    const rule = yearlyOf(alike, until);
    const later = alike.slice(1).map(({ local }) => ["rdate", {}, "date-time", localText(local)]);
    const recur = rule === undefined ? later : [["rrule", {}, "recur", ICAL.Recur.fromString(rule).toJSON()]];
    return observance(first.to > first.from ? "daylight" : "standard", first, recur);
  });
  // What has always been so begins before anybody's appointments.
  const always = observance("standard", { local: Math.min(start, 0), from: usual, to: usual });
  return componentFrom(["vtimezone", [["tzid", {}, "text", tzid]], [always, ...observances]]);
};
