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
  if (day < 1 || (day > 28 && day > new Date(Date.UTC(year, month + 1, 0)).getUTCDate())) return undefined;
  const time = Date.UTC(year, month, day, hour, minute, Math.min(second, 59)) - offset * 60_000;
  return time < 0 ? undefined : `${new Date(time).toISOString().slice(0, 19)}Z`;
};

const monthOf = (name: string | undefined): number | undefined => months[name?.slice(0, 3).toLowerCase() ?? ""];

const pair = (text: string, at: number): number => {
  const [high, low] = [text.charCodeAt(at) - 48, text.charCodeAt(at + 1) - 48];
  return high >= 0 && high <= 9 && low >= 0 && low <= 9 ? high * 10 + low : Number.NaN;
};

const usualColons: readonly (readonly [at: number, character: string])[] = [
  [3, ","],
  [4, " "],
  [7, " "],
  [11, " "],
  [16, " "],
  [19, ":"],
  [22, ":"],
  [25, " "],
];

/** `Mon, 23 Nov 2026 22:31:00 +0100`, the form of nearly every mail, read by its places; undefined for any other. */
const usualDate = (text: string): string | undefined => {
  if (text.length !== 31 || usualColons.some(([at, character]) => text[at] !== character)) return undefined;
  const sign = text[26] === "+" ? 1 : text[26] === "-" ? -1 : Number.NaN;
  const minutes = pair(text, 29);
  const offset = sign * (pair(text, 27) * 60 + minutes);
  if (!(Math.abs(offset) < 16 * 60 && minutes < 60)) return undefined;
  const numbers = [pair(text, 12) * 100 + pair(text, 14), pair(text, 5), pair(text, 17), pair(text, 20), pair(text, 23)] as const;
  if (numbers.some(Number.isNaN)) return undefined;
  const [year, day, hour, minute, second] = numbers;
  return instant(year, monthOf(text.slice(8, 11)), day, hour, minute, second, offset);
};

/**
 * A Date field as RFC 3339 in UTC with whole seconds, `2026-11-23T22:31:00Z`; undefined for what is no date: never now,
 * never a day that does not exist, never a year before 1970 or after 2200. Comments, two-digit years, obsolete zones, the
 * form of ctime(3) and ISO 8601 are read; an unknown or missing zone is UTC (RFC 5322 §4.3).
 */
export const mailDate = (raw: string): string | undefined => {
  const text = withoutComments(raw.slice(0, 200)).trim();
  const usual = usualDate(text);
  if (usual !== undefined) return usual;
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
