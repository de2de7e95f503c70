/** Events made, changed and deleted on a real server, by an application and by routes. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Hub, openHub, type Submission } from "groupstream";
import { caldav } from "groupstream/adapters/caldav";
import { hrefOfKey } from "groupstream/protocol/dav";
import { plannedView, readCalendars, seriesOf } from "groupstream/protocol/icalendar";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Dav, openDav } from "../../../src/protocol/dav/client.ts";
import { davItems } from "../../../src/protocol/dav/items.ts";
import { davMake, davPut, davRemove } from "../../../src/protocol/dav/write.ts";
import { occurrencesOf } from "../../../src/protocol/icalendar/occurrences.ts";
import { LabUnavailable } from "../../lab/packages.ts";
import { startRadicale } from "../../lab/radicale.ts";
import { startXandikos } from "../../lab/xandikos.ts";
import { calendarAt, never } from "../../protocol/dav/places.ts";
import { telling } from "../dav/story.ts";

const server = await startRadicale({ users: ["ada", "bob"] }).catch((error): undefined => {
  if (!(error instanceof LabUnavailable) || process.env.CI) throw error;
  console.warn(`skipped: ${error.message}`);
});
const xandikos = await startXandikos().catch((error): undefined => {
  if (!(error instanceof LabUnavailable) || process.env.CI) throw error;
  console.warn(`skipped: ${error.message}`);
});
afterAll(async () => {
  await server?.stop();
  await xandikos?.stop();
});

const ada = "mailto:ada@example.org";
const bob = "mailto:bob@example.org";
const berlin = { timezone: "Europe/Berlin" } as const;
const ten = { start: "2026-12-03T10:00:00", end: "2026-12-03T11:00:00", ...berlin } as const;

const unfolded = (data: string): string => data.replace(/\r?\n[ \t]/g, "").replaceAll("\r\n", "\n");

/** Somebody's calendar, as its own program sees it. */
const desk = async (user: string) => {
  const access = { url: server!.url, auth: { username: user, password: server!.password(user) }, allow: "private" as const };
  const dav: Dav = openDav({ system: user, ...access });
  const url = `${server!.url}${user}/c${Date.now()}/`;
  await davMake(dav, url, { kind: "calendar", name: `${user} calendar` }, never);
  const all = async () => {
    const { body } = await dav.send({ method: "PROPFIND", url, depth: "1" }, never).then((answer) => {
      if (answer.kind === "lost") throw new Error(answer.reason);
      return { body: new TextDecoder().decode(answer.body) };
    });
    const keys = [...body.matchAll(/<(?:\w+:)?href>([^<]*\.ics)</g)].map(([, href]) =>
      decodeURIComponent(href!.split("/").at(-1)!),
    );
    const resources = [];
    for await (const item of davItems(dav, calendarAt(url), keys, never))
      if (item.kind === "there") resources.push(item.resource);
    return resources;
  };
  const one = async () => {
    const [resource, ...more] = await all();
    if (!resource || more.length > 0) throw new Error(`there are ${more.length + (resource ? 1 : 0)} events`);
    return resource;
  };
  return {
    access,
    url,
    all,
    one,
    put: async (key: string, body: string, match?: string) => {
      const condition = match === undefined ? ({ create: true } as const) : { match };
      const done = await davPut(dav, hrefOfKey(key, url), body, { kind: "calendar", ...condition }, never);
      if (done.kind !== "done") throw new Error(`it is not written: ${JSON.stringify(done)}`);
    },
    /** Another program edits what is there. */
    edit: async (change: (data: string) => string) => {
      const { url: at, data, revision } = await one();
      const changed = change(data);
      if (changed === data) throw new Error("it changes nothing");
      const done = await davPut(dav, at, changed, { kind: "calendar", match: revision }, never);
      if (done.kind !== "done") throw new Error(`it is not edited: ${JSON.stringify(done)}`);
    },
    remove: async () => {
      const { url: at, revision } = await one();
      await davRemove(dav, at, revision, never);
    },
    view: async () => shownOf((await one()).data),
    [Symbol.asyncDispose]: async () => {
      await dav.send({ method: "DELETE", url }, never);
      await dav[Symbol.asyncDispose]();
    },
  };
};

