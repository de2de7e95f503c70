import { type Answer, type EventView, GroupstreamError } from "groupstream";
import { expect, test } from "vitest";
import { Play, Stage, type Thing } from "./stage.ts";

const [alice, bob, carol] = ["mailto:alice@example.org", "mailto:bob@example.org", "mailto:carol@example.org"];

const meeting = (
  name: string,
  sequence: number,
  over: { uid?: string; start?: string; location?: string; answers?: Record<string, Answer>; stamp?: number } = {},
): Thing => {
  const object: EventView = {
    type: "Event",
    name,
    edition: `${String(sequence).padStart(10, "0")} ${String(over.stamp ?? 0).padStart(10, "0")}`,
    startTime: over.start ?? "2026-04-01T09:00:00Z",
    ...(over.location !== undefined && { location: over.location }),
    attendees: Object.entries(over.answers ?? {}).map(([id, answer]) => ({ id, answer })),
  };
  return { object, same: [{ id: `${over.uid ?? name} ${alice}`, within: "everywhere", weight: "identity" }] };
};

const calendars = (...owners: string[]): Stage => {
  const stage = new Stage("cal", ...owners);
  for (const owner of owners) stage.room(owner).owner = owner;
  return stage;
};

test("a lagging copy does not take back what the newer one says", async () => {
  const cal = calendars(alice, bob);
  cal.set(alice, "e.ics", meeting("e", 0));
  cal.set(bob, "x.ics", meeting("e", 0));
  await using play = new Play([cal]);
  await play.sync();
  cal.set(alice, "e.ics", meeting("e", 1, { start: "2026-04-01T10:00:00Z" }));
  expect(await play.sync()).toEqual(["Update e (startTime)"]);
  cal.set(bob, "x.ics", { ...meeting("e", 0), revision: "touched by the server" });
  expect(await play.sync()).toEqual([]);
});

test("the newest view disappears: the older one that is left does not tell the old start again", async () => {
  const cal = calendars(alice, bob);
  cal.set(alice, "e.ics", meeting("e", 0));
  cal.set(bob, "x.ics", meeting("e", 0));
  await using play = new Play([cal]);
  await play.sync();
  cal.set(alice, "e.ics", meeting("e", 1, { start: "2026-04-01T10:00:00Z" }));
  await play.sync();
  cal.remove(alice, "e.ics");
  expect(await play.sync()).toEqual([`Remove e cal/${alice}`]);
  cal.set(bob, "x.ics", meeting("e", 1, { start: "2026-04-01T10:00:00Z" }));
  expect(await play.sync()).toEqual([]);
});

test("an answer comes from the attendee's own copy, once", async () => {
  const cal = calendars(alice, bob);
  const asked = (answer: Answer, stamp = 0) => meeting("e", 0, { answers: { [bob]: answer, [carol]: "none" }, stamp });
  cal.set(alice, "e.ics", asked("none"));
  cal.set(bob, "x.ics", asked("none"));
  await using play = new Play([cal]);
  await play.sync();
  cal.set(bob, "x.ics", asked("accepted"));
  expect(await play.sync()).toEqual(["Accept e"]);
  cal.set(alice, "e.ics", asked("accepted", 1));
  expect(await play.sync()).toEqual([]);
  cal.set(bob, "x.ics", asked("accepted", 1));
  expect(await play.sync()).toEqual([]);
});

test("an answer stays as told when its own copy is thrown away before the organiser has heard of it", async () => {
  const cal = calendars(alice, bob);
  const asked = (answer: Answer, stamp = 0) => meeting("e", 0, { answers: { [bob]: answer }, stamp });
  cal.set(alice, "e.ics", asked("none"));
  cal.set(bob, "x.ics", asked("none"));
  await using play = new Play([cal]);
  await play.sync();
  cal.set(bob, "x.ics", asked("tentative"));
  expect(await play.sync()).toEqual(["TentativeAccept e"]);
  cal.remove(bob, "x.ics");
  expect(await play.sync()).toEqual([`Remove e cal/${bob}`]);
  cal.set(alice, "e.ics", asked("tentative", 1));
  expect(await play.sync()).toEqual([]);
});

