/** Where an invitation is answered: the organiser hears of it, once. */

import type { EventView, Level } from "groupstream";
import { describe, expect, it } from "vitest";
import { byTelling, takesVerb, toKeepBeside } from "../../src/bridge/invitation-answer.ts";
import { reactionAnswer } from "../../src/bridge/reaction-answer.ts";
import { parseRoute } from "../../src/bridge/routes.ts";
import type { CollectionRecord, Item, StoredEntry } from "../../src/store/contract.ts";

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
  ])("a message about a meeting takes %s", (_, expected, one, verb) => expect(takesVerb(one, verb)).toBe(expected));

  it("a calendar takes what its system performs", () => expect(takesVerb(calendar, "Delete")).toBe(true));
});

describe("a reaction whose route leads to a mailbox", () => {
  const bob = "mailto:bob@example.org";
  const asked = { attendees: [{ id: bob, answer: "none" as const }] };
  const invitation = item(1, "mail/INBOX", { ...asked, method: "request", carrier: "1" });
  const kept = item(2, "cal/work", asked);
  const post: Item = {
    ...item(3, "chat/room"),
    role: "rendering",
    view: { type: "Note", reactions: [{ actor: bob, emoji: "✅" }] },
  };
  const owned = (place: string): [string, CollectionRecord] => [place, { place, owner: bob } as CollectionRecord];
  const toMail = { from: "chat/room", to: "mail", widen: "the invited answer" };
  const toCalendar = { ...toMail, to: "cal" };
  const reacted = (items: readonly Item[], routes = [toMail, toCalendar], mute: readonly string[] = []) =>
    reactionAnswer({
      entry: {
        type: "EmojiReact",
        places: ["chat/room"],
        activity: JSON.stringify({ actor: { id: bob }, content: "✅" }),
      } as unknown as StoredEntry,
      target: "mail/INBOX",
      routes: routes.map((route) => parseRoute(route, false)),
      items,
      own: [invitation],
      records: new Map([owned("mail/INBOX"), owned("cal/work")]),
      performs: new Set(["Accept", "TentativeAccept", "Reject"]),
      mute: new Set(mute),
      person: (id) => id,
    });

  it("answers by mail", () => expect(reacted([invitation, post])).toEqual({ verb: "Accept", item: invitation, actor: bob }));

  it("leaves it to the calendar, where the person has one: never both", () =>
    expect(reacted([invitation, kept, post])).toEqual({ because: { code: "in-calendar", who: bob } }));

  const byMail = { verb: "Accept", item: invitation, actor: bob };
  it("answers by mail as well where that calendar tells nobody", () =>
    expect(reacted([invitation, kept, post], [toMail, toCalendar], ["cal"])).toEqual(byMail));

  it("answers by mail where no route leads to that calendar", () =>
    expect(reacted([invitation, kept, post], [toMail])).toEqual(byMail));
});
