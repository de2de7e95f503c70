/** The lines of a message and what each of them is. */

/** What a line is of: the writer's own, a quotation, or a signature the HTML names as one. */
export type Mark = "own" | "quote" | "signature";

/** A line without white space at its end. */
export interface Line {
  readonly text: string;
  readonly mark: Mark;
}

/** Longest line that is looked at for words; a longer one is text. */
export const LINE_LIMIT = 300;

const quotePrefix = /^\s{0,3}>/;
/** GroupWise introduces what it quotes by `>>> Max Mustermann 12.03.2026 14:05 >>>`: no quotation itself. */
const framed = /^>>> .{1,200} >>>$/;

/**
 * Lines as written, `>` at their beginning (RFC 3676 §4.5) a quotation. A lone `>From ` is not: mailboxes put the `>` there
 * (mbox), and senders read such a copy.
 */
export const linesOf = (text: string, marks?: readonly Mark[]): Line[] => {
  const lines = text.split(/\r\n|\r|\n/).map((line) => line.trimEnd());
  const quoted = lines.map((line) => quotePrefix.test(line.slice(0, 8)) && !framed.test(line.slice(0, LINE_LIMIT)));
  return lines.map((line, index) => {
    const escaped = line.startsWith(">From ") && !quoted[index - 1] && !quoted[index + 1];
    return { text: line, mark: quoted[index] && !escaped ? "quote" : (marks?.[index] ?? "own") };
  });
};

/** True for a line that shows nothing; the `>` of an empty quoted line counts. */
export const isBlank = (line: Line | undefined): boolean => line === undefined || line.text.trim() === "";

/** The next line from `index` on that shows something; the number of lines where there is none. */
export const nextShown = (lines: readonly Line[], index: number): number => {
  while (index < lines.length && isBlank(lines[index])) index++;
  return index;
};

/** True for a line of dashes, underscores, equals signs or asterisks: Outlook draws one above what it quotes. */
export const isRule = (text: string): boolean => /^[-_=*\u2010-\u2015\u2500]{5,}$/.test(text.trim().slice(0, LINE_LIMIT));
