/** The lines of an iCalendar stream (RFC 5545 §3.1), unfolded, whatever ends them. */

import { Buffer } from "node:buffer";
import { GroupstreamError } from "../../contract/errors.ts";
import { decodeCharset } from "../text/characters.ts";

const unwanted = /[\0-\x08\x0b-\x1f\x7f]/;
const everyUnwanted = new RegExp(unwanted, "g");

/** Nothing of it is read. */
export const refuse = (what: string): never => {
  throw new GroupstreamError("malformed", `The calendar object cannot be read: ${what}. Look at its raw form.`);
};

/** A stream as it is read. */
export interface Opened {
  /** Every line ends with LF, the last one perhaps with nothing; no control characters but tabs. */
  readonly text: string;
  /** How one unfolded line becomes text: a fold may split a character (§3.1). */
  readonly decode: (line: string) => string;
  /** Its bytes stand for themselves: letters beyond ASCII are decoded line by line. */
  readonly raw: boolean;
}

/** Text whose lines can be told apart. */
export const opened = (data: string | Uint8Array): Opened => {
  const wide = typeof data !== "string" && ((data[0] === 0xff && data[1] === 0xfe) || (data[0] === 0xfe && data[1] === 0xff));
  if (typeof data === "string" || wide) {
    const text = typeof data === "string" ? data : decodeCharset(data);
    const whole = text.isWellFormed();
    return {
      text: tidied(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text),
      decode: (line) => (whole ? line : line.toWellFormed()),
      raw: false,
    };
  }
  const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("latin1");
  return {
    text: tidied(text.startsWith("\xef\xbb\xbf") ? text.slice(3) : text),
    decode: (line) => (/[\x80-\xff]/.test(line) ? decodeCharset(Buffer.from(line, "latin1"), "utf-8") : line),
    raw: true,
  };
};

const tidied = (text: string): string => {
  const lines = text.replaceAll("\r\n", "\n").replaceAll("\r", "\n");
  return unwanted.test(lines) ? lines.replace(everyUnwanted, "") : lines;
};

/** Unfolded lines, one after the other. Empty lines between folds are stepped over: some gateways double the break. */
export class Lines {
  /** Lines as transferred, so far. */
  count = 0;
  /** The number of the last line's first one. */
  number = 1;
  /** Where the next line begins, empty ones before it included. */
  at = 0;
  readonly #text: string;
  readonly #most: number;
  constructor(text: string, most: number) {
    this.#text = text;
    this.#most = most;
  }
  next(): string | undefined {
    let line: string | undefined;
    let folded: string[] | undefined;
    while (this.at <= this.#text.length) {
      const from = this.at;
      const first = this.#text.charCodeAt(from);
      const folds = first === SPACE || first === TAB;
      if (line !== undefined && !folds && first !== LF) break;
      const end = this.#text.indexOf("\n", from);
      const to = end < 0 ? this.#text.length : end;
      this.step(1, end < 0 ? this.#text.length + 1 : end + 1);
      if (to === from) continue;
      if (line === undefined) {
        line = this.#text.slice(from, to);
        this.number = this.count;
      } else {
        folded ??= [line];
        folded.push(this.#text.slice(from + 1, to));
      }
    }
    return folded ? folded.join("") : line;
  }
  /** Goes on behind so many lines. */
  step(lines: number, at: number): void {
    this.count += lines;
    this.at = at;
    if (this.count > this.#most) refuse(`it has more than ${this.#most} lines`);
  }
}

const [LF, TAB, SPACE] = [10, 9, 32];
