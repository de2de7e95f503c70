/** What is new in a reply, apart from the mail it quotes and from its signature. Pure. */

import { type History, historyOf } from "./history.ts";
import { linesOfHtml, marksBeside, textOfLines } from "./html.ts";
import { isBlank, type Line, linesOf, nextShown } from "./lines.ts";
import { signatureStart } from "./signature.ts";

/** Longest text that is taken apart, in UTF-16 units: the most a message's text has. */
const TEXT_LIMIT = 1024 * 1024;

/** A reply taken apart. Together the parts hold every line that shows something, unchanged but for white space at its end. */
export interface SplitReply {
  /** What is new, quotations between the answers included. Empty only where the message is. */
  readonly text: string;
  /** Older mail and the lines that introduce it, in their order. */
  readonly quoted?: string;
  readonly signature?: string;
  /** `quoted` is a message that was forwarded, not the history of this one: readers may not have seen it. */
  readonly forwarded?: true;
}

/** Lines from `start` up to `end`. */
type Range = readonly [start: number, end: number];

/** The first line of the run of quotations that ends before `end`; empty lines between them belong to it. */
const runStart = (lines: readonly Line[], quoted: readonly boolean[], end: number, floor: number): number => {
  let start = end;
  for (let index = end - 1; index >= floor && (quoted[index] || isBlank(lines[index])); index--) if (quoted[index]) start = index;
  return start;
};

/** "He wrote to me:" above a quotation, by the writer and not by a client: the quotation is what the writer has to say. */
const shownByWriter = (lines: readonly Line[], { introduced }: History, start: number): boolean => {
  if (introduced.has(start)) return false;
  const above = isBlank(lines[start - 1]) ? start - 2 : start - 1;
  return /:[*_]*$/.test(lines[above]?.text.slice(-3) ?? "");
};

/** For each line that is not quoted where the lines begin that go up to it without a quotation. */
const blockStarts = (quoted: readonly boolean[]): readonly number[] => {
  let start = 0;
  return quoted.map((is, index) => {
    if (is) start = index + 1;
    return start;
  });
};

interface Parts {
  readonly text: Range;
  readonly quoted: readonly Range[];
  readonly signature: readonly Range[];
}

/** Takes quotations and signatures off the end, then, where one quotation is answered below, that one off the beginning. */
const peel = (lines: readonly Line[], history: History): Parts => {
  const { quoted: isQuoted } = history;
  const isOwn = lines.map((line, index) => !isQuoted[index] && !isBlank(line));
  const first = isOwn.indexOf(true);
  const written = blockStarts(isQuoted);
  const quoted: Range[] = history.from < lines.length ? [[history.from, lines.length]] : [];
  const signature: Range[] = [];
  let end = history.from;
  for (;;) {
    while (end > 0 && isBlank(lines[end - 1])) end--;
    if (end === 0 || first < 0) break;
    if (isQuoted[end - 1]) {
      const start = runStart(lines, isQuoted, end, 0);
      if (first >= start || shownByWriter(lines, history, start)) break;
      quoted.push([start, end]);
      end = start;
      continue;
    }
    const start = signatureStart(lines, written[end - 1] ?? end - 1, end);
    if (start === undefined || first >= start) break;
    signature.push([start, end]);
    end = start;
  }
  let start = 0;
  while (start < end && isBlank(lines[start])) start++;
  if (first >= 0 && isQuoted[start]) {
    const answered = lines.findIndex((_, index) => index > start && index >= first && isOwn[index]);
    const again = isQuoted.indexOf(true, answered);
    if (answered < end && (again < 0 || again >= end)) {
      quoted.push([start, answered]);
      start = answered;
    }
  }
  return { text: [start, end], quoted: quoted.reverse(), signature: signature.reverse() };
};

const shown = (lines: readonly Line[], [start, end]: Range): string => {
  while (start < end && isBlank(lines[start])) start++;
  while (end > start && isBlank(lines[end - 1])) end--;
  return lines
    .slice(start, end)
    .map((line) => line.text)
    .join("\n");
};

/** Ranges one after the other, those with nothing but empty lines between them as one. */
const joined = (lines: readonly Line[], ranges: readonly Range[]): string | undefined => {
  const merged: Range[] = [];
  for (const range of ranges) {
    const before = merged.at(-1);
    if (before && nextShown(lines, before[1]) >= range[0]) merged[merged.length - 1] = [before[0], range[1]];
    else merged.push(range);
  }
  const parts = merged.map((range) => shown(lines, range)).filter((part) => part !== "");
  return parts.length === 0 ? undefined : parts.join("\n\n");
};

/**
 * Takes a reply apart: what is new, what it quotes, the signature. For mail in English and German as the common clients write
 * it, answered above the quotation, below it, or in between.
 *
 * Answers in between keep the quotations above and between them, since an answer says nothing without its question; only what
 * is quoted after the last answer goes. In doubt a line stays in `text`, and where nothing would be left, all of it does (a
 * message forwarded without a word). A closing ("Kind regards" and a name) is a signature only at the end and if it is short.
 * The result of a `text` split again is the same `text`. Never fails, in time linear in the input; a text of more than
 * 1,048,576 UTF-16 units is given back whole. Not for identity or digests: keep the original.
 *
 * `text`: plain text. `html`: HTML of the same message, sanitised or as sent (which says more): it names quotations and
 * signatures that the plain text does not mark, and is taken for the text where `text` is blank; then quoted lines are given
 * behind `> `. Of HTML beyond 1,048,576 units or 20,000 tags nothing is learnt.
 */
export const splitReply = ({ text, html }: { readonly text: string; readonly html?: string }): SplitReply => {
  const fromHtml = html === undefined || html === "" ? [] : linesOfHtml(html);
  const source = text.trim() === "" ? textOfLines(fromHtml) : { text, marks: marksBeside(text, fromHtml) };
  if (source.text.length > TEXT_LIMIT) return { text: source.text.trim() };
  const lines = linesOf(source.text, source.marks);
  const history = historyOf(lines);
  const parts = peel(lines, history);
  const rest = shown(lines, parts.text);
  if (rest === "") return { text: shown(lines, [0, lines.length]) };
  const quoted = joined(lines, parts.quoted);
  const signature = joined(lines, parts.signature);
  return {
    text: rest,
    ...(quoted !== undefined && { quoted }),
    ...(signature !== undefined && { signature }),
    ...(quoted !== undefined && history.forward && { forwarded: true as const }),
  };
};
