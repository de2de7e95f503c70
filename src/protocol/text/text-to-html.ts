/** Text of a chat → HTML for a mail, and whom HTML mentions. */

import type { Party } from "../../contract/view.ts";
import { cleanText } from "./characters.ts";
import { escapeHtml } from "./escape-html.ts";
import { pieces } from "./links.ts";
import { type Block, treeOf } from "./tree.ts";

/** Deepest quotation; deeper marks stay in the text. */
const QUOTE_LIMIT = 10;

const linked = (line: string): string =>
  pieces(line)
    .map(({ text, link }) =>
      link ? `<a href="${escapeHtml(text)}" rel="noopener noreferrer nofollow">${escapeHtml(text)}</a>` : escapeHtml(text),
    )
    .join("");

const paragraphs = (lines: readonly string[]): string =>
  lines
    .join("\n")
    .split(/\n(?:[^\S\n]*\n)+/)
    .filter((block) => block.trim() !== "")
    .map(
      (block) =>
        `<p>${block
          .replace(/^\n|\n$/g, "")
          .split("\n")
          .map(linked)
          .join("<br>")}</p>`,
    )
    .join("");

const isQuote = (line: string): boolean => line.startsWith(">");

const htmlOfLines = (lines: readonly string[], depth: number): string => {
  let html = "";
  for (let from = 0; from < lines.length; ) {
    const quote = depth < QUOTE_LIMIT && isQuote(lines[from] ?? "");
    let to = from + 1;
    while (to < lines.length && (depth < QUOTE_LIMIT && isQuote(lines[to] ?? "")) === quote) to++;
    const part = lines.slice(from, to);
    html += quote
      ? `<blockquote>${htmlOfLines(
          part.map((line) => line.replace(/^> ?/, "")),
          depth + 1,
        )}</blockquote>`
      : paragraphs(part);
    from = to;
  }
  return html;
};

/**
 * Plain text as HTML that {@link sanitise} leaves as it is: a paragraph for every block between empty lines, `<br>` for line
 * ends, lines behind `>` as quotations (ten deep), http and https addresses as links. Nothing else is read as markup. Linear.
 */
export const htmlOfText = (text: string): string =>
  htmlOfLines(
    cleanText(text)
      .split("\n")
      .map((line) => line.trimEnd()),
    0,
  );

const mentioned = (blocks: readonly Block[]): Party[] =>
  blocks.flatMap((block): Party[] => {
    if (block.kind === "quote") return mentioned(block.blocks);
    if (block.kind === "list") return block.items.flatMap(mentioned);
    if (block.kind === "pre" || block.kind === "rule") return [];
    const lines = block.kind === "table" ? block.rows.flat() : block.lines;
    return lines.flat().flatMap(({ mention, text }) => (mention === undefined ? [] : [{ id: mention, name: text }]));
  });

/**
 * Whom sanitised HTML mentions, each once, in their order: links to `mailto:`, `acct:` or `xmpp:` whose text begins with `@`.
 * The name is that text without the `@`, as the sender wrote it: no proof of who it is.
 */
export const mentionsIn = (html: string): Party[] => {
  const named = new Map<string, Party>();
  for (const party of mentioned(treeOf(html))) if (!named.has(party.id)) named.set(party.id, party);
  return [...named.values()];
};
