import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import fc from "fast-check";
import { decodeWords, mailScan, messageIds, parseHeaders, textOf, transferDecoder } from "groupstream/protocol/mail";
import { cleanLine } from "groupstream/protocol/text";
import { describe, expect, test } from "vitest";
import { parties } from "../../../src/protocol/mail/address.ts";
import { mailDate } from "../../../src/protocol/mail/date.ts";
import { decodePart, decodeTransfer } from "../../../src/protocol/mail/part.ts";
import { scanMail } from "../../../src/protocol/mail/raw.ts";
import { textDigest } from "../../../src/protocol/mail/text.ts";
import { decodeCharset } from "../../../src/protocol/text/characters.ts";
import { awkwardMail } from "../../fixtures/mail/corpus.ts";
import { viewOf } from "../../fixtures/mail/view.ts";

/** Junk made of what parsers stumble over. */
const scraps = fc.constantFrom(
  ..."<>@:;,\"'()[]\\ \r\n\t\0=?-".split(""),
  "=?utf-8?Q?",
  "=?utf-8?B?",
  "?=",
  "\r\n ",
  "\r\n\r\n",
  "--b",
  "--b--",
  "\r\n--b\r\n",
  "Content-Type: multipart/mixed; boundary=b\r\n",
  "From: ",
  "To: ",
  "Date: ",
  "Mon, 23 Nov 2026 ",
  "ü",
  "\ud800",
  "\u202e",
  "&#0;",
  "<div>",
  "</",
  "<a href=",
  "%00",
  "*0*=utf-8''%",
);
const junk = fc.oneof(
  fc.array(scraps, { maxLength: 60 }).map((pieces) => pieces.join("")),
  fc.string({ unit: "binary", maxLength: 200 }),
);
const junkBytes = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  junk.map((text) => Uint8Array.from(Buffer.from(text))),
);
const charset = fc.constantFrom(
  "utf-8",
  "us-ascii",
  "iso-8859-1",
  "utf-16",
  "utf-16be",
  "utf-7",
  "gb2312",
  "iso-2022-jp",
  "ks_c_5601-1987",
  "big5",
  "x-junk",
  "",
);

const wellFormed = (value: unknown): boolean => {
  const text = JSON.stringify(value);
  return !text.includes("\\u0000") && !/\\ud[89a-f]/i.test(text);
};
const oneLine = /^[^\0-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]*$/;
const runs = { numRuns: 500 };

