/**
 * Where older mail begins in a reply: the line by which a client introduces what it quotes, the header fields it repeats, or a
 * divider. Pure; each line is looked at a bounded number of times.
 */

import { isBlank, isRule, LINE_LIMIT, type Line, nextShown } from "./lines.ts";
import * as phrases from "./phrases.ts";

/** Something that introduces older mail, from line `start` up to `end`. */
interface Introduction {
  readonly start: number;
  readonly end: number;
  /** Certain even where no quotation follows: then all below it is older mail. */
  readonly firm: boolean;
  /** It names header fields or is a divider: clients that write one seldom mark the lines below. */
  readonly block: boolean;
  readonly forward: boolean;
}

const isOwn = (line: Line | undefined): line is Line => line !== undefined && line.mark === "own" && !isBlank(line);

/** Without the dashes some clients put around (Zimbra, Notes) and emphasis. */
const bare = (text: string): string =>
  text.replace(/^[-*_=\u2010-\u2015\s]+/, "").replace(/(?<=[^-*_=\u2010-\u2015\s])[-*_=\u2010-\u2015\s]+$/, "");

/** `a`, `b`, `c` → one line, as before the client wrapped it; a `<` at an end stays next to its address. */
const joined = (lines: readonly Line[], start: number, end: number): string =>
  bare(
    lines
      .slice(start, end)
      .map((line) => line.text.trim())
      .join(" "),
  );

const isFirm = (text: string): boolean => {
  if (!phrases.verb.test(text) || !phrases.dated.test(text)) return false;
  return phrases.opener.test(text) || phrases.addressed.test(text) || /(?:schrieb|hat|wrote|geschrieben) (?:am|on) /i.test(text);
};

const isLoose = (text: string): boolean => {
  if (text.length > 200 || phrases.writerHimself.test(text)) return false;
  if (phrases.quoting.test(text)) return true;
  if (phrases.verb.test(text)) return phrases.dated.test(text) || phrases.addressed.test(text) || text.split(" ").length <= 5;
  return phrases.dated.test(text) && phrases.addressed.test(text);
};

/**
 * The attribution that ends in line `last`, over at most three lines: Gmail wraps in front of the address, mail programs of the
 * text mode anywhere. Of several readings the one that begins with "On", "Am" wins, else the shortest.
 */
