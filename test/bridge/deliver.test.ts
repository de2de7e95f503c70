/** Deliveries: once, in the order of their lane, retried by the schedule, held back by nobody else's failure. */

import type { Obstacle, Receipt } from "groupstream";
import { afterEach, describe, expect, it } from "vitest";
import { mostAttempts } from "../../src/bridge/retry-schedule.ts";
import { Toy } from "../sync/toy.ts";
import { closeAll, world } from "../sync/world.ts";
import { Target } from "./target.ts";

afterEach(closeAll);

const again: Receipt = { outcome: "refused", reason: "503", again: true };
const begun = async (...targets: Target[]) => {
  const toy = new Toy("mail", "INBOX");
  const all = targets.length > 0 ? targets : [new Target()];
  const w = await world([toy, ...all.map((one) => one.adapter())], { routes: all.map(({ id }) => ({ from: "mail", to: id })) });
  await w.sync();
  const [target] = all;
  if (!target) throw new Error("no target");
  const states = async () => (await w.store.deliveries({ target: `${target.id}/in` })).map(({ state }) => state);
  return { toy, target, w, states };
};

describe("a delivery", () => {
  it("is performed once, with the activity as it is logged and the delivery's id", async () => {
    const { toy, target, w, states } = await begun();
    toy.mail("INBOX", "a");
    await w.sync();
    await w.sync();
    const [entry] = await w.entries();
    expect(target.got).toMatchObject([{ verb: "Deliver", attempt: 1, activity: JSON.parse(JSON.stringify(entry?.activity)) }]);
    expect(target.got[0]?.id).toBe((await w.store.deliveries({}))[0]?.id);
    expect(await states()).toEqual(["done"]);
  });

  it("that is refused for good is closed with its reason, and its lane goes on", async () => {
    const { toy, target, w, states } = await begun();
    target.answer = ({ activity }) =>
      activity.type === "Create" ? { outcome: "refused", reason: "410 gone" } : { outcome: "done" };
    toy.mail("INBOX", "a");
    await w.sync();
    toy.mail("INBOX", "a", { flags: ["flagged"] });
    await w.sync();
    expect(await states()).toEqual(["refused", "done"]);
    expect((await w.store.deliveries({ states: ["refused"] }))[0]?.reason).toBe("410 gone");
  });

  it("that fails is tried again by the schedule, under the same id, and dies after its last attempt", async () => {
    const { toy, target, w, states } = await begun();
    target.answer = () => again;
    toy.mail("INBOX", "a");
    await w.sync();
    for (let turn = 0; turn < 40 && (await states())[0] !== "dead"; turn += 1) {
      w.clock.advance(30 * 3_600_000);
      await w.sync();
    }
    expect(await states()).toEqual(["dead"]);
    expect(target.got.map(({ attempt }) => attempt)).toEqual(Array.from({ length: mostAttempts }, (_, i) => i + 1));
    expect(new Set(target.got.map(({ id }) => id)).size).toBe(1);
    expect((await w.hub.status()).deliveries).toEqual({ dead: 1 });
  });

  it("waits as long as the target asks, never less", async () => {
    const { toy, target, w } = await begun();
    target.answer = () => ({ outcome: "refused", reason: "429", again: true, retryAfter: 600 });
    toy.mail("INBOX", "a");
    await w.sync();
    w.clock.advance(599_000);
    await w.sync();
    expect(target.got).toHaveLength(1);
    w.clock.advance(120_000);
    await w.sync();
    expect(target.got).toHaveLength(2);
  });

  it("whose adapter throws may have happened: unknown, then repeated under the same id", async () => {
    const { toy, target, w, states } = await begun();
    target.answer = () => {
      throw new Error("the socket closed");
    };
    toy.mail("INBOX", "a");
    await w.sync();
    expect(await states()).toEqual(["unknown"]);
    target.answer = () => ({ outcome: "done" });
    w.clock.advance(3_600_000);
    await w.sync();
    expect(await states()).toEqual(["done"]);
    expect(new Set(target.got.map(({ id }) => id)).size).toBe(1);
  });

  it("interrupted while sending is unknown after the restart, and repeated under the same id", async () => {
    const { toy, target, w, states } = await begun();
    const abort = new AbortController();
    target.answer = (_, signal) => {
      abort.abort();
      return Promise.reject(signal.reason);
    };
    toy.mail("INBOX", "a");
    await w.hub.sync({ signal: abort.signal }).catch((error: Error) => expect(error.name).toBe("AbortError"));
    expect(await states()).toEqual(["sending"]);
    target.answer = () => ({ outcome: "done" });
    const restarted = await w.reopen();
    await restarted.sync();
    expect(await states()).toEqual(["done"]);
    expect(target.got.map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(new Set(target.got.map(({ id }) => id)).size).toBe(1);
  });
});

describe("a lane", () => {
  it("keeps its order under failures; others go on", async () => {
    const { toy, target, w } = await begun();
    let failures = 2;
    const done: string[] = [];
    target.answer = ({ activity }) => {
      const line = `${activity.type} ${/“(.*?)”/.exec((activity.summaryMap as { en: string }).en)?.[1]}`;
      if (line === "Create a" && failures > 0) {
        failures -= 1;
        return again;
      }
      done.push(line);
      return { outcome: "done" };
    };
    toy.mail("INBOX", "a");
    await w.sync();
    toy.mail("INBOX", "a", { flags: ["flagged"] });
    toy.mail("INBOX", "b");
    await w.sync();
    expect(done).toEqual(["Create b"]);
    for (let turn = 0; turn < 3; turn += 1) {
      w.clock.advance(3_600_000);
      await w.sync();
    }
    expect(done).toEqual(["Create b", "Create a", "Add a"]);
  });

  it("is a thread: a reply waits for its parent", async () => {
    const { toy, target, w } = await begun();
    let fails = true;
    target.answer = ({ activity }) =>
      fails && (activity.object as { name?: string }).name === "parent" ? again : { outcome: "done" };
    toy.mail("INBOX", "parent");
    toy.mail("INBOX", "reply", { inReplyTo: [{ evidence: "mid:parent" }], context: [{ evidence: "mid:parent" }] });
    await w.sync();
    expect(target.lines()).toEqual(["Create parent"]);
    fails = false;
    w.clock.advance(3_600_000);
    await w.sync();
    expect(target.lines()).toEqual(["Create parent", "Create parent", "Create reply"]);
  });
});

describe("what is in the way", () => {
  const blocked = (obstacle: Obstacle): Receipt => ({ ...again, obstacle }) as Receipt;

  it("of some recipients opens no circuit: the target lives, and others are tried at once", async () => {
    for (const [obstacle, tried] of [
      ["no-recipient", 8],
      ["unreachable", 5],
    ] as const) {
      const { toy, target, w } = await begun();
      target.answer = () => blocked(obstacle);
      for (let n = 0; n < 8; n += 1) {
        toy.mail("INBOX", `m${n}`);
        await w.sync();
      }
      expect(new Set(target.got.map(({ id }) => id)).size).toBe(tried);
    }
  });

  it("is shown in both languages with what to do, by its state, and is forgotten once it is done", async () => {
    const { toy, target, w } = await begun();
    target.answer = () => blocked("too-large");
    toy.mail("INBOX", "a");
    await w.sync();
    const shown = async () => (await w.hub.deliveries({ obstructed: true }))[0];
    expect((await shown())?.summaryMap).toEqual({
      en: "It is larger than the target takes; raise the target's limit, or carry less. It is tried again by itself.",
      de: "Es ist größer, als das Ziel annimmt; dessen Grenze anheben oder weniger befördern. Es wird von selbst wieder versucht.",
    });
    target.answer = () => ({ outcome: "refused", reason: "413", obstacle: "too-large" });
    w.clock.advance(3_600_000);
    await w.sync();
    const closed = await shown();
    expect(closed).toMatchObject({ state: "refused", reason: "413", obstacle: "too-large" });
    expect(closed?.summaryMap?.de).toMatch(/Dann neu versuchen lassen\.$/);
    expect((await w.hub.why(closed?.seq ?? 0))?.routes).toMatchObject([{ outcome: "delivery", delivery: closed }]);
    target.answer = () => ({ outcome: "done" });
    await w.hub.retry(closed?.id ?? "");
    await w.sync();
    expect(await w.hub.deliveries()).toMatchObject([{ state: "done" }]);
    expect(await shown()).toBeUndefined();
  });
});

describe("a target that is down for an hour", () => {
  it("holds back nobody else, is not hammered, and gets everything once it is back, in order", async () => {
    const [down, up] = [new Target("down"), new Target("up")];
    const { toy, w } = await begun(down, up);
    let isDown = true;
    down.answer = () => (isDown ? { outcome: "unknown", reason: "no answer" } : { outcome: "done" });
    for (let minute = 0; minute < 60; minute += 1) {
      toy.mail("INBOX", `m${minute}`);
      await w.sync();
      w.clock.advance(60_000);
    }
    expect(up.lines()).toEqual(Array.from({ length: 60 }, (_, i) => `Create m${i}`));
    expect(down.got.length).toBeLessThan(60);
    isDown = false;
    const before = down.got.length;
    for (let turn = 0; turn < 40; turn += 1) {
      w.clock.advance(3_600_000);
      await w.sync();
    }
    expect([...new Set(down.lines().slice(before))].sort()).toEqual(Array.from({ length: 60 }, (_, i) => `Create m${i}`).sort());
    expect((await w.store.deliveries({ target: "down/in" })).every(({ state }) => state === "done")).toBe(true);
    expect(new Set(down.got.map(({ id }) => id)).size).toBe(60);
  });
});

it("a target with more lanes than are looked at at once holds back nobody else", async () => {
  const [down, up] = [new Target("down"), new Target("up")];
  const { toy, w } = await begun(down, up);
  down.answer = () => again;
  for (let i = 0; i < 250; i += 1) toy.mail("INBOX", `m${i}`);
  await w.sync();
  expect(up.got).toHaveLength(250);
});

it("a target taken out of the configuration is kept waiting for, and shown", async () => {
  const { toy, target, w } = await begun();
  toy.mail("INBOX", "a");
  await w.hub.sync({ systems: ["mail"] });
  target.got.length = 0;
  toy.mail("INBOX", "b");
  await w.hub.remove("hook");
  await w.hub.sync();
  expect(target.got).toEqual([]);
  expect((await w.hub.deliveries({ states: ["retrying"] }))[0]?.reason).toBe(
    "there is no target hook that can be delivered to; add it again or remove its routes",
  );
});
