/** The instances of a series within a window: RFC 5545 §3.8.4.4, §3.8.5. Pure, and bounded whatever the rules say. */

import { GroupstreamError } from "../../contract/errors.ts";
import { DAY, dateText, instantText, localText } from "../../time/local.ts";
import { instantAt, secondsIn, utc, type Zone } from "../../time/zone.ts";
import type { CalendarComponent } from "./component.ts";
import { type Budget, STEP_LIMIT } from "./expand.ts";
import { exclusionsOf, type Override, overridesOf } from "./overrides.ts";
import { endOf, extentOf, type Length, type Moment, reader, type Series } from "./series.ts";
import { slotsOf } from "./slots.ts";

/** One instance. */
export interface Occurrence {
  /**
   * Which one: its start as the rule has it, in the master's zone, `2026-01-05T09:00:00`; with `Z` where DTSTART is written in
   * UTC; `2026-01-05` where it is a date. Of an override without master, its RECURRENCE-ID in its own zone.
   */
  readonly recurrenceId: string;
  /** RFC 3339 in UTC. Of a date, midnight on the clock for floating times. */
  readonly start: string;
  /** As `start`, exclusive; equal to it for what has no length. */
  readonly end: string;
  /** What the clocks of its zone show, without `Z`; dates for whole days, the end exclusive. */
  readonly startLocal: string;
  readonly endLocal: string;
  readonly allDay: boolean;
  /** The IANA zone of the local times where it has one; absent for dates. */
  readonly zone?: string;
  /** The master, or what stands instead of it for this instance. */
  readonly component: CalendarComponent;
}

/** A window. */
export interface OccurrenceWindow {
  /** RFC 3339 in UTC; an occurrence that ends after it belongs to the window, one of no length at it as well. */
  readonly from: string;
  /** RFC 3339 in UTC, exclusive. */
  readonly to: string;
  /** Most that are given; default 1,000, at most 5,000. */
  readonly limit?: number;
  /** The calendar's zone: for dates, floating times and TZIDs that name nothing; default UTC. */
  readonly floating?: Zone;
}

/** What was found. */
export interface Occurrences {
  /** By start, then by `recurrenceId`. */
  readonly occurrences: readonly Occurrence[];
  /** True if `limit` or the steps of an expansion were used up: later ones may be missing, none between those given. */
  readonly cut: boolean;
}

const LIMIT = 5_000;

interface Placed {
  readonly start: Moment;
  readonly length: Length;
  readonly end: number;
  readonly recurrenceId: string;
  readonly component: CalendarComponent;
}

/** The start as the series writes it. */
const idOf = ({ local, allDay, inUtc }: Moment): string =>
  allDay ? dateText(local) : inUtc ? instantText(local) : localText(local);

const occurrenceOf = ({ start, length, end, recurrenceId, component }: Placed): Occurrence => ({
  recurrenceId,
  start: instantText(start.instant),
  end: instantText(end),
  startLocal: start.allDay ? dateText(start.local) : localText(start.local),
  endLocal: start.allDay
    ? dateText(start.local + length.days * DAY + length.seconds + (length.seconds > 0 ? DAY - 1 : 0))
    : localText(end + start.zone.offsetAt(end)),
  allDay: start.allDay,
  ...(start.allDay || start.zone.iana === undefined ? {} : { zone: start.zone.iana }),
  component,
});

/** A start moved by local seconds on its own clock. */
const moved = (start: Moment, zone: Zone, by: number, allDay: boolean): Moment => {
  const local = start.local + by;
  return { ...start, local, zone, allDay, instant: instantAt(zone.offsetAt, local) };
};

/** An instance from a slot of the master, as the last THISANDFUTURE at or before it has changed it. */
const placedOf = (
  slot: Moment & { readonly end?: number },
  length: Length,
  master: CalendarComponent,
  range?: Override,
): Placed => {
  const recurrenceId = idOf(slot);
  if (!range) return { start: slot, length, end: slot.end ?? endOf(slot, length), recurrenceId, component: master };
  // The clock may be another from there on: the shift is taken between what both show.
  const onItsClock = { ...slot, local: slot.instant + range.start.zone.offsetAt(slot.instant) };
  const start = moved(range.start.allDay ? slot : onItsClock, range.start.zone, range.shift, range.start.allDay);
  return { start, length: range.length, end: endOf(start, range.length), recurrenceId, component: range.component };
};

