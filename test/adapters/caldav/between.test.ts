/**
 * Meetings written on servers that schedule by themselves: what comes between reading and writing is not lost, and nothing fails for it; who is
 * told, and who could not be.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { request as askHttp } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Hub, openHub } from "groupstream";
import { caldav } from "groupstream/adapters/caldav";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDav } from "../../../src/protocol/dav/client.ts";
import { davItem } from "../../../src/protocol/dav/items.ts";
import { calendarAt, never } from "../../protocol/dav/places.ts";
import { http, type Listening } from "../../protocol/http/servers.ts";
import { accessOf, answerIn, type Meeting, mail, meetingOn, type Person, schedulers } from "./meeting.ts";

/** The server, and somebody who is quicker than the next write. */
interface Gate extends Listening {
  /** Runs once, when the next PUT has come and before it is passed on. */
  before(act: () => Promise<void>): void;
  /** Conditions of the PUTs that were passed on, and what was answered. */
  readonly puts: readonly { readonly condition: string; readonly status: number }[];
}

const conditions = ["if-match", "if-none-match", "if-schedule-tag-match"];

const gateTo = async (url: string): Promise<Gate> => {
  let act: (() => Promise<void>) | undefined;
  const puts: { condition: string; status: number }[] = [];
  const pass = async (...[asked, answer]: Parameters<Parameters<typeof http>[0]>): Promise<void> => {
    const { method = "GET", url: path = "/", headers } = asked;
    const body = await asked.toArray();
    const first = method === "PUT" ? act : undefined;
    if (first) act = undefined;
    await first?.();
    // SOGo closes what is kept open without a word.
    const passed = askHttp(new URL(path, url), { method, headers, agent: false }, (got) => {
      const status = got.statusCode ?? 0;
      if (method === "PUT") puts.push({ condition: conditions.filter((name) => headers[name] !== undefined).join(), status });
      answer.writeHead(status, got.headers);
      got.pipe(answer);
    });
    passed.on("error", () => answer.destroy());
    for (const chunk of body) passed.write(chunk);
    passed.end();
  };
  const gate = await http((asked, answer) => void pass(asked, answer).catch(() => answer.destroy()));
  return {
    ...gate,
    puts,
    before: (next) => {
      act = next;
    },
  };
};

