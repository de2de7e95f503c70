import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { sanitise } from "groupstream/protocol/text";
import { describe, expect, it } from "vitest";
import { type SplitReply, splitReply } from "../../../src/protocol/mail/reply/index.ts";
import { costOf } from "../../cost.ts";

const folder = new URL("../../fixtures/replies/", import.meta.url);
const names = readdirSync(folder).sort();

/** `=== name` begins a section: text, html (what is given), new, quoted, signature, forwarded (what is expected). */
const sections = (file: string): ReadonlyMap<string, string> => {
  const parts = readFileSync(new URL(file, folder), "utf8").split(/^=== (\w+)\n/m);
  return new Map(parts.flatMap((name, index) => (index % 2 === 1 ? [[name, parts[index + 1]?.replace(/\n$/, "") ?? ""]] : [])));
};

const expected = (parts: ReadonlyMap<string, string>): SplitReply => {
  const tidy = (text: string): string => text.replace(/[^\S\n]+$/gm, "");
  const [quoted, signature] = [parts.get("quoted"), parts.get("signature")];
  return {
    text: tidy(parts.get("new") ?? ""),
    ...(quoted !== undefined && { quoted: tidy(quoted) }),
    ...(signature !== undefined && { signature: tidy(signature) }),
    ...(parts.has("forwarded") && { forwarded: true as const }),
  };
};

const given = (parts: ReadonlyMap<string, string>): { text: string; html?: string } => {
  const html = parts.get("html");
  return { text: parts.get("text") ?? "", ...(html !== undefined && { html }) };
};

describe("replies", () => {
  it("are at least sixty", () => expect(names.length).toBeGreaterThanOrEqual(60));
  it.each(names)("%s", (name) => {
    const parts = sections(name);
    expect(splitReply(given(parts))).toEqual(expected(parts));
  });
  it.each(names.filter((name) => name.startsWith("html-only")))("%s, sanitised", (name) => {
    const parts = sections(name);
    const { text } = splitReply({ text: "", html: sanitise(parts.get("html") ?? "").html });
    expect(text.startsWith(expected(parts).text)).toBe(true);
  });
  it.each(names.filter((name) => !name.startsWith("html")))("%s, with line ends of mail", (name) => {
    const parts = sections(name);
    expect(splitReply({ text: (parts.get("text") ?? "").replaceAll("\n", "\r\n") })).toEqual(expected(parts));
  });
});

const shown = (text: string): string[] =>
  text
    .split(/\r\n|\r|\n/)
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== "")
    .sort();
const all = (reply: SplitReply): string[] => shown([reply.text, reply.quoted ?? "", reply.signature ?? ""].join("\n"));

/** Lines of real replies in any order, and anything between them. */
const pieces = names
  .filter((name) => !name.startsWith("html"))
  .flatMap((name) => (sections(name).get("text") ?? "").split(/\n(?=\n)/));
const lines = pieces.flatMap((piece) => piece.split("\n"));
const jumble = fc
  .array(
    fc.oneof(
      fc.constantFrom(...pieces),
      fc.constantFrom(...lines),
      fc.string({ unit: "binary" }),
      fc.constantFrom("", "-- ", ">"),
    ),
    {
      maxLength: 14,
    },
  )
  .map((parts) => parts.join("\n"));

describe("whatever a reply is", () => {
  it("nothing of it is lost or made up", () =>
    fc.assert(
      fc.property(jumble, (text) => {
        expect(all(splitReply({ text }))).toEqual(shown(text));
      }),
      { numRuns: 2_000 },
    ));
  it("what is new is new again", () =>
    fc.assert(
      fc.property(jumble, (text) => {
        const { text: kept } = splitReply({ text });
        expect(splitReply({ text: kept }).text).toBe(kept);
      }),
      { numRuns: 2_000 },
    ));
  it("something is left where something was", () =>
    fc.assert(
      fc.property(jumble, (text) => {
        expect(splitReply({ text }).text === "").toBe(text.trim() === "");
      }),
    ));
  it("HTML beside it changes nothing of that", () =>
    fc.assert(
      fc.property(
        jumble,
        fc.oneof(
          jumble,
          fc.constantFrom(...names).map((name) => sections(name).get("html") ?? ""),
        ),
        (text, html) => {
          fc.pre(text.trim() !== "");
          expect(all(splitReply({ text, html }))).toEqual(shown(text));
        },
      ),
    ));
  it.each<[string, { text: string; html?: string }]>([
    ["one line of >", { text: ">".repeat(1e6) }],
    ["one line of words", { text: "Am ".repeat(3e5) }],
    ["lines that end in a colon", { text: "a:\n".repeat(3e5) }],
    ["attributions without end", { text: `${"von ".repeat(70)}schrieb:\n`.repeat(3_500) }],
    ["dates in long lines", { text: `Am ${"1.".repeat(140)} schrieb:\n`.repeat(3_300) }],
    ["header fields", { text: "Von: a\n".repeat(1.4e5) }],
    ["delimiters", { text: "--\n".repeat(3e5) }],
    ["closings", { text: "LG\n".repeat(3e5) }],
    ["closings with names", { text: `${`Mit freundlichen Grüßen${" Aa".repeat(25)}`}\n`.repeat(1e4) }],
    ["empty lines", { text: "\n".repeat(1e6) }],
    ["quotations and answers", { text: "> a\nb:\n".repeat(1.4e5) }],
    ["white space", { text: `${" ".repeat(290)}x\n`.repeat(3_500) }],
    ["white space in one line", { text: `${" ".repeat(1e6)}x` }],
    ["open elements", { text: "", html: "<blockquote>a".repeat(7e4) }],
    ["HTML that never matches", { text: "aaaaaaaaaaaaaab\n".repeat(6e4), html: `<p>${"aaaa ".repeat(2e5)}` }],
    ["brackets", { text: "", html: "<".repeat(1e6) }],
  ])("%s takes no longer than others of its length", (_, reply) => {
    const parts = splitReply(reply);
    expect(costOf(() => splitReply(reply))).toBeLessThan(1_000);
    if (reply.html === undefined) expect(all(parts)).toEqual(shown(reply.text));
  });
});
