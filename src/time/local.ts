/**
 * Local times as numbers: seconds that a clock without a zone shows, counted from 1970-01-01T00:00:00. The calendar is
 * Gregorian throughout, as RFC 5545 §3.3.4 has it; years 1900 to 2200 are accepted.
 */

export const DAY = 86_400;
export const firstYear = 1900;
export const lastYear = 2200;

/** Days since 1970-01-01; months count from 1 and days may lie outside of the month. */
export const dayNumber = (year: number, month: number, day: number): number => Date.UTC(year, month - 1, day) / (DAY * 1000);

export interface CivilDay {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** Its year, month and day, by arithmetic alone: a rule asks for thousands. */
export const civilOf = (number: number): CivilDay => {
  const shifted = number + 719_468;
  const era = Math.floor(shifted / 146_097);
  const ofEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * ofYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: ofYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  };
};

/** 0 is Monday. */
export const weekdayOf = (number: number): number => (((number + 3) % 7) + 7) % 7;

/** The day number of `2026-01-05…`; undefined for a day no calendar has. */
export const dayOf = (text: string): number | undefined => {
  const match = /^(\d{4})-(\d{2})-(\d{2})(?:T|$)/.exec(text);
  if (!match) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (year === 0 || month < 1 || month > 12 || day < 1) return undefined;
  const number = dayNumber(year, month, day);
  const civil = civilOf(number);
  return civil.month === month && civil.day === day ? number : undefined;
};

/** Seconds of `2026-01-05T09:00:00`, with or without `Z`, or of midnight of a date; undefined for anything else, or another year. */
export const secondsOf = (text: string): number | undefined => {
  const day = dayOf(text);
  const time = /^T(\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?Z?$/.exec(text.slice(10));
  if (day === undefined || (!time && text.length > 10)) return undefined;
  const year = Number(text.slice(0, 4));
  if (year < firstYear || year > lastYear) return undefined;
  if (!time) return day * DAY;
  const [hour, minute, second] = [Number(time[1]), Number(time[2]), Number(time[3])];
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  // A leap second is the one before it: no clock here knows them (§3.3.12).
  return day * DAY + hour * 3600 + minute * 60 + Math.min(second, 59);
};

const two = (value: number): string => String(value).padStart(2, "0");

/** `2026-01-05` */
export const dateText = (seconds: number): string => {
  const { year, month, day } = civilOf(Math.floor(seconds / DAY));
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}`;
};

/** `2026-01-05T09:00:00` */
export const localText = (seconds: number): string => {
  const rest = seconds - Math.floor(seconds / DAY) * DAY;
  return `${dateText(seconds)}T${two(Math.floor(rest / 3600))}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}`;
};

/** `2026-01-05T09:00:00Z` */
export const instantText = (seconds: number): string => `${localText(seconds)}Z`;