const shownOf = (data: string) => {
  const [series] = readCalendars(data).calendars.flatMap((calendar) => seriesOf(calendar));
  return plannedView(series!, { text: "full" });
};

type Desk = Awaited<ReturnType<typeof desk>>;

const lastObject = async (hub: Hub): Promise<string> => {
  let id = "";
  for await (const { activity } of hub.activities({ after: 0 })) id = (activity.object as { id: string }).id;
  return id;
};

const weekly = (...more: string[]): string =>
  [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//test//EN",
    "X-WR-CALNAME:kept",
    "BEGIN:VTIMEZONE",
    "TZID:Mine",
    "X-LIC-LOCATION:Europe/Berlin",
    "BEGIN:STANDARD",
    "DTSTART:19701025T030000",
    "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
    "TZOFFSETFROM:+0200",
    "TZOFFSETTO:+0100",
    "END:STANDARD",
    "BEGIN:DAYLIGHT",
    "DTSTART:19700329T020000",
    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
    "TZOFFSETFROM:+0100",
    "TZOFFSETTO:+0200",
    "END:DAYLIGHT",
    "END:VTIMEZONE",
    "BEGIN:VEVENT",
    "UID:weekly",
    "DTSTAMP:20261101T080000Z",
    "SEQUENCE:3",
    "SUMMARY;LANGUAGE=en:Review",
    "LOCATION:Room 1",
    "DTSTART;TZID=Mine:20261203T100000",
    "DTEND;TZID=Mine:20261203T110000",
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

describe.skipIf(!server)("an application in somebody's own calendar", () => {
  let dir: string;
  let own: Desk;
  let hub: Hub;
  let sync: () => Promise<readonly string[]>;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "groupstream-caldav-"));
    own = await desk("bob");
    hub = await openHub({ store: join(dir, "hub.db"), systems: [caldav({ id: "cal", ...own.access, owner: bob })] });
    sync = telling(hub);
    await sync();
  });
  afterEach(async () => {
    await hub.close();
    await own[Symbol.asyncDispose]();
    await rm(dir, { recursive: true });
  });

  const submit = (request: Partial<Submission> & Pick<Submission, "type" | "object">) =>
    hub.submit({ actor: bob, ...request } as Submission);
  const create = (more: object = {}) =>
    submit({ type: "Create", target: "cal/bob calendar", object: { type: "Event", name: "Review", ...ten, ...more } });

  it("makes an event with its series, people and zone; told once, silent when it is read back", async () => {
    const done = await create({
      text: "One; two,\nthree",
      location: "Room 1",
      attendees: [{ id: "mailto:eve@example.org", name: "Eve", answer: "none" }],
      recurrence: { rules: ["FREQ=WEEKLY;COUNT=4"], excluded: ["2026-12-17T10:00:00"] },
    });
    expect(done).toMatchObject({ outcome: "done", losses: [] });
    expect(await sync()).toEqual(["bob@example.org scheduled “Review” for Thu, 3 Dec 2026, 10:00 CET"]);
    expect(await sync()).toEqual([]);
    const { key, data } = await own.one();
    expect(key).toMatch(/^gs\.[0-9a-f-]{36}\.ics$/);
    expect(unfolded(data)).toContain("BEGIN:VTIMEZONE\nTZID:Europe/Berlin");
    expect(await own.view()).toMatchObject({
      name: "Review",
      text: "One; two,\nthree",
      location: "Room 1",
      ...ten,
      startTime: "2026-12-03T09:00:00Z",
      attributedTo: { id: bob },
      attendees: [{ id: "mailto:eve@example.org", name: "Eve", answer: "none" }],
      recurrence: { rules: ["FREQ=WEEKLY;COUNT=4"], excluded: ["2026-12-17T10:00:00"] },
    });
  });

  it("makes tasks, days and floating times", async () => {
    await submit({
      type: "Create",
      target: "cal/bob calendar",
      object: { type: "Task", name: "Pay", end: "2026-12-04", status: "needs-action", priority: 2 },
    });
    expect(await own.view()).toMatchObject({ type: "Task", name: "Pay", end: "2026-12-04", status: "needs-action", priority: 2 });
    await own.remove();
    await create({ start: "2026-12-24", end: "2026-12-27", timezone: undefined });
    expect(await own.view()).toMatchObject({ start: "2026-12-24", end: "2026-12-27" });
    await own.remove();
    await create({ start: "2026-12-24T09:00:00", end: "2026-12-24T10:00:00", timezone: undefined });
    expect(unfolded((await own.one()).data)).toContain("DTSTART:20261224T090000\n");
  });

  it("changes what is asked for and nothing else: alarms, zones and unknown properties stay; SEQUENCE rises with the time", async () => {
    await own.put("weekly.ics", weekly());
    await sync();
    const object = await lastObject(hub);
    expect(await submit({ type: "Update", object, change: { location: "Room 2" } })).toMatchObject({ outcome: "done" });
    expect(await sync()).toEqual(["bob@example.org moved “Review” to Room 2"]);
    const relocated = unfolded((await own.one()).data);
    for (const line of [
      "SUMMARY;LANGUAGE=en:Review",
      "X-OTHER;X-P=1:kept as it is",
      "TRIGGER:-PT15M",
      "SEQUENCE:3",
      "X-WR-CALNAME:kept",
    ])
      expect(relocated).toContain(line);
    expect(relocated).toContain("DTSTART;TZID=Mine:20261203T100000");
    await submit({ type: "Update", object, change: { start: "2026-12-03T14:00:00", end: "2026-12-03T15:00:00", ...berlin } });
    expect(await sync()).toEqual(["bob@example.org rescheduled “Review” to Thu, 3 Dec 2026, 14:00 CET"]);
    const { data } = await own.one();
    const moved = unfolded(data);
    expect(moved).toContain("DTSTART;TZID=Mine:20261203T140000");
    expect(moved).toContain("SEQUENCE:4");
    expect(moved.match(/BEGIN:VTIMEZONE/g)).toHaveLength(1);
    expect(moved).toContain("TRIGGER:-PT15M");
  });

  it("keeps what somebody else changed meanwhile, and refuses what both changed, with both", async () => {
    await own.put("weekly.ics", weekly());
    await sync();
    const object = await lastObject(hub);
    await own.edit((data) => data.replace("LOCATION:Room 1", "LOCATION:Room 7"));
    expect(await submit({ type: "Update", object, change: { name: "Retrospective" } })).toMatchObject({ outcome: "done" });
    expect(await own.view()).toMatchObject({ name: "Retrospective", location: "Room 7" });
    await sync();
    await own.edit((data) => data.replace("LOCATION:Room 7", "LOCATION:Room 8"));
    expect(await submit({ type: "Update", object, change: { location: "Room 9" } })).toMatchObject({
      outcome: "refused",
      reason: expect.stringContaining("location: “Room 8” there, “Room 9” here"),
    });
    expect(await own.view()).toMatchObject({ location: "Room 8" });
  });

  it("changes one occurrence, and that and all that follow by a series of its own", async () => {
    await own.put("weekly.ics", weekly("RRULE:FREQ=WEEKLY;COUNT=6"));
    await sync();
    const object = await lastObject(hub);
    await submit({ type: "Update", object, occurrence: { id: "2026-12-10T10:00:00" }, change: { location: "Attic" } });
    expect(await sync()).toEqual(["bob@example.org moved “Review” (Thu, 10 Dec 2026, 10:00) to Attic"]);
    const exception = unfolded((await own.one()).data);
    expect(exception).toContain("RECURRENCE-ID;TZID=Mine:20261210T100000");
    expect(exception.match(/TRIGGER:-PT15M/g)).toHaveLength(2);
    const change = { start: "2026-12-24T16:00:00", end: "2026-12-24T17:00:00", ...berlin };
    const done = await submit({ type: "Update", object, occurrence: { id: "2026-12-24T10:00:00", future: true }, change });
    expect(done).toMatchObject({ outcome: "done" });
    const [first, second, ...more] = (await own.all()).sort((a) => (a.key === "weekly.ics" ? -1 : 1));
    expect(more).toEqual([]);
    expect(shownOf(first!.data)?.recurrence?.rules).toEqual(["FREQ=WEEKLY;UNTIL=20261224T085959Z"]);
    expect(shownOf(second!.data)).toMatchObject({
      ...change,
      location: "Room 1",
      recurrence: { rules: ["FREQ=WEEKLY;COUNT=3"] },
    });
    expect(unfolded(second!.data)).toContain("RELATED-TO;RELTYPE=SIBLING:weekly");
    for (const { data } of [first!, second!]) expect(unfolded(data)).not.toContain("THISANDFUTURE");
    // A second attempt finds what the first one made.
    expect(await sync()).toHaveLength(2);
    expect(await sync()).toEqual([]);
  });

  it("moves a series with what is left out of it, and with its end", async () => {
    await own.put("weekly.ics", weekly("RRULE:FREQ=WEEKLY;UNTIL=20261224T090000Z", "EXDATE;TZID=Mine:20261210T100000"));
    await sync();
    const object = await lastObject(hub);
    const change = { start: "2026-12-03T14:00:00", end: "2026-12-03T15:00:00", ...berlin };
    expect(await submit({ type: "Update", object, change })).toMatchObject({ outcome: "done" });
    const [series] = readCalendars((await own.one()).data).calendars.flatMap((calendar) => seriesOf(calendar));
    const window = { from: "2026-12-01T00:00:00Z", to: "2027-12-01T00:00:00Z" };
    expect(occurrencesOf(series!, window).occurrences.map(({ startLocal }) => startLocal)).toEqual([
      "2026-12-03T14:00:00",
      "2026-12-17T14:00:00",
      "2026-12-24T14:00:00",
    ]);
  });

  it("changes a series that another program changed from one occurrence on, and leaves what follows to that", async () => {
    const range = [
      "BEGIN:VEVENT",
      "UID:weekly",
      "DTSTAMP:20261101T080000Z",
      "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Mine:20261217T100000",
      "SUMMARY:Later",
      "DTSTART;TZID=Mine:20261217T110000",
      "DTEND;TZID=Mine:20261217T120000",
      "END:VEVENT",
      "END:VCALENDAR",
    ];
    await own.put("weekly.ics", weekly("RRULE:FREQ=WEEKLY").replace("END:VCALENDAR", range.join("\r\n")));
    await sync();
    const object = await lastObject(hub);
    expect(await submit({ type: "Update", object, change: { name: "Retrospective" } })).toMatchObject({ outcome: "done" });
    expect(await submit({ type: "Update", object, change: { classification: "private" } })).toMatchObject({ outcome: "refused" });
    const occurrence = { id: "2026-12-10T10:00:00" };
    expect(await submit({ type: "Update", object, occurrence, change: { location: "Attic" } })).toMatchObject({
      outcome: "done",
    });
    const { data } = await own.one();
    for (const line of ["RANGE=THISANDFUTURE", "RRULE:FREQ=WEEKLY\n", "LOCATION:Attic"]) expect(unfolded(data)).toContain(line);
  });

  it("deletes what was seen; what somebody changed since stays, and the refusal says how", async () => {
    await own.put("weekly.ics", weekly());
    await sync();
    const object = await lastObject(hub);
    await own.edit((data) => data.replace("SUMMARY;LANGUAGE=en:Review", "SUMMARY:Important"));
    expect(await submit({ type: "Delete", object })).toMatchObject({
      outcome: "refused",
      reason: expect.stringContaining("name: “Important” there, “Review” here"),
    });
    await sync();
    expect(await submit({ type: "Delete", object })).toMatchObject({ outcome: "done" });
    expect(await own.all()).toEqual([]);
    expect(await sync()).toEqual(["bob@example.org deleted “Important”"]);
    expect(await sync()).toEqual([]);
  });

  it("leaves a meeting to who organises it", async () => {
    await own.put("weekly.ics", weekly("ORGANIZER:mailto:ada@example.org", "ATTENDEE:mailto:bob@example.org"));
    await sync();
    const object = await lastObject(hub);
    expect(await submit({ type: "Update", object, change: { location: "Attic" } })).toMatchObject({
      outcome: "refused",
      obstacle: "forbidden",
      reason: expect.stringContaining("organises it"),
    });
  });
});

