/** How what a field of a profile says is written as a property of a vCard, of 3.0 or 4.0. Pure. */

import { cleanLine, cleanText } from "../text/characters.ts";
import { partText, VALUE_LIMIT } from "./fields.ts";
import type { CardProperty, CardVersion } from "./property.ts";

/** What is written of a value. */
export interface Written {
  /** Type and values; absent where it cannot be written. */
  readonly says?: readonly [type: string, ...values: unknown[]];
  /** Parameters of this value. */
  readonly params?: CardProperty[1];
  /** What is lost by it; without `says` why. */
  readonly lost?: string;
}

/** @param old  the property whose place the value takes */
type Writer = (value: string, version: CardVersion, old?: CardProperty) => Written;

/** Characters of an inline picture in base64: as large as address books keep them. */
const PICTURE_LIMIT = 256 * 1024;

/**
 * A text that was joined of these parts, taken apart again where one of them changed, or several of as many: what it begins and ends
 * with stays where it was. Undefined where nobody can tell which part is which.
 */
export const partsIn = (text: string, old: readonly string[]): readonly string[] | undefined => {
  let [start, end, rest] = [0, old.length, text];
  for (let part = old[start]; start < end && (rest === part || rest.startsWith(`${part}, `)); part = old[start]) {
    rest = rest.slice(old[start++]!.length + 2);
  }
  for (let part = old[end - 1]; end > start && (rest === part || rest.endsWith(`, ${part}`)); part = old[end - 1]) {
    rest = rest.slice(0, Math.max(0, rest.length - old[--end]!.length - 2));
  }
  const count = end - start;
  const pieces = count > 1 && !old.slice(start, end).some((part) => part.includes(", ")) ? rest.split(", ") : [rest];
  if (rest !== "" && pieces.length !== count) return undefined;
  const between = rest === "" ? Array<string>(count).fill("") : pieces;
  const parts = [...old.slice(0, start), ...between, ...old.slice(end)];
  const joined = parts.map((part) => cleanLine(part, VALUE_LIMIT)).filter((part) => part !== "");
  return joined.join(", ") === text ? parts : undefined;
};

/**
 * A value of several parts: those of the old one that are still in it stay, else it stands whole in one of them, since its parts are not guessed.
 * @param count  of all parts
 * @param whole  index of the part it stands in then
 */
const structured =
  (count: number, whole: number): Writer =>
  (value, _, old) => {
    const text = cleanLine(value);
    const all: readonly unknown[] = old ? [old[3]].flat() : [];
    const filled = all.flatMap((part, at) => (partText(part) === "" ? [] : [{ at, shown: partText(part) }]));
    const parts = partsIn(
      text,
      filled.map(({ shown }) => shown),
    );
    if (parts && filled.length > 0) {
      const next = [...all];
      for (const [index, { at, shown }] of filled.entries()) if (parts[index] !== shown) next[at] = parts[index];
      return { says: ["text", next] };
    }
    const blank = Array.from({ length: count }, (_, at) => (at === whole ? text : ""));
    const lost = filled.some(({ at }) => at !== whole);
    return { says: ["text", blank], ...(lost && { lost: "Which part is which is not known any more: it stands whole in one." }) };
  };

const line: Writer = (value) => ({ says: ["text", cleanLine(value)] });

const uri =
  (type: (version: CardVersion) => string): Writer =>
  (value, version) =>
    /^[a-z][a-z0-9+.-]*:[^\s\0-\x1f\x7f]+$/i.test(value)
      ? { says: [type(version), value.replaceAll("\\", "%5C")] }
      : { lost: "Only a URI can be written." };

const date: Writer = (value, version) => {
  if (/^(?:\d{4}|-)-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/.test(value)) {
    if (version === "4.0") return { says: ["date-and-or-time", value] };
    // RFC 2426 has no date without a year; Apple, Google and Nextcloud write this.
    const params = value.startsWith("--") ? { "x-apple-omit-year": "1604" } : {};
    return { says: ["date", value.replace(/^--/, "1604-")], params };
  }
  if (version === "3.0") return { lost: "vCard 3.0 holds whole dates alone: 1985-04-12, --04-12." };
  if (/^\d{4}(?:-(?:0[1-9]|1[0-2]))?$/.test(value)) return { says: ["date-and-or-time", value] };
  return { says: ["text", cleanLine(value, 100)] };
};

const picture: Writer = (value, version) => {
  if (value.length > PICTURE_LIMIT + 100)
    return { lost: `A picture of more than ${PICTURE_LIMIT / 1024} KiB in base64 is not written.` };
  if (/^https?:\/\/[^\s\0-\x1f\x7f\\]+$/i.test(value)) return { says: ["uri", value] };
  // No image/svg+xml: it is a program as well.
  const [, format, bytes] = /^data:image\/([a-z0-9.-]{1,40});base64,([a-z0-9+/]+={0,2})$/i.exec(value) ?? [];
  if (format === undefined || bytes === undefined || bytes.length % 4 !== 0)
    return { lost: "A picture can be written by its https: address, or by all of it as data:image/…;base64." };
  return version === "4.0"
    ? { says: ["uri", `data:image/${format.toLowerCase()};base64,${bytes}`] }
    : { says: ["binary", bytes], params: { encoding: "b", type: format.toUpperCase() } };
};

/** By the names of properties. */
const writers: Readonly<Record<string, Writer>> = {
  // RFC 6350 §6.3.1: post office box, extended address, street, locality, region, code, country.
  adr: structured(7, 2),
  anniversary: (value, version) => (version === "4.0" ? date(value, version) : { lost: "vCard 3.0 has no word for it." }),
  bday: date,
  impp: uri((version) => (version === "4.0" ? "uri" : "unknown")),
  logo: picture,
  note: (value) => ({ says: ["text", cleanText(value)] }),
  org: structured(1, 0),
  photo: picture,
  role: line,
  tel: (value, version) => ({
    says: [version === "4.0" ? "text" : "phone-number", cleanLine(value.replaceAll("\\", ""))],
  }),
  title: line,
  url: uri(() => "uri"),
};

export const written = (name: string, value: string, version: CardVersion, old?: CardProperty): Written =>
  Object.hasOwn(writers, name) ? writers[name]!(value, version, old) : { lost: "This cannot be written." };

/** Parameters that say something of the value, and go with it: the label that is printed for an address, where on earth it is. */
const ofValue: Readonly<Record<string, readonly string[]>> = {
  adr: ["label", "geo", "tz"],
  anniversary: ["x-apple-omit-year"],
  bday: ["x-apple-omit-year"],
};

/** What a property with another value keeps of the old one's parameters; of a picture its format and crop are another's, too. */
export const keptParams = ({ 0: name, 1: params }: CardProperty): CardProperty[1] =>
  Object.fromEntries(
    Object.entries(params).filter(([param]) =>
      name === "photo" || name === "logo" ? param === "group" || param === "pref" : !ofValue[name]?.includes(param),
    ),
  );