/**
 * The instances of a series that overlap a window, ascending. DTSTART is an instance also where the rule does not name it, and
 * the first that COUNT counts. Rules run on the local clock; a start in a gap moves by the gap, of two equal instants one remains.
 * UNTIL is inclusive: a date means that whole day, a local time is read on the series' clock. EXDATE as a date takes out
 * that day of a timed series. A RECURRENCE-ID in UTC or another zone names the instance of the same instant; one that names
 * none stands by itself. RANGE=THISANDFUTURE moves and replaces what follows, up to the next one. RDATE adds, a period
 * with its own end. Cancelled instances (STATUS) are given: their component says so. Rules that cannot be read are passed over.
 *
 * Bounded: 200,000 steps, where every day looked at and every time made is one; years 1900 to 2200.
 * Fails: `malformed` if the master has no DTSTART, a time is none, or lies outside of these years.
 */
export const occurrencesOf = (series: Series, window: OccurrenceWindow): Occurrences => {
  const [from, to] = [secondsIn(window.from), secondsIn(window.to)];
  const limit = Math.min(Math.max(Math.trunc(window.limit ?? 1_000), 0), LIMIT);
  const read = reader(series.vtimezones, window.floating ?? utc);
  const extent = series.master && extentOf(series.master, read);
  if (series.master && !extent) {
    throw new GroupstreamError("malformed", "A component of a calendar object has no DTSTART. Look at its raw form.");
  }
  const overrides = overridesOf(series.overrides, read, extent?.start);
  const placed: Placed[] = [];
  let cut = false;
  for (const { id, start, length, component } of overrides.single) {
    placed.push({ start, length, end: endOf(start, length), recurrenceId: idOf(id), component });
  }
  if (series.master && extent) {
    const budget: Budget = { steps: STEP_LIMIT };
    const lengths = [extent.length, ...overrides.ranges.map((range) => range.length)];
    const longest = Math.max(...lengths.map(({ days, seconds }) => days * DAY + seconds));
    const shifts = [0, ...overrides.ranges.map((range) => range.shift)];
    // Days of a length and shifts are nominal: a change of the clock, at most a day, may add to them.
    const slack = longest >= DAY || overrides.ranges.length > 0 ? DAY : 0;
    const wide = { from: from - longest - Math.max(...shifts) - slack, to: to - Math.min(...shifts) + slack };
    const spare = limit + overrides.single.length + 1;
    const found = slotsOf(
      series.master,
      { start: extent.start, read, window: wide, most: spare, excluded: exclusionsOf(series.master, read) },
      budget,
    );
    cut = found.cut;
    for (const slot of found.slots) {
      if (overrides.replaces(slot)) continue;
      placed.push(placedOf(slot, extent.length, series.master, overrides.rangeAt(slot)));
    }
    // Beyond the last slot that is known for certain an override could stand among some that are not.
    if (found.horizon !== undefined) {
      const horizon = found.horizon + Math.min(...shifts);
      placed.splice(0, placed.length, ...placed.filter(({ start }) => start.instant <= horizon));
    }
  }
  const inside = placed
    .filter(({ start, end }) => start.instant < to && (end > from || start.instant >= from))
    .sort((a, b) => a.start.instant - b.start.instant || (a.recurrenceId < b.recurrenceId ? -1 : 1));
  return { occurrences: inside.slice(0, limit).map(occurrenceOf), cut: cut || inside.length > limit };
};

/**
 * The first occurrence that starts after an instant; undefined if none does, or none is found within the bounds of
 * {@link occurrencesOf}.
 * @param after     RFC 3339 in UTC, exclusive
 * @param floating  see {@link OccurrenceWindow}
 */
export const nextOccurrence = (series: Series, after: string, floating: Zone = utc): Occurrence | undefined => {
  const instant = secondsIn(after);
  // Windows that grow: most series have their next instance within weeks, and a rule that never matches is asked once for each.
  for (const days of [40, 800, 110_000]) {
    const to = instantText(Math.min(instant + days * DAY, secondsIn("2200-12-31T23:59:59Z")));
    const { occurrences, cut } = occurrencesOf(series, { from: after, to, limit: LIMIT, floating });
    const next = occurrences.find((occurrence) => occurrence.start > after);
    if (next || cut) return next;
  }
  return undefined;
};
