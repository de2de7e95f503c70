/** Recurrence rules, RFC 5545 §3.3.10: read within its ranges, and written in one form. Pure. */

import { secondsOf } from "../../time/local.ts";

const frequencies = ["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"] as const;
export type Frequency = (typeof frequencies)[number];

export const weekdays = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;

/** A rule that can be expanded; lists are ascending and without doubles. */
export interface Rule {
  readonly freq: Frequency;
  readonly interval: number;
  readonly count?: number;
  /** As written: a date, a local time, or a UTC time with `Z`. */
  readonly until?: string;
  /** 0 is Monday. */
  readonly wkst: number;
  /** `nth` 0 stands for every such day. */
  readonly byDay?: readonly { readonly nth: number; readonly weekday: number }[];
  readonly byMonth?: readonly number[];
  readonly byWeekNo?: readonly number[];
  readonly byYearDay?: readonly number[];
  readonly byMonthDay?: readonly number[];
  readonly byHour?: readonly number[];
  readonly byMinute?: readonly number[];
  readonly bySecond?: readonly number[];
  readonly bySetPos?: readonly number[];
}

/** Longest rule that is read, characters; a rule with every part full stays below. */
const LENGTH_LIMIT = 10_000;

type Numbers = "byMonth" | "byWeekNo" | "byYearDay" | "byMonthDay" | "byHour" | "byMinute" | "bySecond" | "bySetPos";

/** Canonical order, and for each list its bounds; a negative one counts from the end and excludes 0. */
const lists: readonly (readonly [part: string, field: Numbers, low: number, high: number])[] = [
  ["BYMONTH", "byMonth", 1, 12],
  ["BYWEEKNO", "byWeekNo", -53, 53],
  ["BYYEARDAY", "byYearDay", -366, 366],
  ["BYMONTHDAY", "byMonthDay", -31, 31],
  ["BYHOUR", "byHour", 0, 23],
  ["BYMINUTE", "byMinute", 0, 59],
  ["BYSECOND", "bySecond", 0, 60],
  ["BYSETPOS", "bySetPos", -366, 366],
];

const numbersOf = (text: string, low: number, high: number): readonly number[] | undefined => {
  const words = text.split(",").map((word) => word.trim());
  if (!words.every((word) => /^[+-]?\d{1,3}$/.test(word))) return undefined;
  const numbers = [...new Set(words.map(Number))].sort((a, b) => a - b);
  return numbers.every((number) => number >= low && number <= high && (low >= 0 || number !== 0)) ? numbers : undefined;
};

const daysOf = (text: string): Rule["byDay"] => {
  const days = new Map<number, { nth: number; weekday: number }>();
  for (const word of text.split(",")) {
    const match = /^\s*([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)\s*$/.exec(word);
    const nth = Number(match?.[1] ?? 0);
    if (!match || Math.abs(nth) > 53 || (match[1] !== undefined && nth === 0)) return undefined;
    const weekday = weekdays.indexOf(match[2] as (typeof weekdays)[number]);
    days.set(nth * 7 + weekday, { nth, weekday });
  }
  return [...days].sort(([a], [b]) => a - b).map(([, day]) => day);
};

/** `20260105T090000Z`, or in the form of jCal, as `2026-01-05T09:00:00Z`. */
const untilOf = (text: string): string | undefined => {
  const match = /^(\d{4})-?(\d{2})-?(\d{2})(?:T(\d{2}):?(\d{2}):?(\d{2})(Z)?)?$/.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, z] = match;
  const until = `${year}-${month}-${day}${hour === undefined ? "" : `T${hour}:${minute}:${second}${z ?? ""}`}`;
  // Far ends stand for none, as 9999-12-31 in Outlook's; the year is checked by who expands.
  return secondsOf(`2000${until.slice(4)}`) === undefined ? undefined : until;
};