test("an answer in a lagging copy that a baseline records later is told when the copy has caught up", async () => {
  const cal = calendars(alice, bob);
  const asked = (stamp: number, answers: Record<string, Answer>) => meeting("e", 0, { answers, stamp });
  cal.set(alice, "e.ics", asked(0, { [bob]: "none", [carol]: "none" }));
  cal.set(bob, "x.ics", asked(0, { [bob]: "declined", [carol]: "none" }));
  const closed = () => {
    throw new GroupstreamError("forbidden", "the calendar may not be read; ask for permission");
  };
  cal.room(bob).looks.push(closed, closed);
  await using play = new Play([cal]);
  await play.sync();
  cal.set(alice, "e.ics", asked(1, { [bob]: "none", [carol]: "accepted" }));
  expect(await play.sync()).toEqual(["Accept e"]);
  // Bob's calendar can be read now: its first listing is its baseline, and its copy is older than what was told.
  expect(await play.sync()).toEqual([]);
  cal.set(alice, "e.ics", asked(2, { [bob]: "declined", [carol]: "accepted" }));
  cal.set(bob, "x.ics", asked(2, { [bob]: "declined", [carol]: "accepted" }));
  expect(await play.sync()).toEqual(["Reject e"]);
});

test("an answer is asked for again by a new edition: the reset is told, also where both copies then agree", async () => {
  const cal = calendars(bob, alice);
  cal.set(bob, "x.ics", meeting("e", 0, { answers: { [bob]: "declined" } }));
  cal.set(alice, "e.ics", meeting("e", 0, { answers: { [bob]: "declined" } }));
  await using play = new Play([cal]);
  await play.sync();
  cal.set(alice, "e.ics", meeting("e", 1, { answers: { [bob]: "none" } }));
  expect(await play.sync()).toEqual([]);
  cal.set(bob, "x.ics", meeting("e", 1, { answers: { [bob]: "none" } }));
  expect(await play.sync()).toEqual(["Update e (attendees)"]);
});

test("an href is reused by another event: one meeting ends, another begins", async () => {
  const cal = calendars(alice);
  cal.set(alice, "e.ics", meeting("old", 0));
  await using play = new Play([cal], { history: "all" });
  await play.sync();
  cal.set(alice, "e.ics", meeting("new", 0));
  expect([...(await play.sync())].sort()).toEqual([`Create new > cal/${alice}`, `Delete old cal/${alice}`]);
});

test("the type changes under one key: one object ends, another begins", async () => {
  const cal = calendars(alice);
  cal.set(alice, "e.ics", meeting("task", 0));
  await using play = new Play([cal], { history: "all" });
  await play.sync();
  cal.set(alice, "e.ics", {
    object: { type: "Note", name: "note" },
    same: [{ id: "other", within: "system", weight: "identity" }],
  });
  expect([...(await play.sync())].sort()).toEqual([`Create note > cal/${alice}`, `Delete task cal/${alice}`]);
});

test("an event slides out of the window, then everything is listed: it is asked for, not deleted", async () => {
  const cal = calendars(alice);
  cal.set(alice, "e.ics", meeting("e", 0));
  cal.set(alice, "f.ics", meeting("f", 0));
  await using play = new Play([cal]);
  await play.sync();
  const asked: string[] = [];
  cal.fetching = (room, key) => {
    asked.push(key);
    const thing = room.items.get(key);
    return thing ? { ...thing, key, revision: "same" } : { key, gone: true };
  };
  const windowed = () => [
    { sightings: [{ key: "f.ics", here: true as const }], position: 2, listing: { id: `w${asked.length}`, last: true as const } },
  ];
  cal
    .room(alice)
    .looks.push(() => [{ sightings: [{ key: "e.ics", out: true as const }], position: 1 }], windowed, windowed, windowed);
  expect(await play.sync()).toEqual([]);
  expect(await play.sync()).toEqual([]);
  expect(asked).toContain("e.ics");
  cal.remove(alice, "e.ics");
  cal.room(alice).looks.push(windowed, windowed, windowed);
  expect((await play.sync()).map((told) => told.split(" ")[0])).toEqual(["Delete"]);
});