describe.skipIf(!server)("a route between calendars", () => {
  let dir: string;
  let [from, to]: [Desk, Desk] = [undefined as never, undefined as never];
  let hub: Hub;
  let sync: () => Promise<readonly string[]>;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "groupstream-caldav-"));
    [from, to] = [await desk("ada"), await desk("bob")];
    hub = await openHub({
      store: join(dir, "hub.db"),
      systems: [caldav({ id: "ada", ...from.access, owner: ada }), caldav({ id: "bob", ...to.access, owner: bob })],
      routes: [{ from: "ada/ada calendar", to: "bob/bob calendar", widen: "Bob plans with Ada" }],
      policy: { body: "full", exclude: [] },
    });
    sync = telling(hub);
    await sync();
  });
  afterEach(async () => {
    await hub.close();
    await from[Symbol.asyncDispose]();
    await to[Symbol.asyncDispose]();
    await rm(dir, { recursive: true });
  });

  it("makes, changes and removes a rendering: told once, what somebody else put into it stays", async () => {
    await from.put("weekly.ics", weekly("RRULE:FREQ=WEEKLY", "DESCRIPTION:Bring numbers"));
    expect(await sync()).toEqual(["“Review” was scheduled for Thu, 3 Dec 2026, 10:00 CET"]);
    await sync();
    expect(await to.view()).toMatchObject({ name: "Review", location: "Room 1", text: "Bring numbers", ...ten });
    expect(await sync()).toEqual([]);

    await to.edit((data) => data.replace("LOCATION:Room 1", "LOCATION:My desk").replace("END:VEVENT", "X-MINE:1\r\nEND:VEVENT"));
    expect(await sync()).toEqual([]);
    await from.edit((data) =>
      data
        .replace("DTSTART;TZID=Mine:20261203T100000", "DTSTART;TZID=Mine:20261203T120000")
        .replace("DTEND;TZID=Mine:20261203T110000", "DTEND;TZID=Mine:20261203T130000"),
    );
    expect(await sync()).toEqual(["“Review” was rescheduled to Thu, 3 Dec 2026, 12:00 CET"]);
    await sync();
    expect(await to.view()).toMatchObject({ location: "My desk", start: "2026-12-03T12:00:00" });
    expect(unfolded((await to.one()).data)).toContain("X-MINE:1");
    expect(await sync()).toEqual([]);

    await from.remove();
    const told = [...(await sync()), ...(await sync()), ...(await sync())];
    expect(told).toEqual(["“Review” was deleted"]);
    expect(await to.all()).toEqual([]);
  });

  it("refuses a change of what somebody else changed at the target, with both", async () => {
    await from.put("weekly.ics", weekly());
    await sync();
    await sync();
    await to.edit((data) => data.replace("LOCATION:Room 1", "LOCATION:My desk"));
    await from.edit((data) => data.replace("LOCATION:Room 1", "LOCATION:Room 2"));
    await sync();
    await sync();
    expect((await hub.deliveries({ states: ["refused"] })).map(({ reason }) => reason)).toEqual([
      expect.stringContaining("location: “My desk” there, “Room 2” here"),
    ]);
    expect(await to.view()).toMatchObject({ location: "My desk" });
    // What is erased is not quoted any more.
    await hub.erase({ object: await lastObject(hub) });
    expect((await hub.deliveries({ states: ["refused"] })).map(({ reason }) => reason)).toEqual([undefined]);
  });

  it("carries a change of all that follow as series of their own, and takes them back together", async () => {
    const ranged = weekly("RRULE:FREQ=WEEKLY;COUNT=4").replace(
      "END:VCALENDAR",
      [
        "BEGIN:VEVENT",
        "UID:weekly",
        "DTSTAMP:20261101T080000Z",
        "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Mine:20261217T100000",
        "SUMMARY:Review",
        "LOCATION:Attic",
        "DTSTART;TZID=Mine:20261217T110000",
        "DTEND;TZID=Mine:20261217T120000",
        "END:VEVENT",
        "END:VCALENDAR",
      ].join("\r\n"),
    );
    await from.put("weekly.ics", ranged);
    await sync();
    await sync();
    const views = (await to.all()).map(({ data }) => shownOf(data)).sort((a, b) => (a!.start! < b!.start! ? -1 : 1));
    expect(views.map((view) => [view?.start, view?.location, view?.recurrence?.rules])).toEqual([
      ["2026-12-03T10:00:00", "Room 1", ["FREQ=WEEKLY;UNTIL=20261217T085959Z"]],
      ["2026-12-17T11:00:00", "Attic", ["FREQ=WEEKLY;COUNT=2"]],
    ]);
    expect(await sync()).toEqual([]);
    await from.remove();
    for (let round = 0; round < 3; round += 1) await sync();
    expect(await to.all()).toEqual([]);
  });
});

