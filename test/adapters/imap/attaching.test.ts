/** Both texts of a mail and its files, on the bytes that a real submission server took. */

import { type CommandFile, GroupstreamError, type MessageView, openHub } from "groupstream";
import { imap } from "groupstream/adapters/imap";
import { describe, expect, it } from "vitest";
import { note, office, reasons, stood } from "./sending.ts";
import { hasDovecot } from "./world.ts";

const ann = { id: "mailto:ann@example.org", name: "Ann" };

const fileOf = (name: string, bytes: string | number, more: Partial<CommandFile> = {}) => {
  const content = typeof bytes === "string" ? bytes : "x".repeat(bytes);
  const seen = { opened: 0, cancelled: 0 };
  const open = async (): Promise<ReadableStream<Uint8Array>> => {
    seen.opened += 1;
    let at = 0;
    return new ReadableStream<Uint8Array>({
      pull(controller) {
        if (at >= content.length) return controller.close();
        controller.enqueue(Buffer.from(content.slice(at, (at += 10_000))));
      },
      cancel() {
        seen.cancelled += 1;
      },
    });
  };
  const file: CommandFile = { part: name, name, mediaType: "text/csv", size: content.length, open, ...more };
  return { file, seen };
};

/** A mail with these files, as the core asks for it. */
const withFiles = (files: readonly CommandFile[], more: Partial<MessageView> = {}) => ({
  object: note({ name: "Numbers", to: [ann], attachment: files.map(({ open: _open, ...file }) => file), ...more }),
  files,
});

