/**
 * iCalendar streams (RFC 5545 §3.1, §3.4, §3.6) as they are met: read leniently and within bounds, written exactly.
 *
 * ical.js gives up a whole file for one bad line, so lines and components are read here and it is asked for single properties.
 */

import { Buffer } from "node:buffer";
import ICAL from "ical.js";
import { GroupstreamError } from "../../errors.ts";
import { decodeCharset } from "../mail/characters.ts";
import { type CalendarComponent, componentFrom } from "./component.ts";
import { keeping } from "./keeping.ts";
import { isUsableValue } from "./values.ts";

/** What is read at most; every bound is inside. */
export interface CalendarLimits {
  /** Bytes, or characters of a string; default 16 MiB. */
  readonly bytes?: number;
  /** Lines as transferred, before unfolding; default 200,000. */
  readonly lines?: number;
  /** Components of all calendars together; default 20,000. */
  readonly components?: number;
  /** Components inside of each other, VCALENDAR counted; default 8. */
  readonly depth?: number;
  /** Characters of one unfolded line; a longer one is dropped; default 8 Mi. */
  readonly line?: number;
}

/** A stream that was read. */
export interface ReadCalendars {
  /** VCALENDARs in their order, at least one. */
  readonly calendars: readonly CalendarComponent[];
  /** What was dropped or mended, one sentence each with its line number and without content; the first 100. */
  readonly problems: readonly string[];
}

type Jcal = [name: string, properties: unknown[], components: Jcal[]];

const MIB = 1024 * 1024;
const defaults: Required<CalendarLimits> = { bytes: 16 * MIB, lines: 200_000, components: 20_000, depth: 8, line: 8 * MIB };
const PROBLEM_LIMIT = 100;
/** They stand directly in a VCALENDAR (§3.6): one that begins inside of another means that an END is missing. */
const outermost = /^v(event|todo|journal|freebusy|timezone|availability|poll)$/;
const unwanted = /[\0-\x08\x0b-\x1f\x7f]/g;
const marks = /^(begin|end):/i;
const contentLine = /^[a-z0-9-]+[;:]/i;

const refuse = (what: string): never => {
  throw new GroupstreamError("malformed", `The calendar object cannot be read: ${what}. Look at its raw form.`);
};

/** Text whose lines can be told apart, and how one unfolded line becomes text: a fold may split a character (§3.1). */
const opened = (data: string | Uint8Array): { text: string; decode: (line: string) => string } => {
  if (typeof data === "string") return { text: data, decode: (line) => line };
  const wide = (data[0] === 0xff && data[1] === 0xfe) || (data[0] === 0xfe && data[1] === 0xff);
  if (wide) return { text: decodeCharset(data), decode: (line) => line };
  const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("latin1");
  return {
    text: text.startsWith("\xef\xbb\xbf") ? text.slice(3) : text,
    decode: (line) => (/[\x80-\xff]/.test(line) ? decodeCharset(Buffer.from(line, "latin1"), "utf-8") : line),
  };
};

interface Line {
  readonly text: string;
  readonly number: number;
}

/** Unfolded lines with the number of their first one. Empty lines between folds are stepped over: some gateways double the break. */
function* unfolded(text: string, limit: Required<CalendarLimits>): Generator<Line> {
  const breaks = /\r\n?|\n/g;
  let pieces: string[] = [];
  let number = 0;
  let first = 1;
  for (let at = 0; at <= text.length; ) {
    const end = breaks.exec(text);
    const piece = text.slice(at, end ? end.index : text.length);
    at = end ? breaks.lastIndex : text.length + 1;
    if (++number > limit.lines) refuse(`it has more than ${limit.lines} lines`);
    if (piece === "") continue;
    if (pieces.length > 0 && (piece.startsWith(" ") || piece.startsWith("\t"))) {
      pieces.push(piece.slice(1));
      continue;
    }
    if (pieces.length > 0) yield { text: pieces.join(""), number: first };
    pieces = [piece];
    first = number;
  }
  if (pieces.length > 0) yield { text: pieces.join(""), number: first };
}