const partsOf = (text: string): ReadonlyMap<string, string> | undefined => {
  if (text.length > LENGTH_LIMIT) return undefined;
  const parts = new Map<string, string>();
  for (const part of text
    .toUpperCase()
    .replace(/^RRULE:/, "")
    .split(";")) {
    if (part.trim() === "") continue;
    const [name = "", value = "", ...more] = part.split("=").map((word) => word.trim());
    if (more.length > 0 || parts.has(name)) return undefined;
    parts.set(name, value);
  }
  return parts;
};

/**
 * A rule read from `FREQ=…;…` in any case and order. INTERVAL=0 counts as 1; unknown parts are passed over.
 * Undefined where a part lies outside of its range, stands twice, or FREQ is missing; also with RSCALE (RFC 7529).
 */
export const ruleOf = (text: string): Rule | undefined => {
  const parts = partsOf(text);
  const freq = parts?.get("FREQ") as Frequency | undefined;
  if (!parts || !freq || !frequencies.includes(freq) || (parts.get("RSCALE") ?? "GREGORIAN") !== "GREGORIAN") return undefined;
  const whole = (name: string): number | undefined =>
    /^\d{1,9}$/.test(parts.get(name) ?? "") ? Number(parts.get(name)) : undefined;
  const [count, interval, wkst] = [whole("COUNT"), whole("INTERVAL"), weekdays.indexOf((parts.get("WKST") ?? "MO") as "MO")];
  const until = untilOf(parts.get("UNTIL") ?? "");
  if ((parts.has("COUNT") && !count) || (parts.has("INTERVAL") && interval === undefined) || wkst < 0) return undefined;
  if (parts.has("UNTIL") && until === undefined) return undefined;
  const by: { [field in Numbers]?: readonly number[] } = {};
  for (const [part, field, low, high] of lists) {
    const value = parts.get(part);
    if (value === undefined) continue;
    const numbers = numbersOf(value, low, high);
    if (!numbers) return undefined;
    by[field] = numbers;
  }
  const byDay = parts.has("BYDAY") ? daysOf(parts.get("BYDAY") as string) : undefined;
  if (parts.has("BYDAY") && !byDay) return undefined;
  return {
    freq,
    interval: interval || 1,
    wkst,
    ...(count === undefined ? {} : { count }),
    ...(until === undefined ? {} : { until }),
    ...by,
    ...(byDay ? { byDay } : {}),
  };
};

/**
 * One text for equal rules: upper case, FREQ first, then INTERVAL, COUNT, UNTIL, the BY parts in the order of §3.3.10's table,
 * BYSETPOS, WKST; lists ascending without doubles; what is a default anyway (INTERVAL=1, WKST=MO) left out. A rule that
 * cannot be read (a part out of range or twice, no FREQ) comes back in upper case, else unchanged, cut at 10,000 characters.
 */
export const ruleText = (rrule: string): string => {
  const rule = ruleOf(rrule);
  if (!rule) return rrule.slice(0, LENGTH_LIMIT).toUpperCase();
  const parts: string[] = [`FREQ=${rule.freq}`];
  if (rule.interval !== 1) parts.push(`INTERVAL=${rule.interval}`);
  if (rule.count !== undefined) parts.push(`COUNT=${rule.count}`);
  if (rule.until !== undefined) parts.push(`UNTIL=${rule.until.replace(/[-:]/g, "")}`);
  const list = ([part, field]: (typeof lists)[number]): string[] => (rule[field] ? [`${part}=${rule[field].join(",")}`] : []);
  parts.push(...lists.slice(0, 4).flatMap(list));
  if (rule.byDay) parts.push(`BYDAY=${rule.byDay.map(({ nth, weekday }) => `${nth || ""}${weekdays[weekday]}`).join(",")}`);
  parts.push(...lists.slice(4).flatMap(list));
  if (rule.wkst !== 0) parts.push(`WKST=${weekdays[rule.wkst]}`);
  return parts.join(";");
};
