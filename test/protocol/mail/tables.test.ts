import {
  automaticOf,
  decodeWords,
  headerFacts,
  mailEvidence,
  messageIds,
  type PartNode,
  parseHeaders,
  previewOf,
  readParties,
  textOf,
} from "groupstream/protocol/mail";
import { mailtoOf } from "groupstream/protocol/text";
import { describe, expect, test } from "vitest";
import { parties } from "../../../src/protocol/mail/address.ts";
import { mailDate } from "../../../src/protocol/mail/date.ts";
import { filesOf, structureLosses } from "../../../src/protocol/mail/structure.ts";
import { textDigest } from "../../../src/protocol/mail/text.ts";

describe("mailDate", () => {
  test.each([
    ["Mon, 23 Nov 2026 22:31:00 +0100", "2026-11-23T21:31:00Z"],
    ["23 Nov 2026 22:31 +0100", "2026-11-23T21:31:00Z"],
    ["Mon, 3 Nov 2026 02:31:00 -0330", "2026-11-03T06:01:00Z"],
    ["Mon,  3 Nov 2026 02:31:00 GMT", "2026-11-03T02:31:00Z"],
    ["Mon, 23 Nov 2026 22:31:00 +0100 (CET (winter))", "2026-11-23T21:31:00Z"],
    ["Mon (day), 23 Nov 2026 22:31:00 EST", "2026-11-24T03:31:00Z"],
    ["Tue, 1 Jul 03 10:52:37 +0200", "2003-07-01T08:52:37Z"],
    ["Tue, 1 Jul 99 10:52:37 PDT", "1999-07-01T17:52:37Z"],
    ["Tue, 1 Jul 103 10:52:37 +0000", "2003-07-01T10:52:37Z"],
    ["Mon, 23 Nov 2026 22:31:00 XYZ", "2026-11-23T22:31:00Z"],
    ["Mon, 23 Nov 2026 22:31:00", "2026-11-23T22:31:00Z"],
    ["Mon, 23 Nov 2026 22:31:60 +0000", "2026-11-23T22:31:59Z"],
    ["Mon, 23-Nov-2026 22:31:00 GMT", "2026-11-23T22:31:00Z"],
    ["Mon Nov 23 22:31:00 2026", "2026-11-23T22:31:00Z"],
    ["2026-11-23T22:31:00.123+01:00", "2026-11-23T21:31:00Z"],
    ["Thu, 29 Feb 2024 00:00:00 +0000", "2024-02-29T00:00:00Z"],
  ])("%s", (raw, instant) => expect(mailDate(raw)).toBe(instant));

  test.each([
    "",
    "now",
    "0",
    "Mon, 30 Feb 2026 10:00:00 +0000",
    "Sun, 29 Feb 2026 10:00:00 +0000",
    "Mon, 23 Nov 2026 24:00:00 +0000",
    "Mon, 23 Nov 2026 10:60:00 +0000",
    "Mon, 23 Nov 2026 10:00:00 +2400",
    "Mon, 23 Nov 2026 10:00:00 +0199",
    "Mon, 00 Nov 2026 10:00:00 +0000",
    "Mon, 23 Nov 1969 10:00:00 +0000",
    "Mon, 23 Nov 2201 10:00:00 +0000",
    "Thu, 01 Jan 1970 00:00:00 +0100",
    "Mon, 23 Foo 2026 10:00:00 +0000",
    "2026-13-01T00:00:00Z",
    "Mon, 2x Nov 2026 22:31:00 +0100",
  ])("no date: %s", (raw) => expect(mailDate(raw)).toBeUndefined());
});

