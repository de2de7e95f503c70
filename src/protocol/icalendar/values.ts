/** Values of properties as ical.js holds them in jCal (RFC 7265 §3.6), checked: it cuts what is no date into pieces that look like one. */

import { dayOf } from "../../time/local.ts";

const time = /^([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)Z?$/;
const duration = /^[+-]?P(?=.)(\d{1,6}W)?(\d{1,7}D)?(T(?=.)(\d{1,8}H)?(\d{1,9}M)?(\d{1,10}S)?)?$/;

const isDate = (value: unknown): boolean => typeof value === "string" && dayOf(value) !== undefined && value.length === 10;
const isDateTime = (value: unknown): boolean =>
  typeof value === "string" && value[10] === "T" && dayOf(value) !== undefined && time.test(value.slice(11));
const isDuration = (value: unknown): boolean => typeof value === "string" && duration.test(value);
const isPositive = (value: unknown): boolean => value === undefined || (Number.isSafeInteger(value) && (value as number) > 0);

const isPeriod = (value: unknown): boolean =>
  Array.isArray(value) && isDateTime(value[0]) && (isDateTime(value[1]) || isDuration(value[1]));

/** A rule needs FREQ; COUNT=0 would be read as a rule without end (ical.js 2.2.1). */
const isRecur = (value: unknown): boolean => {
  if (typeof value !== "object" || value === null || !("freq" in value)) return false;
  const { count, interval, until } = value as { count?: unknown; interval?: unknown; until?: unknown };
  return isPositive(count) && isPositive(interval) && (until === undefined || isDate(until) || isDateTime(until));
};

const checks: Readonly<Record<string, (value: unknown) => boolean>> = {
  date: isDate,
  "date-time": isDateTime,
  duration: isDuration,
  period: isPeriod,
  recur: isRecur,
  "utc-offset": (value) => typeof value === "string" && /^[+-]\d{2}:[0-5]\d(:[0-5]\d)?$/.test(value),
  integer: Number.isSafeInteger,
  float: (value) => [value].flat().every(Number.isFinite),
};

/** True if a value is of the type it claims; of types that are not checked, always. */
export const isUsableValue = (type: string, value: unknown): boolean =>
  Object.hasOwn(checks, type) ? (checks[type]?.(value) ?? true) : true;

/** Days and seconds of a duration (§3.3.6): days are nominal, seconds exact. Undefined for anything else. */
export const durationOf = (value: string): { readonly days: number; readonly seconds: number } | undefined => {
  const match = duration.exec(value);
  if (!match) return undefined;
  const sign = value.startsWith("-") ? -1 : 1;
  const part = (index: number): number => Number(match[index]?.slice(0, -1) ?? 0);
  return { days: sign * (part(1) * 7 + part(2)), seconds: sign * (part(4) * 3600 + part(5) * 60 + part(6)) };
};