/** Parameters of one property, and their length in characters: ical.js takes time by the square of them. */
const PARAMETER_LIMIT = 200;
const PARAMETERS_LENGTH = 65_536;

/** True if what stands before the value is too much to be read. */
const hasTooManyParameters = (line: string): boolean => {
  let quoted = false;
  let count = 0;
  for (let at = 0; at < line.length; at++) {
    const character = line[at];
    if (character === '"') quoted = !quoted;
    else if (!quoted && character === ":") return false;
    else if (!quoted && character === ";" && ++count > PARAMETER_LIMIT) return true;
    if (at > PARAMETERS_LENGTH) return true;
  }
  return false;
};

/** The jCal of one line, or what is wrong with it. */
const propertyOf = (line: string): unknown[] | string => {
  if (!contentLine.test(line)) return "it is no property";
  if (hasTooManyParameters(line)) return "its parameters are too many";
  let property: unknown[];
  try {
    // It knows rules in upper case alone.
    property = ICAL.parse.property(/^(rrule|exrule)[;:]/i.test(line) ? line.toUpperCase() : line) as unknown[];
  } catch {
    return "its parameters or its value cannot be read";
  }
  const [name, , type, ...values] = property;
  // The parser looks names up in a plain object.
  if (name === "constructor" || typeof type !== "string") return "its name is none";
  return values.every((value) => isUsableValue(type, value)) ? property : `its value is no ${type}`;
};

/** Properties of zones and alarms that are kept, and the longest line that is: a calendar repeats them in every object. */
const KEPT_LIMIT = 1_000;
const KEPT_LENGTH = 200;
const kept = keeping<unknown[] | string>(KEPT_LIMIT);

/** As {@link propertyOf}, read once; each time an array of its own, that somebody may change. */
const repeatedOf = (line: string): unknown[] | string => {
  if (line.length > KEPT_LENGTH) return propertyOf(line);
  const property = kept(line, () => propertyOf(line));
  return typeof property === "string" ? property : property.map(copied);
};

const copied = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(copied);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, copied(part)]));
};