describe("messageIds", () => {
  test.each<[string, string[]]>([
    ["<A.b@Example.ORG>", ["A.b@example.org"]],
    [" <a@x>\r\n <b@x>,<a@x> ", ["a@x", "b@x"]],
    ['Your message of "Mon" <a@x>', ["a@x"]],
    ["<a@x\r\n .org>", ["a@x.org"]],
    ["<<a@x>>", ["a@x"]],
    ["bare@X", ["bare@x"]],
    ["two tokens", []],
    ["<>", []],
    ["", []],
    ["<unclosed@x", []],
    ["<no-domain>", ["no-domain"]],
  ])("%s", (raw, ids) => expect(messageIds(raw)).toEqual(ids));

  test("of a flood the first and the last 20", () => {
    const ids = Array.from({ length: 5_000 }, (_, index) => `${index}@x`);
    expect(messageIds(ids.map((id) => `<${id}>`).join(" "))).toEqual([ids[0], ...ids.slice(-20)]);
  });
});

describe("parties", () => {
  test.each<[string, unknown]>([
    ["a@X.Org", [{ id: "mailto:a@x.org" }]],
    ["<a@x.org>", [{ id: "mailto:a@x.org" }]],
    ["Ann Lee <A.Lee@x.org>", [{ id: "mailto:A.Lee@x.org", name: "Ann Lee" }]],
    [
      '"Lee, Ann" <a@x.org>, Bob <b@x.org>',
      [
        { id: "mailto:a@x.org", name: "Lee, Ann" },
        { id: "mailto:b@x.org", name: "Bob" },
      ],
    ],
    ['"Ann \\"A\\" Lee" <a@x.org>', [{ id: "mailto:a@x.org", name: 'Ann "A" Lee' }]],
    ["=?utf-8?Q?J=C3=B6rg?= <j@x.org>", [{ id: "mailto:j@x.org", name: "Jörg" }]],
    ['"=?utf-8?Q?J=C3=B6rg?=" <j@x.org>', [{ id: "mailto:j@x.org", name: "Jörg" }]],
    ["a@x.org (Ann)", [{ id: "mailto:a@x.org", name: "Ann" }]],
    ["a@x.org, a@X.ORG", [{ id: "mailto:a@x.org" }]],
    ['"a b"@x.org', [{ id: "mailto:a%20b@x.org" }]],
    ["a%b@x.org", [{ id: "mailto:a%25b@x.org" }]],
    ["a?subject=x@x.org", [{ id: "mailto:a%3Fsubject%3Dx@x.org" }]],
    ["a@[127.0.0.1]", [{ id: "mailto:a@[127.0.0.1]" }]],
    ["a@bücher.example", [{ id: "mailto:a@xn--bcher-kva.example" }]],
    ["<@relay.org:a@x.org>", [{ id: "mailto:a@x.org" }]],
    ["undisclosed-recipients:;", []],
    ["", []],
    ["Nobody", []],
    ["a@", []],
    ["@x.org", []],
    ["a@x.org\u202e", []],
  ])("%s", (raw, expected) => expect(parties(raw)).toEqual(expected));

  test("what cannot be read is a loss", () =>
    expect(readParties("Nobody, a@x.org", "to").losses).toEqual([
      { field: "to", reason: "1 of the addresses could not be read and is left out." },
    ]));
  test("of 10,000 the first 1,000, with a loss", () => {
    const raw = Array.from({ length: 10_000 }, (_, index) => `"User ${index}" <user${index}@example.org>`).join(", ");
    const { parties: kept, losses } = readParties(raw, "to");
    expect(kept).toHaveLength(1_000);
    expect(kept.at(-1)).toEqual({ id: "mailto:user999@example.org", name: "User 999" });
    expect(losses).toEqual([{ field: "to", reason: "Only the first 1000 of very many addresses are kept." }]);
  });
  test.each(["a@b\r\nBcc: c@d", "a b@x", "a@b@c@", "", `${"x".repeat(400)}@x`, "a@b/c", "a@b c"])(
    "mailtoOf refuses %j",
    (address) => {
      const id = mailtoOf(address);
      expect(id === undefined || /^mailto:[!-~]+$/.test(id)).toBe(true);
      if (!address.includes("@b@")) expect(id === undefined || id.includes("%20")).toBe(true);
    },
  );
});

