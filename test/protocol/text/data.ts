/** Random messages whose text looks like markup, with what they truly hold. */

import fc from "fast-check";
import { escapeHtml } from "groupstream/protocol/text";

/** A message as HTML, its text block by block, and how often each thing is really in it. */
export interface Message {
  readonly html: string;
  readonly text: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
}

const token = fc.oneof(
  fc.constantFrom(
    ..."* ** _ __ ~ ~~ ` ``` ```` > >> # ## - -- --- + = === | \\ \\* [ ] ( ) [a](b) ![a](b) <b> </b> <!-- <script> <!here> <!channel> <@U1> <#C1> @all @channel @here @room @**all** @max #room #**x** ~town :smile: :+1: &amp; &lt; &#42; &copy; $ $$ /me 1. 2) 10. {} ^ ! : http:// https:// www. mailto: [x]: [^1] ::: ' \" a b word Wort ä 日本 👍🏽 é".split(
      " ",
    ),
  ),
  fc.string({ maxLength: 4 }),
);
const separator = fc.constantFrom("", " ", " ", "\t", "\u200b");
const address = /https?:\/\/[\p{L}\p{N}[]/iu;
const words = fc
  .array(fc.tuple(token, separator), { minLength: 1, maxLength: 8 })
  .map((parts) => parts.flat().join(""))
  .filter((text) => text.trim() !== "" && !address.test(text));

/** A link whose text is an address is written as both. */
const label = words.map((text) => text.replace(/:\/\/|www\./gi, "-"));

const element = (tag: string, kind: string, attributes = "", texts = words) =>
  texts.map((text) => ({ html: `<${tag}${attributes}>${escapeHtml(text)}</${tag}>`, text, kind }));
const inline = fc.oneof(
  { weight: 3, arbitrary: words.map((text) => ({ html: escapeHtml(text), text, kind: "text" })) },
  element("b", "strong"),
  element("i", "emph"),
  element("code", "code"),
);
const inlines = (withLinks: boolean) =>
  fc.array(withLinks ? fc.oneof(inline, element("a", "link", ' href="https://example.org/a_b?c=(d)&amp;e"', label)) : inline, {
    minLength: 1,
    maxLength: 6,
  });

const count = (kinds: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
};

/** Messages; with lists, headings and links where the dialect's parser reads them. */
export const messages = (rich: boolean): fc.Arbitrary<Message> => {
  const paragraph = inlines(rich).map((parts) => ({
    html: `<p>${parts.map(({ html }) => html).join("")}</p>`,
    text: parts.map(({ text }) => text).join(""),
    kinds: parts.map(({ kind }) => kind),
  }));
  const within = (tag: string, inner: string, kind: string) =>
    paragraph.map(({ html, text, kinds }) => ({
      html: `<${tag}>${inner === "" ? html.slice(3, -4) : `<${inner}>${html}</${inner}>`}</${tag}>`,
      text,
      kinds: [kind, ...kinds],
    }));
  const pre = words.map((text) => ({
    html: `<pre>x${escapeHtml(text)}\n${escapeHtml(text)}</pre>`,
    text: `x${text}\n${text}`,
    kinds: ["code_block"],
  }));
  const block = rich
    ? fc.oneof(
        paragraph,
        within("h3", "", "heading"),
        within("blockquote", "", "block_quote"),
        within("ul", "li", "item"),
        within("ol", "li", "item"),
        pre,
      )
    : fc.oneof(paragraph, within("blockquote", "", "block_quote"), pre);
  const all = fc.array(block, { minLength: 1, maxLength: 4 }).filter((parts) => !parts.some(({ text }) => address.test(text)));
  return all.map((parts) => ({
    html: parts.map(({ html }) => html).join(""),
    text: parts.map(({ text }) => text),
    counts: count(parts.flatMap(({ kinds }) => kinds)),
  }));
};

/** Text without what no reader sees. */
export const seen = (text: string): string => text.replace(/[\0-\x08\x0b-\x1f\x7f\u200b\ufffe\uffff]/g, "").replace(/\s+/g, "");
