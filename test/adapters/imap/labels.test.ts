/** What Gmail and servers with OBJECTID give beyond the conformance kit, as a hub tells it. */

import type { View } from "groupstream";
import { describe, expect, it } from "vitest";
import { mailboxName } from "../../lab/imap.ts";
import { gmail, labelKeyword } from "../../lab/imap-proxy/traits/gmail.ts";
import { objectid } from "../../lab/imap-proxy/traits/objectid.ts";
import { uidvalidity } from "../../lab/imap-proxy/traits/uidvalidity.ts";
import { without } from "../../lab/imap-proxy/traits/without.ts";
import { accountBehindProxy, letter } from "./account.ts";
import { ALL_MAIL } from "./habits.ts";
import { fetched, hasDovecot, listed, looked } from "./world.ts";

describe.skipIf(!hasDovecot)("ids and labels", () => {
  const at = accountBehindProxy();

  describe("Gmail", () => {
    /** A mail with labels: in `\All`, and a copy in the mailbox of each. */
    const file = async (name: string, ...labels: string[]): Promise<void> => {
      const mail = { raw: letter(name), flags: labels.map(labelKeyword) };
      const [uid] = await at.raw.append(ALL_MAIL, [mail]);
      // \Important has no mailbox here.
      const boxes = labels.filter((label) => label !== "\\Important").map(boxOf);
      await at.within(ALL_MAIL, ...boxes.map((box) => `UID COPY ${uid} ${mailboxName(box)}`));
    };
    const boxOf = (label: string): string => (label === "\\Inbox" ? "INBOX" : label);
    const label = async (uid: number, name: string, on: boolean): Promise<void> =>
      at.within(ALL_MAIL, `UID STORE ${uid} ${on ? "+" : "-"}FLAGS (${labelKeyword(name)})`);

    const beginGmail = async (hidden = false): Promise<void> => {
      await at.begin([gmail(hidden ? undefined : ALL_MAIL), without("QRESYNC")], hidden ? { exclude: [ALL_MAIL] } : {});
      for (const box of [ALL_MAIL, "Kunden", "Kunden/Büro"]) await at.raw.command(`CREATE ${mailboxName(box)}`);
    };

    it("a mail in three labels is one thing; a label that comes or goes is told as Add and Remove", async () => {
      await beginGmail();
      expect(await at.told()).toEqual([]);
      await file("offer", "\\Inbox", "Kunden", "\\Important");
      expect(await at.told()).toEqual([`Create offer > mail/${ALL_MAIL}`, "Add offer > mail/INBOX", "Add offer > mail/Kunden"]);
      expect(await at.told()).toEqual([]);
      await label(1, "Kunden/Büro", true);
      expect(await at.told()).toEqual(["Add offer > mail/Kunden/Büro"]);
      await label(1, "Kunden", false);
      expect(await at.told()).toEqual(["Remove offer mail/Kunden"]);
      await at.within(
        ALL_MAIL,
        `UID STORE 1 +FLAGS (${labelKeyword("Kunden")})`,
        `UID STORE 1 -FLAGS (${labelKeyword("\\Inbox")})`,
      );
      expect(await at.told()).toEqual(["Add offer > mail/Kunden", "Remove offer mail/INBOX"]);
      // Nobody opens the mailboxes of labels.
      expect(at.proxy.commands.filter((line) => /^(EXAMINE|SELECT)/.test(line) && /Kunden|INBOX/.test(line))).toEqual([]);
    });

    it("the evidence is X-GM-MSGID, all digits of it; the thread is X-GM-THRID", async () => {
      await beginGmail();
      await at.raw.append(ALL_MAIL, [{ raw: letter("one") }, { raw: letter("two", "References: <one@x>\r\n") }]);
      const all = (await listed(at.adapter)).find(({ role }) => role === "all")!;
      const found = await fetched(
        at.adapter,
        all,
        (await looked(at.adapter, all)).flatMap((page) => page.sightings.map(({ key }) => key)),
      );
      const [one, two] = found.map((sighting) => ("object" in sighting && sighting.object ? sighting : undefined)!);
      const ids = [one, two].map(({ same } = { same: [] } as never) => same?.find(({ weight }) => weight === "identity")?.id);
      expect(ids).toEqual([expect.stringMatching(/^i:\d{15,20}$/), expect.stringMatching(/^i:\d{15,20}$/)]);
      expect(ids[0]).not.toBe(ids[1]);
      const context = (view: View | undefined): unknown => (view as { context?: readonly unknown[] } | undefined)?.context?.[0];
      expect(context(one?.object)).toEqual(context(two?.object));
    });

    it("moved to the bin it is one Move, and Delete when the bin is emptied", async () => {
      await beginGmail();
      await at.told();
      await file("bill", "Kunden");
      await at.told();
      await at.within(ALL_MAIL, `UID STORE 1 FLAGS ()`, "UID MOVE 1 Trash");
      const moved = await at.told();
      expect(moved.filter((line) => /^(Create|Delete)/.test(line))).toEqual([]);
      expect(moved.some((line) => line.endsWith("> mail/Trash"))).toBe(true);
      await at.within("Trash", "UID STORE 1 +FLAGS (\\Deleted)", "UID EXPUNGE 1");
      expect((await at.told()).filter((line) => line.startsWith("Delete"))).toHaveLength(1);
    });

    it("where \\All is hidden, mailboxes are read one by one, and a mail in two of them is still one", async () => {
      await beginGmail(true);
      await at.told();
      await at.raw.append("INBOX", [{ raw: letter("twice") }]);
      await at.within("INBOX", "UID COPY 1 Kunden");
      const lines = await at.told();
      expect(lines.filter((line) => line.startsWith("Create"))).toHaveLength(1);
      await at.within("Kunden", "UID STORE 1 +FLAGS (\\Deleted)", "UID EXPUNGE 1");
      expect(await at.told()).toEqual(["Remove twice mail/Kunden"]);
    });
  });

  describe("OBJECTID", () => {
    it("tells which of two equal mails was moved, and nothing when a mailbox is renamed", async () => {
      await at.begin([objectid()]);
      await at.raw.command("CREATE Work");
      await at.told();
      // Equal to the last byte and without Message-ID: only the server knows that these are two.
      const nameless = letter("same").replace(/Message-ID: .*\r\n/, "");
      await at.raw.append("INBOX", [{ raw: nameless }, { raw: nameless }]);
      expect((await at.told()).map((line) => line.split(" > ")[0])).toEqual(["Create same", "Create same"]);
      const ids = [...at.names.keys()];
      expect(ids).toHaveLength(2);
      await at.within("INBOX", "UID MOVE 2 Work");
      const moved: string[] = [];
      expect(await at.told(moved)).toEqual([expect.stringMatching(/^Move same mail\/F\w+ > mail\/F\w+$/)]);
      expect(moved).toEqual([ids[1]]);
      await at.raw.command("RENAME Work Labour");
      expect(await at.told()).toEqual([]);
      await at.within("Labour", "UID STORE 1 +FLAGS (\\Deleted)", "UID EXPUNGE 1");
      const deleted: string[] = [];
      expect((await at.told(deleted)).map((line) => line.split(" ")[0])).toEqual(["Delete"]);
      expect(deleted).toEqual([ids[1]]);
    });

    it("equal mails with one Message-ID are one thing; the one that moves leaves the other standing", async () => {
      await at.begin([objectid()]);
      await at.raw.command("CREATE Work");
      await at.told();
      await at.raw.append("INBOX", [{ raw: letter("twin") }, { raw: letter("twin") }]);
      expect((await at.told()).map((line) => line.split(" > ")[0])).toEqual(["Create twin"]);
      await at.within("INBOX", "UID MOVE 2 Work");
      expect(await at.told()).toEqual([expect.stringMatching(/^Add twin > mail\/F\w+$/)]);
      await at.within("INBOX", "UID STORE 1 +FLAGS (\\Deleted)", "UID EXPUNGE 1");
      expect(await at.told()).toEqual([expect.stringMatching(/^Remove twin mail\/F\w+$/)]);
      await at.within("Work", "UID STORE 1 +FLAGS (\\Deleted)", "UID EXPUNGE 1");
      expect((await at.told()).map((line) => line.split(" ")[0])).toEqual(["Delete"]);
    });
  });

  it("another UIDVALIDITY tells nothing, although every key is another", async () => {
    const validity = uidvalidity();
    await at.begin([validity]);
    await at.raw.append(
      "INBOX",
      Array.from({ length: 30 }, (_, n) => ({ raw: letter(`m${n}`) })),
    );
    await at.told();
    validity.renew("INBOX");
    at.proxy.cut();
    expect(await at.told()).toEqual([]);
    await at.within("INBOX", "UID STORE 3 +FLAGS (\\Deleted)", "UID EXPUNGE 3");
    expect(await at.told()).toEqual([expect.stringMatching(/^Delete .* mail\/INBOX$/)]);
  });
});
