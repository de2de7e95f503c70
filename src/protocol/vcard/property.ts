/**
 * One property of a vCard: its line taken apart (RFC 6350 §3.3), repaired where it is of vCard 2.1, and made a jCard property (RFC 7095).
 *
 * Parameters are read here, values by ical.js: its own reading of parameters fails on `TEL;CELL:`, and nests lists in
 * `TYPE=cell;TYPE=home,voice` in a way that it cannot write again.
 */

import ICAL from "ical.js";
import { decode as decodeQuotedPrintable } from "libqp";
import { decodeCharset } from "../text/characters.ts";

/** A property as ical.js keeps it: name, parameters (`group` among them), type of the value, values. */
export type CardProperty = [name: string, params: Record<string, string | string[]>, type: string, ...values: unknown[]];

type Parameter = readonly [name: string, value: string];

interface Parts {
  readonly group: string | undefined;
  /** Lower case. */
  readonly name: string;
  readonly params: readonly Parameter[];
  /** A parameter has no name, as in vCard 2.1. */
  readonly bare: boolean;
  readonly value: string;
}

/** Longest name with parameters, in characters. */
const HEAD_LIMIT = 8_192;
/** Most parameters of a property. */
const PARAMETER_LIMIT = 100;
const headOf = /^(?:([\w-]{1,100})\.)?([\w-]{1,100})$/;
const encodings = new Set(["quoted-printable", "base64", "8bit", "7bit", "b"]);
/** Names of Object.prototype: ical.js looks names up in plain objects. */
const inheritedNames: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));
const isInherited = (name: string): boolean => inheritedNames.has(name);

/** Splits at a separator that is not inside of quotes. */
const splitQuoted = (text: string, separator: string): string[] => {
  if (!text.includes('"')) return text.split(separator);
  const pieces: string[] = [];
  let [start, quoted] = [0, false];
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '"') quoted = !quoted;
    else if (text[index] === separator && !quoted) {
      pieces.push(text.slice(start, index));
      start = index + 1;
    }
  }
  return [...pieces, text.slice(start)];
};

/** The first colon that is not inside of quotes; -1 where there is none within the limit. */
const colonOf = (line: string): number => {
  let quoted = false;
  for (let index = 0; index < line.length && index < HEAD_LIMIT; index++) {
    const code = line.charCodeAt(index);
    if (code === 0x22) quoted = !quoted;
    else if (code === 0x3a && !quoted) return index;
  }
  return -1;
};

/** vCard 2.1 §2: a parameter without a name says an encoding, how the value is given, or most often a type. */
const parameterOf = (piece: string): Parameter => {
  const equals = piece.indexOf("=");
  if (equals >= 0) return [piece.slice(0, equals).trim().toLowerCase(), piece.slice(equals + 1).trim()];
  const bare = piece.trim();
  const lower = bare.toLowerCase();
  if (encodings.has(lower)) return ["encoding", bare];
  return lower === "url" || lower === "cid" || lower === "content-id" || lower === "inline" ? ["value", bare] : ["type", bare];
};

const partsOf = (line: string): Parts | undefined => {
  const colon = colonOf(line);
  if (colon < 1) return undefined;
  const [head = "", ...rest] = splitQuoted(line.slice(0, colon), ";");
  const match = headOf.exec(head.trim());
  if (!match || rest.length > PARAMETER_LIMIT) return undefined;
  const name = match[2]!.toLowerCase();
  // The parser takes BEGIN and END for components.
  if (isInherited(name) || name === "begin" || name === "end") return undefined;
  const pieces = rest.filter((piece) => piece.trim() !== "");
  const params = pieces.map(parameterOf);
  if (params.some(([key]) => !/^[\w-]+$/.test(key) || isInherited(key))) return undefined;
  return { group: match[1], name, params, bare: pieces.some((piece) => !piece.includes("=")), value: line.slice(colon + 1) };
};

/** Quoted-printable and its charset are of vCard 2.1, but also in cards that say 3.0; base64 is `b` in 3.0. */
const decoded = (parts: Parts): Parts => {
  const { params } = parts;
  const encoding = params
    .find(([name]) => name === "encoding")?.[1]
    .replaceAll('"', "")
    .toLowerCase();
  const charset = params.find(([name]) => name === "charset")?.[1].replaceAll('"', "");
  if (encoding === undefined && charset === undefined) return parts;
  const kept = params.filter(([name]) => name !== "charset" && name !== "encoding");
  if (encoding === "quoted-printable") {
    const text = decodeCharset(decodeQuotedPrintable(Buffer.from(parts.value)), charset ?? "utf-8");
    return { ...parts, params: kept, value: text.replace(/\r\n?|\n/g, "\\n") };
  }
  if (encoding !== "b" && encoding !== "base64") return { ...parts, params: kept };
  const value = /\s/.test(parts.value) ? parts.value.replace(/\s+/g, "") : parts.value;
  if (encoding === "b" && charset === undefined && value === parts.value) return parts;
  return { ...parts, params: [...kept, ["encoding", "b"]], value };
};

