/** vCards out of bytes of strangers: 4.0 (RFC 6350), 3.0 (RFC 2426), and 2.1 as phones and Outlook write it. Pure. */

import { decodeCharset } from "../text/characters.ts";
import { type Card, cardOf } from "./card.ts";
import { logicalLines } from "./lines.ts";
import { type CardProperty, type CardVersion, propertyOf } from "./property.ts";

/** What is read at most. */
export interface CardLimits {
  /** Bytes of the whole, inclusive (characters where a string is given); default 16 MiB. What follows is not read. */
  readonly bytes?: number;
  /** Characters of one property, unfolded; default 10 MiB. A longer one is left out and named. */
  readonly line?: number;
  /** Lines of all cards together, unfolded; default 200,000. What follows is not read. */
  readonly lines?: number;
}

/** Something that could not be read, and where. */
export interface CardProblem {
  /** The physical line, from 1. */
  readonly line: number;
  /** One English sentence, no content. */
  readonly reason: string;
  /** The index in `cards` of the card that lacks this; absent where a whole card is missing or nothing is lost. */
  readonly card?: number;
}

/** More problems than this say nothing more. */
const PROBLEM_LIMIT = 100;

interface Raw {
  readonly begun: number;
  readonly lines: { readonly number: number; readonly text: string }[];
  version: string;
}

const begins = /^begin\s*:\s*vcard\s*$/i;
const ends = /^end\s*:\s*vcard\s*$/i;

/**
 * The cards in their order. Never fails: a line that is no property is left out and named; a card without its end, as of a broken
 * transfer or beyond a limit, is left out whole, since half a card would look like one whose other half was deleted. Cards inside
 * of cards (AGENT of vCard 2.1) are left out. A card of vCard 2.1 or without a version is given as 3.0.
 *
 * A card with problems can be shown. Written back it lacks what could not be read.
 */
export const readCards = (
  data: Uint8Array | string,
  limits: CardLimits = {},
): { readonly cards: readonly Card[]; readonly problems: readonly CardProblem[] } => {
  const { bytes = 16 * 1024 * 1024, line: longest = 10 * 1024 * 1024, lines: most = 200_000 } = limits;
  const cards: Card[] = [];
  const problems: CardProblem[] = [];
  const say = (line: number, reason: string, card?: number): void => {
    if (problems.length < PROBLEM_LIMIT) problems.push({ line, reason, ...(card !== undefined && { card }) });
    else if (problems.length === PROBLEM_LIMIT)
      problems.push({ line, reason: "From here on problems are not named one by one." });
  };

  let [open, nested, count, last]: [Raw | undefined, number, number, number] = [undefined, 0, 0, 1];
  for (const { number, text, tooLong } of logicalLines(textOf(data, bytes), longest)) {
    last = number;
    if (++count > most) {
      say(number, `There are more than ${most} lines; the rest is not read.`);
      break;
    }
    if (tooLong) {
      say(number, `A property of more than ${longest} characters is left out.`, open && cards.length);
    } else if (text.length < 100 && begins.test(text)) {
      if (open && (nested > 0 || /^[^:]*\bagent\b[^:]*:\s*$/i.test(open.lines.at(-1)?.text ?? ""))) {
        if (nested++ === 0) say(number, "A card inside of a card is left out.", cards.length);
      } else {
        if (open) say(open.begun, "A card without an end is left out.");
        open = { begun: number, lines: [], version: "" };
      }
    } else if (text.length < 100 && ends.test(text)) {
      if (nested > 0) nested--;
      else if (open) {
        cards.push(parsed(open, (at, reason) => say(at, reason, cards.length)));
        open = undefined;
      } else say(number, "The end of a card that never began.");
    } else if (!open) say(number, "A line outside of any card is left out.");
    else if (nested === 0) {
      open.lines.push({ number, text });
      open.version ||= /^version\s*(?:;[^:]*)?:\s*([\d.]{1,10})\s*$/i.exec(text)?.[1] ?? "";
    }
  }
  if (open) say(open.begun, "A card without an end is left out.");
  if (data.length > bytes) say(last, `There are more than ${bytes} bytes; the rest is not read.`);
  return { cards, problems };
};

const textOf = (data: Uint8Array | string, bytes: number): string => {
  const text = typeof data === "string" ? data.slice(0, bytes) : decodeCharset(data.subarray(0, bytes));
  const plain = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  const ended = plain.includes("\r") && !plain.includes("\n") ? plain.replaceAll("\r", "\n") : plain;
  return (ended.includes("\0") ? ended.replaceAll("\0", "") : ended).toWellFormed();
};

const parsed = (raw: Raw, say: (line: number, reason: string) => void): Card => {
  const version: CardVersion = raw.version === "4.0" ? "4.0" : "3.0";
  const legacy = raw.version === "2.1";
  // ical.js wants it first to know how to write the rest; RFC 6350 §6.7.9 wants it there, too.
  const properties: CardProperty[] = [["version", {}, "text", version]];
  const lines = new Map<CardProperty, string>();
  for (const { number, text } of raw.lines) {
    const read = propertyOf(text, version, legacy);
    if (read === undefined) say(number, "A line that is no property is left out.");
    else if (read.property[0] !== "version") {
      lines.set(read.property, read.line);
      properties.push(read.property);
    }
  }
  return cardOf(properties, lines);
};
