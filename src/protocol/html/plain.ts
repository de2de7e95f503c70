/** HTML → plain text. */

import { compile } from "html-to-text";
import { trimLines } from "../mail/characters.ts";

const INPUT_LIMIT = 2_000_000;

const convert = compile({
  wordwrap: false,
  limits: { maxInputLength: INPUT_LIMIT, maxDepth: 120, ellipsis: "…" },
  selectors: [
    { selector: "a", options: { hideLinkHrefIfSameAsText: true, ignoreHref: true } },
    { selector: "img", format: "skip" },
    ...["h1", "h2", "h3", "h4", "h5", "h6"].map((selector) => ({ selector, options: { uppercase: false } })),
    { selector: "blockquote", options: { leadingLineBreaks: 1, trailingLineBreaks: 1 } },
    { selector: "ul", options: { itemPrefix: "- " } },
  ],
});

/**
 * The text of sanitised HTML, unwrapped, `\n` line ends, at most one empty line in a row. Links keep their text, not their
 * address; images are passed over. Bounded: 2,000,000 characters, 120 deep; what is beyond
 * is left out.
 */
export const textFromHtml = (html: string): string =>
  trimLines(convert(html.slice(0, INPUT_LIMIT)))
    .replace(/\n{3,}/g, "\n\n")
    .trim();