describe("decodeWords", () => {
  test.each([
    ["plain", "plain"],
    ["=?utf-8?B?R3LDvMOfZQ==?=", "Grüße"],
    ["=?utf-8?Q?Gr=C3?= =?utf-8?Q?=BC=C3=9Fe?= und", "Grüße und"],
    ["=?iso-8859-1*de?q?=FC?=", "ü"],
    ["=?ks_c_5601-1987?B?jGM=?=", "똠"],
    ["=?utf-8?Q?a=00b=0D=0Ac?=", "a b c"],
    ["=?utf-8?Q?broken", "=?utf-8?Q?broken"],
    ["=?x-klingon?Q?abc?=", "abc"],
    ["=?utf-8?Q?=F0=9F=98=80?=", "😀"],
    // Cut inside of a character, each piece padded.
    ["=?utf-8?B?R3LDvMM=?= =?utf-8?B?n2U=?=", "Grüße"],
    ["=?utf-8?B?R3LDvMM=?=\r\n =?UTF-8?Q?=9Fe?=", "Grüße"],
    ["=?uhc?b?vsiz5w==?=", "안녕"],
    // Labels that lie, as in bodies.
    ["=?iso-8859-1?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"],
    ["=?us-ascii?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"],
    ["=?utf-8?Q?Gr=FC=DFe_K=F6ln?=", "Grüße Köln"],
    ["=?utf-8?Q?a?= =?iso-8859-1?Q?=FC?= b", "aü b"],
  ])("%s", (raw, text) => expect(decodeWords(raw)).toBe(text));
});

describe("automaticOf", () => {
  const of = (...fields: string[]) => automaticOf(parseHeaders(`${fields.join("\r\n")}\r\n\r\n`));
  test.each<[string[], string | undefined]>([
    [["From: Ann <ann@x.org>", "Auto-Submitted: no"], undefined],
    [["X-Auto-Response-Suppress: All", "Subject: Re: out of office hours"], undefined],
    [["Return-Path: <>", "From: MAILER-DAEMON@x.org"], "bounce"],
    [["X-Failed-Recipients: a@x.org"], "bounce"],
    [["Content-Type: multipart/report; report-type=disposition-notification; boundary=b"], "receipt"],
    [['Content-Type: multipart/report; report-type="delivery-status"; boundary=b'], "bounce"],
    [["Auto-Submitted: auto-replied", "List-Id: <l.x.org>"], "auto-reply"],
    [["Subject: =?utf-8?Q?Automatische_Antwort:_weg?="], "auto-reply"],
    [["Precedence: auto_reply"], "auto-reply"],
    [["List-Unsubscribe: <mailto:u@x.org>", "Auto-Submitted: auto-generated"], "list"],
    [["Precedence: List"], "list"],
    [["Auto-Submitted: auto-generated"], "bot"],
    [["From: no-reply@x.org"], "bot"],
    [["Precedence: bulk"], "bot"],
  ])("%j", (fields, kind) => expect(of(...fields)).toBe(kind));
});

