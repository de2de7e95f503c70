/**
 * Expanding a rule (RFC 5545 §3.3.10) in local time, one period after the other. Every day looked at and every time made is a
 * step, and steps are counted: no rule, however it is written, runs longer than it may.
 */

import { civilOf, DAY, dayNumber, lastYear, weekdayOf } from "../../time/local.ts";
import { completed, type DayParts, firstWeek, isNamedDay, weekYear } from "./days.ts";
import type { Frequency, Rule } from "./rule.ts";

/** Steps that are left; shared by all rules of one expansion. */
export interface Budget {
  steps: number;
}

/** Steps of one expansion: below 250 ms where this was measured. */
export const STEP_LIMIT = 200_000;

const END = dayNumber(lastYear + 1, 1, 1) * DAY;
const unitSeconds: Readonly<Partial<Record<Frequency, number>>> = { HOURLY: 3600, MINUTELY: 60, SECONDLY: 1 };

/** Days from which a period's are taken: the first, and the one after the last. */
type Span = readonly [from: number, to: number];

/** The `index`th period after the one of `start`. BYWEEKNO makes a year one of weeks: its week 1 may begin in December. */
const spanOf = (rule: Rule, start: number, index: number): Span => {
  const { year, month } = civilOf(start);
  const step = index * rule.interval;
  if (rule.freq === "YEARLY" && rule.byWeekNo) {
    const owner = weekYear(start, year, rule.wkst) + step;
    return [firstWeek(owner, rule.wkst), firstWeek(owner + 1, rule.wkst)];
  }
  if (rule.freq === "YEARLY") return [dayNumber(year + step, 1, 1), dayNumber(year + step + 1, 1, 1)];
  if (rule.freq === "MONTHLY") return [dayNumber(year, month + step, 1), dayNumber(year, month + step + 1, 1)];
  if (rule.freq === "WEEKLY") {
    const first = start - ((weekdayOf(start) - rule.wkst + 7) % 7) + step * 7;
    return [first, first + 7];
  }
  return [start + step, start + step + 1];
};

/** The last period that surely begins at or before a day; 0 at least. */
const periodBefore = (rule: Rule, start: number, day: number): number => {
  const [a, b] = [civilOf(start), civilOf(day)];
  const passed = {
    // A week's year may be one more or less than its day's.
    YEARLY: b.year - a.year - 2,
    MONTHLY: (b.year - a.year) * 12 + b.month - a.month - 1,
    WEEKLY: Math.floor((day - start) / 7) - 1,
  }[rule.freq as string];
  return Math.max(0, Math.floor((passed ?? day - start - 1) / rule.interval));
};

/** Days of a period the rule names, each one a step. Months a year's rule does not name are stepped over. */
const daysOf = (parts: DayParts, [from, to]: Span, budget: Budget): number[] => {
  const days: number[] = [];
  const single = parts.freq === "YEARLY" && !parts.byWeekNo ? parts.byMonth : undefined;
  for (let day = from; day < to && budget.steps > 0; day++) {
    if (single) {
      const civil = civilOf(day);
      if (!single.includes(civil.month)) {
        day = dayNumber(civil.year, civil.month + 1, 1) - 1;
        continue;
      }
    }
    budget.steps--;
    if (isNamedDay(day, parts)) days.push(day);
  }
  return days;
};

/** Seconds of a day at which a day's instances begin, ascending. A date has one, midnight: the parts of a time mean nothing. */
const timesOf = (rule: Rule, start: number, allDay: boolean): readonly number[] => {
  if (allDay) return [0];
  const time = start - Math.floor(start / DAY) * DAY;
  const hours = rule.byHour ?? [Math.floor(time / 3600)];
  const minutes = rule.byMinute ?? [Math.floor(time / 60) % 60];
  const seconds = rule.bySecond ?? [time % 60];
  const times = hours.flatMap((h) => minutes.flatMap((m) => seconds.map((s) => h * 3600 + m * 60 + Math.min(s, 59))));
  return [...new Set(times)].sort((a, b) => a - b);
};

/** What BYSETPOS costs in each period, in steps. */
const pickingSteps = ({ bySetPos }: Rule): number => (bySetPos ? bySetPos.length + 2 : 0);

/** The `positions`th of a period's set (BYSETPOS), or all of it. */
const picked = (set: readonly number[], positions: readonly number[] | undefined): readonly number[] => {
  if (!positions) return set;
  const indices = positions.map((position) => (position > 0 ? position - 1 : set.length + position));
  return [...new Set(indices)]
    .sort((a, b) => a - b)
    .flatMap((index) => (index >= 0 && index < set.length ? [set[index] as number] : []));
};

