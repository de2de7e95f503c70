/** One part's bytes → its text: transfer encoding (RFC 2045 §6), charset, format=flowed (RFC 3676). */

import { decode as decodeBase64 } from "libbase64";
import libmime from "libmime";
import { decode as decodeQuotedPrintable } from "libqp";
import { cleanText, decodeCharset } from "./characters.ts";
import type { PartNode } from "./structure.ts";

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
  if (name === "base64") return decodeBase64(buffer);
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
  return libmime.decodeFlowed(text, node.params.delsp?.toLowerCase() === "yes");
};
