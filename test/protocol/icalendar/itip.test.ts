/** Scheduling messages, read and answered. */

import { schedulingReply } from "groupstream/protocol/icalendar";
import { describe, expect, it } from "vitest";
import { schedulingMessage, schedulingView, speakerOf } from "../../../src/protocol/icalendar/itip.ts";
import { invited, meeting } from "../../fixtures/mail/invitations.ts";

const reading = { text: "none" } as const;
const ada = "mailto:ada@example.org";
const bob = "mailto:bob@example.org";

describe("a reply", () => {
  it.each(["VEVENT", "VTODO"])("to a %s is one, with what was asked and the own answer", (name) => {
    const asked = schedulingMessage(
      meeting({ sequence: 3, attendees: [invited("bob@example.org"), invited("cleo@example.org")] }).replaceAll("VEVENT", name),
    )!;
    const reply = schedulingReply(asked, bob, "ACCEPTED", { at: "2026-11-21T10:00:00Z", by: "bob@example.org" })!;
    expect(reply).toMatchObject({ to: ada, summary: "Review" });
    expect(reply.text.match(/BEGIN:V\w+/g)).toEqual(["BEGIN:VCALENDAR", `BEGIN:${name}`]);
    const said = schedulingMessage(reply.text)!;
    expect(said.method).toBe("reply");
    expect([speakerOf(said, bob), speakerOf(said, ada)]).toEqual([bob, undefined]);
    expect(schedulingView(said, bob, reading)).toMatchObject({
      type: name === "VTODO" ? "Task" : "Event",
      sequence: 3,
      edition: "0000000003 2026-11-21T10:00:00Z",
      attendees: [{ id: bob, answer: "accepted" }],
    });
  });
});

describe("an addition", () => {
  const added = (text: string) => {
    const message = schedulingMessage(text)!;
    return schedulingView(message, speakerOf(message, ada)!, reading);
  };
  it("is one occurrence, named by its own time as it is written", () => {
    const written = meeting({ method: "ADD", sequence: 1 }).replace(
      "DTSTART:20261203T090000Z",
      "DTSTART;TZID=Europe/Berlin:20261203T100000",
    );
    expect(added(written)).toMatchObject({
      timezone: "Europe/Berlin",
      instance: { id: "2026-12-03T10:00:00", originalTime: "2026-12-03T09:00:00Z" },
    });
    expect(added(written)).not.toHaveProperty("recurrence");
  });
  it("says when it has more in it, as a rule, as dates, as further components", () => {
    const more = [
      meeting({ method: "ADD", sequence: 1, more: ["RRULE:FREQ=DAILY;COUNT=3"] }),
      meeting({ method: "ADD", sequence: 1, more: ["RDATE:20261204T090000Z"] }),
      meeting({ method: "ADD", sequence: 1 }).replace(/BEGIN:VEVENT[\s\S]*END:VEVENT\r\n/, (event) => event.repeat(2)),
    ];
    for (const text of more) expect(added(text)?.losses).toHaveLength(1);
    expect(added(meeting({ method: "ADD", sequence: 1 }))).not.toHaveProperty("losses");
  });
});
