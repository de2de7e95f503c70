import fc from "fast-check";
import { foldLong, markdownOf, xmppOf } from "groupstream/protocol/text";
import { describe, expect, it } from "vitest";
import { costOf } from "../../cost.ts";
import { messages } from "./data.ts";

const link = "https://example.org/1";
const sentences = "Der erste Satz. Der zweite Satz! Und hier ist noch ein dritter Satz, der länger ist.";

it.each<[string, Parameters<typeof foldLong>[1], string]>([
  ["short", { most: 5, lang: "en" }, "short"],
  [sentences, { most: 60, lang: "de" }, "Der erste Satz. Der zweite Satz!\n… (52 weitere Zeichen)"],
  [sentences, { most: 70, lang: "de", link }, "Der erste Satz. Der zweite\n… (ganzer Text: https://example.org/1)"],
  ["a".repeat(2_000), { most: 40, lang: "en" }, `${"a".repeat(13)}\n… (1,987 more characters)`],
  ["First paragraph.\n\nSecond paragraph. With more.", { most: 45, lang: "en" }, "First paragraph.\n… (30 more characters)"],
  [
    "a\n```\none line\nanother line\n```\nand an end that is long",
    { most: 50, lang: "en" },
    "a\n```\none line\n```\n… (41 more characters)",
  ],
  [
    "> ```\n> one line\n> another line that is long\n> ```",
    { most: 48, lang: "en" },
    "> ```\n> one line\n> ```\n… (34 more characters)",
  ],
  ["word word *all of this is bold* word word", { most: 38, lang: "en" }, "word word\n… (32 more characters)"],
  ["word word [a link](https://example.org/a) word", { most: 45, lang: "en" }, "word word\n… (37 more characters)"],
])("%j, %j", (text, options, folded) => expect(foldLong(text, options)).toEqual({ text: folded, folded: folded !== text }));

/** The text without its ending, and how much the ending says is left out. */
const parts = (folded: string): { kept: string; left: number } => {
  const [, kept = "", count = ""] = /^(?:([\s\S]*)\n)?… \(([\d,]+) more characters?\)$/.exec(folded) ?? [];
  return { kept, left: Number(count.replaceAll(",", "")) };
};

/** The fence that is still open at the end: one ends with a line that is nothing else (XEP-0393 section 5.1.2), ` ```! ` is code. */
const openFence = (text: string): string | undefined => {
  let open: string | undefined;
  for (const line of text.split("\n")) {
    const fence = /^[> ]*`{3,}/.exec(line)?.[0];
    if (open === undefined) open = fence;
    else if (line.trimEnd() === open) open = undefined;
  }
  return open;
};

describe("folding", () => {
  const any = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 400 }),
    fc.string({ unit: "binary", maxLength: 400 }),
    fc
      .array(fc.constantFrom("👩‍👩‍👧‍👦", "é", "🇩🇪", "word", ". ", "\n", "\n\n", " "), { maxLength: 120 })
      .map((words) => words.join("")),
  );
  it("fits, is a beginning, cuts no character and counts what is left", () =>
    fc.assert(
      fc.property(any, fc.integer({ min: 32, max: 200 }), (text, most) => {
        const { text: shown, folded } = foldLong(text, { most, lang: "en" });
        expect(shown.length).toBeLessThanOrEqual(most);
        expect(folded).toBe(text.length > most);
        if (!folded) {
          expect(shown).toBe(text);
          return;
        }
        const { kept, left } = parts(shown);
        // The text may hold a fence of its own, which is closed.
        const own = kept.replace(/\n[> ]*`{3,}$/, "");
        const start = text.startsWith(kept) ? kept : own;
        expect(text.startsWith(start)).toBe(true);
        expect([...text].length - [...start].length).toBe(left);
        const ends = new Set([0, text.length, ...Array.from(new Intl.Segmenter("und").segment(text), ({ index }) => index)]);
        expect(ends.has(start.length)).toBe(true);
      }),
      { numRuns: 1_000 },
    ));
  it("keeps the pairs of the dialects", () =>
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom(
            "*bold words*",
            "_em words_",
            "~~gone words~~",
            "`code words`",
            "[label of it](https://example.org/a)",
            "plain words",
          ),
          { minLength: 8, maxLength: 30 },
        ),
        fc.integer({ min: 60, max: 200 }),
        (words, most) => {
          const { text, folded } = foldLong(words.join(" "), { most, lang: "en" });
          const kept = folded ? parts(text).kept : text;
          for (const mark of ["*", "_", "~~", "`"]) expect(kept.split(mark).length % 2, kept).toBe(1);
          expect(kept.split("[").length).toBe(kept.split("(https://example.org/a)").length);
        },
      ),
    ));
  it("closes the fence of code that has marks behind spaces once", () => {
    const { text } = foldLong(xmppOf("<pre>x ````\n ````</pre><blockquote><b>*</b></blockquote>".repeat(5)), {
      most: 50,
      lang: "de",
    });
    expect(text.match(/^```$/gm)).toHaveLength(2);
  });
  it("closes every fence", () =>
    fc.assert(
      fc.property(messages(false), fc.integer({ min: 50, max: 120 }), ({ html }, most) => {
        const { text } = foldLong(xmppOf(html.repeat(5)), { most, lang: "de" });
        expect(openFence(text), text).toBeUndefined();
      }),
    ));
  it.each([
    ["one word", "a".repeat(1e6)],
    ["openers", "*a _b ".repeat(2e5)],
    ["spans over spans", "*a _b* c_ ".repeat(1e5)],
    ["brackets", "[".repeat(1e6)],
    ["fences", "```\n".repeat(2e5)],
    ["line ends", "\n".repeat(1e6)],
    ["combining marks", `e${"\u0301".repeat(1e6)}`],
  ])("%s take no longer than others of their length", (_, text) => {
    expect(costOf(() => foldLong(text, { most: 5e5, lang: "en" }))).toBeLessThan(1_000);
  });
  it("says nothing longer than there is room for", () => {
    for (let most = 0; most < 40; most++)
      expect(foldLong("word ".repeat(100), { most, link, lang: "en" }).text.length).toBeLessThanOrEqual(most);
  });
  it("takes what the dialects write", () =>
    expect(foldLong(markdownOf("<p>a</p>".repeat(50)), { most: 60, lang: "en" }).folded).toBe(true));
});
