/** A server that schedules by itself (RFC 6638): an invitation and its answer between two accounts, told by a hub that reads both. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Hub, openHub } from "groupstream";
import { caldav } from "groupstream/adapters/caldav";
import { type Dav, davCollections, davItems, davPut, davRemove, discoverDav, openDav } from "groupstream/protocol";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { LabUnavailable } from "../../lab/packages.ts";
import { startSogo } from "../../lab/sogo.ts";
import { calendarAt, never } from "../../protocol/dav/places.ts";

const server = await startSogo({ users: ["anna", "bob"] }).catch((error): undefined => {
  if (!(error instanceof LabUnavailable) || process.env.CI) throw error;
  console.warn(`skipped: ${error.message}`);
});
afterAll(() => server?.stop());

type Person = "anna" | "bob";
const mail = (person: Person): string => `mailto:${person}@example.org`;
const access = (person: Person) => ({
  url: server!.url,
  auth: { username: person, password: server!.password(person) },
  allow: "private" as const,
});

const invitation = (uid: string, hour: string, sequence: number): string =>
  [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//test//EN",
    "BEGIN:VEVENT",
    `UID:${uid}`,
    "DTSTAMP:20261101T080000Z",
    `DTSTART:20261203T${hour}0000Z`,
    "DURATION:PT1H",
    "SUMMARY:Review",
    `SEQUENCE:${sequence}`,
    "ORGANIZER;CN=Anna:mailto:anna@example.org",
    "ATTENDEE;CN=Anna;PARTSTAT=ACCEPTED:mailto:anna@example.org",
    "ATTENDEE;CN=Bob;RSVP=TRUE;PARTSTAT=NEEDS-ACTION:mailto:bob@example.org",
    "END:VEVENT",
    "END:VCALENDAR",
    "",
  ].join("\r\n");

let invitations = 0;

describe.skipIf(!server)(`scheduling by SOGo ${server?.version}`, () => {
  let dir: string;
  let hub: Hub;
  let davs: Readonly<Record<Person, Dav>>;
  let key: string;
  let seq = 0;

  const calendar = (person: Person): string => `${server!.home(person)}personal/`;
  const copyOf = async (person: Person): Promise<{ data: string; revision: string } | undefined> => {
    for await (const item of davItems(davs[person], calendarAt(calendar(person)), [key], never))
      if (item.kind === "there") return { data: item.resource.data.replace(/\r?\n[ \t]/g, ""), revision: item.resource.revision };
    return undefined;
  };
  const put = async (hour: string, sequence: number): Promise<void> => {
    const now = await copyOf("anna");
    const condition = now ? { match: now.revision } : ({ create: true } as const);
    const body = invitation(key.replace(".ics", ""), hour, sequence);
    const done = await davPut(davs.anna, `${calendar("anna")}${key}`, body, { kind: "calendar", ...condition }, never);
    expect(done.kind).toBe("done");
  };
  const sync = async () => {
    await hub.sync();
    const news = [];
    for await (const entry of hub.activities({ after: seq })) {
      seq = entry.seq;
      news.push(entry.activity);
    }
    return news;
  };
  const sentences = async (): Promise<readonly string[]> => (await sync()).map(({ summaryMap }) => summaryMap.en);

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "groupstream-scheduling-"));
    key = `meeting${++invitations}.ics`;
    davs = { anna: openDav({ system: "anna", ...access("anna") }), bob: openDav({ system: "bob", ...access("bob") }) };
    const systems = (["anna", "bob"] as const).map((person) => caldav({ id: person, ...access(person) }));
    hub = await openHub({ store: join(dir, "hub.db"), systems });
    seq = 0;
    await sync();
  });
  afterEach(async () => {
    await hub.close();
    const left = await copyOf("anna");
    if (left) await davRemove(davs.anna, `${calendar("anna")}${key}`, left.revision, never);
    for (const dav of Object.values(davs)) await dav[Symbol.asyncDispose]();
    await rm(dir, { recursive: true });
  });

  it("brings an invitation to who is invited, told once; and the answer to the organiser, told once, without a loss", async () => {
    await put("09", 0);
    expect((await copyOf("bob"))?.data).toContain("PARTSTAT=NEEDS-ACTION");
    // One event with two items: made in one calendar, and added to the other.
    const news = await sync();
    expect(news.map(({ type, summaryMap }) => [type, summaryMap.en])).toEqual([
      ["Create", expect.stringContaining("“Review”")],
      ["Add", "“Review” was added to Personal Calendar"],
    ]);
    const [object = "", ...others] = new Set(news.map((one) => (one as unknown as { object: { id: string } }).object.id));
    expect(others).toEqual([]);
    expect(await sentences()).toEqual([]);

    const done = await hub.submit({ type: "Accept", actor: mail("bob"), object });
    expect(done).toMatchObject({ outcome: "done" });
    expect("losses" in done ? done.losses : []).toEqual([]);
    expect((await copyOf("anna"))?.data).toMatch(/ATTENDEE;[^\r\n]*PARTSTAT=ACCEPTED[^\r\n]*mailto:bob@/);
    const answers = await sync();
    expect(answers.map(({ type, summaryMap }) => [type, summaryMap.en])).toEqual([["Accept", "Bob accepted “Review”"]]);
    expect(await sentences()).toEqual([]);
    expect(await sentences()).toEqual([]);
  });

  it("tells once what the organiser changes and cancels", async () => {
    await put("09", 0);
    await sync();
    await put("11", 1);
    expect((await copyOf("bob"))?.data).toContain("T110000Z");
    expect(await sentences()).toEqual([expect.stringMatching(/“Review” was rescheduled to Thu, 3 Dec 2026, 11:00/)]);
    expect(await sentences()).toEqual([]);
    await davRemove(davs.anna, `${calendar("anna")}${key}`, (await copyOf("anna"))?.revision ?? "", never);
    expect(await copyOf("bob")).toBeUndefined();
    const news = [...(await sentences()), ...(await sentences()), ...(await sentences())];
    expect(news.filter((one) => !one.startsWith("“Review” was removed from"))).toEqual(["“Review” was deleted"]);
  });

  it("shows neither inbox nor outbox as a calendar, and the first calendar although SOGo calls it an outbox", async () => {
    const principal = await discoverDav(davs.bob, "calendar", never);
    expect(principal).toMatchObject({ inbox: `${server!.home("bob")}inbox/`, outbox: calendar("bob") });
    expect(principal.features).toContain("calendar-auto-schedule");
    expect((await davCollections(davs.bob, "calendar", principal, never)).map(({ url }) => url)).toEqual([calendar("bob")]);
  });
});
