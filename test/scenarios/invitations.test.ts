/**
 * Invitations by mail, from real servers to the log and back: one meeting, whether it is seen in a mailbox or in a calendar, and one
 * answer, where the organiser hears of it.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ActorId, type Adapter, type Hub, openHub } from "groupstream";
import { caldav } from "groupstream/adapters/caldav";
import { imap } from "groupstream/adapters/imap";
import PostalMime from "postal-mime";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Dav, openDav } from "../../src/protocol/dav/client.ts";
import { davItems } from "../../src/protocol/dav/items.ts";
import { davMake, davPut } from "../../src/protocol/dav/write.ts";
import { schedulingMessage } from "../../src/protocol/icalendar/itip.ts";
import { hasDovecot, serverOrReason } from "../adapters/imap/world.ts";
import { Room } from "../bridge/room.ts";
import { invited, type Meeting, mailOf, meeting } from "../fixtures/mail/invitations.ts";
import type { Dovecot } from "../lab/dovecot.ts";
import { LabUnavailable } from "../lab/packages.ts";
import { startRadicale } from "../lab/radicale.ts";
import { type SmtpLab, startSmtp } from "../lab/smtp.ts";
import { calendarAt, never } from "../protocol/dav/places.ts";

const calendars = await startRadicale({ users: ["bob"] }).catch((error): undefined => {
  if (!(error instanceof LabUnavailable) || process.env.CI) throw error;
  console.warn(`skipped: ${error.message}`);
});

describe.skipIf(!calendars || !hasDovecot)("an invitation by mail", () => {
  let mails: Dovecot;
  let smtp: SmtpLab;
  let dir: string;
  let dav: Dav;
  let url: string;
  let hub: Hub;
  let address: string;
  let bob: ActorId;
  let seq = 0;
  let count = 0;

  beforeAll(async () => {
    mails = (await serverOrReason())!;
  });
  afterAll(async () => {
    await mails?.stop();
    await calendars?.stop();
  });

  const open = async (
    systems: readonly Adapter[],
    more: Partial<Pick<Parameters<typeof openHub>[0], "routes" | "people">> = {},
  ): Promise<void> => {
    dir = await mkdtemp(join(tmpdir(), "groupstream-itip-"));
    hub = await openHub({ store: join(dir, "hub.db"), systems: [...systems], ...more });
    seq = 0;
    await sync();
  };
  const sync = async (): Promise<readonly string[]> => {
    const lines = await hub.sync();
    expect(lines.flatMap(({ failures }) => failures)).toEqual([]);
    const news: string[] = [];
    for await (const { seq: at, activity } of hub.activities({ after: seq })) {
      seq = at;
      news.push(activity.summaryMap.en);
    }
    return news;
  };
  /** What is told of meetings; of the mails they came with one Create each. */
  const told = async (): Promise<readonly string[]> =>
    (await sync()).filter((line) => !/message from|^Reply from|was added to Work/.test(line));
  const mailbox = (more: Partial<Parameters<typeof imap>[0]> = {}): Adapter =>
    imap({
      id: "mail",
      host: mails.host,
      port: mails.port,
      auth: { user: address, pass: mails.password },
      smtp: { host: smtp.host, port: smtp.port, secure: false, from: { name: "Bob", address } },
      ...more,
    });
  const calendar = (): Adapter =>
    caldav({
      id: "cal",
      url: calendars!.url,
      auth: { username: "bob", password: calendars!.password("bob") },
      allow: "private",
      owner: bob,
    });
  const ours = (more: Meeting = {}): Meeting => ({ uid: `m${count}@example.org`, attendees: [invited(address)], ...more });
  const arrive = (more: Meeting = {}, from = "Ada <ada@example.org>") =>
    mails.append(address, "INBOX", [mailOf(meeting(ours(more)), { from, to: address })]);
  const keep = async (more: Meeting = {}): Promise<void> => {
    let revision: string | undefined;
    for await (const item of davItems(dav, calendarAt(url), ["m.ics"], never))
      if (item.kind === "there") revision = item.resource.revision;
    const condition = revision === undefined ? ({ create: true } as const) : { match: revision };
    const written = await davPut(
      dav,
      `${url}m.ics`,
      meeting(ours({ ...more, method: "" })),
      { kind: "calendar", ...condition },
      never,
    );
    if (written.kind !== "done") throw new Error(`it is not written: ${JSON.stringify(written)}`);
  };
  const kept = async (): Promise<string> => {
    for await (const item of davItems(dav, calendarAt(url), ["m.ics"], never))
      if (item.kind === "there") return item.resource.data;
    throw new Error("it is not there");
  };
  /** The id of the meeting, of the log. */
  const theMeeting = async (): Promise<string> => {
    const ids = new Set<string>();
    for await (const { activity } of hub.activities({ after: 0 })) {
      const { object } = activity as { object?: { id?: string; type?: string } };
      if (object?.type === "Event" && object.id) ids.add(object.id);
    }
    expect(ids.size).toBe(1);
    return [...ids][0]!;
  };

  beforeEach(async () => {
    address = mails.user(`bob${process.pid}-${++count}`);
    bob = `mailto:${address}`;
    smtp = await startSmtp({ dovecot: mails });
    const access = { url: calendars!.url, auth: { username: "bob", password: calendars!.password("bob") } };
    dav = openDav({ system: "test", ...access, allow: "private" });
    url = `${calendars!.url}bob/c${Date.now()}${count}/`;
    await davMake(dav, url, { kind: "calendar", name: "Work" }, never);
  });
  afterEach(async () => {
    await hub.close();
    await dav.send({ method: "DELETE", url }, never);
    await dav[Symbol.asyncDispose]();
    await smtp[Symbol.asyncDispose]();
    await rm(dir, { recursive: true });
  });

  it("and its copy in the calendar are one meeting: scheduled, moved and cancelled once, whoever says it first", async () => {
    await open([mailbox(), calendar()]);
    await arrive();
    await keep();
    expect(await told()).toEqual(["“Review” was scheduled for Thu, 3 Dec 2026, 09:00 UTC"]);
    await arrive({ sequence: 1, stamp: "20261121T080000Z", start: "20261203T130000Z" });
    expect(await told()).toEqual(["“Review” was rescheduled to Thu, 3 Dec 2026, 13:00 UTC"]);
    await keep({ sequence: 1, stamp: "20261121T080000Z", start: "20261203T130000Z" });
    expect(await told()).toEqual([]);
    await arrive({
      method: "CANCEL",
      sequence: 2,
      stamp: "20261122T080000Z",
      start: "20261203T130000Z",
      more: ["STATUS:CANCELLED"],
    });
    expect(await told()).toEqual(["“Review” on Thu, 3 Dec 2026, 13:00 UTC was cancelled"]);
    // The first invitation again, late.
    await arrive();
    expect(await told()).toEqual([]);
    await theMeeting();
  });

  it("is answered by mail of the attendee, by nobody else's, and stays when its mail is thrown away", async () => {
    await open([mailbox({ owner: "mailto:ada@example.org" })]);
    const eve = invited("eve@example.org");
    await arrive({ attendees: [invited(address), eve] });
    await told();
    const answer = (partstat: string, who: string): Meeting => ({
      method: "REPLY",
      stamp: "20261121T080000Z",
      attendees: [invited(who, partstat)],
    });
    await arrive(answer("ACCEPTED", "eve@example.org"), "Mallory <mallory@example.org>");
    expect(await told()).toEqual([]);
    await arrive(answer("ACCEPTED", "eve@example.org"), "Eve <eve@example.org>");
    expect(await told()).toEqual(["Bob accepted “Review”"]);
    const raw = await mails.raw(address);
    await raw.command("SELECT INBOX");
    await raw.command("UID STORE 1:* +FLAGS (\\Deleted)");
    await raw.command("UID EXPUNGE 1:*");
    raw.close();
    await sync();
    expect((await told()).filter((line) => !/“Review” was deleted/.test(line))).toEqual([]);
    const id = await theMeeting();
    for await (const { activity } of hub.activities({ after: 0 }))
      if (activity.type === "Delete") expect((activity.object as { id: string }).id).not.toBe(id);
  });

  it("stays where the server lists all at every look and shows no parts; with its mail goes the answering, nothing else", async () => {
    const plain = (await serverOrReason({ without: ["QRESYNC", "CONDSTORE"] }))!;
    try {
      const account = { host: plain.host, port: plain.port, auth: { user: address, pass: plain.password } };
      await open([mailbox(account)]);
      await plain.append(address, "INBOX", [mailOf(meeting(ours()), { to: address })]);
      expect(await told()).toEqual(["“Review” was scheduled for Thu, 3 Dec 2026, 09:00 UTC"]);
      const raw = await plain.raw(address);
      await raw.command("SELECT INBOX");
      await raw.command("UID STORE 1 +FLAGS (\\Flagged)");
      expect(await told()).toEqual(["“Review” was marked as important"]);
      expect(await told()).toEqual([]);
      const object = await theMeeting();
      expect(await hub.submit({ type: "Accept", actor: bob, object }, { preview: true })).toMatchObject({ outcome: "previewed" });
      await raw.command("UID STORE 1 +FLAGS (\\Deleted)");
      await raw.command("UID EXPUNGE 1");
      raw.close();
      const deleted: unknown[] = [];
      await sync();
      await sync();
      for await (const { activity } of hub.activities({ after: 0 }))
        if (activity.type === "Delete") deleted.push((activity.object as { formerType?: string }).formerType);
      expect(deleted).toEqual(["Note"]);
      expect(await hub.submit({ type: "Accept", actor: bob, object }, { preview: true })).toMatchObject({ outcome: "refused" });
    } finally {
      await plain.stop();
    }
  });

  it("is answered by a mail that any calendar understands; told once, not again by its copy among the sent", async () => {
    await open([mailbox()]);
    await arrive({ sequence: 3 });
    await told();
    const object = await theMeeting();
    const done = await hub.submit({ type: "Accept", actor: bob, object });
    expect(done).toMatchObject({ outcome: "done", native: expect.stringContaining("PARTSTAT=ACCEPTED"), losses: [] });
    expect(smtp.taken).toHaveLength(1);
    expect(smtp.taken[0]).toMatchObject({ from: address, to: ["ada@example.org"] });
    const mail = await PostalMime.parse(smtp.taken[0]!.raw);
    expect(mail.subject).toBe("Accepted: Review");
    const part = mail.attachments.find(({ mimeType }) => mimeType === "text/calendar")!;
    expect(part.method).toBe("REPLY");
    const text = typeof part.content === "string" ? part.content : new TextDecoder().decode(part.content);
    const message = schedulingMessage(text)!;
    expect(message).toMatchObject({ method: "reply", more: false });
    const lines = text.split(/\r?\n/);
    for (const line of [`UID:m${count}@example.org`, "SEQUENCE:3", "ORGANIZER;CN=Ada:mailto:ada@example.org"])
      expect(lines).toContain(line);
    expect(text.replaceAll(/\r?\n /g, "")).toContain(`ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED:mailto:${address}`);
    expect(text.match(/BEGIN:VEVENT/g)).toHaveLength(1);
    expect([...(await told()), ...(await told())]).toEqual(["Bob accepted “Review”"]);
    // In the organiser's own mailbox, where the server put it, it is Bob's answer.
    const organiser = mailbox({ auth: { user: "ada@example.org", pass: mails.password } });
    const theirs = await openHub({ store: ":memory:", systems: [organiser], history: "all" });
    await theirs.sync();
    const heard: string[] = [];
    for await (const { activity } of theirs.activities({ after: 0 })) heard.push(activity.summaryMap.en);
    await theirs.close();
    expect(heard.filter((line) => line.includes("accepted"))).toEqual(["Bob accepted “Review”"]);
  });

  it("is answered where the organiser hears of it: once, by mail, where the calendar's server tells nobody", async () => {
    await open([mailbox(), calendar()]);
    await arrive();
    await keep();
    await told();
    const done = await hub.submit({ type: "Reject", actor: bob, object: await theMeeting() });
    expect(done).toMatchObject({ outcome: "done" });
    expect(smtp.taken).toHaveLength(1);
    expect(await kept()).toContain("DECLINED");
    expect([...(await told()), ...(await told())]).toEqual(["Bob declined “Review”"]);
  });

  it("is answered by a reaction in a room: in the calendar, whose server tells nobody, and by one mail where a route leads there", async () => {
    const chat = new Room();
    const route = { from: "chat/room", widen: "the invited answer" };
    await open([mailbox(), calendar(), chat.adapter()], {
      routes: [
        { from: "cal", to: "chat/room", widen: "the team plans in this room" },
        { ...route, to: "cal" },
        { ...route, to: "mail", only: "replies" },
      ],
      people: [{ ids: [bob, "xmpp:bob@chat.example.org"] }],
    });
    await arrive();
    await keep();
    await told();
    await told();
    expect(chat.posts()).toHaveLength(1);
    chat.reacts("p1", "✅", "xmpp:bob@chat.example.org");
    const news = [...(await told()), ...(await told()), ...(await told())];
    expect(news.filter((line) => line.includes("accepted"))).toEqual(["Bob accepted “Review”"]);
    expect(smtp.taken).toHaveLength(1);
    expect(await kept()).toContain("ACCEPTED");
  });

  it("is answered in the calendar alone where no mail can be sent", async () => {
    await open([mailbox({ smtp: undefined as never }), calendar()]);
    await arrive();
    await keep();
    await told();
    const done = await hub.submit({ type: "Accept", actor: bob, object: await theMeeting() });
    expect(done).toMatchObject({ outcome: "done", losses: [{ field: "reply" }] });
    expect(await kept()).toContain("ACCEPTED");
    expect(await told()).toEqual(["Bob accepted “Review”"]);
    expect(smtp.taken).toEqual([]);
  });
});
