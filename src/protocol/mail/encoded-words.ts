/**
 * Encoded words (RFC 2047) → text, their charsets believed as far as those of bodies are.
 *
 * The decoders of npm join adjacent words only where their base64 ends without padding, and believe every label.
 */

import { decodeCharset } from "../text/characters.ts";

/** Charset (without the language of RFC 2231 section 5), encoding, text: nothing with a `?` in it, so one pass is linear. */
const encodedWord = /=\?([^?*\s]+)(?:\*[^?\s]*)?\?([bq])\?([^?]*)\?=/gi;
const separator = /^[ \t\r\n]+$/;

interface Word {
  readonly charset: string;
  readonly bytes: Buffer;
}

const bytesOf = (encoding: string, text: string): Buffer => {
  if (encoding === "B" || encoding === "b") return Buffer.from(text, "base64");
  // Some programs fold inside of a word; what is no ASCII was never encoded.
  const codes = text.replace(/=\s+(?=[0-9a-f])/gi, "=").replace(/[_\s]/g, " ");
  const bytes = Buffer.from(codes, "utf8").toString("latin1");
  return Buffer.from(
    bytes.replace(/=([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))),
    "latin1",
  );
};

/** Senders cut inside of characters: words of one charset are one text, unless that makes none. */
const joined = (words: readonly Word[]): string => {
  const whole = decodeCharset(Buffer.concat(words.map(({ bytes }) => bytes)), words[0]?.charset);
  if (words.length === 1 || !whole.includes("\ufffd")) return whole;
  const apart = words.map(({ bytes, charset }) => decodeCharset(bytes, charset)).join("");
  return apart.includes("\ufffd") ? whole : apart;
};

/** Every encoded word decoded, white space between two of them dropped; the rest as it stands. Never fails. */
export const decodeEncodedWords = (text: string): string => {
  let result = "";
  let open: Word[] = [];
  let at = 0;
  for (const match of text.matchAll(encodedWord)) {
    const [all, charset = "", encoding = "", encoded = ""] = match;
    const between = text.slice(at, match.index);
    at = match.index + all.length;
    const word: Word = { charset: charset.toLowerCase(), bytes: bytesOf(encoding, encoded) };
    const adjacent = open.length > 0 && (between === "" || separator.test(between));
    if (adjacent && open[0]?.charset === word.charset) open.push(word);
    else {
      if (open.length > 0) result += joined(open);
      if (!adjacent) result += between;
      open = [word];
    }
  }
  if (open.length > 0) result += joined(open);
  return result + text.slice(at);
};
