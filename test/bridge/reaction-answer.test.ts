/** A reaction in a room answers the invitation, in the calendar of the person who reacted, once. */

import type { Adapter, Command, EventView, Whole } from "groupstream";
import { afterEach, describe, expect, it } from "vitest";
import { Toy, whole } from "../sync/toy.ts";
import { closeAll, type Options, type World, world } from "../sync/world.ts";
import { Room } from "./room.ts";

afterEach(closeAll);

const [ada, bob] = ["mailto:ada@example.org", "mailto:bob@example.org"];

/** Calendars in which the invited answer. */
class Calendars extends Toy {
  readonly done: string[] = [];
  #edition = 1;

  event(owners: readonly string[], answers: Readonly<Record<string, EventView["attendees"]>> = {}): void {
    for (const owner of owners) this.#put(owner, answers[owner] ?? [{ id: bob, name: "Bob", answer: "none" }]);
  }

  #put(owner: string, attendees: EventView["attendees"] = []): Whole {
    this.#edition += 1;
    const view: EventView = {
      type: "Event",
      name: "Review",
      startTime: "2026-12-01T09:00:00Z",
      attributedTo: { id: ada, name: "Ada" },
      attendees,
      edition: String(this.#edition).padStart(10, "0"),
    };
    const made = whole(`${owner}.ics`, view, {
      revision: String(this.#edition),
      same: [{ id: "uid:review", within: "everywhere", weight: "identity" }],
    });
    this.put(owner, made);
    return made;
  }

  answers(owner: string, answer: "accepted" | "declined"): void {
    this.#put(owner, [{ id: bob, name: "Bob", answer }]);
  }

  override adapter(over: Parameters<Toy["adapter"]>[0] = {}): Adapter {
    const answer = (said: "accepted" | "declined") => async (command: Command) => {
      const { item, actor, preview, verb } = command;
      if (!item) return { outcome: "refused" as const, reason: "nothing to answer" };
      if (preview) return { outcome: "done" as const, native: `PUT ${item.key}` };
      this.done.push(`${verb} ${item.collection} ${actor}`);
      this.answers(item.collection, said);
      return {
        outcome: "done" as const,
        stands: { collection: item.collection, sighting: this.at(item.collection).items.get(item.key) as Whole },
      };
    };
    const nothing = async () => ({ outcome: "refused" as const, reason: "events are not made here" });
    return super.adapter({ performs: { Create: nothing, Accept: answer("accepted"), Reject: answer("declined") }, ...over });
  }
}

const people: Options["people"] = [{ ids: [bob, "xmpp:bob@chat.example.org"] }];

const meeting = async (over: { people?: Options["people"]; answers?: object } = {}) => {
  const [cal, chat] = [new Calendars("cal", "ada", "bob"), new Room()];
  cal.at("ada").owner = ada;
  cal.at("bob").owner = bob;
  const routes: Options["routes"] = [
    { from: "cal", to: "chat/room", widen: "the team plans in this room" },
    { from: "chat/room", to: "cal", widen: "the invited answer", ...(over.answers && { answers: over.answers as never }) },
  ];
  const w = await world([cal, chat], { routes, people: over.people ?? people });
  await w.sync();
  const settle = async (): Promise<readonly string[]> => {
    const told: string[] = [];
    for (let turn = 0; turn < 5; turn += 1) {
      told.push(...(await w.sync()));
      w.clock.advance(600_000);
    }
    return told;
  };
  cal.event(["ada", "bob"]);
  await settle();
  return { cal, chat, w, settle };
};

const toCal = async (w: World): Promise<readonly string[]> =>
  (await w.hub.deliveries())
    .filter(({ target, state }) => target.startsWith("cal/") && state !== "void")
    .map(({ verb, state, reason }) => `${verb} ${state}${reason && state !== "done" ? `: ${reason}` : ""}`);

describe("a reaction to a posted meeting", () => {
  it("answers in the calendar of who reacted, and in no one else's; it is told once, and comes not back", async () => {
    const { cal, chat, w, settle } = await meeting();
    expect(chat.posts()).toHaveLength(1);
    chat.reacts("p1", "✅", "xmpp:bob@chat.example.org");
    const told = await settle();
    expect(cal.done).toEqual([`Accept bob ${bob}`]);
    expect(told.filter((line) => line.startsWith("EmojiReact"))).toHaveLength(1);
    expect(told.filter((line) => line.startsWith("Accept"))).toHaveLength(1);
    expect(await toCal(w)).toContainEqual("Accept done");
    expect(chat.posts()).toHaveLength(1);
  });

  it("that is not in the table, or by somebody without a calendar, answers nothing", async () => {
    const { cal, chat, w, settle } = await meeting();
    chat.reacts("p1", "🎉", "xmpp:bob@chat.example.org");
    chat.reacts("p1", "✅", "xmpp:eve@chat.example.org");
    await settle();
    expect(cal.done).toEqual([]);
    expect((await toCal(w)).filter((line) => line.includes("refused"))).toEqual([
      "EmojiReact refused: no calendar of xmpp:eve@chat.example.org is connected; name the ids of one person in people",
    ]);
  });

  it("is no answer of another's: the owner of a calendar who is not invited is told so", async () => {
    const { cal, chat, w, settle } = await meeting({ people: [{ ids: [ada, "xmpp:ada@chat.example.org"] }] });
    chat.reacts("p1", "✅", "xmpp:ada@chat.example.org");
    await settle();
    expect(cal.done).toEqual([]);
    expect(await toCal(w)).toContainEqual("EmojiReact refused: xmpp:ada@chat.example.org is not among the invited");
  });

  it("is read by the route's own table", async () => {
    const { cal, chat, settle } = await meeting({ answers: { "👎": "declined" } });
    chat.reacts("p1", "✅", "xmpp:bob@chat.example.org");
    await settle();
    expect(cal.done).toEqual([]);
    chat.reacts("p1", "👎", "xmpp:bob@chat.example.org");
    await settle();
    expect(cal.done).toEqual([`Reject bob ${bob}`]);
  });

  it("answers once: who answers otherwise in their calendar afterwards is not overruled by it", async () => {
    const { cal, chat, settle } = await meeting();
    chat.reacts("p1", "✅", "xmpp:bob@chat.example.org");
    await settle();
    cal.answers("bob", "declined");
    await settle();
    chat.reacts("p1", "🎉", "xmpp:ann@chat.example.org");
    await settle();
    expect(cal.done).toEqual([`Accept bob ${bob}`]);
  });
});
