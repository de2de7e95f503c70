/** Private and confidential events: nothing of them goes anywhere, or as busy time where a route says so. */

import type { Adapter, EventView, View } from "groupstream";
import { afterEach, describe, expect, it } from "vitest";
import { asBusyTime } from "../../src/bridge/private.ts";
import { Toy, whole } from "../sync/toy.ts";
import { closeAll, type Options, type World, world } from "../sync/world.ts";
import { Room } from "./room.ts";

afterEach(closeAll);

const secret: EventView = {
  type: "Event",
  name: "Surgery",
  text: "Second floor",
  startTime: "2026-12-01T09:00:00Z",
  endTime: "2026-12-01T10:00:00Z",
  start: "2026-12-01T10:00:00",
  timezone: "Europe/Berlin",
  location: "Clinic",
  attributedTo: { id: "mailto:ada@example.org", name: "Ada" },
  attendees: [{ id: "mailto:doc@example.org", name: "Doc", answer: "accepted" }],
  status: "confirmed",
  classification: "private",
  recurrence: {
    rules: ["FREQ=DAILY"],
    overrides: {
      "2026-12-02T10:00:00": {
        originalTime: "2026-12-02T09:00:00Z",
        startTime: "2026-12-02T11:00:00Z",
        name: "Surgery again",
        location: "Elsewhere",
        attendees: [{ id: "mailto:nurse@example.org", answer: "none" }],
      },
    },
  },
};
const words = /Surgery|floor|Clinic|Elsewhere|Doc|Ada|nurse|doc@|ada@/;

/** What the room was asked to show, whole. */
const asked: unknown[] = [];
class Hall extends Room {
  override adapter(over: Parameters<Room["adapter"]>[0] = {}): Adapter {
    const adapter = super.adapter(over);
    const create = adapter.performs?.Create;
    if (!create) return adapter;
    const noted: typeof create = (command, signal) => {
      asked.push(command.object);
      return create(command, signal);
    };
    return { ...adapter, performs: { ...adapter.performs, Create: noted } };
  }
}

const settled = async (w: World): Promise<void> => {
  for (let turn = 0; turn < 4; turn += 1) {
    await w.sync();
    w.clock.advance(600_000);
  }
};

const calendar = async (route: object, first: View = secret) => {
  asked.length = 0;
  const [cal, chat] = [new Toy("cal", "work"), new Hall()];
  const routes: Options["routes"] = [{ from: "cal/work", to: "chat/room", widen: "the team plans by it", ...route }];
  const w = await world([cal, chat], { routes });
  await w.sync();
  let edition = 0;
  const put = (view: View): void => {
    edition += 1;
    cal.put("work", whole("e", { ...view, edition: String(edition) }, { revision: String(edition) }));
  };
  put(first);
  await settled(w);
  const reasons = async () => (await w.hub.deliveries()).map(({ state, reason }) => `${state}: ${reason}`);
  return { chat, w, put, reasons };
};

describe("a private event", () => {
  it("goes nowhere, and the reason stands with it", async () => {
    const { chat, reasons } = await calendar({});
    expect(chat.posts()).toEqual([]);
    expect(asked).toEqual([]);
    expect(await reasons()).toEqual(["void: not sent: it is private; a route may carry when somebody is busy (busy: true)"]);
  });

  it("goes as busy time where a route says so, in the route's language", async () => {
    const { chat } = await calendar({ busy: true, language: "de" });
    expect(chat.posts()).toHaveLength(1);
    expect(asked.length).toBeGreaterThan(0);
    for (const object of asked) {
      expect(object).toMatchObject({ type: "Event", name: "Belegt", startTime: "2026-12-01T09:00:00Z" });
      expect(JSON.stringify(object)).not.toMatch(words);
    }
  });

  it("that was public loses its post when it becomes private", async () => {
    const { classification: _private, ...open } = secret;
    const { chat, w, put } = await calendar({}, open);
    expect(chat.posts()).toHaveLength(1);
    put({ ...open, classification: "confidential" });
    await settled(w);
    expect(chat.posts()).toEqual([]);
    put(open);
    await settled(w);
    expect(chat.posts()).toHaveLength(1);
  });

  it("is not seen by the calendar's readers: they are no audience of it", async () => {
    const { reasons } = await calendar({ busy: true, widen: undefined });
    expect((await reasons())[0]).toMatch(/^void: not sent: mailto:team@example.org could not see it at its source/);
  });

  it("keeps nothing but its times, whatever it has", () => {
    const { view, losses } = asBusyTime(secret);
    expect(JSON.stringify(view)).not.toMatch(words);
    expect(view.recurrence?.overrides?.["2026-12-02T10:00:00"]).toEqual({
      originalTime: "2026-12-02T09:00:00Z",
      startTime: "2026-12-02T11:00:00Z",
    });
    expect(losses).toHaveLength(1);
  });
});
