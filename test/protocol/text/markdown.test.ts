import { type Node, Parser } from "commonmark";
import fc from "fast-check";
import { htmlFromText, htmlOfText, markdownOf } from "groupstream/protocol/text";
import { describe, expect, it } from "vitest";
import { messages, seen } from "./data.ts";

/** What a CommonMark parser that is not ours makes of it. */
const read = (markdown: string): { text: string; counts: Record<string, number>; links: string[] } => {
  const walker = new Parser().parse(markdown).walker();
  const counts: Record<string, number> = {};
  const links: string[] = [];
  let text = "";
  for (let step = walker.next(); step; step = walker.next()) {
    if (!step.entering) continue;
    const node: Node = step.node;
    counts[node.type] = (counts[node.type] ?? 0) + 1;
    if (node.type === "link") links.push(node.destination ?? "");
    text += node.literal ?? "";
  }
  return { text, counts, links };
};

const calls = /(?<![\p{L}\p{N}._+-])(?:@[^\s\u200b]|#[\p{L}*]|:[a-z+-][a-z0-9_+-]*:)|~\p{L}|<!/iu;

describe("data never becomes markup", () => {
  it("a CommonMark parser reads the text, and no more styles, links, blocks or HTML than there are", () =>
    fc.assert(
      fc.property(messages(true), ({ html, text, counts }) => {
        const markdown = markdownOf(html);
        const { text: shown, counts: found, links } = read(markdown);
        expect(seen(shown)).toBe(seen(text.join("")));
        for (const kind of ["strong", "emph", "code", "link", "item", "heading", "block_quote", "code_block"])
          expect(found[kind] ?? 0, `${kind} in ${markdown}`).toBeLessThanOrEqual(counts[kind] ?? 0);
        for (const kind of ["heading", "block_quote", "code_block", "item"])
          expect(found[kind] ?? 0, `${kind} in ${markdown}`).toBe(counts[kind] ?? 0);
        for (const kind of ["html_inline", "html_block", "image", "thematic_break"])
          expect(found[kind], markdown).toBeUndefined();
        for (const link of links) expect(link).toBe("https://example.org/a_b?c=%28d%29&e");
      }),
      { numRuns: 3_000 },
    ));
  it("text calls nobody", () =>
    fc.assert(
      fc.property(messages(true), ({ html }) => {
        // Code is shown as it is; suites call nobody from there.
        const withoutCode = html.replace(/<(pre|code)>[\s\S]*?<\/\1>/g, " ");
        expect(markdownOf(withoutCode)).not.toMatch(calls);
      }),
    ));
  it("plain text of any kind is the same text", () =>
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
        expect(seen(read(markdownOf(htmlFromText(text))).text)).toBe(seen(text.toWellFormed()));
      }),
      { numRuns: 2_000 },
    ));
});

const shown = (html: string): string => markdownOf(html).replaceAll("\u200b", "¦");

it.each([
  ["<p>a <b>bold</b>, <i>em</i>, <s>gone</s>, <code>x*y</code></p>", "a **bold**, _em_, ~~gone~~, `x*y`"],
  ["<p><b><i>both</i></b></p>", "**_both_**"],
  ["<p><b>a </b>b</p>", "**a** b"],
  ["<p>in<i>wo</i>rd in<b>wo</b>rd</p>", "inword in**wo**rd"],
  ["<p>a<br>b</p>", "a  \nb"],
  ["<p>*a* _b_ `c` [d](e) ![f](g) &lt;h&gt; &amp;amp;</p>", "\\*a\\* \\_b\\_ \\`c\\` \\[d\\](e) !\\[f\\](g) \\<h\\> \\&amp;"],
  ["<p># a</p><p>1. b</p><p>- c</p><p>&gt; d</p><p>===</p>", "\\# a\n\n1\\. b\n\n\\- c\n\n\\> d\n\n\\==="],
  [
    "<p>@channel @all @here &lt;!here&gt; @**all** #room ~town :smile:</p>",
    "@¦channel @¦all @¦here \\<¦!here\\> @¦\\*\\*all\\*\\* #¦room \\~¦town :¦smile:",
  ],
  ["<p>@<b>all</b> #<b>room</b> !<a href='https://example.org/'>x</a></p>", "@¦**all** #¦**room** \\![x](https://example.org/)"],
  ["<p>max@example.org um 12:30:45, #1</p>", "max@example.org um 12:30:45, #1"],
  ['<p><a href="https://example.org/">here</a></p>', "[here](https://example.org/)"],
  ['<p><a href="https://evil.example/">https://bank.example</a></p>', "https://bank.example (https://evil.example/)"],
  ['<p><a href="javascript:alert(1)">x</a></p>', "x"],
  ['<p><a href="https://example.org/x">https://example.org/x</a></p>', "https://example.org/x"],
  ["<p>see https://example.org/a_b*c.</p>", "see https://example.org/a_b%2Ac."],
  ["<p>https://example.org/@all</p>", "https://example.org/%40all"],
  ["<ul><li>a<ol start=3><li>b</li></ol></li><li>c</li></ul>", "- a\n  3. b\n- c"],
  ["<blockquote><p>a</p><p>b</p></blockquote><p>c</p>", "> a\n>\n> b\n\nc"],
  ["<pre>a\n```\nb</pre>", "````\na\n```\nb\n````"],
  ["<table><tr><th>a</th><th>b</th></tr><tr><td>1|2</td></tr></table>", "| a | b |\n| --- | --- |\n| 1\\|2 |  |"],
  ["<table><tr><td><p>laid</p><p>out</p></td></tr></table>", "laid\n\nout"],
])("%s", (html, markdown) => expect(shown(html)).toBe(markdown));

it("a mention is a name, or what the target calls that actor", () => {
  const html = '<p>hi <a href="mailto:Max@EXAMPLE.org">@Max</a> and <a href="mailto:ann@example.org">@channel</a></p>';
  expect(markdownOf(html)).toBe("hi Max and channel");
  expect(markdownOf(html, { mentions: new Map([["mailto:Max@example.org", "@max.m"]]) })).toBe("hi @max.m and channel");
});

it("text, HTML, Markdown keep quotations and addresses", () =>
  expect(markdownOf(htmlOfText("Hi\n> was?\n\nhttps://example.org/a?b=1&c=2!"))).toBe(
    "Hi\n\n> was?\n\nhttps://example.org/a?b=1&c=2!",
  ));