describe("evidence", () => {
  const facts = { messageId: "1@x", date: "Mon, 23 Nov 2026 10:00:00 +0000", from: "Ann <ann@x.org>", size: 100, digest: "D" };
  const strong = (more: object) => mailEvidence({ ...facts, ...more });
  test("strongest first", () =>
    expect(strong({ identity: "M1" }).map(({ id, within, weight }) => [id.split(":")[0], within, weight])).toEqual([
      ["i", "system", "identity"],
      ["c", "system", "content"],
      ["d", "everywhere", "content"],
      ["mid", "everywhere", "hint"],
    ]));
  test("a forged Message-ID shares the hint alone", () => {
    const honest = new Set(strong({}).map(({ id }) => id));
    expect(
      strong({ from: "evil@x.net", digest: "E" })
        .filter(({ id }) => honest.has(id))
        .map(({ id }) => id),
    ).toEqual(["mid:1@x"]);
  });
  test("another spelling of sender and date is the same everywhere", () => {
    const [, here] = strong({});
    const [, there] = strong({ from: '"Ann" <ann@X.ORG>', date: "Mon, 23 Nov 2026 11:00:00 +0100 (CET)" });
    expect(there).toEqual(here);
  });
  test("a long Message-ID is hashed", () => expect(strong({ messageId: "x".repeat(500) }).at(-1)?.id).toMatch(/^mid:[\w-]{22}$/));
  test("without Message-ID and Received nothing is claimed", () =>
    expect(mailEvidence(headerFacts(parseHeaders("From: a@x\r\n\r\n")))).toEqual([]));
  test("without Message-ID the first Received line counts", () => {
    const of = (received: string) =>
      mailEvidence({ ...headerFacts(parseHeaders(`From: a@x\r\nReceived: ${received}\r\nReceived: old\r\n\r\n`)), size: 1 });
    expect(of("one")).toHaveLength(1);
    expect(of("one")).toEqual(of("one"));
    expect(of("one")).not.toEqual(of("two"));
  });
  test("the digest forgives transport, not content", () => {
    expect(textDigest("Gru\u0308\u00dfe  \r\nx\r\n\r\n")).toBe(textDigest("Grüße\nx"));
    expect(textDigest("a b")).not.toBe(textDigest("ab"));
    expect(textDigest("x")).toMatch(/^[\w-]{43}$/);
  });
});

describe("structure", () => {
  const leaf = (part: string, type: string, more: Partial<PartNode> = {}): PartNode => ({ part, type, params: {}, ...more });
  test("an invitation in an alternative is a file, a watch face is not", () => {
    const root = leaf("", "multipart/alternative", {
      children: [
        leaf("1", "text/plain"),
        leaf("2", "text/watch-html"),
        leaf("3", "text/html"),
        leaf("4", "text/calendar", { size: 9 }),
      ],
    });
    expect(filesOf(root)).toEqual([{ part: "4", mediaType: "text/calendar", size: 9 }]);
  });
  test("deeper than 100 and beyond 1,000 parts is a loss", () => {
    let deep = leaf("1", "image/png");
    for (let depth = 0; depth < 1_000; depth++) deep = leaf("1", "multipart/mixed", { children: [deep] });
    expect(structureLosses(deep)).toEqual([
      { field: "attachment", reason: "Parts nested deeper than 100 are not listed one by one." },
    ]);
    const wide = leaf("", "multipart/mixed", {
      children: Array.from({ length: 5_000 }, (_, index) => leaf(`${index + 1}`, "image/png")),
    });
    expect(filesOf(wide)).toHaveLength(999);
    expect(structureLosses(wide)).toEqual([{ field: "attachment", reason: "Parts beyond the first 1000 are not listed." }]);
  });
});

describe("text", () => {
  test("plain text becomes paragraphs, escaped", () =>
    expect(textOf({ plain: "a <b>\nc\n\n\nd & e" }).content).toBe("<p>a &lt;b&gt;<br>c</p><p>d &amp; e</p>"));
  test("html becomes plain text", () =>
    expect(textOf({ html: "<h1>Hi</h1><p>one<br>two</p><ul><li>x</li></ul>" }).text).toBe("Hi\n\none\ntwo\n\n- x"));
  test("cut with a loss", () => {
    const { text, losses } = textOf({ plain: "😀".repeat(10), limit: 5 });
    expect(text).toBe("😀😀");
    expect(losses).toEqual([{ field: "content", reason: "Only the first 4 characters of the text are kept." }]);
  });
  test("a preview ends at a word", () => {
    const preview = previewOf("word ".repeat(1_000));
    expect(preview.length).toBeLessThanOrEqual(2_000);
    expect(preview.endsWith("word")).toBe(true);
    expect(previewOf("short")).toBe("short");
  });
});
