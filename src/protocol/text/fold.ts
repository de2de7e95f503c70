/** Long text cut where it may be cut, with where the rest is. */

const words = {
  en: { whole: "whole text", more: (count: string) => `${count} more characters`, one: "1 more character" },
  de: { whole: "ganzer Text", more: (count: string) => `${count} weitere Zeichen`, one: "1 weiteres Zeichen" },
} as const;
const locales = { en: "en-GB", de: "de" } as const;

/** A text as it may be shown, and whether something of it is left out. */
export interface FoldedText {
  readonly text: string;
  readonly folded: boolean;
}

const graphemes = new Intl.Segmenter("und", { granularity: "grapheme" });

/** The last place up to `most` at which no character as people see it is cut; longer ones than 200 units are none. */
const graphemeEnd = (text: string, most: number): number => {
  const from = Math.max(0, most - 200);
  const at = graphemes.segment(text.slice(from, most + 200)).containing(most - from)?.index;
  const cut = at === undefined ? most : from + at;
  const last = text.charCodeAt(cut - 1);
  return cut > 0 && last >= 0xd800 && last <= 0xdbff ? cut - 1 : cut;
};

const token = /\\.|https?:\/\/[^\s*`)\]]+|\[|\](?:\([^\s)]*\))?|`+|\*+|~+|_+/gu;

/** Between spaces, and `_` within a word, they are no directives in any dialect. */
const isDirective = (mark: string, before: string, after: string): boolean =>
  !(/\s/.test(before) && /\s/.test(after)) &&
  !(mark.startsWith("_") && /[\p{L}\p{N}]/u.test(before) && /[\p{L}\p{N}]/u.test(after));

/** Spans of a line that must not be cut: pairs of styling directives, code, links with their text, addresses. */
const spansOf = (line: string): [start: number, end: number][] => {
  const spans: [number, number][] = [];
  const open = new Map<string, number>();
  for (const { 0: mark, index } of line.matchAll(token)) {
    const end = index + mark.length;
    if (mark.startsWith("http")) spans.push([index, end]);
    else if (mark === "[") open.set(mark, index);
    else if (!mark.startsWith("\\") && isDirective(mark, line[index - 1] ?? " ", line[end] ?? " ")) {
      const key = mark.startsWith("]") ? "[" : mark;
      const from = open.get(key);
      if (from !== undefined) {
        open.delete(key);
        spans.push([from, end]);
      } else if (key === mark) open.set(key, index);
    }
  }
  return spans;
};

/** How far behind a cut the end of a span is looked for, in UTF-16 units. */
const AHEAD = 4_000;

/** `cut` moved in front of every span of its line that it would cut. */
const outside = (text: string, cut: number): number => {
  const start = text.lastIndexOf("\n", cut - 1) + 1;
  let end = text.indexOf("\n", cut);
  if (end < 0) end = text.length;
  let from = cut - start;
  // By their beginnings from the last to the first: a span passed over begins behind all that come.
  const spans = spansOf(text.slice(start, Math.min(end, cut + AHEAD))).sort(([a], [b]) => b - a);
  for (const [a, b] of spans) if (a < from && from < b) from = a;
  return start + from;
};

const fenceLine = /^[> ]*(`{3,})/;

/** The fence that is open at `cut`, with what stands in front of it on its line; undefined where none is. */
const fenceAt = (text: string, cut: number): string | undefined => {
  const whole = cut >= text.length || text[cut] === "\n" ? cut : text.lastIndexOf("\n", cut - 1) + 1;
  let open: string | undefined;
  let marks = "";
  for (const line of text.slice(0, whole).split("\n")) {
    const found = fenceLine.exec(line);
    if (found === null) continue;
    const [fence = "", run = ""] = found;
    if (open === undefined) [open, marks] = [fence, run];
    else if (line.trimEnd() === fence && run.length >= marks.length) open = undefined;
  }
  return open;
};

/** `cut` moved in front of its line where that is a fence and would be cut. */
const beforeFence = (text: string, cut: number): number => {
  const start = text.lastIndexOf("\n", cut - 1) + 1;
  return cut < text.length && text[cut] !== "\n" && fenceLine.test(text.slice(start, start + 1_000))
    ? Math.max(0, start - 1)
    : cut;
};

/** The last of `pattern` in the second half of what fits. */
const lastEnd = (text: string, most: number, pattern: RegExp): number | undefined => {
  const from = most >> 1;
  let found: number | undefined;
  for (const { index, 0: match } of text.slice(from, most + 1).matchAll(pattern)) {
    const end = from + index + match.trimEnd().length;
    if (end <= most) found = end;
  }
  return found;
};

/** Where to cut: an end of a paragraph, a line, a sentence, a word, in this order, in the second half of what fits; else a grapheme. */
const cutOf = (text: string, most: number): number => {
  for (const pattern of [/\n\n+/g, /\n/g, /[.!?…][)"'“”’»]?\s/g, /\S\s/g]) {
    const end = lastEnd(text, most, pattern);
    const cut = end === undefined ? undefined : beforeFence(text, outside(text, end));
    if (cut !== undefined && cut >= most >> 2) return cut;
  }
  return beforeFence(text, outside(text, graphemeEnd(text, most)));
};

/**
 * A text of at most `most` UTF-16 units: as it is where it fits, else cut with an ending on a line of its own, `… (whole text:
 * link)`, or `… (123 more characters)` (Unicode code points) where there is no link. Cut at the end of a paragraph, sentence or
 * word in the second half of what fits, else between characters as people see them; never within a pair of styling marks, a
 * link, or an open fence, which is closed. Where the ending alone does not fit, the ending is cut. Works on plain text and on
 * the dialects. Linear.
 */
export const foldLong = (
  text: string,
  { most, link, lang }: { readonly most: number; readonly link?: string; readonly lang: "en" | "de" },
): FoldedText => {
  if (text.length <= most) return { text, folded: false };
  const { whole, more, one } = words[lang];
  const ending = (left: number): string => {
    if (link !== undefined) return `… (${whole}: ${link})`;
    return `… (${left === 1 ? one : more(new Intl.NumberFormat(locales[lang]).format(left))})`;
  };
  const longest = ending(text.length).length;
  const room = most - longest - 2;
  let cut = room > 0 ? cutOf(text, room) : 0;
  let fence = fenceAt(text, cut);
  if (fence !== undefined && cut + fence.length + 1 > room) {
    cut = room > fence.length + 1 ? cutOf(text, room - fence.length - 1) : 0;
    fence = fenceAt(text, cut);
  }
  const kept = text.slice(0, cut).trimEnd();
  const left = [...text.slice(kept.length)].length;
  const parts = [kept, ...(fence === undefined || kept === "" ? [] : [fence]), ending(left)].filter((part) => part !== "");
  const folded = parts.join("\n");
  return { text: folded.length <= most ? folded : folded.slice(0, graphemeEnd(folded, Math.max(0, most))), folded: true };
};
