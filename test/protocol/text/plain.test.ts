import fc from "fast-check";
import { htmlOfText, markdownOf, plainOf, sanitise, textFromHtml, xmppOf } from "groupstream/protocol/text";
import { describe, expect, it } from "vitest";
import { mentionsIn } from "../../../src/protocol/text/text-to-html.ts";
import { costOf } from "../../cost.ts";

it.each([
  ["<h1>T</h1><p>a<br>b</p>", "T\n\na\nb"],
  [
    '<p><a href="https://example.org/x">here</a>, <a href="mailto:a@example.org">a@example.org</a></p>',
    "here (https://example.org/x), a@example.org",
  ],
  ["<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul><ol start=9><li>d</li><li>e</li></ol>", "- a\n  - b\n- c\n\n9. d\n10. e"],
  ["<ul><li><p>a</p><p>b</p></li><li>c</li></ul>", "- a\n\n  b\n\n- c"],
  ["<blockquote><p>a</p><p>b</p></blockquote>", "> a\n>\n> b"],
  ["<table><tr><td>a</td><td>b</td></tr><tr><td></td><td>c</td></tr></table>", "a | b\n | c"],
  ["<pre> a\n  b</pre><hr>c", " a\n  b\n\n---\n\nc"],
  ["<p>*a* @channel</p>", "*a* @channel"],
  ["<b>a<p>b</p></b>", "a\n\nb"],
  ["<li>a</li>", "a"],
  ["<script>x</script><p>a", "a"],
])("%s", (html, text) => expect(plainOf(html)).toBe(text));

describe("text as HTML", () => {
  it.each([
    ["a\nb\n\nc", "<p>a<br>b</p><p>c</p>"],
    [
      "> a\n> b\nc\n>> d",
      "<blockquote><p>a<br>b</p></blockquote><p>c</p><blockquote><blockquote><p>d</p></blockquote></blockquote>",
    ],
    ["<b>&amp;", "<p>&lt;b&gt;&amp;amp;</p>"],
    [
      "(https://example.org/a_(b)?c=1&d).",
      '<p>(<a href="https://example.org/a_(b)?c=1&amp;d" rel="noopener noreferrer nofollow">https://example.org/a_(b)?c=1&amp;d</a>).</p>',
    ],
    ["javascript:alert(1) xhttps://a https:// mailto:a@b", "<p>javascript:alert(1) xhttps://a https:// mailto:a@b</p>"],
    ["", ""],
  ])("%s", (text, html) => expect(htmlOfText(text)).toBe(html));

  const line = fc
    .array(
      fc.oneof(
        fc.constantFrom("a", "word", "<b>", "&amp;", "*x*", "@all", "https://example.org/x?y=1&z", "1.", "-", "ä"),
        fc.string({ maxLength: 5 }),
      ),
      {
        minLength: 1,
        maxLength: 6,
      },
    )
    .map((words) =>
      words
        .join(" ")
        .replace(/[\s\0-\x1f\x7f]+/g, " ")
        .trim(),
    )
    .filter((text) => text !== "" && !text.startsWith(">"));
  const quoted = fc.tuple(fc.nat({ max: 2 }), fc.array(line, { minLength: 1, maxLength: 3 }));
  it("comes back as the same text", () =>
    fc.assert(
      fc.property(fc.array(quoted, { minLength: 1, maxLength: 5 }), (parts) => {
        const text = parts
          .filter(([depth], index) => index === 0 || depth !== parts[index - 1]?.[0])
          .map(([depth, lines]) => lines.map((shown) => "> ".repeat(depth) + shown).join("\n"))
          .join("\n");
        const back = plainOf(htmlOfText(text));
        // Between a quotation and what is not stands an empty line.
        expect(back.replace(/\n[> ]*(?=\n)/g, "")).toBe(text);
      }),
      { numRuns: 1_000 },
    ));
  it("is what sanitising leaves as it is", () =>
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string(), (a, b) => {
        const html = htmlOfText(`${a}\n> ${b} https://example.org/${b}`);
        const { html: clean, losses } = sanitise(html);
        expect(losses).toEqual([]);
        expect(clean.replaceAll("<br />", "<br>").match(/<[^>]*>/g)).toEqual(html.match(/<[^>]*>/g));
        expect(textFromHtml(clean)).toBe(textFromHtml(html));
      }),
    ));
});