/** Properties of several parts in each of which a comma separates: what vCard 2.1 does not know. */
const listed = new Set(["n", "adr", "note"]);
const commasEscaped = (value: string): string => value.replace(/\\[\s\S]|,/g, (found) => (found === "," ? "\\," : found));

const quoted = (value: string): string => (/[;:,]/.test(value) && !value.startsWith('"') ? `"${value}"` : value);

const lineOf = ({ group, name, params, value }: Parts): string => {
  const parameters = params.map(([key, text]) => `;${key.toUpperCase()}=${key === "type" ? text : quoted(text)}`).join("");
  return `${group === undefined ? "" : `${group}.`}${name.toUpperCase()}${parameters}:${value}`;
};

const replacements: Readonly<Record<string, string>> = { "^'": '"', "^n": "\n", "^^": "^" };
const plain = /^[^"^]*$/;
/** RFC 6868 §3.1. */
const unquoted = (value: string): string =>
  plain.test(value)
    ? value
    : (value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value).replace(
        /\^['n^]/g,
        (found) => replacements[found] ?? found,
      );

/** The versions cards are kept in; of vCard 2.1 we make 3.0. */
export type CardVersion = "3.0" | "4.0";

const designs = { "3.0": ICAL.design.vcard3, "4.0": ICAL.design.vcard };

export const designOf = (version: CardVersion): typeof ICAL.design.vcard => designs[version];

interface Design {
  readonly property: Readonly<
    Record<string, { readonly defaultType?: string; readonly structuredValue?: string; readonly multiValue?: string } | undefined>
  >;
}

const parametersOf = ({ group, params }: Parts): Record<string, string | string[]> => {
  const found: Record<string, string | string[]> = {};
  const types: string[] = [];
  for (const [name, value] of params) {
    if (name === "type" && !value.includes(",")) types.push(unquoted(value));
    else if (name === "type") types.push(...splitQuoted(value, ",").flatMap((piece) => unquoted(piece).split(",")));
    else if (name !== "value" && name !== "group")
      found[name] = name in found ? `${found[name]},${unquoted(value)}` : unquoted(value);
  }
  if (types.length > 0) found.type = types.length === 1 ? types[0]! : types;
  if (group !== undefined) found.group = group;
  return found;
};

/** In text of one part `\;` is a semicolon (RFC 6350 §3.4); ical.js keeps the backslash and writes two. */
const semicolonsPlain = (value: string): string =>
  value
    .split("\\\\")
    .map((piece) => piece.replaceAll("\\;", ";"))
    .join("\\\\");

/** What stands for an escaped backslash: no card has it, reading takes it away. */
const backslash = "\0";
const restored = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(restored) : typeof value === "string" ? value.replaceAll(backslash, "\\") : value;

/**
 * A line as a property, and the line that says the same in `version`. Undefined for what is none: no name, no colon, more than 100 parameters.
 * Never fails.
 *
 * @param legacy  the card is of vCard 2.1, whose commas separate nothing
 */
export const propertyOf = (
  line: string,
  version: CardVersion,
  legacy = false,
): { readonly property: CardProperty; readonly line: string } | undefined => {
  const raw = partsOf(line);
  if (raw === undefined) return undefined;
  let parts = decoded(raw);
  if (legacy && listed.has(parts.name)) parts = { ...parts, value: commasEscaped(parts.value) };
  const repaired = parts !== raw || raw.bare ? lineOf(parts) : line;

  const design = designs[version] as unknown as Design;
  const known = Object.hasOwn(design.property, parts.name) ? design.property[parts.name] : undefined;
  const value = parts.params
    .find(([name]) => name === "value")?.[1]
    .replaceAll('"', "")
    .toLowerCase();
  const type = value !== undefined && /^[a-z-]+$/.test(value) && !isInherited(value) ? `;VALUE=${value}` : "";
  // One text; or numbers (GEO), whose separator Radicale and SOGo escape.
  const noneEscaped = known !== undefined && (known.structuredValue === undefined || known.defaultType !== "text");
  const text = noneEscaped && parts.value.includes("\\") ? semicolonsPlain(parts.value) : parts.value;
  // In a list ical.js takes a separator behind an escaped backslash for an escaped one.
  const isList = known?.defaultType === "text" && (known.structuredValue ?? known.multiValue) !== undefined && type === "";
  const hides = isList && text.includes("\\\\");
  const given = hides ? text.replaceAll("\\\\", backslash) : text;
  try {
    const property = ICAL.parse.property(`${parts.name}${type}:${given}`, designs[version]) as CardProperty | undefined;
    if (property === undefined) return undefined;
    if (hides) property.splice(3, property.length, ...property.slice(3).map(restored));
    property[1] = parametersOf(parts);
    return { property, line: repaired };
  } catch {
    return undefined;
  }
};