for (const [name, start] of schedulers) {
  const server = await start();
  afterAll(() => server?.stop());

  describe.skipIf(!server)(`between reading and writing, on ${name} ${server?.version}`, () => {
    let dir: string;
    let hub: Hub;
    let gate: Gate;
    let meeting: Meeting;

    const at = (person: Person) =>
      accessOf({ url: `${gate.url}${new URL(server!.url).pathname}`, password: server!.password }, person);
    /** The meeting at eleven, made and moved once, and read by the hub. */
    const known = async (): Promise<string> => {
      await meeting.put("09", 0);
      await meeting.put("11", 1);
      await hub.sync();
      const { value } = await hub.activities({ after: 0 })[Symbol.asyncIterator]().next();
      return value.activity.object.id;
    };
    const copies = async () => [await meeting.copyOf("anna"), await meeting.copyOf("bob"), await meeting.copyOf("carl")] as const;

    beforeEach(async () => {
      dir = await mkdtemp(join(tmpdir(), "groupstream-between-"));
      gate = await gateTo(server!.url);
      meeting = meetingOn(server!, ["bob", "carl"]);
      const systems = (["anna", "bob"] as const).map((person) => caldav({ id: person, ...at(person) }));
      hub = await openHub({ store: join(dir, "hub.db"), systems });
      await hub.sync();
    });
    afterEach(async () => {
      await hub.close();
      await meeting[Symbol.asyncDispose]();
      await gate[Symbol.asyncDispose]();
      await rm(dir, { recursive: true });
    });

    it("keeps in the copy of who answers what the organiser changes meanwhile", async () => {
      const object = await known();
      gate.before(() => meeting.put("13", 2));
      expect(await hub.submit({ type: "Accept", actor: mail("bob"), object })).toMatchObject({ outcome: "done", losses: [] });
      expect(gate.puts.map(({ status }) => status)).toEqual([412, 204]);
      for (const copy of await copies()) expect(copy?.data).toContain("DTSTART:20261203T130000Z");
      for (const copy of (await copies()).slice(0, 2)) expect(answerIn(copy, "bob")).toBe("ACCEPTED");
    });

    it("keeps what others answer meanwhile, and answers", async () => {
      const object = await known();
      gate.before(() => meeting.answer("carl", "DECLINED"));
      expect(await hub.submit({ type: "TentativeAccept", actor: mail("bob"), object })).toMatchObject({
        outcome: "done",
        losses: [],
      });
      const [anna, bob] = await copies();
      expect([answerIn(anna, "bob"), answerIn(anna, "carl")]).toEqual(["TENTATIVE", "DECLINED"]);
      expect(answerIn(bob, "bob")).toBe("TENTATIVE");
    });

    it("changes what the organiser wants although others answer meanwhile, and keeps their answers", async () => {
      const object = await known();
      gate.before(() => meeting.answer("carl", "DECLINED"));
      const done = await hub.submit({ type: "Update", actor: mail("anna"), object, change: { name: "Retro" }, notify: true });
      expect(done).toMatchObject({ outcome: "done", losses: [] });
      expect(gate.puts.at(-1)).toEqual({ condition: "if-match", status: 204 });
      const [anna, bob, carl] = await copies();
      for (const copy of [anna, bob, carl]) expect(copy?.data).toContain("SUMMARY:Retro");
      // SOGo asks everybody again, whatever the organiser changed.
      const kept = name === "SOGo" ? "NEEDS-ACTION" : "DECLINED";
      expect([answerIn(anna, "bob"), answerIn(anna, "carl")]).toEqual(["NEEDS-ACTION", kept]);
    });
  });

  describe.skipIf(!server)(`people invited on ${name} ${server?.version}`, () => {
    let dir: string;
    let hub: Hub;
    const make = (title: string, notify: object) =>
      hub.submit({
        type: "Create",
        actor: mail("anna"),
        target: `anna/${server!.first.name}`,
        ...notify,
        object: {
          type: "Event",
          name: title,
          start: "2026-12-03T10:00:00",
          end: "2026-12-03T11:00:00",
          timezone: "Europe/Berlin",
          attendees: ["bob", "nobody"].map((one) => ({ id: mail(one), name: one, answer: "none" })),
        },
      });
    const told = async (): Promise<readonly string[]> => {
      await hub.sync();
      const news: string[] = [];
      for await (const { activity } of hub.activities({ after: 0 })) news.push(activity.summaryMap.en);
      return news;
    };

    beforeEach(async () => {
      dir = await mkdtemp(join(tmpdir(), "groupstream-invited-"));
      const systems = (["anna", "bob"] as const).map((person) => caldav({ id: person, ...accessOf(server!, person) }));
      hub = await openHub({ store: join(dir, "hub.db"), systems });
      await hub.sync();
    });
    afterEach(async () => {
      await hub.close();
      await rm(dir, { recursive: true });
    });

    it("stand in no meeting that the server's rules do not allow: that is no want of rights", async () => {
      const done = await hub.submit({
        type: "Create",
        actor: mail("anna"),
        target: `anna/${server!.first.name}`,
        object: { type: "Event", name: "Endless", start: "2026-12-03T10:00:00", timezone: "Europe/Berlin" },
      });
      // Cyrus wants an end of what begins at a time.
      const refused = { outcome: "refused", obstacle: "rejected", reason: expect.stringContaining("403") };
      expect(done).toMatchObject(name === "Cyrus" ? refused : { outcome: "done" });
    });

    it("are told where that is asked for; who is nobody there is a loss where the server says so", async () => {
      const done = await make("Asked", { notify: true });
      // SOGo says of nobody what became of their message.
      const reason = expect.stringMatching(/did not tell mailto:nobody@example\.org \(SCHEDULE-STATUS 5\.1\)/);
      expect(done).toMatchObject({ outcome: "done", losses: name === "SOGo" ? [] : [{ field: "attendee", reason }] });
      const [obstacle] = name === "SOGo" ? [] : ["no-recipient"];
      expect((await hub.deliveries()).at(-1)?.obstacle).toBe(obstacle);
      expect(await told()).toContain(`“Asked” was added to ${server!.first.name}`);
    });

    it("are not told where it is not; where the server would tell them all the same they are named in the text", async () => {
      const done = await make("Unasked", {});
      const fields = done.outcome === "done" ? done.losses?.map(({ field }) => field) : undefined;
      expect(fields).toEqual(name === "SOGo" ? ["attributedTo", "attendees"] : []);
      const news = (await told()).filter((one) => one.includes("Unasked"));
      expect(news).toHaveLength(1);
      expect(news).not.toContain(`“Unasked” was added to ${server!.first.name}`);
      await using dav = openDav({ system: "anna", ...accessOf(server!, "anna") });
      const calendar = calendarAt(`${server!.home("anna")}${server!.first.segment}/`);
      const item = await davItem(dav, calendar, (done.outcome === "done" && done.key) || "none", never);
      const text = item.kind === "there" ? item.resource.data.replace(/\r?\n[ \t]/g, "") : "";
      expect(text.match(/^ATTENDEE/gm) ?? []).toHaveLength(name === "SOGo" ? 0 : 2);
      expect(text.includes("Invited: bob (bob@example.org)\\, nobody")).toBe(name === "SOGo");
    });
  });
}