describe("whatever comes", () => {
  test("a message gives a well-formed view, twice the same", () =>
    fc.assert(
      fc.property(junkBytes, (raw) => {
        const view = viewOf(raw);
        expect(wellFormed(view)).toBe(true);
        expect(viewOf(raw)).toStrictEqual(view);
        expect(JSON.parse(JSON.stringify(view))).toStrictEqual(view);
      }),
      runs,
    ));
  test("a header field is one line", () =>
    fc.assert(
      fc.property(junk, (raw) => {
        expect(decodeWords(raw)).toMatch(oneLine);
        expect(cleanLine(raw)).toMatch(oneLine);
        for (const { id, name } of parties(raw)) {
          expect(id).toMatch(/^mailto:[^\s\0-\x1f<>"]+@[a-z0-9._:[\]-]+$/);
          expect(name ?? "").toMatch(oneLine);
        }
        for (const id of messageIds(raw)) expect(id).toMatch(/^[^\s<>]+$/);
        for (const [name, value] of parseHeaders(raw).fields) expect(name + value).not.toMatch(/[\r\n\0]/);
      }),
      runs,
    ));
  test("a date is an instant of the years 1970 to 2200 or none", () =>
    fc.assert(
      fc.property(
        fc.oneof(
          junk,
          fc.date({ noInvalidDate: true }).map(String),
          fc.tuple(fc.nat(40), fc.nat(3000), fc.nat(30)).map(([day, year, hour]) => `${day} Feb ${year} ${hour}:00:00 +0000`),
        ),
        (raw) => {
          const date = mailDate(raw);
          if (date === undefined) return;
          expect(new Date(date).toISOString()).toBe(date.replace("Z", ".000Z"));
          expect(Number(date.slice(0, 4))).toBeGreaterThanOrEqual(1970);
          expect(Number(date.slice(0, 4))).toBeLessThanOrEqual(2201);
        },
      ),
      runs,
    ));
  test("every date that is written is read", () =>
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date("2200-12-31T00:00:00Z"), noInvalidDate: true }), (date) => {
        const instant = `${date.toISOString().slice(0, 19)}Z`;
        expect(mailDate(date.toUTCString())).toBe(instant);
        expect(mailDate(date.toUTCString().replace("GMT", "+0000"))).toBe(instant);
      }),
      runs,
    ));
  test("bytes of any charset are text", () =>
    fc.assert(
      fc.property(junkBytes, charset, (bytes, label) => {
        const text = decodePart(bytes, { part: "1", type: "text/plain", params: { charset: label, format: "flowed" } });
        expect(text.isWellFormed()).toBe(true);
        expect(text).not.toMatch(/[\0-\x08\x0b-\x1f]/);
        expect(textDigest(text)).toBe(textDigest(text.replaceAll("\n", "\r\n")));
      }),
      runs,
    ));
  test("text survives its charset", () =>
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme" }).filter((text) => !/[\0\ufeff]/.test(text)),
        (text) => {
          expect(decodeCharset(Buffer.from(text), "utf-8")).toBe(text);
        },
      ),
      runs,
    ));
  test("HTML from strangers holds no tag that runs", () =>
    fc.assert(
      fc.property(junk, (html) => {
        const { content, text } = textOf({ html: `<p>x</p>${html}` });
        expect(content).not.toMatch(/<(?:script|style|iframe|img|form|input|svg|object|embed|link|meta)|<[^>]*\son\w+=/i);
        expect(wellFormed({ content, text })).toBe(true);
      }),
      runs,
    ));
});

describe("in chunks", () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 20 });
  const cut = (bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] => {
    const chunks: Uint8Array[] = [];
    for (let start = 0, turn = 0; start < bytes.length; turn++) {
      const length = lengths[turn % lengths.length]!;
      chunks.push(bytes.subarray(start, start + length));
      start += length;
    }
    return chunks;
  };
  test("a scan finds the same parts, and keeps no chunk", () =>
    fc.assert(
      fc.property(fc.oneof(junkBytes, fc.constantFrom(...awkwardMail.map(({ raw }) => raw))), sizes, (raw, lengths) => {
        const scan = mailScan();
        for (const bytes of cut(raw, lengths)) {
          const chunk = Uint8Array.from(bytes);
          scan.push(chunk);
          chunk.fill(0x2d);
        }
        expect(scan.end().structure).toStrictEqual(scanMail(raw).structure);
      }),
      { numRuns: 2_000 },
    ));
  test("ranges lie inside of each other and of the message", () =>
    fc.assert(
      fc.property(junkBytes, (raw) => {
        const check = (part: ReturnType<typeof scanMail>["structure"], from: number, to: number): void => {
          expect(part.start).toBeGreaterThanOrEqual(from);
          expect(part.end).toBeLessThanOrEqual(to);
          expect(part.size).toBe(part.end - part.start);
          for (const child of part.children ?? []) check(child, part.start, part.end);
        };
        check(scanMail(raw).structure, 0, raw.length);
      }),
      runs,
    ));
  test.each(["base64", "quoted-printable"])("%s streams as it decodes", (encoding) =>
    fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), sizes, async (bytes, lengths) => {
        const plain = Buffer.from(bytes);
        const coded =
          encoding === "base64"
            ? plain.toString("base64").replace(/(.{76})/g, "$1\r\n")
            : [...plain]
                .map((byte, index) => `=${byte.toString(16).toUpperCase().padStart(2, "0")}${index % 20 === 19 ? "=\r\n" : ""}`)
                .join("");
        const chunks = cut(Buffer.from(coded), lengths);
        const streamed = await buffer(Readable.from(chunks, { objectMode: false }).pipe(transferDecoder(encoding)!));
        expect(streamed.equals(plain)).toBe(true);
        expect(Buffer.from(decodeTransfer(Buffer.from(coded), encoding)).equals(plain)).toBe(true);
      }),
      { numRuns: 200 },
    ),
  );
});
