import fc from "fast-check";
import { profileOf, readCards, writeCard } from "groupstream/protocol/vcard";
import { describe, expect, test } from "vitest";
import { costOf } from "../../cost.ts";
import { all, apple, bytesOf, outlook } from "./cards.ts";

const inCard = (...lines: string[]): string => ["BEGIN:VCARD", "VERSION:3.0", "FN:Ada", ...lines, "END:VCARD", ""].join("\r\n");
const one = (text: string | Uint8Array) => {
  const { cards, problems } = readCards(text);
  expect(cards).toHaveLength(1);
  return { card: cards[0]!, problems };
};

describe("reading", () => {
  test.each(Object.entries(all))("%s has no problems", (_, text) => {
    expect(one(bytesOf(text)).problems).toEqual([]);
  });

  test("a line that is no property is left out and named, the rest is read", () => {
    const { card, problems } = one(
      inCard("nonsense", "TEL:1", 'TEL;TYPE="home:2', "CONSTRUCTOR:3", "__PROTO__:4", "TITLE:Countess"),
    );
    expect(problems.map(({ line, card: index }) => [line, index])).toEqual([
      [4, 0],
      [6, 0],
      [7, 0],
      [8, 0],
    ]);
    expect(profileOf(card)).toEqual({ type: "Person", name: "Ada", fields: { tel: "1", title: "Countess" } });
  });

  test.each([
    ["a byte order mark", Buffer.from(`\ufeff${inCard("TITLE:Größe")}`)],
    ["UTF-16", Buffer.from(`\ufeff${inCard("TITLE:Größe")}`, "utf16le")],
    ["latin-1", Buffer.from(inCard("TITLE:Größe"), "latin1")],
    ["bare line feeds", Buffer.from(inCard("TITLE:Größe").replaceAll("\r", ""))],
    ["bare carriage returns", Buffer.from(inCard("TITLE:Größe").replaceAll("\n", ""))],
    ["folds with tabs", Buffer.from(inCard("TITLE:Gr", "\töße"))],
    ["lower case and white space", Buffer.from(inCard("title:Größe").replace("BEGIN:VCARD", " begin : vcard "))],
  ])("%s is read", (_, bytes) => {
    expect(profileOf(one(bytes).card).fields).toEqual({ title: "Größe" });
  });

  test("half a card is none: its other half would look deleted", () => {
    const cut = readCards(`${apple.slice(0, -20)}\n${outlook}`);
    expect(cut.cards.map((card) => profileOf(card).name)).toEqual(["Jörg Müller"]);
    expect(cut.problems).toEqual([{ line: 1, reason: "A card without an end is left out." }]);
    expect(readCards(inCard() + apple, { bytes: 200 })).toMatchObject({ cards: { length: 1 }, problems: [{ line: 5 }, {}] });
    expect(readCards(inCard() + apple, { lines: 8 }).cards).toHaveLength(1);
  });

  test("a card inside of a card is left out", () => {
    const { card, problems } = one(inCard("AGENT:", "BEGIN:VCARD", "VERSION:2.1", "FN:Bob", "END:VCARD", "TEL:1"));
    expect(profileOf(card)).toMatchObject({ name: "Ada", fields: { tel: "1" } });
    expect(problems).toEqual([{ line: 5, reason: "A card inside of a card is left out.", card: 0 }]);
  });

  test("base64 that goes on without indentation", () => {
    const [folded] = readCards(inCard("PHOTO;ENCODING=b;TYPE=PNG:iVBOR", " w0KGgo=", "TEL:1")).cards;
    const { card, problems } = one(inCard("PHOTO;BASE64;PNG:iVBOR", "w0KGgo=", "TEL:1"));
    expect(problems).toEqual([]);
    expect(profileOf(card)).toEqual(profileOf(folded!));
  });
});

describe("hostile", () => {
  test("100,000 properties take about a second", () => {
    const bytes = Buffer.from(inCard(...Array.from({ length: 100_000 }, (_, index) => `item${index}.TEL;CELL:${index}`)));
    const { cards, problems } = readCards(bytes);
    expect(problems).toEqual([]);
    expect(cards[0]!.jCard[1].length).toBe(100_002);
    expect(costOf(() => readCards(bytes))).toBeLessThan(1_500);
  });

  test.each([
    ["a note of 9 MB", `NOTE:${"x".repeat(9_000_000)}`],
    ["9 MB of folds", `NOTE:${"x\r\n ".repeat(2_250_000)}`],
    ["9 MB of commas", `N:${",".repeat(9_000_000)}`],
    ["9 MB of backslashes", `NOTE:${"\\;".repeat(4_500_000)}`],
    ["9 MB of types", `TEL;${"TYPE=a,".repeat(1_300_000)}:1`],
    ["9 MB of quotes", `TEL;TYPE=${'"'.repeat(9_000_000)}:1`],
    ["9 MB of base64 lines", `PHOTO;BASE64:\r\n${"AAAA\r\n".repeat(1_500_000)}`],
    ["9 MB of soft breaks", `NOTE;QUOTED-PRINTABLE:${"a=\r\n".repeat(2_250_000)}`],
    ["9 MB of white space", `FN:${" ".repeat(9_000_000)}x`],
  ])("%s", (_, line) => {
    const text = inCard(line);
    const cost = costOf(() => {
      const { cards, problems } = readCards(text);
      expect(JSON.stringify(profileOf(cards[0]!)).length).toBeLessThan(200_000);
      expect(problems.length).toBeLessThan(101);
    }, 1);
    expect(cost).toBeLessThan(3_000);
  });

  test("a property beyond the limit is left out and named", () => {
    const { cards, problems } = readCards(inCard(`NOTE:${"x".repeat(100)}`, "TEL:1"), { line: 100 });
    expect(profileOf(cards[0]!).fields).toEqual({ tel: "1" });
    expect(problems).toEqual([{ line: 4, reason: "A property of more than 100 characters is left out.", card: 0 }]);
  });

  test("problems are counted out", () => {
    expect(readCards("x\n".repeat(1_000)).problems).toHaveLength(101);
  });

  const scraps = fc.constantFrom(
    ...":;,=\"\\^'\r\n\t \0.-".split(""),
    ...[
      "BEGIN:VCARD\n",
      "END:VCARD\n",
      "VERSION:2.1\n",
      "VERSION:4.0\n",
      "AGENT:\n",
      "\r\n ",
      "=\r\n",
      "TEL;",
      "N:",
      "BDAY:",
      "ADR:",
    ],
    ...[
      "TYPE=",
      "VALUE=date",
      "ENCODING=b",
      "QUOTED-PRINTABLE",
      "CHARSET=utf-7",
      "item1.",
      "X-ABLABEL:",
      "PHOTO;",
      "ü",
      "\ud800",
      "1604",
    ],
  );
  test("junk never fails, and what was read can be shown and written", () => {
    fc.assert(
      fc.property(fc.array(scraps, { maxLength: 60 }), (pieces) => {
        const { cards } = readCards(`BEGIN:VCARD\n${pieces.join("")}\nEND:VCARD\n`);
        for (const card of cards) {
          const view = profileOf(card);
          expect(JSON.parse(JSON.stringify(view))).toEqual(view);
          const again = readCards(writeCard(card));
          expect(again.problems).toEqual([]);
          expect(again.cards.map(profileOf)).toEqual([view]);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