const attributionAt = (lines: readonly Line[], last: number): Introduction | undefined => {
  const line = lines[last];
  if (!isOwn(line) || line.text.length > LINE_LIMIT || !line.text.includes(":") || !/:[-\s*_]*$/.test(line.text))
    return undefined;
  const starts: number[] = [];
  for (let start = last; start > last - 3; start--) {
    const candidate = lines[start];
    if (!isOwn(candidate) || candidate.text.length > LINE_LIMIT) break;
    starts.push(start);
  }
  if (!starts.some((start) => phrases.attributing.test(lines[start]?.text ?? ""))) return undefined;
  const readings = starts.map((start) => ({ start, text: joined(lines, start, last + 1) }));
  const firm = readings.filter(({ text }) => isFirm(text));
  const found = firm.find(({ text }) => phrases.opener.test(text)) ?? firm[0];
  const reading = found ?? readings.find(({ text }) => isLoose(text));
  if (reading === undefined) return undefined;
  let { start } = reading;
  // A name that did not fit on the line of its address.
  if (/^[<(]/.test(reading.text) && isOwn(lines[start - 1]) && start > last - 2) start--;
  return { start, end: last + 1, firm: found !== undefined, block: false, forward: false };
};

const labelled = /^[\s*_]*(\p{L}[\p{L}. -]{0,14}?)\s?[*_]{0,2}:[*_]{0,2}(?:\s|$)/u;

const labelOf = (line: Line | undefined): ReturnType<typeof phrases.labels.get> => {
  if (!isOwn(line) || !line.text.slice(0, 40).includes(":")) return undefined;
  const word = labelled.exec(line.text.slice(0, 40))?.[1];
  return word === undefined ? undefined : phrases.labels.get(word.toLowerCase());
};

/** Most lines of a block of header fields: To may name many. */
const BLOCK_LIMIT = 30;

/**
 * The end of the block of header fields that begins in line `start`: From, and of Sent, To and Subject at least two. A field
 * may go on over lines, and a block made of HTML may have an empty line between fields.
 */
const fieldsFrom = (lines: readonly Line[], start: number): number | undefined => {
  const seen = new Set<string>();
  let end = start;
  for (let index = start; index < Math.min(lines.length, start + BLOCK_LIMIT); index++) {
    const label = labelOf(lines[index]);
    if (label !== undefined) {
      // A second From is the block of another message, or no block.
      if (label === "from" && seen.has(label)) break;
      seen.add(label);
      end = index + 1;
    } else if (isBlank(lines[index])) {
      if (isBlank(lines[index + 1]) || labelOf(lines[index + 1]) === undefined) break;
    } else if (!isOwn(lines[index])) break;
  }
  const known = ["sent", "to", "subject"].filter((label) => seen.has(label)).length;
  if (!seen.has("from") || known < 2) return undefined;
  // What a long field goes on with, up to the empty line.
  while (end < start + BLOCK_LIMIT && isOwn(lines[end]) && /^\s|[@;]/.test(lines[end]?.text ?? "")) end++;
  return end;
};

const dividerAt = (line: Line): "history" | "forward" | undefined => {
  const text = line.text.trim();
  // The shortest of the words between the shortest of the dashes.
  if (text.length > 120 || text.length < 12) return undefined;
  if (phrases.forwardedIntro.test(text)) return "forward";
  if (phrases.replyAbove.test(text)) return "history";
  // GroupWise; the text below is not marked.
  if (/^>>> .* >>>$/.test(text) && phrases.dated.test(text)) return "history";
  const words = /^[-_=*\u2010-\u2015]{2,}\s?([^-_=*\u2010-\u2015].*?)\s?[-_=*\u2010-\u2015]{2,}:?$/.exec(text)?.[1];
  return words === undefined ? undefined : phrases.dividers.get(words.toLowerCase());
};

/** What introduces older mail at line `index`: an attribution that ends there, or a block or divider that begins there. */
const introductionAt = (lines: readonly Line[], index: number): Introduction | undefined => {
  const line = lines[index];
  if (line === undefined || isBlank(line) || line.text.length > LINE_LIMIT) return undefined;
  if (line.mark !== "own") return undefined;
  const divider = dividerAt(line);
  if (divider !== undefined) {
    const below = nextShown(lines, index + 1);
    const end = fieldsFrom(lines, below) ?? index + 1;
    return { start: index, end, firm: true, block: true, forward: divider === "forward" };
  }
  const label = labelOf(line);
  if (label !== undefined && label !== "other") {
    const end = fieldsFrom(lines, index);
    if (end !== undefined) return { start: index, end, firm: true, block: true, forward: false };
  }
  return attributionAt(lines, index);
};

/** With the rule that stands above it and what is empty between. */
const withRule = (lines: readonly Line[], start: number): number => {
  let above = start;
  while (above > 0 && isBlank(lines[above - 1])) above--;
  if (above === 0 || !isRule(lines[above - 1]?.text ?? "")) return start;
  while (above > 0 && (isBlank(lines[above - 1]) || isRule(lines[above - 1]?.text ?? ""))) above--;
  return above;
};

/** What is known of the lines of a reply. */
export interface History {
  /** For each line: part of a quotation or of what introduces one. */
  readonly quoted: readonly boolean[];
  /** For each line: an introduction of a quotation begins here. */
  readonly introduced: ReadonlySet<number>;
  /** From this line on all is older mail; the number of lines where nothing is. */
  readonly from: number;
  readonly forward: boolean;
}

/**
 * Finds what is quoted. An introduction with marked lines below it belongs to them; a firm one with none begins older mail that
 * goes to the end, as does a block or divider below text of the writer: clients that write one do not mark lines, and what is
 * marked there is older still.
 */
export const historyOf = (lines: readonly Line[]): History => {
  const quoted = lines.map((line) => line.mark === "quote");
  const introduced = new Set<number>();
  let written = false;
  for (let index = 0; index < lines.length; index++) {
    const found = introductionAt(lines, index);
    if (found === undefined) {
      written ||= isOwn(lines[index]) && !isRule(lines[index]?.text ?? "");
      continue;
    }
    const below = nextShown(lines, found.end);
    const marked = lines[below]?.mark === "quote" && below - found.end <= 2;
    if (marked && !(found.block && written)) {
      for (let line = found.start; line < found.end; line++) quoted[line] = true;
      introduced.add(found.start);
      index = found.end - 1;
    } else if (found.firm) {
      return { quoted, introduced, from: withRule(lines, found.start), forward: found.forward };
    } else written = true;
  }
  return { quoted, introduced, from: lines.length, forward: false };
};