interface Range {
  /** DTSTART, local seconds. */
  readonly start: number;
  readonly allDay: boolean;
  /** What is wholly before may be left out, except DTSTART. */
  readonly from: number;
  /** The last local second that counts: UNTIL is inclusive. */
  readonly until: number;
}

function* byDays(rule: Rule, { start, allDay, from, until }: Range, budget: Budget): Generator<number> {
  const startDay = Math.floor(start / DAY);
  const parts = completed(rule, startDay);
  const times = timesOf(rule, start, allDay);
  const picking = pickingSteps(rule);
  // Where a rule is counted, all instances before the window count.
  const first = rule.count === undefined ? periodBefore(rule, startDay, Math.floor(from / DAY)) : 0;
  for (let index = first; budget.steps > 0; index++) {
    const span = spanOf(rule, startDay, index);
    // An interval of a billion years ends beyond what a Date can hold: not a number.
    if (!(span[0] * DAY <= until)) return;
    const days = daysOf(parts, span, budget);
    budget.steps -= days.length * (times.length - 1) + picking;
    if (budget.steps <= 0) return;
    yield* picked(
      days.flatMap((day) => times.map((time) => day * DAY + time)),
      rule.bySetPos,
    );
  }
}

/** The first unit at or after `at` that lies on the rule's grid. */
const onGrid = (at: number, origin: number, width: number): number =>
  origin + Math.max(0, Math.ceil((at - origin) / width)) * width;

/** Where the next unit may lie that hour and minute allow: a whole hour or minute that is not named is stepped over at once. */
const nextAllowed = (rule: Rule, at: number, unit: number): number | undefined => {
  const hour = Math.floor(at / 3600);
  if (rule.byHour && !rule.byHour.includes(hour - Math.floor(at / DAY) * 24)) return (hour + 1) * 3600;
  const minute = Math.floor(at / 60);
  if (unit < 3600 && rule.byMinute && !rule.byMinute.includes(minute - hour * 60)) return (minute + 1) * 60;
  if (unit === 1 && rule.bySecond && !rule.bySecond.includes(at - minute * 60)) return at + 1;
  return undefined;
};

function* byUnits(rule: Rule, { start, from, until }: Range, budget: Budget): Generator<number> {
  const unit = unitSeconds[rule.freq] as number;
  const width = unit * rule.interval;
  const origin = Math.floor(start / unit) * unit;
  const parts = completed(rule, Math.floor(start / DAY));
  const minutes = unit === 3600 ? (rule.byMinute ?? [Math.floor(start / 60) - Math.floor(start / 3600) * 60]) : [0];
  const seconds = unit > 1 ? (rule.bySecond ?? [start - Math.floor(start / 60) * 60]) : [0];
  const times = [...new Set(minutes.flatMap((m) => seconds.map((s) => m * 60 + Math.min(s, 59))))].sort((a, b) => a - b);
  const picking = pickingSteps(rule);
  let tested = Number.NaN;
  for (let at = rule.count === undefined ? onGrid(from - unit, origin, width) : origin; at <= until && budget.steps > 0; ) {
    budget.steps -= 1;
    const day = Math.floor(at / DAY);
    if (day !== tested && !isNamedDay(day, parts)) {
      at = onGrid((day + 1) * DAY, origin, width);
      continue;
    }
    tested = day;
    const next = nextAllowed(rule, at, unit);
    if (next !== undefined) {
      at = onGrid(next, origin, width);
      continue;
    }
    const unitStart = at;
    budget.steps -= times.length - 1 + picking;
    yield* picked(
      times.map((time) => unitStart + time),
      rule.bySetPos,
    );
    at += width;
  }
}

/**
 * Local start times in ascending order, DTSTART first: it is an instance also where the rule does not name it, and the first of
 * COUNT (§3.8.5.3). Ends with the rule, with the year 2200, or when the budget's steps are used up: then `steps` is 0 or less.
 */
export function* expand(rule: Rule, range: Range, budget: Budget): Generator<number> {
  const { start, allDay } = range;
  yield start;
  const units = unitSeconds[rule.freq] !== undefined;
  // A date has no hours: such a rule names DTSTART alone.
  if (units && allDay) return;
  const until = Math.min(range.until, END - 1);
  let count = 1;
  for (const at of (units ? byUnits : byDays)(rule, { ...range, until }, budget)) {
    if (at > until || count >= (rule.count ?? Number.POSITIVE_INFINITY)) return;
    if (at <= start) continue;
    count++;
    yield at;
  }
}
