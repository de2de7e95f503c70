/**
 * Characters: bytes of any declared charset → well-formed text, and what is never let through.
 *
 * Declared charsets lie. Outlook labels windows-1252 as iso-8859-1 (so does WHATWG), web forms label UTF-8 as latin-1,
 * old gateways send latin-1 as UTF-8, and nearly everybody sends 8-bit text with no label at all.
 */

import { isAscii, isUtf8 } from "node:buffer";
import { TextDecoder } from "node:util";
import { lazily } from "./lazily.ts";

/** Labels seen in mail that the Encoding Standard does not list, and the encoding that reads them. */
const aliases: Readonly<Record<string, string>> = {
  cp932: "shift_jis",
  cp936: "gbk",
  cp949: "euc-kr",
  cp950: "big5",
  ms936: "gbk",
  ms949: "euc-kr",
  uhc: "euc-kr",
  ks_c_5601: "euc-kr",
  "iso-8859-1-windows-3.1-latin-1": "windows-1252",
  "x-mac-japanese": "shift_jis",
  tis620: "windows-874",
};

const decoders = new Map<string, TextDecoder | undefined>();

/** A decoder for a label, or undefined for one nobody can or should read (UTF-7, iso-2022-kr, junk). */
const decoderOf = (label: string): TextDecoder | undefined => {
  const name = label.trim().toLowerCase().slice(0, 60);
  if (decoders.has(name)) return decoders.get(name);
  let decoder: TextDecoder | undefined;
  try {
    decoder = new TextDecoder(aliases[name] ?? name, { ignoreBOM: true });
  } catch {
    decoder = undefined;
  }
  // A sender chooses the labels: only as many are remembered as there are real ones.
  if (decoders.size < 300) decoders.set(name, decoder);
  return decoder;
};

/** Node's decoders (ICU) of these know the national standard only, mail uses cp949 and Hong Kong's characters. */
const widened = new Set(["euc-kr", "big5"]);

/** libmime's tables: only mail from Korea, Taiwan and Hong Kong asks for them. */
const tables = lazily<{ decode(bytes: Buffer, charset: string): string }>("libmime/lib/charset.js");

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const western = new TextDecoder("windows-1252");

/** UTF-8 unless most of what is not ASCII in it is broken; then windows-1252, which reads any byte. */
const decodeUnlabelled = (bytes: Uint8Array): string => {
  if (isUtf8(bytes)) return utf8.decode(bytes);
  const text = utf8.decode(bytes);
  let broken = 0;
  let sound = 0;
  for (let index = 0; index < text.length && index < 100_000; index++) {
    const code = text.charCodeAt(index);
    if (code === 0xfffd) broken++;
    else if (code > 0x7f) sound++;
  }
  return broken > sound ? western.decode(bytes) : text;
};

/** UTF-16 leaves a NUL beside every ASCII letter; text of any other charset holds none. */
const utf16Order = (bytes: Uint8Array): "utf-16le" | "utf-16be" | undefined => {
  const end = Math.min(bytes.length & ~1, 512);
  if (end < 4) return undefined;
  let even = 0;
  let odd = 0;
  for (let index = 0; index < end; index += 2) {
    if (bytes[index] === 0) even++;
    if (bytes[index + 1] === 0) odd++;
  }
  const enough = end / 2 / 3;
  if (odd > enough && even <= odd / 4) return "utf-16le";
  if (even > enough && odd <= even / 4) return "utf-16be";
  return undefined;
};

/** The encoding a byte order mark names, and how long the mark is. */
const byteOrderMark = (bytes: Uint8Array): [label: string, length: number] | undefined => {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return ["utf-8", 3];
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return ["utf-16le", 2];
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return ["utf-16be", 2];
  return undefined;
};

const singleByte = /^(?:us-ascii|ascii|utf-?8|iso-8859-\d+|windows-125\d|latin\d|unknown-8bit|x-unknown|8bit|binary)$/;

/**
 * Decodes bytes by their declared charset as far as it can be true: a byte order mark wins, then NUL patterns of UTF-16,
 * then valid UTF-8 under any single-byte label, and under UTF-16 where there is no NUL, then the label (WHATWG: iso-8859-1 is windows-1252, gb2312 is gbk), then
 * windows-1252. Never fails; bytes that no reading explains become U+FFFD.
 *
 * @param charset  the declared label in any case; absent or unknown: guessed as above
 */
export const decodeCharset = (bytes: Uint8Array, charset?: string): string => {
  const mark = byteOrderMark(bytes);
  if (mark) return (decoderOf(mark[0]) ?? utf8).decode(bytes.subarray(mark[1]));
  const label = charset?.trim().toLowerCase() ?? "";
  // In UTF-16 a space or line end holds a NUL: where there is none the label lies, and would make CJK of plain letters.
  if (label.startsWith("utf-16") && !bytes.includes(0) && isUtf8(bytes)) return utf8.decode(bytes);
  if (isAscii(bytes) && !label.startsWith("iso-2022") && !label.startsWith("hz") && !label.startsWith("utf-16")) {
    const order = utf16Order(bytes);
    return order === undefined ? utf8.decode(bytes) : (decoderOf(order) ?? utf8).decode(bytes);
  }
  const order = utf16Order(bytes);
  if (order !== undefined) return (decoderOf(order) ?? utf8).decode(bytes);
  const decoder = decoderOf(label);
  if (decoder === undefined || decoder.encoding === "utf-8" || label === "us-ascii" || label === "ascii")
    return decodeUnlabelled(bytes);
  if (singleByte.test(label) && isUtf8(bytes)) return utf8.decode(bytes);
  if (widened.has(decoder.encoding))
    return tables().decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), decoder.encoding);
  return decoder.decode(bytes);
};

const unwantedInText = /[\0-\x08\x0b-\x1f\x7f\ufffe\uffff]/g;

/** Body text: `\n` line ends, no control characters but tab and `\n`, well-formed Unicode. */
export const cleanText = (text: string): string => text.replace(/\r\n?/g, "\n").replace(unwantedInText, "").toWellFormed();

// C0, C1, line and paragraph separators: white space of a line; bidi overrides and isolates could make one name look like
// another ("moc.knab" read backwards).
const spaceInLine = /[\s\0-\x1f\x7f-\x9f\u2028\u2029]+/g;
const unwantedInLine = /[\u202a-\u202e\u2066-\u2069\ufffe\uffff\ufeff]/g;
const plainLine = /^[!-~]+(?: [!-~]+)*$/;

/** One line for names and subjects: no controls, no bidi overrides, single spaces, trimmed, well-formed Unicode. */
export const cleanLine = (text: string, limit = 1_000): string => {
  if (text.length <= limit && plainLine.test(text)) return text;
  const line = text
    .slice(0, limit * 4)
    .replace(unwantedInLine, "")
    .replace(spaceInLine, " ")
    .trim()
    .toWellFormed();
  return cutAt(line, limit);
};

/** The first `limit` UTF-16 units, never half a surrogate pair. */
export const cutAt = (text: string, limit: number): string => {
  if (text.length <= limit) return text;
  const last = text.charCodeAt(limit - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit);
};

/** Without white space at the ends of lines. Line by line: one expression over all would be quadratic on a run of spaces. */
export const trimLines = (text: string): string =>
  text
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
