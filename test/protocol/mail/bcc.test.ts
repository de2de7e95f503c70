import { bccRemoved, withoutBcc } from "groupstream/protocol/mail";
import { describe, expect, it } from "vitest";

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");
const text = (of: Uint8Array): string => Buffer.from(of).toString("latin1");

/** The mail given in pieces of this size. */
const streamed = async (mail: string, size: number): Promise<string> => {
  const pieces = ReadableStream.from(
    (function* () {
      for (let at = 0; at < mail.length; at += size) yield bytes(mail.slice(at, at + size));
    })(),
  ) as ReadableStream<Uint8Array>;
  return text(new Uint8Array(await new Response(bccRemoved(pieces)).arrayBuffer()));
};

describe("a mail without its Bcc", () => {
  it.each([
    ["a field", "A: 1\r\nBcc: x@y\r\nB: 2\r\n\r\nBcc: body\r\n", "A: 1\r\nB: 2\r\n\r\nBcc: body\r\n"],
    ["a folded one", "bcc : x@y,\r\n\tz@y\r\n w@y\r\nB: 2\n\nrest", "B: 2\n\nrest"],
    ["a resent one", "Resent-BCC: x@y\nB: 2\n\n", "B: 2\n\n"],
    ["the last line, unended", "A: 1\r\nBcc: x@y", "A: 1\r\n"],
    ["another field of that beginning", "Bccx: 1\r\n\r\n", "Bccx: 1\r\n\r\n"],
    ["none", "A: 1\r\n b: 2\r\n\r\n\r\nbcc: 1\r\n", "A: 1\r\n b: 2\r\n\r\n\r\nbcc: 1\r\n"],
    ["a very long one", `A: 1\r\nBcc: ${"x@y, ".repeat(30_000)}\r\nB: 2\r\n\r\n`, "A: 1\r\nB: 2\r\n\r\n"],
    ["nothing at all", "", ""],
  ])("has lost %s, whole or in pieces of any size", async (_, mail, left) => {
    expect(text(withoutBcc(bytes(mail)))).toBe(left);
    for (const size of mail.length > 1_000 ? [1_000, 70_000, 70_001] : [1, 2, 3, 7, 1_000])
      expect(await streamed(mail, size)).toBe(left);
  });
});
