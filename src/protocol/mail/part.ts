/** One part's bytes → its text: transfer encoding (RFC 2045 §6), charset, format=flowed (RFC 3676). */

import { Transform } from "node:stream";
import { Decoder as Base64Decoder, decode as decodeBase64 } from "libbase64";
import type libmime from "libmime";
import { decode as decodeQuotedPrintable } from "libqp";
import { cleanText, decodeCharset } from "../text/characters.ts";
import { lazily } from "../text/lazily.ts";
import type { PartNode } from "./structure.ts";

const mime = lazily<{ readonly default: typeof libmime }>("libmime");

/**
 * The bytes of a part without their transfer encoding. Never fails: what is no base64 or quoted-printable is passed over or
 * kept as it stands; an unknown encoding is taken as none (RFC 2045 §6.4 has no text for it either).
 *
 * @param encoding  `base64`, `quoted-printable` or anything else, in any case
 */
export const decodeTransfer = (bytes: Uint8Array, encoding?: string): Uint8Array => {
  const name = encoding?.trim().toLowerCase();
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (name === "quoted-printable") return decodeQuotedPrintable(buffer);
  // libbase64 gives bytes back as they are; only a string is decoded, padded segments one after the other.
  if (name === "base64") return decodeBase64(buffer.toString("latin1"));
  return bytes;
};

/**
 * The text of a text part as people read it: decoded, soft line breaks of format=flowed removed, `\n` line ends, well-formed,
 * no control characters but tab and `\n`. Never fails; the charset is believed only as far as the bytes allow.
 *
 * @param bytes  the part as transferred; may be cut anywhere
 */
export const decodePart = (bytes: Uint8Array, node: PartNode): string => {
  const decoded = decodeTransfer(bytes, node.encoding);
  const text = cleanText(decodeCharset(decoded, node.params.charset));
  if (node.type !== "text/plain" || node.params.format?.toLowerCase() !== "flowed") return text;
  return mime().default.decodeFlowed(text, node.params.delsp?.toLowerCase() === "yes");
};

/** Ends of lines are found in chunks; a longer line than this is decoded in pieces. */
const LINE_LIMIT = 64 * 1024;

/** Quoted-printable as it streams. libqp's own stream keeps all until the end; a soft break or `=XX` never spans lines. */
const quotedPrintableStream = (): Transform => {
  let rest: Buffer = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _, done) {
      const buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let cut = buffer.lastIndexOf(0x0a) + 1;
      if (cut === 0 && buffer.length > LINE_LIMIT) {
        const equals = buffer.lastIndexOf(0x3d);
        cut = equals >= buffer.length - 3 && equals > 0 ? equals : buffer.length;
      }
      rest = Buffer.from(buffer.subarray(cut));
      done(null, decodeQuotedPrintable(buffer.subarray(0, cut)));
    },
    flush(done) {
      done(null, decodeQuotedPrintable(rest));
    },
  });
};

/**
 * A Node stream that takes the transfer encoding off as bytes pass, in bounded memory; undefined where there is none to take
 * off. Never fails on content.
 *
 * @param encoding  `base64`, `quoted-printable` or anything else, in any case
 */
export const transferDecoder = (encoding?: string): Transform | undefined => {
  const name = encoding?.trim().toLowerCase();
  if (name === "base64") return new Base64Decoder();
  return name === "quoted-printable" ? quotedPrintableStream() : undefined;
};
