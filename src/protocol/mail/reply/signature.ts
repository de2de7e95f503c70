/** Where the signature begins at the end of what somebody wrote. Pure; looks back over a bounded number of lines. */

import { isBlank, isRule, LINE_LIMIT, type Line } from "./lines.ts";
import * as phrases from "./phrases.ts";

/** Longest signature below a delimiter, in lines: company signatures with a disclaimer. */
const DELIMITED_LIMIT = 40;
/** Longest one below a closing, and longest line of it: what is longer is text. */
const CLOSED_LIMIT = 12;
const CLOSED_LINE = 90;
/** Footers of mailing lists are shorter. */
const FOOTER_LIMIT = 8;

/** The delimiter of RFC 3676 §4.3, `-- `; many programs drop the space. */
const DELIMITER = "--";

const shownText = (line: Line | undefined): string => line?.text.trim().slice(0, LINE_LIMIT + 1) ?? "";

const delimited = (lines: readonly Line[], floor: number, end: number): number | undefined => {
  for (let index = end - 1; index >= Math.max(floor, end - DELIMITED_LIMIT); index--)
    if (lines[index]?.text === DELIMITER) return index;
  return undefined;
};

/** Mailing lists draw a line of underscores above an address to write to or a page to leave by. */
const footer = (lines: readonly Line[], floor: number, end: number): number | undefined => {
  for (let index = end - 1; index >= Math.max(floor, end - FOOTER_LIMIT); index--) {
    if ((lines[index]?.text.length ?? 0) < 20 || !isRule(shownText(lines[index]))) continue;
    return lines.slice(index + 1, end).some((line) => /:\/\/|\S@\S/.test(shownText(line))) ? index : undefined;
  }
  return undefined;
};

/** "Sent from my …", on its own line; Outlook for a phone breaks it before the link. */
const sent = (lines: readonly Line[], floor: number, end: number): number | undefined => {
  for (let start = end - 1; start >= Math.max(floor, end - 2); start--) {
    if (!phrases.sending.test(lines[start]?.text.slice(0, LINE_LIMIT) ?? "")) continue;
    const text = lines.slice(start, end).map(shownText).join(" ");
    if (text.length <= 160 && phrases.sentBy.some((phrase) => phrase.test(text))) return start;
  }
  return undefined;
};

/** A line below a closing that may stand in a signature. */
const fits = (text: string): boolean =>
  text.length <= CLOSED_LINE && !phrases.postscript.test(text) && !/[?]$|^[-*•] |^\d+[.)] /.test(text);

const isClosing = (text: string): boolean =>
  phrases.closings.some((closing) => {
    const found = closing.exec(text);
    return found !== null && phrases.namedBehind.test(found.groups?.name ?? "");
  });

const closed = (lines: readonly Line[], floor: number, end: number): number | undefined => {
  for (let index = end - 1; index >= Math.max(floor, end - CLOSED_LIMIT); index--) {
    const text = shownText(lines[index]);
    if (text === "") continue;
    if (text.length <= CLOSED_LINE && isClosing(text)) return index;
    const below = lines
      .slice(index + 1, end)
      .map(shownText)
      .find((shown) => shown !== "");
    if (phrases.weakClosings.test(text) && below !== undefined && phrases.nameLine.test(below)) return index;
    if (!fits(text)) return undefined;
  }
  return undefined;
};

/**
 * The line at which a signature begins that goes up to `end`, or undefined. `floor`: the first line of the writer's that it may
 * take. A line before `end` shows something.
 */
export const signatureStart = (lines: readonly Line[], floor: number, end: number): number | undefined => {
  if (lines[end - 1]?.mark === "signature") {
    let start = end - 1;
    while (start > floor && (lines[start - 1]?.mark === "signature" || isBlank(lines[start - 1]))) start--;
    return start;
  }
  return sent(lines, floor, end) ?? delimited(lines, floor, end) ?? footer(lines, floor, end) ?? closed(lines, floor, end);
};
