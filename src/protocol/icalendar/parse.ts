/**
 * iCalendar streams (RFC 5545 §3.4, §3.6) as they are met: read leniently and within bounds.
 *
 * ical.js gives up a whole file for one bad line, so lines and components are read here and it is asked for single properties.
 */

import ICAL from "ical.js";
import { type CalendarComponent, componentFrom, type Jcal } from "./component.ts";
import { keeping } from "./keeping.ts";
import { Lines, type Opened, opened, refuse } from "./lines.ts";
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

const MIB = 1024 * 1024;
const defaults: Required<CalendarLimits> = { bytes: 16 * MIB, lines: 200_000, components: 20_000, depth: 8, line: 8 * MIB };
const PROBLEM_LIMIT = 100;
/** They stand directly in a VCALENDAR (§3.6): one that begins inside of another means that an END is missing. */
const outermost = /^v(event|todo|journal|freebusy|timezone|availability|poll)$/;
const marks = /^(begin|end):/i;
const contentLine = /^[a-z0-9-]+[;:]/i;

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

/** A VTIMEZONE as it stands in the text, whole: a calendar repeats it in every object. */
interface Zone {
  /** Frozen: it is shared by all objects that have it. */
  readonly jcal: Jcal;
  readonly lines: number;
  readonly components: number;
}

const ZONE_LENGTH = 8_192;
const ZONE_DEPTH = 3;
/** Few calendars have more; hostile ones are large. */
const keptZones = keeping<Zone | undefined>(100);
const zoneEnd = "\nEND:VTIMEZONE\n";

const frozen = <T>(value: T): T => {
  if (typeof value !== "object" || value === null) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
};

/** What is between BEGIN and END of a VTIMEZONE, read once; undefined where something in it cannot be read. */
const zoneIn = (inner: string): Zone | undefined =>
  keptZones(inner, () => {
    const text = `BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\n${inner}${zoneEnd}END:VCALENDAR\n`;
    let building: Building;
    try {
      building = readInto({ text, decode: (line) => line, raw: false }, { ...defaults, depth: ZONE_DEPTH }, false);
    } catch {
      // Deeper than zones are.
      return undefined;
    }
    const [calendar, ...more] = building.calendars;
    const [zone, ...others] = calendar?.[2] ?? [];
    if (!zone || more.length > 0 || others.length > 0 || building.problems.length > 0) return undefined;
    return { jcal: frozen(zone), lines: inner.split("\n").length + 1, components: 1 + zone[2].length };
  });

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
    this.#count(1);
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
  /** True where a VTIMEZONE may begin. */
  get takesZone(): boolean {
    return this.#stack.length === 1;
  }
  zone({ jcal, components }: Zone): void {
    this.#stack[0]?.[2].push(jcal);
    this.#count(components);
  }
  #count(more: number): void {
    this.#components += more;
    if (this.#components > this.#limit.components) refuse(`it has more than ${this.#limit.components} components`);
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

const readInto = ({ text, decode, raw }: Opened, limit: Required<CalendarLimits>, shares: boolean): Building => {
  const building = new Building(limit);
  const sharesZones = shares && limit.depth >= ZONE_DEPTH && limit.line >= ZONE_LENGTH;
  const lines = new Lines(text, limit.lines);
  for (let read = lines.next(); read !== undefined; read = lines.next()) {
    const { number } = lines;
    if (read.length > limit.line) {
      building.problem(number, `left out, it is longer than ${limit.line} characters`);
      continue;
    }
    const line = decode(read);
    if (!marks.test(line)) {
      if (line.trim() !== "") building.property(line, number);
      continue;
    }
    const mark = /^(begin|end):\s*([a-z0-9-]{1,100})\s*$/i.exec(line.length < 120 ? line : "");
    if (!mark) {
      building.problem(number, "left out, it names no component");
      continue;
    }
    if (sharesZones && line === "BEGIN:VTIMEZONE" && building.takesZone) {
      // No further than it may be: each of thousands would be looked for to the end of the text.
      const length = text.slice(lines.at, lines.at + ZONE_LENGTH + zoneEnd.length).indexOf(zoneEnd);
      const end = lines.at + length;
      // Folded, it would be no end.
      const ends = length >= 0 && /[A-Z]/i.test(text.charAt(end + zoneEnd.length));
      const inner = ends ? text.slice(lines.at, end) : undefined;
      const zone = inner === undefined || (raw && /[\x80-\xff]/.test(inner)) ? undefined : zoneIn(inner);
      if (zone) {
        building.zone(zone);
        lines.step(zone.lines, end + zoneEnd.length);
        continue;
      }
    }
    building[mark[1]?.toLowerCase() as "begin" | "end"]((mark[2] as string).toLowerCase(), number);
  }
  building.finish(Math.max(lines.number, 1));
  return building;
};

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
  const building = readInto(opened(data), limit, true);
  if (building.calendars.length === 0) refuse("no VCALENDAR begins in it");
  return { calendars: building.calendars.map(componentFrom), problems: building.problems };
};
