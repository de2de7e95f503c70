/** A hub that runs: doorbells, polling, failures, systems that come and go meanwhile. */

import { GroupstreamError, type SystemLine } from "groupstream";
import { afterEach, describe, expect, it } from "vitest";
import { Target } from "../bridge/target.ts";
import { Toy } from "../sync/toy.ts";
import { closeAll, world } from "../sync/world.ts";
import { until } from "./until.ts";

afterEach(closeAll);

describe("run", () => {
  const running = async (...toys: Toy[]) => {
    const w = await world(toys, { poll: 60_000 });
    const abort = new AbortController();
    const lines: SystemLine[] = [];
    const done = w.hub.run({ signal: abort.signal, onLine: (one) => lines.push(one) });
    return { w, abort, lines, done };
  };

  it("answers a doorbell with a look at once, polls as the net under it, and resolves when aborted", async () => {
    const toy = new Toy();
    const { w, abort, lines, done } = await running(toy);
    await until(() => toy.calls.includes("watch") && w.clock.asleep > 0, "it watches");
    toy.mail("INBOX", "a");
    toy.ring("INBOX");
    await until(async () => (await w.store.lastSeq()) === 1, "the doorbell is answered");
    expect(lines).toHaveLength(1);
    toy.mail("INBOX", "b");
    w.clock.advance(70_000);
    await until(async () => (await w.store.lastSeq()) === 2, "it polls");
    abort.abort();
    await done;
    expect(w.clock.asleep).toBe(0);
  });

  it("adds, removes and forgets while it runs", async () => {
    const [one, two] = [new Toy("one"), new Toy("two")];
    const { w, abort, done } = await running(one);
    await until(() => one.calls.includes("watch"), "it watches one");
    await w.hub.add(two.adapter());
    await until(() => two.calls.includes("watch"), "it watches two");
    await w.hub.remove("one", { forget: true });
    expect(one.disposed).toBe(1);
    expect((await w.hub.status()).systems.map(({ id }) => id)).toEqual(["two"]);
    two.mail("INBOX", "a");
    two.ring("INBOX");
    await until(async () => (await w.store.lastSeq()) === 1, "two goes on");
    abort.abort();
    await done;
  });

  it("stops asking where a person is needed; the others go on", async () => {
    const [locked, good] = [new Toy("locked"), new Toy("good")];
    locked.before = () => {
      throw new GroupstreamError("unauthenticated", "locked: the password was refused; renew it");
    };
    const { w, abort, lines, done } = await running(locked, good);
    await until(() => lines.length >= 2 && good.calls.includes("watch"), "both had their turn");
    const asked = locked.calls.length;
    for (let turn = 0; turn < 5; turn += 1) {
      w.clock.advance(3_600_000);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(locked.calls.length).toBe(asked);
    good.mail("INBOX", "a");
    good.ring("INBOX");
    await until(async () => (await w.store.lastSeq()) === 1, "the good one goes on");
    expect((await w.hub.status()).systems.find(({ id }) => id === "locked")?.failing?.code).toBe("unauthenticated");
    abort.abort();
    await done;
  });

  it("backs off where a line is cut, and goes on when it holds again", async () => {
    const toy = new Toy();
    toy.before = () => {
      throw new GroupstreamError("unreachable", "cut");
    };
    const { w, abort, lines, done } = await running(toy);
    await until(() => lines.length === 1 && w.clock.asleep > 0, "it fails once");
    toy.before = () => undefined;
    w.clock.advance(6_000);
    await until(() => lines.length === 2, "it is tried again after some seconds");
    expect(lines[1]?.failures).toEqual([]);
    abort.abort();
    await done;
  });

  it("rejects for misconfigured", async () => {
    const toy = new Toy();
    toy.before = () => {
      throw new GroupstreamError("misconfigured", "no such host");
    };
    const { done } = await running(toy);
    await expect(done).rejects.toMatchObject({ code: "misconfigured" });
  });

  it("delivers what it tells", async () => {
    const [toy, target] = [new Toy("mail", "INBOX"), new Target()];
    const w = await world([toy, target.adapter()], { routes: [{ from: "mail", to: "hook" }] });
    const abort = new AbortController();
    const done = w.hub.run({ signal: abort.signal });
    await until(() => toy.calls.includes("watch"), "it watches");
    toy.mail("INBOX", "a");
    toy.ring("INBOX");
    await until(() => target.got.length === 1, "it delivers");
    abort.abort();
    await done;
  });
});
