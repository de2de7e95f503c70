/** Answers on servers that schedule by themselves, which say whom they could not tell (RFC 6638). */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Hub, openHub } from "groupstream";
import { caldav } from "groupstream/adapters/caldav";
import { afterEach, describe, expect, it } from "vitest";
import { close, opened } from "../../protocol/dav/places.ts";
import { type Scripted, scriptedCalendar } from "../dav/scripted.ts";

const bob = "mailto:bob@example.org";
const invitation = ({ eve = "NEEDS-ACTION", organizer = "" } = {}): string =>
  [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//test//EN",
    "BEGIN:VEVENT",
    "UID:review",
    "DTSTAMP:20261101T080000Z",
    "DTSTART:20261203T100000Z",
    "SUMMARY:Review",
    `ORGANIZER;CN=Ada${organizer}:mailto:ada@example.org`,
    "ATTENDEE;CN=Bob;PARTSTAT=NEEDS-ACTION:mailto:bob@example.org",
    `ATTENDEE;CN=Eve;PARTSTAT=${eve}:mailto:eve@example.org`,
    "END:VEVENT",
    "END:VCALENDAR",
    "",
  ].join("\r\n");

afterEach(close);

/** A hub that knows the invitation. */
const hubOn = async (server: Scripted): Promise<{ hub: Hub; object: string }> => {
  const dir = await mkdtemp(join(tmpdir(), "groupstream-answers-"));
  const system = caldav({ id: "cal", url: server.url, auth: { username: "bob", password: "x" }, owner: bob, allow: "private" });
  const hub = await openHub({ store: join(dir, "hub.db"), systems: [system], history: "all" });
  opened.push({
    [Symbol.asyncDispose]: async () => {
      await hub.close();
      await rm(dir, { recursive: true });
    },
  });
  await hub.sync();
  const { value } = await hub.activities({ after: 0 })[Symbol.asyncIterator]().next();
  return { hub, object: value.activity.object.id };
};
const puts = ({ asked }: Scripted) => asked.filter(({ method }) => method === "PUT");

describe("an answer", () => {
  it.each([
    ["the organiser changed", invitation().replace("SUMMARY:Review", "SUMMARY:Review and more"), "SUMMARY:Review and more"],
    ["somebody else answered", invitation({ eve: "ACCEPTED" }), "ATTENDEE;CN=Eve;PARTSTAT=ACCEPTED:"],
  ])("keeps what %s meanwhile, though the Schedule-Tag stays as it was (Cyrus)", async (_, data, kept) => {
    let changed = false;
    const server = await scriptedCalendar((asked, _, { items }) => {
      if (asked.method === "PUT" && !changed) {
        changed = true;
        items.set("a.ics", { etag: "e-other", data, scheduleTag: '"s1"' });
      }
      return false;
    });
    server.items.set("a.ics", { etag: "e0", data: invitation(), scheduleTag: '"s1"' });
    const { hub, object } = await hubOn(server);
    expect(await hub.submit({ type: "Reject", actor: bob, object })).toMatchObject({ outcome: "done" });
    expect(puts(server).map(({ headers }) => headers["if-match"])).toEqual(['"e0"', '"e-other"']);
    expect(server.items.get("a.ics")?.data).toContain(kept);
    expect(server.items.get("a.ics")?.data).toMatch(/PARTSTAT=DECLINED[^\r\n]*bob@/);
  });

  it("is a new revision where the server schedules nothing, once, in what it changes; elsewhere the server's own", async () => {
    const stampsOn = async (features: string | undefined): Promise<readonly (readonly string[])[]> => {
      const server = await scriptedCalendar(undefined, features);
      const evening = /BEGIN:VEVENT[\s\S]*END:VEVENT\r\n/.exec(invitation())?.[0].replace(/ATTENDEE;CN=Bob.*\r\n/, "") ?? "";
      const other = evening.replace("UID:review", "UID:review\r\nRECURRENCE-ID:20261204T100000Z");
      server.items.set("a.ics", { etag: "e0", data: invitation().replace("END:VCALENDAR", `${other}END:VCALENDAR`) });
      const { hub, object } = await hubOn(server);
      const seen: string[][] = [];
      for (const type of ["Accept", "Accept", "Reject"] as const) {
        await new Promise((resolve) => setTimeout(resolve, 1_100));
        expect(await hub.submit({ type, actor: bob, object })).toMatchObject({ outcome: "done" });
        seen.push(server.items.get("a.ics")?.data.match(/^DTSTAMP:.*$/gm) ?? []);
      }
      return seen;
    };
    const old = "DTSTAMP:20261101T080000Z";
    const [first, again, otherwise] = await stampsOn("1, calendar-access");
    const inOrder = [old, first?.[0], otherwise?.[0]];
    expect(new Set(inOrder).size).toBe(3);
    expect([...inOrder].sort()).toEqual(inOrder);
    expect(again).toEqual(first);
    expect([first?.[1], otherwise?.[1]]).toEqual([old, old]);
    expect(await stampsOn(undefined)).toEqual([
      [old, old],
      [old, old],
      [old, old],
    ]);
  });

  it.each([
    ["3.7", "no-recipient", "knows nobody"],
    ['"3.8;No, never"', "forbidden", "may not send"],
    ["5.1", "no-recipient", "not delivered"],
  ])("says that the organiser was not told where the server's status is %s", async (status, obstacle, words) => {
    const server = await scriptedCalendar((asked, response, { items }) => {
      if (asked.method !== "PUT") return false;
      const data = asked.body.replace("ORGANIZER;", `ORGANIZER;SCHEDULE-STATUS=${status};`);
      items.set("a.ics", { etag: "e1", data, scheduleTag: '"s2"' });
      response.writeHead(204).end();
      return true;
    });
    server.items.set("a.ics", { etag: "e0", data: invitation(), scheduleTag: '"s1"' });
    const { hub, object } = await hubOn(server);
    const done = await hub.submit({ type: "Accept", actor: bob, object });
    expect(done).toMatchObject({
      outcome: "done",
      losses: [{ field: "reply", reason: expect.stringMatching(`mailto:ada@example.org.*${words}`) }],
    });
    expect((await hub.deliveries()).at(-1)).toMatchObject({ obstacle });
  });

  it.each(["1.1", "1.2", "2.0", '"3.7,1.2"'])("has no loss where it is %s", async (status) => {
    const server = await scriptedCalendar();
    server.items.set("a.ics", { etag: "e0", data: invitation({ organizer: `;SCHEDULE-STATUS=${status}` }), scheduleTag: '"s1"' });
    const { hub, object } = await hubOn(server);
    const done = await hub.submit({ type: "Accept", actor: bob, object });
    expect(done).toMatchObject({ outcome: "done" });
    expect("losses" in done ? done.losses : []).toEqual([]);
  });
});