describe.skipIf(!xandikos)("another server, Xandikos", () => {
  it("takes an event, a change of it that keeps what else is in it, and its end", async () => {
    const dir = await mkdtemp(join(tmpdir(), "groupstream-caldav-"));
    const access = { url: xandikos!.calendar, auth: { username: "user", password: "none" }, allow: "private" as const };
    await using dav = openDav({ system: "test", ...access });
    const hub = await openHub({ store: join(dir, "hub.db"), systems: [caldav({ id: "cal", ...access, owner: bob })] });
    try {
      const sync = telling(hub);
      await sync();
      const made = await hub.submit({
        type: "Create",
        actor: bob,
        target: `cal/${xandikos!.calendar}`,
        object: { type: "Event", name: "Review", ...ten },
      });
      expect(made).toMatchObject({ outcome: "done" });
      expect(await sync()).toHaveLength(1);
      const key = made.outcome === "done" ? made.key! : "";
      const now = async () => {
        for await (const item of davItems(dav, calendarAt(xandikos!.calendar), [key], never))
          if (item.kind === "there") return item.resource;
        return undefined;
      };
      const { url, data, revision } = (await now())!;
      const edited = data.replace("END:VEVENT", "X-MINE:1\r\nEND:VEVENT");
      expect(await davPut(dav, url, edited, { kind: "calendar", match: revision }, never)).toMatchObject({ kind: "done" });
      const object = await lastObject(hub);
      expect(await hub.submit({ type: "Update", actor: bob, object, change: { location: "Attic" } })).toMatchObject({
        outcome: "done",
      });
      const changed = unfolded((await now())!.data);
      for (const line of ["X-MINE:1", "LOCATION:Attic"]) expect(changed).toContain(line);
      expect(await sync()).toEqual(["bob@example.org moved “Review” to Attic"]);
      expect(await hub.submit({ type: "Delete", actor: bob, object })).toMatchObject({ outcome: "done" });
      expect(await now()).toBeUndefined();
      expect(await sync()).toEqual(["bob@example.org deleted “Review”"]);
      expect(await sync()).toEqual([]);
    } finally {
      await hub.close();
      await rm(dir, { recursive: true });
    }
  });
});
