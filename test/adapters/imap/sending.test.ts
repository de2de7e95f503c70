/** What is sent: new mails and answers, on the bytes that a real submission server took. */

import { type ItemRef, openHub } from "groupstream";
import PostalMime from "postal-mime";
import { describe, expect, it } from "vitest";
import { header, note, office, reasons, stood } from "./sending.ts";
import { hasDovecot, never } from "./world.ts";

const ann = { id: "mailto:ann@example.org", name: "Ann" };

const question = (more = "", from = "Ann <ann@example.org>"): string =>
  `From: ${from}\r\nTo: support@example.org, Bob <bob@example.org>\r\nCc: cem@example.org\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\nMessage-ID: <Q.1@Example.ORG>\r\nSubject: Re: Printer\r\n${more}\r\nIt is on fire.\r\n`;

describe.skipIf(!hasDovecot)("sending", () => {
  const at = office();

  const inInbox = async (raw: string): Promise<ItemRef> => {
    const key = await at.put("INBOX", raw);
    return { collection: (await at.collection("inbox")).id, key };
  };

  it("a new mail: what the object says, both texts, nobody else's name", async () => {
    await at.begin();
    const command = at.command("Create", {
      object: note({
        name: "Grüße – 你好",
        text: "Plain.\n",
        content: "<p>Rich <b>text</b><script>alert(1)</script></p>",
        to: [ann],
        cc: [{ id: "mailto:bob@example.org" }],
      }),
      trail: ["imap://mail.example.org/support/INBOX", "chat, room 1"],
    });
    const receipt = await at.done(command);
    const mail = await at.last();
    expect(at.smtp.taken).toHaveLength(1);
    expect(at.smtp.taken[0]).toMatchObject({ from: at.user, to: ["ann@example.org", "bob@example.org"], hello: "[127.0.0.1]" });
    expect(mail.subject).toBe("Grüße – 你好");
    expect(mail.from).toMatchObject({ name: "Support", address: at.user });
    expect(mail.to?.map(({ name, address }) => [name, address])).toEqual([["Ann", "ann@example.org"]]);
    expect(mail.text?.trim()).toBe("Plain.");
    expect(mail.html?.trim()).toBe("<p>Rich <b>text</b></p>");
    expect(mail.messageId).toBe(`<gs.${command.id}@example.org>`);
    expect(mail.inReplyTo).toBeUndefined();
    expect(mail.replyTo).toBeUndefined();
    expect(header(mail, "auto-submitted")).toBeUndefined();
    const trail = header(mail, "x-groupstream-trail") ?? "";
    expect(trail.split(/,\s+/).map(decodeURIComponent)).toEqual(command.trail);
    expect(receipt.losses).toBeUndefined();
    expect(receipt.digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it("its copy among the sent is the same bytes, seen, one mail, and ours", async () => {
    await at.begin();
    const command = at.command("Create", { object: note({ name: "Once", to: [ann] }) });
    const receipt = await at.done(command);
    const sent = await at.collection("sent");
    expect(receipt.stands?.collection).toBe(sent.id);
    expect(stood(receipt.stands).mine).toEqual({ marker: command.id });
    const [copy, ...more] = await at.look(sent);
    expect(more).toEqual([]);
    expect(copy).toMatchObject({ key: stood(receipt.stands).key, mine: { marker: command.id } });
    expect(copy?.object).toMatchObject({ name: "Once", seen: true });
    expect(copy?.revision).toBe(stood(receipt.stands).revision);
    const bytes = await new Response(
      await at.adapter.content!({ collection: sent.id, key: copy!.key }, "raw", never),
    ).arrayBuffer();
    expect(Buffer.from(bytes).toString().trimEnd()).toBe(at.smtp.taken[0]?.raw.toString().trimEnd());
  });

  it("a hub tells the copy once, and nothing of what the sending read", async () => {
    await at.begin();
    await at.put("INBOX", question());
    await using hub = await openHub({ store: ":memory:", systems: [at.adapter] });
    const told = async (after: number): Promise<string[]> => {
      await hub.sync();
      const lines: string[] = [];
      for await (const { activity } of hub.activities({ after }))
        lines.push(`${activity.type} ${JSON.stringify(activity.object)}`);
      return lines;
    };
    expect(await told(0)).toEqual([]);
    const [mail] = await at.look(await at.collection("inbox"));
    const item = { collection: (await at.collection("inbox")).id, key: mail!.key };
    await at.done(at.command("Create", { item, object: note() }));
    expect(await told(0)).toEqual([expect.stringMatching(/^Create .*Re: Printer/)]);
    expect(await told(1)).toEqual([]);
  });

  it("an answer is beneath its parent, and goes to its writer", async () => {
    await at.begin();
    const old = Array.from({ length: 30 }, (_, n) => `<old.${n}@example.org>`);
    const item = await inInbox(question(`References: ${old.join("\r\n ")}\r\nIn-Reply-To: <old.29@example.org>\r\n`));
    await at.done(at.command("Create", { item, object: note({ text: "Water helps." }) }));
    const mail = await at.last();
    expect(mail.inReplyTo).toBe("<Q.1@Example.ORG>");
    expect(mail.references?.split(/\s+/)).toEqual([old[0], ...old.slice(-9), "<Q.1@Example.ORG>"]);
    expect(mail.references!.length).toBeLessThanOrEqual(1_000);
    expect(mail.subject).toBe("Re: Printer");
    expect(at.smtp.taken[0]?.to).toEqual(["ann@example.org"]);
    expect(mail.text?.trim()).toBe("Water helps.");
    expect(mail.html?.trim()).toBe("<p>Water helps.</p>");
  });

  it("an answer to everyone leaves us out and names nobody twice; Reply-To comes before From", async () => {
    await at.begin();
    const item = await inInbox(
      question(`Reply-To: Desk <desk@example.org>\r\nBcc: secret@example.org\r\n`).replace("support@example.org", at.user),
    );
    await at.done(at.command("Create", { item, reach: "everyone", object: note() }));
    const mail = await at.last();
    expect(mail.to?.map(({ address }) => address)).toEqual(["desk@example.org"]);
    expect(mail.cc?.map(({ address }) => address)).toEqual(["bob@example.org", "cem@example.org"]);
    expect(at.smtp.taken[0]?.raw.toString()).not.toContain("secret@");
    await at.done(at.command("Create", { item, object: note({ to: [{ id: "mailto:dora@example.org" }] }) }));
    expect(at.smtp.taken[1]?.to).toEqual(["dora@example.org"]);
  });

  it("the answer to a mail of our own goes where that went", async () => {
    await at.begin();
    const item = await inInbox(question("", `Us <${at.user}>`));
    await at.done(at.command("Create", { item, object: note() }));
    expect(at.smtp.taken[0]?.to).toEqual(["support@example.org", "bob@example.org"]);
  });

  it("beneath the thread's root, and on top with a loss where that is gone", async () => {
    await at.begin();
    const root = await inInbox(question());
    await at.done(at.command("Create", { root, object: note() }));
    expect((await at.last()).inReplyTo).toBe("<Q.1@Example.ORG>");
    const nowhere = { ...root, key: root.key.replace(/\d+$/, "999") };
    const object = note({ to: [ann] });
    const receipt = await at.done(at.command("Create", { root: nowhere, object }));
    expect(reasons(receipt.losses)).toMatch(/inReplyTo: .*anew/);
    expect((await at.last()).inReplyTo).toBeUndefined();
    expect(await at.perform(at.command("Create", { item: nowhere, object }))).toMatchObject({
      outcome: "refused",
      reason: expect.stringMatching(/gone there/),
    });
    expect(at.smtp.taken).toHaveLength(2);
  });

  it("a writer is named and never forged", async () => {
    await at.begin();
    const from = async (attributedTo: { id: string; name?: string }) => {
      await at.done(at.command("Create", { object: note({ to: [ann], attributedTo }) }));
      const mail = await at.last();
      return [mail.from?.name, mail.from?.address];
    };
    expect(await from({ id: "mailto:boss@bank.example", name: "The Boss" })).toEqual(["The Boss via Support", at.user]);
    expect(await from({ id: "acct:dora@chat.example" })).toEqual(["dora via Support", at.user]);
    expect(await from({ id: `mailto:${at.user}`, name: "Us" })).toEqual(["Support", at.user]);
    expect(await from({ id: "acct:x@y", name: 'X" <boss@bank.example>' })).toEqual(["X boss@bank.example via Support", at.user]);
    expect(at.smtp.taken.map((mail) => mail.from)).toEqual(Array(4).fill(at.user));
  });

  it("from another address answers still come to the mailbox", async () => {
    await at.begin({ smtp: { from: { name: "News", address: "News@Example.org" } } });
    const command = at.command("Create", { object: note({ to: [ann] }) });
    const receipt = await at.done(command);
    const mail = await at.last();
    expect([mail.from?.address, mail.replyTo?.[0]?.address]).toEqual(["News@example.org", at.user]);
    expect(stood(receipt.stands).mine).toEqual({ marker: command.id });
  });

  it("whoever is in bcc gets it and stands nowhere in it", async () => {
    await at.begin();
    const bcc = [{ id: "mailto:hidden@example.org", name: "Hidden Person" }];
    await at.done(at.command("Create", { object: note({ to: [ann], bcc }) }));
    await at.done(at.command("Create", { object: note({ bcc }) }));
    expect(at.smtp.taken.map(({ to }) => to)).toEqual([["ann@example.org", "hidden@example.org"], ["hidden@example.org"]]);
    for (const { raw } of at.smtp.taken) expect(raw.toString()).not.toMatch(/hidden|^bcc/im);
    const sent = await at.look(await at.collection("sent"));
    expect(JSON.stringify(sent)).not.toMatch(/hidden/i);
  });

  it("names and subjects cannot add fields or recipients", async () => {
    await at.begin();
    const evil = "x\r\nBcc: evil@example.net\r\n\r\nbody";
    await at.done(
      at.command("Create", {
        object: note({
          name: `Hi${evil}`,
          attributedTo: { id: "acct:e@x", name: `E${evil}` },
          to: [{ id: "mailto:ann@example.org", name: `A, <evil@example.net>${evil}` }],
          cc: [{ id: "mailto:cc%0D%0ABcc:%20evil@example.net" }],
        }),
        trail: [`chat:${evil}`],
      }),
    );
    const [{ raw, to }] = at.smtp.taken as [(typeof at.smtp.taken)[number]];
    expect(to).toEqual(["ann@example.org"]);
    const mail = await PostalMime.parse(raw);
    expect(mail.headers.map(({ key }) => key)).toEqual([...new Set(mail.headers.map(({ key }) => key))]);
    expect(mail.headers.some(({ key }) => key === "bcc")).toBe(false);
    expect(mail.to?.map(({ address }) => address)).toEqual(["ann@example.org"]);
    expect(mail.subject).toBe("Hix Bcc: evil@example.net body");
    expect(mail.text?.trim()).toBe("Hello.");
  });

  it("people without a mail address, and files, are losses; with nobody left nothing is sent", async () => {
    await at.begin();
    const receipt = await at.done(
      at.command("Create", {
        object: note({
          to: [ann, { id: "acct:dora@chat.example" }],
          attachment: [{ part: "2", name: "secret plan.pdf", mediaType: "application/pdf", size: 12 }],
        }),
      }),
    );
    expect(reasons(receipt.losses)).toBe(
      "attachment: A file of type application/pdf (12 bytes) is named, not attached: its bytes are at the source only.\nto: 1 of those named there has no mail address.",
    );
    const nobody = await at.perform(at.command("Create", { object: note({ to: [{ id: "acct:dora@chat.example" }] }) }));
    expect(nobody).toMatchObject({ outcome: "refused", reason: expect.stringMatching(/recipients/) });
    const empty = await at.perform(at.command("Create", { object: note({ text: "", to: [ann] }) }));
    expect(empty).toMatchObject({ outcome: "refused", reason: expect.stringMatching(/no text/) });
    expect(at.smtp.taken).toHaveLength(1);
  });

  it.each([
    ["a delivery report", "X-Failed-Recipients: x@y\r\n", undefined],
    ["an automatic reply", "Auto-Submitted: auto-replied\r\n", undefined],
    ["a machine's mail", "Return-Path: <>\r\n", undefined],
    ["a machine's mail", "", "no-reply@shop.example"],
    ["a list's announcement", "List-Unsubscribe: <https://shop.example/>\r\n", undefined],
    [
      "a delivery report",
      'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n',
      undefined,
    ],
  ])("%s is not answered", async (what, more, from) => {
    await at.begin();
    const body = more.includes("multipart") ? "--b\r\nContent-Type: text/plain\r\n\r\nfailed\r\n--b--\r\n" : "";
    const item = await inInbox(`${question(more, from)}${body}`);
    const receipt = await at.perform(at.command("Create", { item, object: note() }));
    expect(receipt).toMatchObject({ outcome: "refused", reason: expect.stringContaining(what) });
    expect(receipt).not.toHaveProperty("again");
    expect(at.smtp.begun()).toBe(0);
  });

  it("a mail of a list is answered to its writer, to the list only if everyone is to be reached", async () => {
    await at.begin();
    const item = await inInbox(question("List-Post: <mailto:list@example.org>\r\nReply-To: list@example.org\r\n"));
    await at.done(at.command("Create", { item, object: note() }));
    await at.done(at.command("Create", { item, reach: "everyone", object: note() }));
    expect(at.smtp.taken.map(({ to }) => to[0])).toEqual(["ann@example.org", "list@example.org"]);
  });

  it("text arrives as it was written: dots, long lines, letters of every kind", async () => {
    await at.begin();
    const text = `.\n..\nFrom me\n${"x".repeat(3_000)}\nGrüße 你好 👋\n\n-- \nlast`;
    await at.done(at.command("Create", { object: note({ text, to: [ann] }) }));
    expect((await at.last()).text?.trimEnd()).toBe(text);
    const lines = at.smtp.taken[0]!.raw.toString("latin1").split("\r\n");
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(998);
    expect(lines.join("")).toMatch(/^[\x20-\x7e\t]*$/);
  });

  it("a mail without a name is called by the beginning of its text", async () => {
    await at.begin();
    const subject = async (text: string) => {
      await at.done(at.command("Create", { object: note({ text, to: [ann] }) }));
      return (await at.last()).subject;
    };
    expect(await subject("\n\n  Lunch at noon?\nBring a friend.")).toBe("Lunch at noon?");
    expect(await subject(`${"word ".repeat(30)}end`)).toBe(`${"word ".repeat(13)}word …`);
  });

  it("an id that is no UUID is refused", async () => {
    await at.begin();
    const receipt = await at.perform(at.command("Create", { id: "x>\r\nBcc: a@b", object: note({ to: [ann] }) }));
    expect(receipt).toMatchObject({ outcome: "refused", reason: expect.stringMatching(/UUID/) });
  });

  it("a preview sends nothing and says what would be", async () => {
    await at.begin();
    const item = await inInbox(question());
    const command = at.command("Create", { item, object: note(), preview: true });
    const preview = await at.done(command);
    expect(preview.native).toBe("SMTP: answer <Q.1@Example.ORG> to ann@example.org: Re: Printer");
    expect(at.smtp.begun()).toBe(0);
    expect(await at.subjects("Sent")).toEqual([]);
    const { preview: _, ...real } = command;
    expect((await at.done(real)).digest).toBe(preview.digest);
    const other = await at.done({ ...command, object: note({ text: "Something else" }) });
    expect(other.digest).not.toBe(preview.digest);
  });

  it("answers to what we sent name it by its delivery", async () => {
    await at.begin();
    const command = at.command("Create", { object: note({ name: "Ours", to: [{ id: `mailto:${at.user}` }] }) });
    await at.done(command);
    const id = `gs.${command.id}@example.org`;
    await at.put("INBOX", question(`In-Reply-To: <${id}>\r\n`).replace("<Q.1@Example.ORG>", "<a@x>"));
    await at.put("INBOX", question("").replace("<Q.1@Example.ORG>", `<${id}>`));
    const [echo, answer, forged] = await at.look(await at.collection("inbox"));
    expect(echo?.mine).toEqual({ marker: command.id });
    expect(answer?.object).toMatchObject({ inReplyTo: [{ marker: command.id }, { evidence: `mid:${id}` }] });
    expect(answer?.mine).toBeUndefined();
    // The id of ours on somebody else's mail makes it none of ours.
    expect(forged?.mine).toBeUndefined();
  });
});
