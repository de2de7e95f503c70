/** Meetings and tasks as lines for people. */

import type { EventView, TaskView } from "groupstream";
import { plannedLines } from "groupstream/protocol/text";
import { describe, expect, it } from "vitest";

const event: EventView = {
  type: "Event",
  name: "Jour fixe",
  startTime: "2026-11-26T09:00:00Z",
  endTime: "2026-11-26T10:00:00Z",
  start: "2026-11-26T10:00:00",
  end: "2026-11-26T11:00:00",
  timezone: "Europe/Berlin",
  location: "Room 1",
  attributedTo: { id: "mailto:ada@example.org", name: "Ada" },
  attendees: [
    { id: "mailto:ada@example.org", name: "Ada", answer: "accepted" },
    { id: "mailto:bob@example.org", name: "Bob", answer: "accepted" },
    { id: "mailto:eve@example.org", answer: "declined" },
    { id: "mailto:kai@example.org", name: "Kai", answer: "none" },
  ],
  recurrence: { rules: ["FREQ=WEEKLY;INTERVAL=2;BYDAY=TH"] },
};

describe("a meeting", () => {
  it("says when in its own time, how often, where and who, in both languages", () => {
    expect(plannedLines(event)).toEqual([
      "🗓 Thu, 26 Nov 2026, 10:00–11:00 CET",
      "🔁 Every 2 weeks",
      "📍 Room 1",
      "👥 Ada, Bob ✅, eve@example.org ❌, Kai",
    ]);
    expect(plannedLines({ ...event, status: "cancelled" }, { language: "de", people: 2 })).toEqual([
      "⛔ Abgesagt",
      "🗓 Do., 26. Nov. 2026, 10:00–11:00 MEZ",
      "🔁 Alle 2 Wochen",
      "📍 Room 1",
      "👥 Ada, Bob ✅ und 2 weitere",
    ]);
  });

  it.each<[string, Partial<EventView>, string]>([
    ["a day", { start: "2026-12-24", end: "2026-12-25" }, "🗓 Thu, 24 Dec 2026"],
    ["several days", { start: "2026-12-24", end: "2026-12-27" }, "🗓 Thu, 24 Dec 2026 – Sat, 26 Dec 2026"],
    ["a day without an end", { start: "2026-12-24" }, "🗓 Thu, 24 Dec 2026"],
    [
      "over midnight",
      { startTime: "2026-12-24T22:00:00Z", endTime: "2026-12-25T01:00:00Z" },
      "🗓 Thu, 24 Dec 2026, 22:00 – Fri, 25 Dec 2026, 01:00 UTC",
    ],
    ["an instant", { startTime: "2026-12-24T09:00:00Z" }, "🗓 Thu, 24 Dec 2026, 09:00 UTC"],
    ["a zone nobody knows", { startTime: "2026-12-24T09:00:00Z", timezone: "Mars/Base" }, "🗓 Thu, 24 Dec 2026, 09:00 UTC"],
  ])("%s", (_, when, line) => {
    expect(plannedLines({ type: "Event", ...when })).toEqual([line]);
  });

  it("of which nothing is known has no lines, and what is no time is left out", () => {
    expect(plannedLines({ type: "Event" })).toEqual([]);
    expect(plannedLines({ type: "Event", startTime: "soon", start: "x" })).toEqual([]);
  });
});

describe("a task", () => {
  it("says when it is due, and that it is done", () => {
    const task: TaskView = { type: "Task", endTime: "2026-12-03T00:00:00Z", end: "2026-12-03", status: "completed" };
    expect(plannedLines(task)).toEqual(["☑ Done", "🗓 Due: Thu, 3 Dec 2026"]);
    expect(plannedLines(task, { language: "de" })).toEqual(["☑ Erledigt", "🗓 Fällig: Do., 3. Dez. 2026"]);
  });
});
