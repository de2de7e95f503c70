import fc from "fast-check";
import { htmlFromText, xmppOf } from "groupstream/protocol/text";
import { describe, expect, it } from "vitest";
import { messages, seen } from "./data.ts";

/** XEP-0393 1.1 read to the letter: blocks by lines (§5.1), spans (§5.2). Nothing of the writer's code. */
const read = (text: string): { text: string; counts: Record<string, number> } => {
  const counts: Record<string, number> = {};
  const add = (kind: string): void => void (counts[kind] = (counts[kind] ?? 0) + 1);
  const kinds: Record<string, string> = { "*": "strong", _: "emph", "~": "strike", "`": "code" };
  const spans = (line: string): string => {
    let out = "";
    for (let index = 0; index < line.length; index++) {
      const directive = line[index]!;
      const opens = directive in kinds && (index === 0 || /\s/.test(line[index - 1]!)) && /\S/.test(line[index + 1] ?? " ");
      let end = -1;
      if (opens)
        for (let at = index + 2; at < line.length && end < 0; at++)
          if (line[at] === directive && /\S/.test(line[at - 1]!)) end = at;
      if (end < 0) out += directive;
      else {
        add(kinds[directive]!);
        const inner = line.slice(index + 1, end);
        // Behind an opening directive another may open: the same as at the beginning of a line.
        out += directive === "`" ? inner : spans(inner);
        index = end;
      }
    }
    return out;
  };
  const blocks = (lines: readonly string[]): string => {
    let out = "";
    for (let index = 0; index < lines.length; index++) {
      const line = lines[index]!;
      if (line.startsWith("```")) {
        add("code_block");
        for (index++; index < lines.length && lines[index] !== "```"; index++) out += `${lines[index]}\n`;
      } else if (line.startsWith(">")) {
        add("block_quote");
        const quote: string[] = [];
        for (; lines[index]?.startsWith(">"); index++) quote.push(lines[index]!.slice(1).trimStart());
        index--;
        out += blocks(quote);
      } else out += `${spans(line)}\n`;
    }
    return out;
  };
  return { text: blocks(text.split("\n")), counts };
};

describe("data never becomes styling", () => {
  it("a reader of XEP-0393 finds the text, and no more styles or blocks than there are", () =>
    fc.assert(
      fc.property(messages(false), ({ html, text, counts }) => {
        const styled = xmppOf(html);
        const found = read(styled);
        expect(seen(found.text), styled).toBe(seen(text.join("")));
        for (const kind of ["strong", "emph", "strike", "code"])
          expect(found.counts[kind] ?? 0, styled).toBeLessThanOrEqual(counts[kind] ?? 0);
        for (const kind of ["block_quote", "code_block"]) expect(found.counts[kind] ?? 0, styled).toBe(counts[kind] ?? 0);
        expect(styled.startsWith("/me ")).toBe(false);
      }),
      { numRuns: 3_000 },
    ));
  it("plain text of any kind is the same text without a style", () =>
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
        const found = read(xmppOf(htmlFromText(text)));
        expect(found.counts).toEqual({});
        expect(seen(found.text)).toBe(seen(text.toWellFormed()));
      }),
      { numRuns: 2_000 },
    ));
});

it.each([
  ["<p>a <b>bold</b>, <i>em</i>, <s>gone</s>, <code>x*y</code></p>", "a *bold*, _em_, ~gone~, `x*y`"],
  ["<p><b>a <i>b</i></b></p>", "*a _b_*"],
  ["<p>in<b>wo</b>rd <b>2*3</b></p>", "inword 2*3"],
  ["<p><b>a<br>b</b></p>", "*a*\n*b*"],
  ["<p>*a* _b_ 2 * 3 a_b_c</p>", "¦*a* ¦_b_ 2 ¦* 3 a_b_c"],
  ["<p>&gt; a</p><p>```</p>", "¦> a\n\n¦```"],
  ["<p>/me leaves</p>", "¦/me leaves"],
  [
    '<p><a href="https://example.org/x">here</a> <a href="mailto:a@example.org">a@example.org</a></p>',
    "here (https://example.org/x) a@example.org",
  ],
  ["<pre>a\n```\n*b*</pre>", "```\na\n¦```\n*b*\n```"],
  ["<ul><li>a<pre>*b*</pre></li></ul>", "- a\n\n```\n*b*\n```"],
  ["<blockquote>a<blockquote>b</blockquote></blockquote>", "> a\n>\n> > b"],
])("%s", (html, text) => expect(xmppOf(html).replaceAll("\u200b", "¦")).toBe(text));
