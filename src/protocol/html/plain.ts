/** HTML → plain text. */

import { compile } from "html-to-text";
import { trimLines } from "../mail/characters.ts";

const convert = compile({
  wordwrap: false,
  limits: { maxInputLength: 2_000_000, maxDepth: 120, maxChildNodes: 20_000, ellipsis: "…" },
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
 * address; images are passed over. Bounded: 2,000,000 characters, 120 deep, 20,000 children of one element; what is beyond
 * is an ellipsis.
 */
export const textFromHtml = (html: string): string =>
  trimLines(convert(html))
    .replace(/\n{3,}/g, "\n\n")
    .trim();
