/** Which components of a calendar object belong together (RFC 5545 §3.8.4.4), and the times of one. */

import { DAY } from "../../time/local.ts";
import { instantAt, secondsIn, utc, type Zone } from "../../time/zone.ts";
import type { CalendarComponent } from "./component.ts";
import { firstValue, timesIn, type WrittenTime } from "./property.ts";
import { durationOf } from "./values.ts";
import { zoneOf } from "./zones.ts";

/** What one UID names in an object: the component with the rule, and what stands instead of single instances. */
export interface Series {
  readonly uid: string;
  /** Absent if only single instances are known here: somebody was invited to one of them. */
  readonly master?: CalendarComponent;
  /** Components with RECURRENCE-ID, in their order. */
  readonly overrides: readonly CalendarComponent[];
  /** The object's VTIMEZONEs. */
  readonly vtimezones: readonly CalendarComponent[];
}

/**
 * The series of a VCALENDAR in the order of their first components: events, to-dos and journals by UID. Of two masters with one
 * UID the one of the higher SEQUENCE counts, the later of equal ones. A component without UID is a series of its own, its
 * `uid` empty.  Source: RFC 5545 §3.8.4.4, §3.8.4.7
 */
export const seriesOf = (calendar: CalendarComponent): readonly Series[] => {
  const vtimezones = calendar.getAllSubcomponents("vtimezone");
  const all = new Map<
    string,
    { uid: string; master?: CalendarComponent; overrides: CalendarComponent[]; vtimezones: CalendarComponent[] }
  >();
  for (const [index, component] of calendar.getAllSubcomponents().entries()) {
    if (!/^v(event|todo|journal)$/.test(component.name)) continue;
    const uid = firstValue(component, "uid") ?? "";
    const key = uid === "" ? `${index}` : `${component.name} ${uid}`;
    const series = all.get(key) ?? { uid, overrides: [], vtimezones };
    all.set(key, series);
    if (component.hasProperty("recurrence-id")) series.overrides.push(component);
    else if (!series.master || sequenceOf(component) >= sequenceOf(series.master)) series.master = component;
  }
  return [...all.values()];
};

const sequenceOf = (component: CalendarComponent): number => Number(component.getFirstPropertyValue("sequence") ?? 0) || 0;

/** A time of a calendar with the clock it is read on. */
export interface Moment {
  /** Local seconds. */
  readonly local: number;
  /** Seconds since 1970. */
  readonly instant: number;
  readonly allDay: boolean;
  /** The clock: UTC for a time ending in `Z`, the calendar's for dates and floating times. */
  readonly zone: Zone;
  /** True if it was written in UTC. */
  readonly inUtc: boolean;
}

/** Another local time on the same clock. */
export const momentAt = (like: Moment, local: number): Moment => ({
  ...like,
  local,
  instant: instantAt(like.zone.offsetAt, local),
});

/** Reads times of one object; zones of a name are looked up once. */
export type ReadTime = (written: WrittenTime) => Moment;

/** @param floating  the clock for dates, floating times, and a TZID that names nothing */
export const reader = (vtimezones: readonly CalendarComponent[], floating: Zone): ReadTime => {
  const zones = new Map<string, Zone>();
  const named = (tzid: string, local: number): Zone => {
    const known = zones.get(tzid);
    if (known) return known;
    const zone = zoneOf(tzid, vtimezones, new Date(local * 1000).getUTCFullYear()) ?? floating;
    zones.set(tzid, zone);
    return zone;
  };
  return ({ text, tzid }) => {
    const local = secondsIn(text);
    const allDay = text.length === 10;
    const inUtc = text.endsWith("Z");
    const zone = inUtc ? utc : allDay || tzid === undefined ? floating : named(tzid, local);
    return { local, instant: instantAt(zone.offsetAt, local), allDay, zone, inUtc };
  };
};

/** Nothing takes longer than 300 years. */
const LENGTH_LIMIT = 300 * 366 * DAY;

/** How long a component takes: nominal days and exact seconds (§3.8.5.3: DTEND is exact, the days of DURATION are nominal). */
export interface Length {
  readonly days: number;
  readonly seconds: number;
}

/** Start and length of a component; undefined if it has no start. A to-do without DTSTART stands at its DUE. */
export const extentOf = (component: CalendarComponent, read: ReadTime): { start: Moment; length: Length } | undefined => {
  const [written] = [...timesIn(component, "dtstart"), ...timesIn(component, "due")];
  if (!written) return undefined;
  const start = read(written);
  const [end] = [...timesIn(component, "dtend"), ...timesIn(component, "due")].map(read);
  const duration = durationOf(firstValue(component, "duration") ?? "");
  const none = { days: start.allDay && component.name === "vevent" ? 1 : 0, seconds: 0 };
  if (end) {
    // An end before the start is none; so is that of a date which ends on its own day.
    if (!start.allDay) return { start, length: { days: 0, seconds: Math.max(0, end.instant - start.instant) } };
    const days = Math.ceil((end.local - start.local) / DAY);
    return { start, length: days > 0 ? { days, seconds: 0 } : none };
  }
  const usable =
    duration &&
    duration.days >= 0 &&
    duration.seconds >= 0 &&
    duration.days + duration.seconds > 0 &&
    duration.days * DAY + duration.seconds <= LENGTH_LIMIT;
  return { start, length: usable ? duration : none };
};

/** The instant at which something that begins then is over. */
export const endOf = (start: Pick<Moment, "local" | "instant" | "zone">, { days, seconds }: Length): number =>
  (days === 0 ? start.instant : instantAt(start.zone.offsetAt, start.local + days * DAY)) + seconds;
