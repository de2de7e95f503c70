import { mailScan, messageIds, noteOf, parseHeaders, textOf } from "groupstream/protocol/mail";
import { describe, expect, test } from "vitest";
import { decodePart } from "../../../src/protocol/mail/part.ts";
import { scanMail } from "../../../src/protocol/mail/raw.ts";
import { textDigest } from "../../../src/protocol/mail/text.ts";

/** Time and memory of the main promise of bad input: 5 s an item. Far below it, so that a quadratic path shows. */
const LIMIT = 5_000;

/** By the processor's clock: what else the machine does is not the item's. */
const timed = <T>(work: () => T): T => {
  const start = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(start);
  expect((user + system) / 1_000).toBeLessThan(LIMIT);
  return result;
};

const nested = (depth: number): Uint8Array => {
  let raw = "Subject: deep\r\n";
  for (let level = 0; level < depth; level++) raw += `Content-Type: multipart/mixed; boundary="b${level}"\r\n\r\n--b${level}\r\n`;
  return Buffer.from(`${raw}Content-Type: text/plain\r\n\r\nhi\r\n`);
};

describe("hostile sizes", () => {
  test.each([1_000, 100_000])("parts nested %i deep", (depth) => {
    const { headers, structure } = timed(() => scanMail(nested(depth)));
    const view = timed(() => noteOf({ headers, structure }));
    expect(view.name).toBe("deep");
    expect(view.losses).toEqual([{ field: "attachment", reason: "Parts nested deeper than 100 are not listed one by one." }]);
  });
  test("100,000 parts", () => {
    const scanned = timed(() =>
      scanMail(Buffer.from(`Content-Type: multipart/mixed; boundary=b\r\n\r\n${"--b\r\n\r\nx\r\n".repeat(100_000)}`)),
    );
    const view = noteOf(scanned);
    expect(view.attachment).toHaveLength(998);
    expect(view.losses).toEqual([{ field: "attachment", reason: "Parts beyond the first 1000 are not listed." }]);
  });
  test("10,000 recipients, and what follows them", () => {
    const to = Array.from({ length: 10_000 }, (_, index) => `"User, ${index}" <user${index}@example.org>`).join(",\r\n ");
    const view = timed(() => noteOf({ headers: parseHeaders(`To: ${to}\r\nSubject: after\r\n\r\n`) }));
    expect(view.to).toHaveLength(1_000);
    expect(view.name).toBe("after");
  });
  test("100 MB are scanned in chunks without being kept", () => {
    const scan = mailScan();
    scan.push(
      Buffer.from(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b\r\nContent-Type: application/x\r\n\r\n",
      ),
    );
    const chunk = Buffer.alloc(65_536, `${"A".repeat(76)}\r\n`);
    const before = process.memoryUsage();
    timed(() => {
      for (let count = 0; count < 1_600; count++) scan.push(chunk);
    });
    const after = process.memoryUsage();
    scan.push(Buffer.from("\r\n--b--\r\n"));
    const { structure } = scan.end();
    expect(structure.children?.map(({ part, type }) => [part, type])).toEqual([
      ["1", "text/plain"],
      ["2", "application/x"],
    ]);
    expect(structure.children?.[1]?.size).toBe(1_600 * 65_536);
    expect(after.rss - before.rss).toBeLessThan(100e6);
  });
  test.each([
    ["one line of 100 MB", Buffer.alloc(65_536, "a")],
    ["header lines of 100 MB", Buffer.alloc(65_536, "a: b\n")],
    ["lines that begin like delimiters", Buffer.alloc(65_536, "--\n")],
    ["lines that look like delimiters", Buffer.alloc(65_536, "--x\n")],
  ])("%s", (_, chunk) => {
    const scan = mailScan();
    if (chunk[0] === 0x2d) scan.push(Buffer.from("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n"));
    const { structure } = timed(() => {
      for (let count = 0; count < 1_600; count++) scan.push(chunk);
      return scan.end();
    });
    expect(structure.end).toBeGreaterThan(1_600 * 65_536 - 1);
  });
  test.each<[string, string]>([
    ["20 MB of HTML", "<p>Hello <b>world</b></p>\n".repeat(800_000)],
    ["1,000 elements deep", `${"<div>".repeat(1_000)}x`],
    ["400,000 elements deep", `x${"<div>".repeat(400_000)}`],
    ["lists in lists", "<ul><li>a".repeat(200_000)],
    ["tables in tables", "x<table><tr><td>".repeat(130_000)],
    ["quotes in quotes", "<blockquote>a".repeat(150_000)],
    ["brackets", `x${"<".repeat(2_000_000)}`],
    ["unclosed tags", `x${"<a ".repeat(700_000)}`],
    ["attributes", `<a ${"b=c ".repeat(200_000)}>x</a>`],
    ["spaces in pre", `<pre>a${" ".repeat(1_900_000)}b</pre>`],
    ["line breaks", "a<br>".repeat(400_000)],
    ["comments", `x${"<!--".repeat(500_000)}`],
    ["noscript", `x${"<noscript>".repeat(200_000)}`],
    ["entities", "&amp;".repeat(400_000)],
  ])("HTML: %s", (_, html) => {
    const { text, content } = timed(() => textOf({ html }));
    expect(text.length).toBeGreaterThan(0);
    expect(text.length).toBeLessThanOrEqual(1_048_576);
    expect(content.isWellFormed()).toBe(true);
  });
  test.each<[string, () => unknown]>([
    ["spaces in plain text", () => textOf({ plain: `a${" ".repeat(2e7)}b` })],
    ["spaces in a digest", () => textDigest(`a${" ".repeat(2e7)}b`)],
    ["ids", () => messageIds("<".repeat(1e6))],
    ["closed brackets", () => messageIds("><".repeat(5e5))],
    ["encoded words", () => noteOf({ headers: parseHeaders(`Subject: ${"=?utf-8?Q?a?= ".repeat(1e5)}\r\n\r\n`) })],
    ["groups", () => noteOf({ headers: parseHeaders(`To: ${"a:".repeat(60_000)}\r\n\r\n`) })],
    ["quotes", () => noteOf({ headers: parseHeaders(`To: ${'"'.repeat(120_001)}\r\n\r\n`) })],
    [
      "continuations",
      () =>
        scanMail(
          Buffer.from(
            `Content-Type: text/plain; ${Array.from({ length: 20_000 }, (_, index) => `name*${index}*=%41`).join(";")}\r\n\r\n`,
          ),
        ),
    ],
    [
      "soft breaks",
      () =>
        decodePart(Buffer.from("=\r\n".repeat(2e6)), { part: "1", type: "text/plain", params: {}, encoding: "quoted-printable" }),
    ],
    [
      "padded base64",
      () => decodePart(Buffer.from("QQ==".repeat(1e6)), { part: "1", type: "text/plain", params: {}, encoding: "base64" }),
    ],
  ])("%s", (_, work) => {
    expect(timed(work)).toBeDefined();
  });
});
