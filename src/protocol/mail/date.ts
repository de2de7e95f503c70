/** Dates of mail: RFC 5322 §3.3 and the obsolete forms of §4.3, → RFC 3339. */

const months: Readonly<Record<string, number>> = {
  jan: 0,
  feb: 1,
  mar: 2,
  apr: 3,
  may: 4,
  jun: 5,
  jul: 6,
  aug: 7,
  sep: 8,
  oct: 9,
  nov: 10,
  dec: 11,
};

/** Obsolete zones in hours (RFC 5322 §4.3). Any other letters mean "-0000": UTC, place unknown. */
const zones: Readonly<Record<string, number>> = {
  edt: -4,
  est: -5,
  cdt: -5,
  cst: -6,
  mdt: -6,
  mst: -7,
  pdt: -7,
  pst: -8,
  cet: 1,
  cest: 2,
  mez: 1,
  mesz: 2,
};

// Every part is bounded and starts with another kind of character than the one before ends with: no backtracking.
const mailForm =
  /^(?:[a-z]{2,10}\.?\s*,?\s+|[a-z]{2,10}\.?,)?(\d{1,2})[\s-]{1,8}([a-z]{3,9})\.?[\s-]{1,8}(\d{2,4}),?\s{1,8}(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d{1,9})?)?\s{0,8}(?:(?:gmt|utc|ut)?\s?([+-]\d{4}|[+-]\d{2}:\d{2})|"?([a-z]{1,5})"?)?(?:\s|$)/i;
/** `Mon Nov 23 22:31:00 2026`: ctime(3), from scripts that print a date. */
const ctimeForm = /^[a-z]{3}\s([a-z]{3})\s{1,2}(\d{1,2})\s(\d{2}):(\d{2}):(\d{2})\s(?:([a-z]{3,4})\s)?(\d{4})(?:\s|$)/i;
const isoForm = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?\s?(Z|[+-]\d{2}:?\d{2})?(?:\s|$)/i;

/** Without comments (RFC 5322 §3.2.2), which may nest. */
const withoutComments = (raw: string): string => {
  if (!raw.includes("(")) return raw;
  let depth = 0;
  let text = "";
  for (const character of raw) {
    if (character === "(") depth++;
    else if (character === ")") depth = Math.max(0, depth - 1);
    else if (depth === 0) text += character;
  }
  return text;
};

/** Minutes east of UTC; undefined for a zone no clock has. */
const offsetOf = (numeric: string | undefined, name: string | undefined): number | undefined => {
  if (numeric !== undefined) {
    if (/^z$/i.test(numeric)) return 0;
    const digits = numeric.slice(1).replace(":", "");
    const [hours, minutes] = [Number(digits.slice(0, 2)), Number(digits.slice(2))];
    if (hours > 15 || minutes > 59) return undefined;
    return (numeric.startsWith("-") ? -1 : 1) * (hours * 60 + minutes);
  }
  return (zones[name?.toLowerCase() ?? ""] ?? 0) * 60;
};

const yearOf = (digits: string): number => {
  const year = Number(digits);
  if (digits.length === 2) return year < 50 ? 2000 + year : 1900 + year;
  return digits.length === 3 ? 1900 + year : year;
};

const instant = (
  year: number,
  month: number | undefined,
  day: number,
  hour: number,
  minute: number,
  second: number,
  offset: number | undefined,
): string | undefined => {
  if (month === undefined || offset === undefined || year < 1970 || year > 2200) return undefined;
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  if (day < 1 || day > new Date(Date.UTC(year, month + 1, 0)).getUTCDate()) return undefined;
  const time = Date.UTC(year, month, day, hour, minute, Math.min(second, 59)) - offset * 60_000;
  return time < 0 ? undefined : `${new Date(time).toISOString().slice(0, 19)}Z`;
};

const monthOf = (name: string | undefined): number | undefined => months[name?.slice(0, 3).toLowerCase() ?? ""];

/**
 * A Date field as RFC 3339 in UTC with whole seconds, `2026-11-23T22:31:00Z`; undefined for what is no date: never now,
 * never a day that does not exist, never a year before 1970 or after 2200. Comments, two-digit years, obsolete zones, the
 * form of ctime(3) and ISO 8601 are read; an unknown or missing zone is UTC (RFC 5322 §4.3).
 */
export const mailDate = (raw: string): string | undefined => {
  const text = withoutComments(raw.slice(0, 200)).trim();
  const mail = mailForm.exec(text);
  if (mail) {
    const [, day, month, year, hour, minute, second, numeric, name] = mail;
    return instant(
      yearOf(year!),
      monthOf(month),
      Number(day),
      Number(hour),
      Number(minute),
      Number(second ?? 0),
      offsetOf(numeric, name),
    );
  }
  const ctime = ctimeForm.exec(text);
  if (ctime) {
    const [, month, day, hour, minute, second, zone, year] = ctime;
    return instant(
      Number(year),
      monthOf(month),
      Number(day),
      Number(hour),
      Number(minute),
      Number(second),
      offsetOf(undefined, zone),
    );
  }
  const iso = isoForm.exec(text);
  if (!iso) return undefined;
  const [, year, month, day, hour, minute, second, zone] = iso;
  if (Number(month) < 1 || Number(month) > 12) return undefined;
  return instant(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
    offsetOf(zone, undefined),
  );
};
