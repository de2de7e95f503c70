/** Flags, labels, moving, deleting and passing on, in the mailboxes of a real Dovecot and behind a proxy with fewer abilities. */

import type { Collection, Command, ItemRef, Receipt, Verb } from "groupstream";
import PostalMime from "postal-mime";
import { describe, expect, it } from "vitest";
import { gmail, labelKeyword } from "../../lab/imap-proxy/traits/gmail.ts";
import { refusing } from "../../lab/imap-proxy/traits/trouble.ts";
import { uidvalidity } from "../../lab/imap-proxy/traits/uidvalidity.ts";
import { without } from "../../lab/imap-proxy/traits/without.ts";
import { letter } from "./account.ts";
import { ALL_MAIL } from "./habits.ts";
import { header, note, office, reasons, stood } from "./sending.ts";
import { hasDovecot, never } from "./world.ts";

describe.skipIf(!hasDovecot)("filing", () => {
  const at = office();

  const inbox = async (name: string, flags: readonly string[] = []): Promise<ItemRef> => {
    const key = await at.put("INBOX", letter(name), flags);
    return { collection: (await at.collection("inbox")).id, key };
  };
  const perform = (verb: Verb, item: ItemRef, more: Partial<Command> = {}): Promise<Receipt> =>
    at.perform(at.command(verb, { item, ...more }));
  const flagsOf = async (mailbox: string): Promise<string[]> => {
    await at.raw.command(`EXAMINE "${mailbox}"`);
    const text = await at.raw.command("UID FETCH 1:* (FLAGS)").catch(() => "");
    return [...text.matchAll(/FLAGS \(([^)]*)\)/g)].map(([, flags]) => (flags ?? "").replace(/ ?\\Recent/, "").trim());
  };
  const archive = async (): Promise<Collection> => {
    await at.raw.command("CREATE Archive");
    return at.collection({ name: "Archive" });
  };
  /** The sighting of a receipt is what a look sees: reading it back tells nothing. */
  const same = async (receipt: Receipt, collection: Collection): Promise<void> => {
    if (receipt.outcome !== "done") throw new Error(receipt.reason);
    const sighting = stood(receipt.stands);
    const seen = (await at.look(collection)).find(({ key }) => key === sighting.key);
    const { seen: _, text: __, content: ___, ...view } = (seen?.object ?? {}) as Record<string, unknown>;
    const { seen: ____, ...told } = sighting.object as unknown as Record<string, unknown>;
    expect([sighting.revision, told, sighting.order]).toEqual([seen?.revision, view, seen?.order]);
  };

  it("stars and keywords come and go, and stand as a look sees them", async () => {
    await at.begin();
    const item = await inbox("one");
    const box = await at.collection("inbox");
    const added = await perform("Add", item, { flag: "flagged" });
    expect(added).toMatchObject({
      outcome: "done",
      stands: { collection: box.id, sighting: { object: { flags: ["flagged"] } } },
    });
    await same(added, box);
    await perform("Add", item, { flag: "urgent" });
    expect(await flagsOf("INBOX")).toEqual(["\\Flagged urgent"]);
    await same(await perform("Remove", item, { flag: "flagged" }), box);
    // Once more changes nothing and is done.
    expect(await perform("Remove", item, { flag: "flagged" })).toMatchObject({ outcome: "done" });
    expect(await flagsOf("INBOX")).toEqual(["urgent"]);
    expect(await perform("Add", item, { flag: "two words" })).toMatchObject({ outcome: "refused" });
    expect(await perform("Add", item, { flag: "\\Deleted" })).toMatchObject({ outcome: "refused" });
    expect(await flagsOf("INBOX")).toEqual(["urgent"]);
  });

  it("read and unread", async () => {
    await at.begin();
    const item = await inbox("one");
    const read = await perform("Read", item);
    expect(read).toMatchObject({ stands: { sighting: { object: { seen: true } } } });
    expect(await flagsOf("INBOX")).toEqual(["\\Seen"]);
    expect(await perform("Undo", item, { undoes: "Read" })).toMatchObject({ stands: { sighting: { object: { seen: false } } } });
    expect(await perform("Undo", item, { undoes: "Like" })).toMatchObject({ outcome: "refused" });
  });

  it("an item that is gone, a mailbox made anew, a mailbox that is gone: refused, nothing changed", async () => {
    const validity = uidvalidity();
    await at.begin({ traits: [validity] });
    const item = await inbox("one");
    const { key } = (await at.look(await at.collection("inbox")))[0]!;
    const gone = { outcome: "refused", reason: expect.stringMatching(/gone there/) };
    const target = await archive();
    for (const verb of ["Add", "Move", "Delete", "Read"] as const) {
      const command = { flag: "flagged", collection: target };
      expect(await perform(verb, { ...item, key: key.replace(/\d+$/, "77") }, command)).toMatchObject(gone);
      expect(await perform(verb, { ...item, key: "1-1" }, command)).toMatchObject(gone);
      expect(await perform(verb, { collection: "Nowhere", key }, command)).toMatchObject(gone);
    }
    expect(await flagsOf("INBOX")).toEqual([""]);
    expect(await perform("Move", { ...item, key }, { collection: { ...target, id: "Nowhere" } })).toMatchObject({
      outcome: "refused",
      reason: expect.stringMatching(/not there/),
    });
  });

  it.each([
    ["by MOVE", []],
    ["by MOVE, without UIDPLUS", [without("UIDPLUS")]],
    ["by COPY and UID EXPUNGE", [without("MOVE")]],
  ] as const)("moves %s: one message, at its new place, others untouched", async (_, traits) => {
    await at.begin({ traits });
    await inbox("other", ["\\Deleted"]);
    const item = await inbox("one", ["\\Flagged"]);
    const target = await archive();
    const receipt = await perform("Move", item, { collection: target });
    expect(receipt).not.toHaveProperty("losses");
    expect(receipt).toMatchObject({
      stands: { collection: target.id, sighting: { object: { name: "one", flags: ["flagged"] } } },
    });
    await same(receipt, target);
    expect(await at.subjects("INBOX")).toEqual(["other"]);
    expect(await at.subjects("Archive")).toEqual(["one"]);
    expect(await perform("Move", item, { collection: target })).toMatchObject({ outcome: "refused" });
  });

  it("without MOVE and UIDPLUS a moved message stays marked, with the loss; nobody else's is expunged", async () => {
    await at.begin({ traits: [without("MOVE", "UIDPLUS")] });
    await inbox("other", ["\\Deleted"]);
    const item = await inbox("one");
    const target = await archive();
    const receipt = await perform("Move", item, { collection: target });
    expect(receipt).toMatchObject({ outcome: "done", stands: { collection: target.id } });
    expect("losses" in receipt ? reasons(receipt.losses) : "").toMatch(/^deleted: .*UID EXPUNGE/);
    expect(await at.subjects("INBOX")).toEqual(["other", "one"]);
    expect(await flagsOf("INBOX")).toEqual(["\\Deleted", "\\Deleted"]);
    expect(at.proxy?.commands.filter((line) => /EXPUNGE/.test(line))).toEqual([]);
    const manifest = await at.adapter.describe(never);
    expect([manifest.takes.Move?.level, manifest.takes.Delete?.level]).toEqual(["degraded", "degraded"]);
  });

  it("a move whose line was cut between copy and expunge is finished without a second copy", async () => {
    const trouble = refusing();
    await at.begin({ traits: [without("MOVE"), trouble] });
    const item = await inbox("one");
    const target = await archive();
    trouble.instead.push({ command: /^UID STORE/, answer: "BYE going down" });
    const command = at.command("Move", { item, collection: target });
    expect(await at.perform(command)).toMatchObject({ outcome: "unknown" });
    expect(await at.adapter.find!(command, never)).toBe("absent");
    expect(await at.perform({ ...command, attempt: 2 })).toMatchObject({ outcome: "done", stands: { collection: target.id } });
    expect([await at.subjects("INBOX"), await at.subjects("Archive")]).toEqual([[], ["one"]]);
  });

  it("a repeated move takes no other mail with its Message-ID for the copy", async () => {
    await at.begin({ traits: [without("MOVE")] });
    const item = await inbox("one");
    const target = await archive();
    await at.put("Archive", letter("one", "X-Other: an older version\r\n"));
    expect(await perform("Move", item, { collection: target, attempt: 2 })).toMatchObject({ outcome: "done" });
    expect([await at.subjects("INBOX"), await at.subjects("Archive")]).toEqual([[], ["one", "one"]]);
  });

  it("deletes into the trash, and from there for good", async () => {
    await at.begin();
    await inbox("other", ["\\Deleted"]);
    const item = await inbox("one");
    expect(await perform("Delete", item)).toEqual({
      outcome: "done",
      stands: { collection: item.collection, sighting: { key: item.key, gone: true } },
    });
    expect([await at.subjects("INBOX"), await at.subjects("Trash")]).toEqual([["other"], ["one"]]);
    const trash = await at.collection("trash");
    const [binned] = await at.look(trash);
    const inTrash = { collection: trash.id, key: binned!.key };
    expect(await perform("Delete", inTrash)).toEqual({
      outcome: "done",
      stands: { collection: trash.id, sighting: { key: binned!.key, gone: true, final: true } },
    });
    expect(await at.subjects("Trash")).toEqual([]);
    // A repeat finds it gone, which is what was asked for.
    expect(await perform("Delete", inTrash, { attempt: 2 })).toMatchObject({ outcome: "done" });
  });

  it("what a server refuses is refused, and tried again; what it cuts off is unknown", async () => {
    const trouble = refusing();
    await at.begin({ traits: [trouble] });
    const item = await inbox("one");
    trouble.instead.push({ command: /^UID STORE/, answer: "NO [NOPERM] no" });
    expect(await perform("Add", item, { flag: "flagged" })).toMatchObject({ outcome: "refused", again: true });
    trouble.instead.push({ command: /^UID STORE/, answer: "BYE down" });
    const command = at.command("Add", { item, flag: "flagged" });
    expect(await at.perform(command)).toMatchObject({ outcome: "unknown" });
    expect(await at.adapter.find!(command, never)).toBe("absent");
    trouble.instead.push({ command: /^SELECT/, answer: "BYE down" });
    // Lost before anything was begun: made again on a new connection, or refused for another time.
    const receipt = await at.perform(command);
    if (receipt.outcome !== "done") expect(await at.perform(command)).toMatchObject({ outcome: "done" });
    expect(await at.adapter.find!(command, never)).toMatchObject({ sighting: { object: { flags: ["flagged"] } } });
  });

  it("a dead writing connection is replaced silently", async () => {
    await at.begin({ traits: [] });
    const item = await inbox("one");
    await perform("Add", item, { flag: "one" });
    at.proxy!.cut();
    expect(await perform("Add", item, { flag: "two" })).toMatchObject({ outcome: "done" });
    expect(await flagsOf("INBOX")).toEqual(["one two"]);
  });

  it("a preview does nothing and says what would be done", async () => {
    await at.begin();
    const item = await inbox("one");
    const target = await archive();
    const native = async (verb: Verb, more: Partial<Command>) => {
      const receipt = await perform(verb, item, { ...more, preview: true });
      return receipt.outcome === "done" ? receipt.native : receipt.reason;
    };
    expect(await native("Move", { collection: target })).toBe("IMAP: in INBOX: UID MOVE 1 Archive");
    expect(await native("Add", { flag: "flagged" })).toBe("IMAP: in INBOX: UID STORE 1 +FLAGS (\\Flagged)");
    expect([await at.subjects("INBOX"), await flagsOf("INBOX")]).toEqual([["one"], [""]]);
  });

  it("puts a message into a further mailbox as a copy", async () => {
    await at.begin();
    const item = await inbox("one");
    const target = await archive();
    expect(await perform("Add", item, { collection: target })).toMatchObject({ stands: { collection: target.id } });
    expect([await at.subjects("INBOX"), await at.subjects("Archive")]).toEqual([["one"], ["one"]]);
    expect(await perform("Remove", item, { collection: target })).toMatchObject({ outcome: "refused" });
  });

  describe("Gmail", () => {
    it("labels are given and taken, and a move is another label", async () => {
      await at.begin({ traits: [gmail(ALL_MAIL), without("QRESYNC")] });
      for (const box of [ALL_MAIL, "Kunden"]) await at.raw.command(`CREATE "${box}"`);
      const key = await at.put(ALL_MAIL, letter("offer"), [labelKeyword("\\Inbox")]);
      const all = await at.collection("all");
      const item: ItemRef = { collection: all.id, key };
      const label: Collection = { id: "Kunden", name: "Kunden", audience: "unknown" };
      const labels = async (receipt: Promise<Receipt>): Promise<unknown> => {
        const done = await receipt;
        if (done.outcome !== "done") throw new Error(done.reason);
        return (stood(done.stands).object as { labels?: unknown }).labels;
      };
      expect(await labels(perform("Add", item, { collection: label }))).toEqual(["INBOX", "Kunden"]);
      expect(await labels(perform("Remove", item, { collection: label }))).toEqual(["INBOX"]);
      expect(await labels(perform("Move", item, { collection: label }))).toEqual(["Kunden"]);
      expect(await at.subjects(ALL_MAIL)).toEqual(["offer"]);
    });
  });

  it("what Gmail itself kept of a sent mail is found in All Mail, and the mail not sent again", async () => {
    await at.begin({ traits: [gmail(ALL_MAIL), without("QRESYNC")], smtp: { saveSent: false } });
    await at.raw.command(`CREATE "${ALL_MAIL}"`);
    const command = at.command("Create", { object: note({ to: [{ id: "mailto:ann@example.org" }] }) });
    expect(await at.adapter.find!(command, never)).toBe("unknown");
    await at.put(
      ALL_MAIL,
      letter("kept")
        .replace("<kept@x>", `<gs.${command.id}@example.org>`)
        .replace(/From: .*/, `From: <${at.user}>\r`),
    );
    const all = await at.collection("all");
    const there = { collection: all.id, sighting: { mine: { marker: command.id }, object: { name: "kept" } } };
    expect(await at.adapter.find!(command, never)).toMatchObject(there);
    expect(await at.perform({ ...command, attempt: 2 })).toMatchObject({ outcome: "done", stands: there });
    expect(at.smtp.begun()).toBe(0);
  });

  describe("passing on", () => {
    const people = { to: [{ id: "mailto:ann@example.org" }] };

    it("the original goes whole, attached, without those who were told unseen", async () => {
      await at.begin();
      const key = await at.put(
        "Sent",
        letter("offer", "Bcc: hidden@example.org,\r\n hidden2@example.org\r\nX-Kept: yes\r\n").replace("hello offer", "grüße"),
      );
      const item = { collection: (await at.collection("sent")).id, key };
      const command = at.command("Announce", { item, object: note({ ...people, name: "offer" }) });
      const receipt = await at.done(command);
      const mail = await at.last();
      expect(mail.subject).toBe("Fwd: offer");
      expect(mail.text).toContain("From: Ann <ann@example.org>");
      expect(mail.inReplyTo ?? mail.references).toBeUndefined();
      expect(mail.messageId).toBe(`<gs.${command.id}@example.org>`);
      const raw = at.smtp.taken[0]!.raw.toString();
      expect(raw).not.toMatch(/hidden/);
      expect(raw).toContain("X-Kept: yes");
      const [file] = (await PostalMime.parse(raw, { forceRfc822Attachments: true })).attachments;
      expect(file).toMatchObject({ mimeType: "message/rfc822", filename: "offer.eml" });
      const original = await PostalMime.parse(file!.content as ArrayBuffer);
      expect([header(original, "message-id"), original.text?.trim()]).toEqual(["<offer@x>", "grüße"]);
      expect(stood(receipt.stands).mine).toEqual({ marker: command.id });
    });

    it("what is larger than 25 MiB is refused before it is read", async () => {
      await at.begin({ traits: [] });
      const key = await at.put("INBOX", `${letter("huge")}${"0123456789abcdef\r\n".repeat(1_500_000)}`);
      const item = { collection: (await at.collection("inbox")).id, key };
      expect(await at.perform(at.command("Announce", { item, object: note(people) }))).toMatchObject({
        outcome: "refused",
        reason: expect.stringMatching(/larger than 26214400 bytes/),
      });
      expect(at.proxy?.commands.filter((line) => /FETCH .*BODY(\.PEEK)?\[\]/.test(line))).toEqual([]);
    });

    it("a message that is gone, nobody to send it to, nothing named: refused", async () => {
      await at.begin();
      const item = await inbox("one");
      const announce = (more: Partial<Command>) => at.perform(at.command("Announce", more));
      expect(await announce({ item, object: note() })).toMatchObject({ outcome: "refused" });
      expect(await announce({ object: note(people) })).toMatchObject({ outcome: "refused" });
      const gone = { ...item, key: item.key.replace(/\d+$/, "99") };
      expect(await announce({ item: gone, object: note(people) })).toMatchObject({ reason: expect.stringMatching(/gone there/) });
      const preview = await at.done(at.command("Announce", { item, object: note(people), preview: true }));
      expect(preview.native).toBe("SMTP: pass on <one@x> to ann@example.org: Fwd: one");
      expect(at.smtp.begun()).toBe(0);
    });
  });

  it("says what it takes; without smtp no mail is sent", async () => {
    await at.begin();
    const manifest = await at.adapter.describe(never);
    expect(manifest.acts).toEqual(["Create", "Announce", "Accept", "TentativeAccept", "Reject"]);
    expect(Object.keys(at.adapter.performs!).sort()).toEqual(
      Object.entries(manifest.takes)
        .filter(([, { level }]) => level !== "none")
        .map(([verb]) => verb)
        .sort(),
    );
  });
});
