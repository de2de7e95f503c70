/** Where an invitation is answered: the organiser hears of it, once. */

import type { EventView, Level } from "groupstream";
import { describe, expect, it } from "vitest";
import { byTelling, takes, toKeepBeside } from "../../src/bridge/answerable.ts";
import type { Item } from "../../src/store/contract.ts";

const item = (n: number, place: string, more: Partial<EventView> = {}, state: Item["state"] = "here"): Item => ({
  n,
  place,
  key: `${n}`,
  object: 1,
  role: "own",
  state,
  view: { type: "Event", ...more },
  revision: "1",
  mapping: 1,
  text: "full",
  digested: false,
  seen: 1,
  absent: false,
  asked: false,
});
const mail = item(1, "mail/INBOX", { method: "request", carrier: "1" });
const calendar = item(2, "cal/work");
const levels =
  (level: Level | undefined) =>
  ({ place }: Item) =>
    place.startsWith("cal") ? level : ({ level: "full" } as const);

describe("an answer", () => {
  it.each<[string, Level | undefined, readonly Item[], readonly Item[]]>([
    ["in the calendar alone, whose server tells the organiser", { level: "full" }, [calendar, mail], []],
    [
      "by mail where the calendar tells nobody, and then in the calendar",
      { level: "degraded", lost: "x" },
      [mail, calendar],
      [calendar],
    ],
    ["in the calendar alone, where it cannot be asked", undefined, [calendar, mail], []],
  ])("goes %s", (_, level, order, beside) => {
    const [first, ...rest] = byTelling([mail, calendar], levels(level));
    expect([first, ...rest]).toEqual(order);
    expect(toKeepBeside(first as Item, rest)).toEqual(beside);
  });

  it.each<[string, boolean, Item, string]>([
    ["an answer", true, mail, "Reject"],
    ["no deletion", false, mail, "Delete"],
    ["no answer once its mail went", false, { ...mail, state: "out" }, "Accept"],
    ["no answer where it is itself one", false, item(3, "mail/Sent", { method: "reply", carrier: "3" }), "Accept"],
  ])("a message about a meeting takes %s", (_, expected, one, verb) => expect(takes(one, verb)).toBe(expected));

  it("a calendar takes what its system performs", () => expect(takes(calendar, "Delete")).toBe(true));
});
