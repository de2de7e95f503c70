/** Which days of a period a rule names: the table of RFC 5545 §3.3.10 for everything that is a day. Pure. */

import { type CivilDay, civilOf, dayNumber, weekdayOf } from "../../time/local.ts";
import type { Rule } from "./rule.ts";

/** The day parts of a rule after what is missing was taken from DTSTART. */
export type DayParts = Pick<Rule, "byDay" | "byMonth" | "byWeekNo" | "byYearDay" | "byMonthDay" | "wkst" | "freq">;

/**
 * What the rule leaves open comes from DTSTART: the weekday of a week, the day of a month, month and day of a year. BYWEEKNO
 * alone names one day of the week, not seven: a rule says which instances there are, not how long they take.
 */
export const completed = (rule: Rule, start: number): DayParts => {
  const { freq, wkst, byDay, byMonth, byWeekNo, byYearDay, byMonthDay } = rule;
  const said = { freq, wkst, ...without({ byDay, byMonth, byWeekNo, byYearDay, byMonthDay }) };
  const civil = civilOf(start);
  const sameWeekday = { byDay: [{ nth: 0, weekday: weekdayOf(start) }] };
  if (byDay || byMonthDay || byYearDay) return said;
  if (freq === "WEEKLY" || (freq === "YEARLY" && byWeekNo)) return { ...said, ...sameWeekday };
  if (freq === "MONTHLY") return { ...said, byMonthDay: [civil.day] };
  if (freq === "YEARLY") return { ...said, byMonth: byMonth ?? [civil.month], byMonthDay: [civil.day] };
  return said;
};

const without = <T extends object>(parts: T): { [K in keyof T]?: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) as never;

const daysIn = (year: number, month: number): number => dayNumber(year, month + 1, 1) - dayNumber(year, month, 1);

/** The first day of week 1: the first week, beginning on `wkst`, of which four days lie in the year. */
export const firstWeek = (year: number, wkst: number): number => {
  const newYear = dayNumber(year, 1, 1);
  const into = (weekdayOf(newYear) - wkst + 7) % 7;
  return into <= 3 ? newYear - into : newYear + 7 - into;
};

const named = (list: readonly number[] | undefined, fromStart: number, fromEnd: number): boolean =>
  list === undefined || list.includes(fromStart) || list.includes(fromEnd);

/** The year a day's week belongs to: near a new year it may be the one before or after. */
export const weekYear = (day: number, year: number, wkst: number): number =>
  day < firstWeek(year, wkst) ? year - 1 : day >= firstWeek(year + 1, wkst) ? year + 1 : year;

const inWeek = (day: number, { year }: CivilDay, wkst: number, weeks: readonly number[]): boolean => {
  const owner = weekYear(day, year, wkst);
  const first = firstWeek(owner, wkst);
  const count = (firstWeek(owner + 1, wkst) - first) / 7;
  const week = Math.floor((day - first) / 7) + 1;
  return named(weeks, week, week - count - 1);
};

/** Ordinals count in the year, or in the month where the rule has months; elsewhere they mean nothing and are passed over. */
const isNamedWeekday = (day: number, civil: CivilDay, parts: DayParts): boolean => {
  if (!parts.byDay) return true;
  const weekday = weekdayOf(day);
  const ofMonth = parts.freq === "MONTHLY" || (parts.freq === "YEARLY" && parts.byMonth !== undefined);
  const counts = ofMonth || (parts.freq === "YEARLY" && !parts.byWeekNo);
  return parts.byDay.some(({ nth, weekday: wanted }) => {
    if (wanted !== weekday) return false;
    if (nth === 0 || !counts) return true;
    const first = ofMonth ? dayNumber(civil.year, civil.month, 1) : dayNumber(civil.year, 1, 1);
    const after = ofMonth ? dayNumber(civil.year, civil.month + 1, 1) : dayNumber(civil.year + 1, 1, 1);
    return nth > 0 ? Math.floor((day - first) / 7) + 1 === nth : -(Math.floor((after - 1 - day) / 7) + 1) === nth;
  });
};

/** True if every day part allows this day. */
export const isNamedDay = (day: number, parts: DayParts): boolean => {
  const civil = civilOf(day);
  if (parts.byMonth && !parts.byMonth.includes(civil.month)) return false;
  if (!isNamedWeekday(day, civil, parts)) return false;
  const { byMonthDay, byYearDay, byWeekNo } = parts;
  if (byMonthDay && !named(byMonthDay, civil.day, civil.day - daysIn(civil.year, civil.month) - 1)) return false;
  if (byYearDay) {
    const ofYear = day - dayNumber(civil.year, 1, 1) + 1;
    if (!named(byYearDay, ofYear, day - dayNumber(civil.year + 1, 1, 1))) return false;
  }
  return !byWeekNo || inWeek(day, civil, parts.wkst, byWeekNo);
};