it("mentions are links to people whose text begins with @", () => {
  const html =
    '<p><a href="mailto:max@example.org">@Max M.</a> <a href="acct:ann@example.org">@ann</a> <a href="xmpp:u@example.org">@<b>u</b></a> <a href="mailto:x@example.org">x</a> <a href="https://example.org">@y</a> <a href="mailto:max@example.org?subject=a">@Max</a> <a href="mailto:%">@z</a></p>';
  expect(mentionsIn(html)).toEqual([
    { id: "mailto:max@example.org", name: "Max M." },
    { id: "acct:ann@example.org", name: "ann" },
    { id: "xmpp:u@example.org", name: "u" },
  ]);
  expect(plainOf('<a href="acct:ann@example.org">@ann</a>', { mentions: new Map([["acct:ann@example.org", "ann!"]]) })).toBe(
    "ann!",
  );
});

describe("hostile HTML", () => {
  it.each([
    ["open elements", "<div>".repeat(2e5)],
    ["elements closed that are not open", "<div>".repeat(1e4) + "</span>".repeat(1e5)],
    ["quotations in quotations", "<blockquote>a".repeat(7e4)],
    ["lists in lists", "<ul><li>a".repeat(5e4)],
    ["tables in tables", "<table><tr><td>a<td>b<tr>".repeat(3e4)],
    ["styles in styles", "<b>a<i>".repeat(7e4)],
    ["links without end", '<a href="mailto:a@b.c">@'.repeat(4e4)],
    ["line ends", "a<br>".repeat(2e5)],
    ["directives", "* _ ~ ` ".repeat(1e5)],
    ["addresses", "https://a.b/".repeat(8e4)],
    ["addresses with brackets", `${"https://a.b/".padEnd(1_900, ")")} `.repeat(500)],
    ["white space", `a${" ".repeat(1e6)}b`],
    ["brackets", "<".repeat(1e6)],
    ["colons", ":a".repeat(5e5)],
    ["backticks in pre", `<pre>${"`".repeat(5e5)}</pre>`],
    ["backticks in code", `<code>${"` ".repeat(2e5)}</code>`],
    ["pre of many lines", `<pre>${"```\n".repeat(1e5)}</pre>`],
  ])("%s take no longer than others of their length", (_, html) => {
    for (const dialect of [plainOf, xmppOf, markdownOf, mentionsIn, htmlOfText]) {
      expect(
        costOf(() => dialect(html), 2),
        dialect.name,
      ).toBeLessThan(2_000);
    }
  });
  it("no HTML makes them fail", () =>
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.constantFrom(
              "<p>",
              "</p>",
              "<ul>",
              "<li>",
              "</ul>",
              "<table>",
              "<tr>",
              "<td>",
              "</table>",
              "<pre>",
              "</pre>",
              "<a href='mailto:a@b.c'>@",
              "</a>",
              "<b>",
              "</b>",
              "<blockquote>",
              "</blockquote>",
              "<br>",
              "<hr>",
              "<h1>",
            ),
            fc.string({ unit: "binary", maxLength: 8 }),
          ),
          { maxLength: 30 },
        ),
        (parts) => {
          const html = parts.join("");
          for (const dialect of [plainOf, xmppOf, markdownOf]) {
            const text = dialect(html);
            expect(text.isWellFormed()).toBe(true);
            expect(dialect(sanitise(html).html).isWellFormed()).toBe(true);
          }
          mentionsIn(html);
        },
      ),
      { numRuns: 500 },
    ));
});
