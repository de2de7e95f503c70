/** What other servers do, by a scripted one. */

import type { Adapter, Collection, Sighting } from "groupstream";
import { imap } from "groupstream/adapters/imap";
import { afterEach, describe, expect, it } from "vitest";
import { type Fake, type FakeMailbox, type FakeOptions, startFake } from "./fake.ts";
import { Believer, fetched, listed, looked, metadata, never } from "./world.ts";

const letter = (id: string): string =>
  `From: anna@example.org\r\nTo: bob@example.org\r\nSubject: ${id}\r\nDate: Mon, 05 Jan 2026 08:00:00 +0000\r\nMessage-ID: <${id}@x>\r\n\r\nhello ${id}\r\n`;

const box = (path: string, attributes = "", more: Partial<FakeMailbox> = {}): FakeMailbox => ({
  path,
  attributes,
  validity: 7,
  uidNext: 1,
  messages: [],
  ...more,
});

describe("other servers", () => {
  let fake: Fake;
  let adapter: Adapter;

  const begin = async (options: FakeOptions, ...boxes: FakeMailbox[]): Promise<void> => {
    fake = await startFake(options);
    fake.mailboxes.push(...boxes);
    adapter = imap({ id: "mail", host: "127.0.0.1", port: fake.port, auth: { user: "anna@example.org", pass: "test" } });
  };
  afterEach(async () => {
    await adapter[Symbol.asyncDispose]();
    await fake.close();
  });

  const byName = async (name: string): Promise<Collection> => (await listed(adapter)).find((one) => one.name === name)!;
  const sightings = async (where: Collection, since?: Parameters<typeof looked>[2]): Promise<Sighting[]> =>
    (await looked(adapter, where, since)).flatMap((page) => page.sightings);
  const count = (pattern: RegExp): number => fake.commands.filter((line) => pattern.test(line)).length;

  const gmail: FakeOptions = {
    capabilities: "IMAP4rev1 SASL-IR IDLE ENABLE CONDSTORE X-GM-EXT-1 SPECIAL-USE LIST-STATUS LIST-EXTENDED",
  };

  it("Gmail: all mail once, labels as whereabouts, drafts left out", async () => {
    await begin(
      gmail,
      box("INBOX", "\\HasNoChildren"),
      box("[Gmail]/All Mail", "\\All"),
      box("[Gmail]/Gesendet", "\\Sent"),
      box("[Gmail]/Papierkorb", "\\Trash"),
      box("[Gmail]/Spam", "\\Junk"),
      box("Kunden", "\\HasNoChildren"),
    );
    const all = "[Gmail]/All Mail";
    fake.add(all, {
      raw: letter("one"),
      emailId: "1278455344230334865",
      threadId: "1266894439832287888",
      labels: ["\\Inbox", "Kunden", "\\Important"],
    });
    fake.add(all, { raw: letter("two"), emailId: "1278455344230334866", threadId: "1266894439832287889", labels: ["\\Sent"] });
    fake.add(all, { raw: letter("draft"), emailId: "1278455344230334867", threadId: "1", labels: ["\\Draft"] });
    expect((await listed(adapter)).map(({ name, role }) => `${name} ${role}`).sort()).toEqual([
      "[Gmail]/All Mail all",
      "[Gmail]/Papierkorb trash",
    ]);
    const mails = await byName(all);
    const [page] = await looked(adapter, mails);
    expect(page!.sightings).toMatchObject([
      {
        object: { name: "one", labels: ["INBOX", "Kunden"], context: [{ evidence: "t:1266894439832287888" }, {}] },
        same: [{ id: "i:1278455344230334865", weight: "identity", within: "system" }, {}, {}],
      },
      { object: { name: "two", labels: ["[Gmail]/Gesendet"] } },
      { out: true },
    ]);
    fake.change(all, 1, { labels: ["Kunden"] });
    expect(await sightings(mails, page!.position)).toMatchObject([{ key: "7-1", set: { labels: ["Kunden"] } }]);
    expect(await fetched(adapter, mails, ["7-3"])).toEqual([{ key: "7-3", gone: true }]);
  });

  it("OBJECTID: a renamed mailbox keeps its id, one made anew under the old name does not", async () => {
    await begin(
      { capabilities: "IMAP4rev1 SASL-IR ENABLE CONDSTORE OBJECTID LIST-STATUS LIST-EXTENDED" },
      box("INBOX", "", { mailboxId: "F1" }),
      box("Work", "", { mailboxId: "F2", validity: 8 }),
    );
    fake.add("Work", { raw: letter("one"), emailId: "M1", threadId: "T1" });
    const ids = async (): Promise<string[]> => (await listed(adapter)).map(({ id, name }) => `${id} ${name}`).sort();
    expect(await ids()).toEqual(["F1 INBOX", "F2 Work"]);
    const work = await byName("Work");
    expect(await sightings(work)).toMatchObject([
      { key: "8-1", same: [{ id: "i:M1", weight: "identity" }, {}, {}], object: { context: [{ evidence: "t:T1" }, {}] } },
    ]);
    fake.mailboxes[1]!.path = "Old work";
    fake.mailboxes.push(box("Work", "", { mailboxId: "F3", validity: 9 }));
    expect(await ids()).toEqual(["F1 INBOX", "F2 Old work", "F3 Work"]);
    // The collection as it was known before finds its mailbox by id.
    expect(await sightings(work)).toMatchObject([{ key: "8-1" }]);
    const opened = count(/^EXAMINE/);
    await listed(adapter);
    expect(count(/^EXAMINE/)).toBe(opened);
  });

  it.each([
    [
      "an empty ENABLED (iCloud)",
      { capabilities: "IMAP4rev1 SASL-IR ENABLE CONDSTORE QRESYNC LIST-STATUS LIST-EXTENDED", enabled: "" },
    ],
    ["NOMODSEQ", { capabilities: "IMAP4rev1 SASL-IR ENABLE CONDSTORE LIST-STATUS LIST-EXTENDED", noModseq: true }],
    ["no ENABLE at all", { capabilities: "IMAP4rev1 SASL-IR" }],
  ])("%s: flags are compared, equal state has an equal revision, nothing claims to be unchanged", async (_, options) => {
    await begin(options, box("INBOX"));
    for (let n = 1; n <= 5; n++) fake.add("INBOX", { raw: letter(`${n}`), flags: n === 2 ? ["\\Flagged", "Work"] : [] });
    const believer = new Believer(adapter);
    await believer.round();
    expect((await byName("INBOX")).revision).toBeUndefined();
    await believer.round();
    expect(believer.told).toBe(0);
    fake.change("INBOX", 3, { flags: ["work"] });
    fake.mailboxes[0]!.messages.splice(0, 1);
    fake.add("INBOX", { raw: letter("6") });
    await believer.round();
    expect(believer.told).toBe(3);
    expect(believer.state()).toEqual({ INBOX: ["2 2 [flagged work]", "3 3 [work]", "4 4 []", "5 5 []", "6 6 []"] });
    expect(count(/CHANGEDSINCE/)).toBe(0);
  });

  it("shows the mailboxes in scope with their roles, owner, readers and address", async () => {
    fake = await startFake({ capabilities: "IMAP4rev1 SASL-IR SPECIAL-USE LIST-EXTENDED" });
    fake.mailboxes.push(
      box("INBOX"),
      box("Sent", "\\Sent"),
      box("Entw&APw-rfe", "\\Drafts"),
      box("Spam", "\\Junk"),
      box("Work/B&APw-ro"),
      box("Work", "\\Noselect"),
    );
    const base = { id: "mail", host: "127.0.0.1", port: fake.port, auth: { user: "Anna@Example.org", pass: "test" } };
    const shown = async (more: Partial<Parameters<typeof imap>[0]>): Promise<Collection[]> => {
      await adapter?.[Symbol.asyncDispose]();
      adapter = imap({ ...base, ...more });
      return listed(adapter);
    };
    const names = async (more: Partial<Parameters<typeof imap>[0]>): Promise<string[]> =>
      (await shown(more)).map(({ name }) => name).sort();
    expect(await names({})).toEqual(["INBOX", "Sent", "Work/Büro"]);
    expect(await names({ exclude: [] })).toEqual(["Entwürfe", "INBOX", "Sent", "Spam", "Work/Büro"]);
    expect(await names({ exclude: ["sent", "Work/Büro"] })).toEqual(["Entwürfe", "INBOX", "Spam"]);
    expect(await names({ mailboxes: ["inbox", "Work/Büro"] })).toEqual(["INBOX", "Work/Büro"]);
    const [first] = await shown({ mailboxes: ["Work/Büro"], readers: ["mailto:bob@example.org"] });
    expect(first).toMatchObject({
      id: "Work/Büro",
      owner: "mailto:Anna@example.org",
      audience: ["mailto:Anna@example.org", "mailto:bob@example.org"],
      address: "imap://127.0.0.1/Anna%40Example.org/Work/B%C3%BCro",
    });
    expect(await shown({ auth: { user: "anna", pass: "test" } })).toMatchObject([{ audience: "unknown" }, {}, {}]);
  });

  const condstore: FakeOptions = { capabilities: "IMAP4rev1 SASL-IR ENABLE CONDSTORE LIST-STATUS LIST-EXTENDED" };

  it("a row left out of an answer is no removal, and no reason to stop", async () => {
    await begin(condstore, box("INBOX"));
    for (let n = 1; n <= 4; n++) fake.add("INBOX", { raw: letter(`${n}`) });
    fake.omitted.add(2);
    const where = await byName("INBOX");
    const pages = await looked(adapter, where);
    expect(pages.flatMap((page) => page.sightings)).toMatchObject([
      { key: "7-1" },
      { key: "7-2", malformed: { part: "raw" } },
      { key: "7-3" },
      { key: "7-4" },
    ]);
    expect(await fetched(adapter, where, ["7-2", "7-9"])).toMatchObject([
      { key: "7-2", malformed: {} },
      { key: "7-9", gone: true },
    ]);
    fake.omitted.clear();
    expect(await fetched(adapter, where, ["7-2"])).toMatchObject([{ key: "7-2", object: { name: "2" } }]);
  });

  it("a message the server cannot give is quarantined, all others are read", async () => {
    await begin(condstore, box("INBOX"));
    for (let n = 1; n <= 300; n++) fake.add("INBOX", { raw: letter(`${n}`) });
    fake.refused.add(123);
    const all = await sightings(await byName("INBOX"));
    // The connection is as good as before a NO.
    expect(count(/^AUTHENTICATE|^LOGIN/)).toBe(1);
    expect(all).toHaveLength(300);
    expect(all.filter((sighting) => "malformed" in sighting)).toMatchObject([{ key: "7-123", malformed: { part: "raw" } }]);
  });

  it("so is one at which the server hangs up; where it always hangs up no message is blamed", async () => {
    await begin(condstore, box("INBOX"));
    for (let n = 1; n <= 300; n++) fake.add("INBOX", { raw: letter(`${n}`) });
    fake.cutOff.add(123).add(7);
    const where = await byName("INBOX");
    const all = await sightings(where);
    expect(all).toHaveLength(300);
    expect(all.filter((sighting) => "malformed" in sighting).map(({ key }) => key)).toEqual(["7-7", "7-123"]);
    for (let n = 1; n <= 300; n++) fake.cutOff.add(n);
    await expect(sightings(where)).rejects.toMatchObject({ code: "unreachable", message: expect.stringContaining("failed") });
    expect(count(/^AUTHENTICATE|^LOGIN/)).toBeLessThan(200);
  });

  it("keeps the MODSEQ of the opening: what changes while it is read is told by the next look", async () => {
    await begin(condstore, box("INBOX"));
    for (let n = 1; n <= 600; n++) fake.add("INBOX", { raw: letter(`${n}`) });
    const where = await byName("INBOX");
    let position: Parameters<typeof looked>[2];
    let changed = false;
    for await (const page of adapter.changes!(where, undefined, metadata, never)) {
      if (!changed) fake.change("INBOX", 1, { flags: ["\\Flagged"] });
      if (!changed) fake.change("INBOX", 600, { flags: ["late"] });
      changed = true;
      position = page.position;
    }
    expect(await sightings(where, position)).toMatchObject([
      { key: "7-1", set: { flags: ["flagged"] } },
      { key: "7-600", set: { flags: ["late"] } },
    ]);
  });

  it("asks little: one listing when nothing is new, three commands for a changed mailbox", async () => {
    await begin(condstore, box("INBOX"), box("Sent", "\\Sent"));
    fake.add("INBOX", { raw: letter("1") });
    const preview = new Believer(adapter, { text: "preview", behaviour: false });
    await preview.round();
    await preview.round();
    fake.commands.length = 0;
    await preview.round();
    expect(fake.commands).toEqual([expect.stringMatching(/^LIST .*STATUS/)]);
    fake.add("INBOX", { raw: letter("2") });
    fake.commands.length = 0;
    await preview.look(await byName("INBOX"));
    expect(fake.commands.slice(1).map((line) => line.split(" ").slice(0, 2).join(" "))).toEqual([
      "EXAMINE INBOX",
      "UID FETCH",
      "UID FETCH",
      "UID FETCH",
    ]);
  });

  it("a mailbox that is gone is skipped, a position of another version is listed again", async () => {
    await begin(condstore, box("INBOX"), box("Work"));
    const work = await byName("Work");
    fake.mailboxes.pop();
    await expect(sightings(work)).rejects.toMatchObject({ code: "forbidden", collection: "Work" });
    const where = await byName("INBOX");
    for (const position of [
      null,
      17,
      { v: 2 },
      { v: 1, validity: 7 },
      { v: 1, validity: "7", uidNext: 1, exists: 0, listing: { id: 1 } },
    ])
      await expect(sightings(where, position)).rejects.toMatchObject({ code: "position-lost" });
  });
});
