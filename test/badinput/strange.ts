/** Small mails whose bytes lie or mean harm: NUL, charsets, dates, and lines smuggled into whatever is written out. */

const date = "Date: Mon, 23 Nov 2026 10:00:00 +0000\r\n";
const base64 = (text: string): string => `=?utf-8?b?${Buffer.from(text).toString("base64")}?=`;
const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");

/** A mail of which only the given fields are not ordinary. */
const mail = (
  id: string,
  { from = "Ada <ada@example.net>", subject = id, when = date, type = "text/plain", more = "" },
  body: Uint8Array | string = "hello\r\n",
): Buffer =>
  Buffer.concat([
    latin1(
      `From: ${from}\r\nTo: anna@example.org\r\nSubject: ${subject}\r\n${when}Message-ID: <${id}@strange.example>\r\n${more}Content-Type: ${type}\r\n\r\n`,
    ),
    typeof body === "string" ? latin1(body) : body,
  ]);

/** A mail and what is told of it. */
export interface Strange {
  readonly raw: Buffer;
  /** The text, where it is the point. */
  readonly text?: string;
  /** The subject, where it is not the id. */
  readonly name?: string;
  /** The subject by IMAP, where that is another: a server may not send NUL (RFC 3501 section 9); Dovecot sends 0x80 instead. */
  readonly byImap?: string;
  /** No time is known. */
  readonly undated?: true;
}

const charset = (id: string, declared: string, bytes: Uint8Array | string, text: string): readonly [string, Strange] => [
  id,
  { raw: mail(id, { type: `text/plain; charset=${declared}` }, bytes), text },
];

const dated = (id: string, when: string): readonly [string, Strange] => [id, { raw: mail(id, { when }), undated: true }];

const smuggled = "a\r\nBcc: x@evil.example";
const turned = "\u202emoc.knab\u2066 \u0007\u001b[31mred\u0085\u2028";

export const strange: ReadonlyMap<string, Strange> = new Map([
  ["nul", { raw: mail("nul", { subject: "n\0ul", from: "A\0da <ada@example.net>" }, "he\0llo\0\0\r\n"), byImap: "n€ul" }],
  ["nul-alone", { raw: mail("nul-alone", {}, Buffer.alloc(5_000)) }],
  charset("utf8-that-is-latin1", "utf-8", "Grüße aus Köln, schöne\r\n", "Grüße aus Köln, schöne"),
  charset("utf16-that-is-ascii", "utf-16", "plain letters\r\n", "plain letters"),
  charset(
    "utf16le-that-is-so",
    "utf-16le\r\nContent-Transfer-Encoding: base64",
    Buffer.from("Grüße, Łukasz\r\n", "utf16le").toString("base64"),
    "Grüße, Łukasz",
  ),
  charset("latin1-that-is-utf8", "iso-8859-1", Buffer.from("Grüße, Łukasz\r\n"), "Grüße, Łukasz"),
  charset("unknown-charset", "klingon-9", Buffer.from("Grüße\r\n"), "Grüße"),
  charset("prototype", "__proto__", "hello\r\n", "hello"),
  charset("constructor", "constructor", Buffer.from("Grüße\r\n"), "Grüße"),
  charset("path", '"../../etc/passwd"', "hello\r\n", "hello"),
  charset("utf7", "utf-7", "+ADw-script+AD4-\r\n", "+ADw-script+AD4-"),
  charset("charset-of-lines", '"utf-8\r\n Bcc: x@evil.example"', "hello\r\n", "hello"),
  ["subject-in-a-false-charset", { raw: mail("subject-in-a-false-charset", { subject: "=?klingon-9?q?=E4?=" }), name: "ä" }],
  dated("year-0", "Date: Mon, 23 Nov 0000 10:00:00 +0000\r\n"),
  dated("year-99999", "Date: Mon, 23 Nov 99999 10:00:00 +0000\r\n"),
  dated("garbage", "Date: yesterday, before lunch\r\n"),
  dated("missing", ""),
  dated("empty", "Date:\r\n"),
  dated("no-such-day", "Date: Tue, 31 Feb 2026 10:00:00 +0000\r\n"),
  dated("no-such-hour", "Date: Mon, 23 Nov 2026 25:61:00 +0000\r\n"),
  dated("no-such-zone", "Date: Mon, 23 Nov 2026 10:00:00 +9999\r\n"),
  dated("long", `Date: ${"9".repeat(100_000)}\r\n`),
  ["quoted", { raw: mail("quoted", { subject: "=?utf-8?q?a=0d=0aBcc:_x@evil.example?=" }), name: "a Bcc: x@evil.example" }],
  ["based", { raw: mail("based", { subject: base64(smuggled) }), name: "a Bcc: x@evil.example" }],
  [
    "turned",
    { raw: mail("turned", { subject: base64(turned), from: `${base64(turned)} <ada@example.net>` }), name: "moc.knab [31mred" },
  ],
  [
    "people",
    {
      raw: mail("people", {
        from: "=?utf-8?q?Ada=0d=0aX-Evil:_1?= <ada@example.net>",
        more: `Cc: "x\r\n\ty" <=?utf-8?q?a=0d=0ab?=@example.org>, <a\r@b.example>, ${base64(`x@example.org\r\nBcc: y@example.org`)}, "\u001b]0;title\u0007" <c@example.org>\r\n`,
      }),
    },
  ],
  [
    "ids",
    {
      raw: mail("ids", {
        more: `In-Reply-To: <a\u0007\u001b[2J@evil.example>\r\nReferences: <b\0c@evil.example> <d\u0085@evil.example>\r\nList-Id: ${base64(smuggled)} <l.example>\r\nList-Post: <mailto:anna@example.org>\r\n`,
      }),
    },
  ],
  [
    "file",
    {
      raw: mail(
        "file",
        {
          type: `multipart/mixed; boundary="b"`,
        },
        `--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b\r\nContent-Type: image/x\u0007y; name="${base64("../../etc/passwd\r\nX: 1\u202e")}"\r\nContent-Disposition: attachment\r\n\r\nx\r\n--b--\r\n`,
      ),
      text: "hello",
    },
  ],
  [
    "html",
    {
      raw: mail(
        "html",
        { type: "text/html" },
        `<p onclick=x>hello<script>alert(1)</script><a href="java\tscript:alert(1)">y</a><img src=http://evil.example/t.gif></p>\u0001`,
      ),
    },
  ],
  ["body-of-controls", { raw: mail("body-of-controls", {}, "a\u0007b\u001b[31mc\rd\u0001e\r\n"), text: "ab[31mc\nde" }],
]);
