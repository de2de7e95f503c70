/** The text of a message from its text parts: one plain, one HTML, whichever of them there is. */

import { hash } from "node:crypto";
import type { Read } from "../../contract/adapter.ts";
import type { Loss } from "../../contract/view.ts";
import { cleanText, cutAt, trimLines } from "../text/characters.ts";
import { CONVERTED_LIMIT, textFromHtml } from "../text/html-to-text.ts";
import { HTML_LIMIT, htmlFromText, sanitise } from "../text/sanitise.ts";

/** Most text of one message, in characters. */
const TEXT_LIMIT = 1024 * 1024;
/** Most HTML made of plain text, in characters: only of a text that is all quotes or brackets it is more than twice as long. */
const MADE_LIMIT = 2 * TEXT_LIMIT;
const PREVIEW_LIMIT = 2_000;

/** A message's text in both forms. */
export interface MessageText {
  /** Plain text, `\n` line ends. */
  readonly text: string;
  /** Sanitised HTML. */
  readonly content: string;
  readonly losses: readonly Loss[];
  /** `text` is not all of it: a limit cut it, or the HTML it was made from. */
  readonly cut?: true;
}

/** Some senders put "this mail can only be read in a browser" into the plain part: below a tenth it is no rendering. */
const isStub = (plain: string, html: string, fromHtml: () => string): boolean => {
  const length = plain.trim().length;
  if (length === 0) return true;
  return length * 10 < html.length && length * 10 < fromHtml().length;
};

/** Cut before it is cleaned: a copy of 20 MB would be made for nothing. One character more, so that the cut is told. */
const cleanHtml = (html: string): string => cleanText(html.length > HTML_LIMIT ? html.slice(0, HTML_LIMIT + 1) : html);

/**
 * The text of a message as plain text and as sanitised HTML, each from the other where only one part is there. Of both, the
 * plain part is taken for `text` unless it is empty or shorter than a tenth of the text of the HTML. Without any part both
 * are empty. Never fails; bounded by its limits.
 *
 * `plain`: decoded text/plain, as `decodePart` gives it. `html`: decoded text/html; of more than 1,048,576 characters
 * the beginning. `limit`: most characters of `text`, and of `content` made from plain text; default 1,048,576; half
 * of that and so on where the HTML made of it would be longer than 2,097,152; what is beyond is cut with a loss.
 */
export const textOf = ({
  plain,
  html,
  limit = TEXT_LIMIT,
}: {
  readonly plain?: string;
  readonly html?: string;
  readonly limit?: number;
}): MessageText => {
  if (html === undefined || html.trim() === "") {
    const whole = cleanText(plain ?? "").trim();
    let text = cutAt(whole, limit);
    let content = htmlFromText(text);
    while (content.length > MADE_LIMIT) {
      text = cutAt(text, text.length >> 1);
      content = htmlFromText(text);
    }
    return { text, content, ...(text.length < whole.length ? { losses: [shortened(text.length)], cut: true } : { losses: [] }) };
  }
  const { html: content, losses, cut: read } = sanitise(cleanHtml(html));
  let converted: string | undefined;
  const fromHtml = (): string => (converted ??= textFromHtml(content));
  const converts = plain === undefined || isStub(plain, content, fromHtml);
  const whole = converts ? fromHtml() : cleanText(plain).trim();
  const text = cutAt(whole, limit);
  const cut = text.length < whole.length || (converts && content.length > CONVERTED_LIMIT);
  return {
    text,
    content,
    losses: cut ? [...losses, shortened(text.length)] : losses,
    ...((cut || (converts && read)) && { cut: true }),
  };
};

const shortened = (limit: number): Loss => ({
  field: "content",
  reason: `Only the first ${limit} characters of the text are kept.`,
});

/** The first 2,000 characters of a text, cut at the end of a word where there is one in the last 200 of them. */
export const previewOf = (text: string): string => {
  if (text.length <= PREVIEW_LIMIT) return text;
  const head = cutAt(text, PREVIEW_LIMIT);
  const tail = head.slice(-200);
  const space = Math.max(tail.lastIndexOf(" "), tail.lastIndexOf("\n"));
  return (space > 0 ? head.slice(0, head.length - tail.length + space) : head).trimEnd();
};

/** What of a text may be kept, and its digest. */
export interface ShownText {
  readonly shown?: MessageText;
  readonly digest?: string;
}

/**
 * What `read` lets be kept of a text: nothing, its preview, or all; with the digest where the text was read in full or the
 * digest is asked for.
 * @param cut  not all of it was read: then there is no digest, as where a limit cut the text. Another text that only begins
 *             alike would have the same, and another copy may have been cut elsewhere
 */
export const shownOf = (whole: MessageText, read: Pick<Read, "text" | "digest">, cut: boolean): ShownText => {
  const digest = cut || whole.cut || (read.text === "preview" && !read.digest) ? {} : { digest: textDigest(whole.text) };
  if (read.text === "none") return digest;
  if (read.text === "full") return { shown: whole, ...digest };
  const text = previewOf(whole.text);
  return { shown: { text, content: htmlFromText(text), losses: [] }, ...digest };
};

/**
 * The digest of a decoded text, the same for copies that only transport made different: line ends, white space at the ends
 * of lines and of the text, and composed or decomposed letters (NFC) do not count. SHA-256, base64url, 43 characters. Of the
 * whole text, before any cut to a preview.
 */
export const textDigest = (text: string): string =>
  hash("sha256", trimLines(cleanText(text)).trim().normalize("NFC"), "base64url");
