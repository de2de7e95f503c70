/** HTML → plain text. */

import type { compile } from "html-to-text";
import { trimLines } from "./characters.ts";
import { lazily } from "./lazily.ts";

/** Most HTML that is converted, in characters: its tree takes up to 300 bytes for each of them. */
export const CONVERTED_LIMIT = 512 * 1024;

const bounded = (html: string): string => {
  if (html.length <= CONVERTED_LIMIT) return html;
  const tag = html.lastIndexOf("<", CONVERTED_LIMIT);
  return html.slice(0, tag > 0 ? tag : CONVERTED_LIMIT).toWellFormed();
};

const converter = lazily<{ readonly compile: typeof compile }>("html-to-text");
let made: ReturnType<typeof compile> | undefined;
const convert = (html: string): string => {
  made ??= converter().compile(selections);
  return made(html);
};

const selections: Parameters<typeof compile>[0] = {
  wordwrap: false,
  limits: { maxInputLength: CONVERTED_LIMIT, maxDepth: 120, ellipsis: "…" },
  selectors: [
    { selector: "a", options: { hideLinkHrefIfSameAsText: true, ignoreHref: true } },
    { selector: "img", format: "skip" },
    ...["h1", "h2", "h3", "h4", "h5", "h6"].map((selector) => ({ selector, options: { uppercase: false } })),
    { selector: "blockquote", options: { leadingLineBreaks: 1, trailingLineBreaks: 1 } },
    { selector: "ul", options: { itemPrefix: "- " } },
  ],
};

/**
 * The text of sanitised HTML, unwrapped, `\n` line ends, at most one empty line in a row. Links keep their text, not their
 * address; images are passed over. Bounded: 524,288 characters of HTML, 120 deep; what is beyond
 * is left out.
 */
export const textFromHtml = (html: string): string =>
  trimLines(convert(bounded(html)))
    .replace(/\n{3,}/g, "\n\n")
    .trim();
