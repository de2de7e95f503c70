/** A calendar on each real server, from the server to the log and back. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Hub, openHub } from "groupstream";
import { caldav } from "groupstream/adapters/caldav";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Dav, openDav } from "../../../src/protocol/dav/client.ts";
import { davItems } from "../../../src/protocol/dav/items.ts";
import { davMake, davPut, davRemove } from "../../../src/protocol/dav/write.ts";
import { calendarAt, lookAt, never, overheard, told } from "../../protocol/dav/places.ts";
import { refusesAll, telling } from "../dav/story.ts";
import { calendarServers } from "./servers.ts";

const bob = "mailto:bob@example.org";
const lines = (...more: string[]): string =>
  [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//test//EN",
    "BEGIN:VEVENT",
    "UID:review",
    "DTSTAMP:20261101T080000Z",
    "SUMMARY:Review",
    "ORGANIZER;CN=Ada:mailto:ada@example.org",
    "ATTENDEE;CN=Bob;RSVP=TRUE;PARTSTAT=NEEDS-ACTION;X-KEEP=me:mailto:bob@example.org",
    "ATTENDEE;CN=Eve;PARTSTAT=NEEDS-ACTION:mailto:eve@example.org",
    "X-OTHER;X-P=1:kept as it is",
    ...more,
    "BEGIN:VALARM",
    "ACTION:DISPLAY",
    "DESCRIPTION:Soon",
    "TRIGGER:-PT15M",
    "END:VALARM",
    "END:VEVENT",
    "END:VCALENDAR",
    "",
  ].join("\r\n");
const at = (hour: string): string[] => [`DTSTART;TZID=Europe/Berlin:20261203T${hour}0000`, "DURATION:PT1H"];

for (const [name, startServer] of calendarServers) {
  const server = await startServer();
  describe.skipIf(!server)(`a calendar on ${name} ${server?.version}`, () => {
    afterAll(() => server?.stop());
    let dir: string;
    let dav: Dav;
    let hub: Hub;
    let url: string;
    let sync: () => Promise<readonly string[]>;

    const put = async (body: string, match?: string): Promise<void> => {
      const condition = match === undefined ? ({ create: true } as const) : { match };
      const done = await davPut(dav, `${url}review.ics`, body, { kind: "calendar", ...condition }, never);
      if (done.kind !== "done") throw new Error(`it is not written: ${JSON.stringify(done)}`);
    };
    const now = async () => {
      for await (const item of davItems(dav, calendarAt(url), ["review.ics"], never))
        if (item.kind === "there") return item.resource;
      throw new Error("it is not there");
    };

    beforeEach(async () => {
      dir = await mkdtemp(join(tmpdir(), "groupstream-caldav-"));
      const access = { url: server!.url, auth: server!.auth, allow: "private" as const };
      dav = openDav({ system: "test", ...access });
      url = `${server!.home}c${Date.now()}/`;
      await davMake(dav, url, { kind: "calendar", name: "Work" }, never);
      hub = await openHub({ store: join(dir, "hub.db"), systems: [caldav({ id: "cal", ...access, owner: bob })] });
      sync = telling(hub);
      await sync();
    });
    afterEach(async () => {
      await hub.close();
      await dav.send({ method: "DELETE", url }, never);
      await dav[Symbol.asyncDispose]();
      await rm(dir, { recursive: true });
    });

    it("tells what is created, moved, cancelled and deleted there, each once and in its own time", async () => {
      await put(lines(...at("10")));
      expect(await sync()).toEqual(["“Review” was scheduled for Thu, 3 Dec 2026, 10:00 CET"]);
      expect(await sync()).toEqual([]);
      await put(lines(...at("14"), "SEQUENCE:1"), (await now()).revision);
      expect(await sync()).toEqual(["“Review” was rescheduled to Thu, 3 Dec 2026, 14:00 CET"]);
      // A new stamp alone is no news.
      await put(lines(...at("14"), "SEQUENCE:1", "LAST-MODIFIED:20261102T000000Z"), (await now()).revision);
      expect(await sync()).toEqual([]);
      await davRemove(dav, `${url}review.ics`, (await now()).revision, never);
      expect([...(await sync()), ...(await sync())]).toEqual(["“Review” was deleted"]);
    });

    it("is read by its first look in one query, which a listing bears out", async () => {
      await put(lines(...at("10")));
      const { dav: heard, asked } = overheard(dav);
      expect(told(await lookAt(heard, calendarAt(url)))).toEqual(["review.ics Review"]);
      expect(asked).toEqual(["calendar-query", "sync-collection"]);
    });

    it("tells of one occurrence of a series, by the time it would have had", async () => {
      const weekly = lines(...at("10"), "RRULE:FREQ=WEEKLY");
      await put(weekly);
      await sync();
      const moved = lines(
        "RECURRENCE-ID;TZID=Europe/Berlin:20261210T100000",
        "DTSTART;TZID=Europe/Berlin:20261210T150000",
        "DURATION:PT1H",
      );
      const exception = /BEGIN:VEVENT[\s\S]*END:VEVENT\r\n/.exec(moved)?.[0] ?? "";
      await put(weekly.replace("END:VCALENDAR", `${exception}END:VCALENDAR`), (await now()).revision);
      expect(await sync()).toEqual(["“Review” (Thu, 10 Dec 2026, 10:00) was rescheduled to Thu, 10 Dec 2026, 15:00 CET"]);
    });

    it("takes an answer: the attendee's own PARTSTAT, nothing else; told once, and not again when it is read back", async () => {
      await put(lines(...at("10")));
      await sync();
      const { value } = await hub.activities({ after: 0 })[Symbol.asyncIterator]().next();
      const id = value.activity.object.id as string;
      const preview = await hub.submit({ type: "Accept", actor: bob, object: id }, { preview: true });
      expect(preview).toMatchObject({ outcome: "previewed", native: `PUT review.ics: PARTSTAT=ACCEPTED of ${bob}` });
      expect((await now()).data).toContain("NEEDS-ACTION");

      const { untold } = server!;
      const done = await hub.submit({ type: "Accept", actor: bob, object: id });
      expect(done).toMatchObject({ outcome: "done" });
      expect("losses" in done ? done.losses : []).toEqual(
        untold === undefined ? [] : [{ field: "reply", reason: expect.stringContaining(untold) }],
      );
      const { data } = await now();
      const plain = data.replace(/\r?\n[ \t]/g, "");
      expect(plain).toMatch(/ATTENDEE;[^\r\n]*PARTSTAT=ACCEPTED[^\r\n]*mailto:bob@example\.org/);
      expect(plain).toMatch(/ATTENDEE;[^\r\n]*PARTSTAT=NEEDS-ACTION[^\r\n]*mailto:eve@example\.org/);
      // SOGo asks the others for an answer, too.
      expect(plain).not.toMatch(/ATTENDEE;[^\r\n]*RSVP[^\r\n]*bob@/);
      expect(plain).toContain("X-KEEP=me");
      expect(plain).toContain("X-OTHER;X-P=1:kept as it is");
      expect(plain).toContain("TRIGGER:-PT15M");
      expect(await sync()).toEqual(["Bob accepted “Review”"]);
      expect(await sync()).toEqual([]);
    });

    it("is answered by nobody but the invited whose calendar it is", async () => {
      await put(lines(...at("10")));
      await sync();
      const { value } = await hub.activities({ after: 0 })[Symbol.asyncIterator]().next();
      const object = value.activity.object.id as string;
      expect(await hub.submit({ type: "Reject", actor: "mailto:eve@example.org", object })).toMatchObject({ outcome: "refused" });
      expect((await now()).data).not.toContain("DECLINED");
    });

    it("keeps what cannot be read in quarantine, with its raw form, and goes on", async () => {
      await put(lines("DTSTART:17000101T090000Z", "DURATION:PT1H"));
      await hub.sync();
      const [held] = await hub.quarantine();
      expect(held).toMatchObject({ key: "review.ics", reason: expect.stringContaining("1900 to 2200") });
      await put(lines(...at("10")), (await now()).revision);
      expect(await sync()).toEqual(["“Review” was scheduled for Thu, 3 Dec 2026, 10:00 CET"]);
      expect(await hub.quarantine()).toEqual([]);
    });
  });
}

describe("options", () => {
  it("are refused all at once, without a secret", () => {
    refusesAll(caldav, "calendars");
  });
});