describe.skipIf(!hasDovecot)("a mail", () => {
  const at = office();

  it("has both texts: escaped, quotations and links as such, equal in the copy", async () => {
    await at.begin();
    const text = "> Why <b>?\nBecause, see https://example.org/a?b=1&c=2.\n\n<script>alert(1)</script> @Bob";
    // What a room's text is as HTML says no more than the text does.
    await at.done(at.command("Create", { object: note({ to: [ann], text, content: "<p>&gt; Why &lt;b&gt;?<br>…</p>" }) }));
    const mail = await at.last();
    expect(mail.text?.trim()).toBe(text);
    expect(mail.html?.trim()).toBe(
      '<blockquote><p>Why &lt;b&gt;?</p></blockquote><p>Because, see <a href="https://example.org/a?b=1&amp;c=2" rel="noopener noreferrer nofollow">https://example.org/a?b=1&amp;c=2</a>.</p><p>&lt;script&gt;alert(1)&lt;/script&gt; @Bob</p>',
    );
    await at.done(
      at.command("Create", { object: { type: "Note", to: [ann], content: "<p>Only <b>HTML</b></p><ul><li>one</li></ul>" } }),
    );
    const other = await at.last();
    expect([other.text?.trim(), other.html?.trim()]).toEqual([
      "Only HTML\n\n- one",
      "<p>Only <b>HTML</b></p><ul><li>one</li></ul>",
    ]);
  });

  it("has its files, in the copy as well; the preview opens none, and the digest is one", async () => {
    await at.begin();
    const numbers = fileOf("Zahlen Ä.csv", "a;b\n1;2\n");
    const empty = fileOf("empty.bin", "", { mediaType: "multipart/x-odd" });
    const command = at.command("Create", withFiles([numbers.file, empty.file]));
    const preview = await at.done({ ...command, preview: true });
    expect(numbers.seen.opened).toBe(0);
    const receipt = await at.done(command);
    expect(receipt.losses).toBeUndefined();
    expect(receipt.digest).toBe(preview.digest);
    const { attachments, text } = await at.last();
    expect(
      attachments.map(({ filename, mimeType, content }) => [filename, mimeType, Buffer.from(content as ArrayBuffer).toString()]),
    ).toEqual([
      ["Zahlen Ä.csv", "text/csv", "a;b\n1;2\n"],
      ["empty.bin", "application/octet-stream", ""],
    ]);
    expect(text?.trim()).toBe("Hello.");
    const { attachment } = stood(receipt.stands).object as MessageView;
    expect(attachment?.map(({ name }) => name)).toEqual(["Zahlen Ä.csv", "empty.bin"]);
  });

  it("names below its text what is too much, and says so", async () => {
    await at.begin({ smtp: { fileBytes: 20_000 } });
    const [huge, lying, first, second] = [
      fileOf("huge.csv", 40_000),
      fileOf("lying.csv", 50_000, { size: 10 }),
      fileOf("first.csv", 12_000),
      fileOf("second.csv", 12_000),
    ];
    const receipt = await at.done(at.command("Create", withFiles([huge, lying, first, second].map(({ file }) => file))));
    const mail = await at.last();
    expect(mail.attachments.map(({ filename }) => filename)).toEqual(["first.csv"]);
    expect(mail.text?.trim()).toBe("Hello.\n\n📎 huge.csv (40 KB)\n📎 lying.csv (10 bytes)\n📎 second.csv (12 KB)");
    expect(mail.html).toContain("<p>📎 huge.csv (40 KB)<br>📎 lying.csv (10 bytes)<br>📎 second.csv (12 KB)</p>");
    expect(reasons(receipt.losses)).toBe(
      [40_000, 10, 12_000]
        .map(
          (size) =>
            `attachment: A file of type text/csv (${size} bytes) is named, not attached: with it the files have more than 20000 bytes.`,
        )
        .join("\n"),
    );
    expect([huge.seen.opened, lying.seen.cancelled]).toEqual([0, 1]);
  });

  it.each([
    ["that says its SIZE", {}],
    ["that refuses behind the dot", { hideSize: true }],
  ])("goes without its largest files to a server %s; without files it is refused, with a remedy", async (_, lab) => {
    await at.begin({ lab: { size: 30_000, ...lab } });
    const [large, small] = [fileOf("large.csv", 60_000), fileOf("small.csv", 5_000)];
    const receipt = await at.done(at.command("Create", withFiles([small.file, large.file])));
    expect(at.smtp.taken).toHaveLength(1);
    const mail = await at.last();
    expect(mail.attachments.map(({ filename }) => filename)).toEqual(["small.csv"]);
    expect(mail.text?.trim()).toBe("Hello.\n\n📎 large.csv (60 KB)");
    expect(reasons(receipt.losses)).toMatch(
      /^attachment: .*\(60000 bytes\) is named, not attached: 127\.0\.0\.1:\d+ takes no mail so large\.$/,
    );
    const long = await at.perform(at.command("Create", withFiles([small.file], { text: "word ".repeat(10_000) })));
    expect(long).toEqual({
      outcome: "refused",
      obstacle: "too-large",
      reason: expect.stringMatching(/^mail: the mail is too large for .*; send less\.$/),
    });
    expect(at.smtp.taken).toHaveLength(1);
  });

  it("waits for a file that cannot be read now, a few times; one that is gone is named at once", async () => {
    await at.begin();
    const failing = (code: "unreachable" | "forbidden") =>
      fileOf("a.csv", 10, { open: () => Promise.reject(new GroupstreamError(code, "not now")) }).file;
    const away = at.command("Create", withFiles([failing("unreachable")]));
    expect(await at.perform(away)).toMatchObject({
      outcome: "refused",
      again: true,
      reason: expect.stringContaining("a file of it"),
    });
    expect(at.smtp.taken).toHaveLength(0);
    expect(reasons((await at.done({ ...away, attempt: 4 })).losses)).toContain("cannot be read");
    expect(reasons((await at.done(at.command("Create", withFiles([failing("forbidden")])))).losses)).toContain("has it no more");
    expect((await at.last()).text?.trim()).toBe("Hello.\n\n📎 a.csv (10 bytes)");
  });

  it("keeps a shared link a link, and names what nobody can give", async () => {
    await at.begin();
    const href = "https://files.example.org/plan.pdf";
    const shared = { part: "oob-1", name: "plan.pdf", mediaType: "application/pdf", href };
    const other = { ...shared, part: "oob-2", name: "b.pdf", href: "https://files.example.org/b.pdf" };
    const lost = { part: "3", name: "lost.bin", mediaType: "application/octet-stream" };
    const object = note({ to: [ann], text: `See ${href}`, attachment: [shared, other, lost] });
    const receipt = await at.done(at.command("Create", { object }));
    const mail = await at.last();
    expect(mail.attachments).toEqual([]);
    expect(mail.text?.trim()).toBe(`See ${href}\n\n📎 b.pdf: https://files.example.org/b.pdf\n📎 lost.bin`);
    expect(mail.html).toContain(`<a href="${href}"`);
    expect(mail.html).toContain('<a href="https://files.example.org/b.pdf"');
    expect(reasons(receipt.losses)).toMatch(
      /^(attachment: A file that was shared .*\n){2}attachment: .*octet-stream is named, not attached: its bytes are at the source only\.$/,
    );
  });

  it("that is among the files loses its Bcc", async () => {
    await at.begin();
    const enclosed = "From: a@example.org\r\nBcc: secret@example.org\r\nSubject: In\r\n\r\nBcc: stays\r\nGrüße\r\n";
    await at.done(at.command("Create", withFiles([fileOf("in.eml", enclosed, { mediaType: "message/rfc822" }).file])));
    const raw = at.smtp.taken[0]?.raw.toString() ?? "";
    expect(raw).toContain("Bcc: stays\r\nGrüße");
    expect(raw).not.toContain("secret@example.org");
  });

  it("goes on to another mailbox by a route, with the bytes of its files and nobody's Bcc", async () => {
    await at.begin();
    const bytes = Uint8Array.from({ length: 100_000 }, (_, n) => (n * 7) % 256);
    const pdf = Buffer.from(bytes).toString("base64").replace(/.{76}/g, "$&\r\n");
    const source = imap({
      id: "desk",
      host: at.server.host,
      port: at.server.port,
      auth: { user: at.server.user(`desk${process.pid}`), pass: at.server.password },
    });
    await at.server.append(at.server.user(`desk${process.pid}`), "Archive", ["Subject: begun\r\n\r\n"]);
    await using hub = await openHub({
      store: ":memory:",
      systems: [source, at.adapter],
      routes: [
        {
          from: "desk/INBOX",
          to: "mail/INBOX",
          widen: "a test",
          template: (view) => ({ ...(view as MessageView), to: [ann] }),
        },
      ],
    });
    await hub.sync();
    await at.server.append(at.server.user(`desk${process.pid}`), "INBOX", [
      `From: Eve <eve@example.org>\r\nTo: desk@example.org\r\nBcc: secret@example.org\r\nMessage-ID: <f.1@example.org>\r\nSubject: Plan\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHere.\r\n--b\r\nContent-Type: application/pdf; name="../plan.pdf"\r\nContent-Disposition: attachment; filename="../plan.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n${pdf}\r\n--b--\r\n`,
    ]);
    await hub.sync();
    await hub.sync();
    expect(at.smtp.taken.map(({ to }) => to)).toEqual([["ann@example.org"]]);
    const { attachments, text } = await at.last();
    expect(attachments.map(({ filename }) => filename)).toEqual(["plan.pdf"]);
    expect(Buffer.from(attachments[0]?.content as ArrayBuffer).equals(bytes)).toBe(true);
    expect(text?.trim()).toBe("Here.");
    expect(at.smtp.taken[0]?.raw.toString()).not.toContain("secret");
  });

  it("of files alone may be an answer", async () => {
    await at.begin();
    const { file } = fileOf("a.csv", "1");
    await at.done(at.command("Create", withFiles([file], { text: "" })));
    expect((await at.last()).attachments).toHaveLength(1);
  });
});
