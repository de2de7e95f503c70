/** Components → iCalendar streams (RFC 5545 §3.1), written exactly. */

import ICAL from "ical.js";
import type { CalendarComponent, Jcal } from "./component.ts";

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
