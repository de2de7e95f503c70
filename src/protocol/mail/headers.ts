/**
 * Header fields of a message: RFC 5322 §2.2, §3.6, read as mail really is.
 *
 * It runs for every message of a first pass, so it does one scan over the block and nothing for fields nobody asks for.
 */

import { isAscii, isUtf8 } from "node:buffer";
import { cleanLine, decodeCharset } from "../text/characters.ts";
import { decodeEncodedWords } from "./encoded-words.ts";

/** Longest field that is read, in characters; of a longer one the beginning. */
const FIELD_LIMIT = 128 * 1024;
/** Most that is read of a header block, in bytes. */
const BLOCK_LIMIT = 2 * 1024 * 1024;
const FIELD_COUNT = 5_000;
/** RFC 5322 §3.6.8. */
const fieldName = /^[!-9;-~]+$/;

/** Fields in their order, unfolded, duplicates kept; values raw (encoded words not decoded). */
export interface Headers {
  /** Lower-case name and raw value, in the order of the block. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** True where the block was cut: more than 2 MiB, 5,000 fields, or 128 Ki characters in one field. */
  readonly cut: boolean;
  /** The first value of a field; `name` in lower case. */
  get(name: string): string | undefined;
  /** Every value of a field in order; `name` in lower case. */
  all(name: string): readonly string[];
}

class HeaderFields implements Headers {
  readonly fields: readonly (readonly [string, string])[];
  readonly cut: boolean;
  readonly #first = new Map<string, string>();
  readonly #repeated = new Set<string>();
  constructor(fields: readonly (readonly [string, string])[], cut: boolean) {
    this.fields = fields;
    this.cut = cut;
    for (const [name, value] of fields) {
      if (this.#first.has(name)) this.#repeated.add(name);
      else this.#first.set(name, value);
    }
  }
  get(name: string): string | undefined {
    return this.#first.get(name);
  }
  all(name: string): readonly string[] {
    const first = this.#first.get(name);
    if (first === undefined) return [];
    if (!this.#repeated.has(name)) return [first];
    return this.fields.filter((field) => field[0] === name).map((field) => field[1]);
  }
}

/** Raw 8-bit fields (RFC 6532 where they are UTF-8, else latin-1 of old senders), each field on its own. */
const eightBit = (value: string): string => {
  for (let index = 0; index < value.length; index++) {
    if (value.charCodeAt(index) > 0x7f) return decodeCharset(Buffer.from(value, "latin1"));
  }
  return value;
};

const textOf = (block: Uint8Array): [text: string, perField: boolean] => {
  const buffer = Buffer.from(block.buffer, block.byteOffset, Math.min(block.byteLength, BLOCK_LIMIT));
  if (isAscii(buffer)) return [buffer.toString("latin1"), false];
  return isUtf8(buffer) ? [buffer.toString("utf8"), false] : [buffer.toString("latin1"), true];
};

const isSpace = (code: number): boolean => code === 0x20 || code === 0x09;

/** RFC 5322 §2.2.3: a fold is removed by removing the line break; the white space stays. Bare CR and NUL are no content. */
const unfold = (value: string): string => value.replace(/\r?\n/g, "").replace(/[\r\0]/g, "");

/**
 * Reads a header block up to its empty line; what follows is ignored. Never fails: a line that is no field and continues
 * none is passed over, also the `From ` line of an mbox.
 *
 * @param block  the block, with `\r\n` or `\n` line ends. Bytes that are not ASCII are read as UTF-8 where that is valid,
 *               else field by field as UTF-8 or windows-1252
 */
export const parseHeaders = (block: Uint8Array | string): Headers => {
  const [text, perField] = typeof block === "string" ? [block.slice(0, BLOCK_LIMIT), false] : textOf(block);
  const fields: (readonly [string, string])[] = [];
  let cut = false;
  let ended = block.length <= BLOCK_LIMIT;
  let start = 0;
  while (start < text.length) {
    let end = text.indexOf("\n", start);
    if (end < 0) end = text.length;
    if (end === start || (end === start + 1 && text.charCodeAt(start) === 0x0d)) {
      ended = true;
      break;
    }
    let folded = false;
    while (end + 1 < text.length && isSpace(text.charCodeAt(end + 1))) {
      folded = true;
      end = text.indexOf("\n", end + 1);
      if (end < 0) end = text.length;
    }
    const colon = text.indexOf(":", start);
    if (colon > start && colon < end && colon - start <= 100) {
      const name = text.slice(start, colon).trimEnd().toLowerCase();
      if (fieldName.test(name)) {
        let value = text.slice(colon + 1, text.charCodeAt(end - 1) === 0x0d ? end - 1 : end);
        if (value.length > FIELD_LIMIT) {
          value = value.slice(0, FIELD_LIMIT).toWellFormed();
          cut = true;
        }
        if (folded || value.includes("\r") || value.includes("\0")) value = unfold(value);
        value = value.trim();
        if (fields.length >= FIELD_COUNT) return new HeaderFields(fields, true);
        fields.push([name, perField ? eightBit(value) : value]);
      }
    }
    start = end + 1;
  }
  return new HeaderFields(fields, cut || !ended);
};

/**
 * Decodes RFC 2047 encoded words. Adjacent words of one charset are joined before they are decoded, since senders split
 * inside of characters. Unknown charsets are guessed, broken words stay as they are; never fails. At most 16 Ki characters
 * of `raw` are read.
 *
 * @returns one line: no control characters, no bidi overrides, well-formed
 */
export const decodeWords = (raw: string): string => {
  if (!raw.includes("=?")) return cleanLine(raw);
  return cleanLine(decodeEncodedWords(raw.slice(0, 16 * 1024)));
};
