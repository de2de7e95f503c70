/** Servers that schedule by themselves (RFC 6638): an invitation and its answer between two accounts, told by a hub that reads both. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Hub, openHub } from "groupstream";
import { caldav } from "groupstream/adapters/caldav";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { davCollections, discoverDav } from "../../../src/protocol/dav/discover.ts";
import { never } from "../../protocol/dav/places.ts";
import { accessOf, answerIn, type Meeting, mail, meetingOn, schedulers } from "./meeting.ts";

for (const [name, start] of schedulers) {
  const server = await start();
  afterAll(() => server?.stop());

  describe.skipIf(!server)(`scheduling by ${name} ${server?.version}`, () => {
    let dir: string;
    let hub: Hub;
    let meeting: Meeting;
    let seq = 0;

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
      meeting = meetingOn(server!);
      const systems = (["anna", "bob"] as const).map((person) => caldav({ id: person, ...accessOf(server!, person) }));
      hub = await openHub({ store: join(dir, "hub.db"), systems });
      seq = 0;
      await sync();
    });
    afterEach(async () => {
      await hub.close();
      await meeting[Symbol.asyncDispose]();
      await rm(dir, { recursive: true });
    });

    it("brings an invitation to who is invited, told once; and the answer to the organiser, told once, without a loss", async () => {
      await meeting.put("09", 0);
      expect(answerIn(await meeting.copyOf("bob"), "bob")).toBe("NEEDS-ACTION");
      // One event with two items: made in one calendar, and added to the other.
      const news = await sync();
      expect(news.map(({ type, summaryMap }) => [type, summaryMap.en])).toEqual([
        ["Create", expect.stringContaining("“Review”")],
        ["Add", `“Review” was added to ${server!.first.name}`],
      ]);
      const [object = "", ...others] = new Set(news.map((one) => (one as unknown as { object: { id: string } }).object.id));
      expect(others).toEqual([]);
      expect(await sentences()).toEqual([]);

      const done = await hub.submit({ type: "Accept", actor: mail("bob"), object });
      expect(done).toMatchObject({ outcome: "done" });
      expect("losses" in done ? done.losses : []).toEqual([]);
      expect(answerIn(await meeting.copyOf("anna"), "bob")).toBe("ACCEPTED");
      const answers = await sync();
      expect(answers.map(({ type, summaryMap }) => [type, summaryMap.en])).toEqual([
        ["Accept", expect.stringMatching(/^Bob accepted “Review”$/i)],
      ]);
      expect(await sentences()).toEqual([]);
      expect(await sentences()).toEqual([]);
    });

    it("tells once what the organiser changes and cancels", async () => {
      await meeting.put("09", 0);
      await sync();
      await meeting.put("11", 1);
      expect((await meeting.copyOf("bob"))?.data).toContain("T110000Z");
      expect(await sentences()).toEqual([expect.stringMatching(/“Review” was rescheduled to Thu, 3 Dec 2026, 11:00/)]);
      expect(await sentences()).toEqual([]);
      await meeting.cancel();
      // SOGo takes the copies away; Cyrus leaves them where they are, cancelled.
      const left = await meeting.copyOf("bob");
      if (name === "Cyrus") expect(left?.data).toContain("STATUS:CANCELLED");
      else expect(left).toBeUndefined();
      const news = [...(await sentences()), ...(await sentences()), ...(await sentences())];
      const end = name === "Cyrus" ? "“Review” on Thu, 3 Dec 2026, 11:00 UTC was cancelled" : "“Review” was deleted";
      expect(news.filter((one) => !one.startsWith("“Review” was removed from"))).toEqual([end]);
    });

    it("shows neither inbox nor outbox as a calendar, and the first calendar although SOGo calls it an outbox", async () => {
      const { bob } = meeting.davs;
      const principal = await discoverDav(bob, "calendar", never);
      expect(principal.inbox).toMatch(/\/inbox\/$/i);
      expect(principal.outbox).toBe(name === "SOGo" ? meeting.calendar("bob") : `${server!.home("bob")}Outbox/`);
      expect(principal.features).toContain("calendar-auto-schedule");
      expect((await davCollections(bob, "calendar", principal, never)).map(({ url }) => url)).toEqual([meeting.calendar("bob")]);
    });
  });
}