/** Builds the components; END lines that are missing, doubled or in the wrong place are mended. */
class Building {
  readonly calendars: Jcal[] = [];
  readonly problems: string[] = [];
  #stack: Jcal[] = [];
  #components = 0;
  #unnamed = 0;
  readonly #limit: Required<CalendarLimits>;
  constructor(limit: Required<CalendarLimits>) {
    this.#limit = limit;
  }
  problem(number: number, what: string): void {
    if (this.problems.length < PROBLEM_LIMIT) this.problems.push(`Line ${number}: ${what}.`);
    else this.#unnamed++;
  }
  begin(name: string, number: number): void {
    const open = name === "vcalendar" ? 0 : outermost.test(name) ? 1 : this.#stack.length;
    this.#closeTo(open, number);
    const parent = this.#stack.at(-1);
    if (!parent && name !== "vcalendar") return this.problem(number, "a component outside of any VCALENDAR was left out");
    if (++this.#components > this.#limit.components) refuse(`it has more than ${this.#limit.components} components`);
    if (this.#stack.length >= this.#limit.depth) refuse(`its components are nested deeper than ${this.#limit.depth}`);
    const component: Jcal = [name, [], []];
    (parent ? parent[2] : this.calendars).push(component);
    this.#stack.push(component);
  }
  end(name: string, number: number): void {
    const at = this.#stack.findLastIndex((component) => component[0] === name);
    if (at < 0) return this.problem(number, "an END without its BEGIN was left out");
    this.#closeTo(at + 1, number);
    this.#stack.pop();
  }
  property(line: string, number: number): void {
    const component = this.#stack.at(-1);
    if (!component) return this.problem(number, "a line outside of any VCALENDAR was left out");
    const repeated = this.#stack.length > 2 || component[0] === "vtimezone";
    const property = repeated ? repeatedOf(line) : propertyOf(line);
    if (typeof property === "string") this.problem(number, `left out, ${property}`);
    else component[1].push(property);
  }
  finish(number: number): void {
    this.#closeTo(0, number);
    if (this.#unnamed > 0) this.problems.push(`${this.#unnamed} further problems.`);
  }
  #closeTo(depth: number, number: number): void {
    if (this.#stack.length > depth) this.problem(number, "an END is missing before this line, the component was closed");
    this.#stack.length = Math.min(this.#stack.length, depth);
  }
}

/**
 * The calendars of a stream. A byte order mark, bare CR or LF, doubled line breaks, missing or stray ENDs, control characters
 * and text that is not UTF-8 are mended; a line that cannot be read is left out and named in `problems`: whoever writes the
 * calendar again loses it. Takes time linear in the size of the data.
 *
 * Fails: `malformed` without any VCALENDAR, or beyond a limit.  Source: RFC 5545 §3.1, §3.4
 * @param limits  see {@link CalendarLimits}
 */
export const readCalendars = (data: string | Uint8Array, limits: CalendarLimits = {}): ReadCalendars => {
  const limit = { ...defaults, ...limits };
  if (data.length > limit.bytes) refuse(`it is larger than ${limit.bytes} bytes`);
  const { text, decode } = opened(data);
  const building = new Building(limit);
  let last = 1;
  for (const { text: raw, number } of unfolded(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text, limit)) {
    last = number;
    if (raw.length > limit.line) {
      building.problem(number, `left out, it is longer than ${limit.line} characters`);
      continue;
    }
    const line = decode(raw).replace(unwanted, "").toWellFormed();
    if (!marks.test(line)) {
      if (line.trim() !== "") building.property(line, number);
      continue;
    }
    const mark = /^(begin|end):\s*([a-z0-9-]{1,100})\s*$/i.exec(line.length < 120 ? line : "");
    if (mark) building[mark[1]?.toLowerCase() as "begin" | "end"]((mark[2] as string).toLowerCase(), number);
    else building.problem(number, "left out, it names no component");
  }
  building.finish(last);
  if (building.calendars.length === 0) refuse("no VCALENDAR begins in it");
  return { calendars: building.calendars.map(componentFrom), problems: building.problems };
};

/** One line folded so that no piece is longer than 75 octets and no character is split (§3.1). */
const foldLine = (line: string): string => {
  const pieces: string[] = [];
  let from = 0;
  let octets = 0;
  for (let at = 0; at < line.length; ) {
    const code = line.codePointAt(at) as number;
    const size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (octets + size > 75) {
      pieces.push(line.slice(from, at));
      from = at;
      // The space that marks a continuation is one of its octets.
      octets = 1;
    }
    octets += size;
    at += code < 0x10000 ? 1 : 2;
  }
  pieces.push(line.slice(from));
  return pieces.join("\r\n ");
};

const linesOf = (component: Jcal, lines: string[]): void => {
  const name = component[0].toUpperCase();
  lines.push(`BEGIN:${name}`);
  for (const property of component[1]) {
    // A bare line break in an unknown property would begin a property of its own.
    lines.push(foldLine(ICAL.stringify.property(property as never, ICAL.design.icalendar, true).replace(/[\r\n]+/g, " ")));
  }
  for (const child of component[2]) linesOf(child, lines);
  lines.push(`END:${name}`);
};

/**
 * A component with everything in it, unknown properties, parameters and their order included, VALUE as the last of them: lines end with CRLF and are
 * folded at 75 octets, characters whole.  Source: RFC 5545 §3.1
 */
export const writeCalendar = (component: CalendarComponent): string => {
  const lines: string[] = [];
  linesOf(component.toJSON() as unknown as Jcal, lines);
  return `${lines.join("\r\n")}\r\n`;
};
