/** Two hubs on one store: the one that runs does what the other is asked. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Hub, openHub } from "groupstream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Target } from "../bridge/target.ts";
import { until } from "../hub/until.ts";
import { note, Toy, whole } from "../sync/toy.ts";

let folder: string;
const hubs: Hub[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "groupstream-requests-"));
});
afterEach(async () => {
  for (const hub of hubs.splice(0)) await hub.close();
  rmSync(folder, { recursive: true, force: true });
});

const routes = [{ from: "mail", to: "hook", widen: "a test" }];
const opened = async (toy: Toy, target: Target, more: object = {}): Promise<Hub> => {
  const systems = [toy.adapter(), target.adapter()];
  const hub = await openHub({ store: join(folder, "store.db"), systems, routes, poll: 3_600_000, ...more });
  hubs.push(hub);
  return hub;
};

const running = async (more: object = {}) => {
  const toy = new Toy("mail", "INBOX");
  const target = new Target();
  const hub = await opened(toy, target, more);
  await hub.sync();
  const abort = new AbortController();
  const done = hub.run({ signal: abort.signal });
  await until(() => toy.calls.includes("watch"), "it watches");
  return { toy, target, hub, done, abort, beside: await opened(new Toy("mail", "INBOX"), new Target()) };
};

const within = async <T>(ms: number, work: Promise<T>): Promise<T> => {
  const began = performance.now();
  const outcome = await work;
  expect(performance.now() - began).toBeLessThan(ms);
  return outcome;
};

describe("beside a hub that runs", () => {
  it("a delivery is tried again within a second", async () => {
    const { toy, target, beside, abort, done } = await running();
    target.answer = () => ({ outcome: "refused", reason: "410" });
    toy.mail("INBOX", "a");
    toy.ring("INBOX");
    await until(async () => (await beside.deliveries({ states: ["refused"] })).length === 1, "it is refused");
    target.answer = () => ({ outcome: "done" });
    const [refused] = await beside.deliveries();
    const began = performance.now();
    await beside.retry(refused?.id ?? "");
    await until(async () => (await beside.deliveries({ states: ["done"] })).length === 1, "it is done");
    expect(performance.now() - began).toBeLessThan(1_000);
    await expect(within(1_000, beside.retry(refused?.id ?? ""))).rejects.toMatchObject({
      code: "misconfigured",
      message: /is done/,
    });
    abort.abort();
    await done;
  });

  it("an item in quarantine is read again, an entry erased, the log pruned", async () => {
    const logged: object[] = [];
    const log = (fields: object) => void logged.push(fields);
    const { toy, beside, abort, done } = await running({ logger: { debug: () => 0, info: log, warn: log, error: log } });
    toy.put("INBOX", { key: "q", revision: "1", malformed: { reason: "unreadable" } });
    toy.ring("INBOX");
    await until(async () => (await beside.quarantine()).length === 1, "it is in quarantine");
    toy.at("INBOX").items.set("q", whole("q", note("q")));
    await within(1_000, beside.reread("mail/INBOX", "q"));
    await until(async () => (await beside.why(1)) !== undefined, "it is told");
    const { activity = "" } = (await beside.why(1)) ?? {};
    expect(await within(1_000, beside.erase(activity))).toBe(1);
    await until(async () => (await beside.deliveries({ states: ["done"] })).length === 1, "it is delivered");
    expect(await within(1_000, beside.prune({ before: Date.now() + 1_000 }))).toEqual({ removed: 0, first: 1, held: [] });
    expect(logged).toMatchObject([
      { request: "reread", place: "mail/INBOX", key: "q" },
      { request: "erase", activity, outcome: 1 },
      { request: "prune", outcome: { removed: 0 } },
    ]);
    abort.abort();
    await done;
  });

  it("what was asked when it ended is done by who asked", async () => {
    const { toy, hub, beside, abort, done } = await running();
    toy.mail("INBOX", "a");
    toy.ring("INBOX");
    await until(async () => (await beside.why(1)) !== undefined, "it is told");
    // It holds the lock and takes nothing any more.
    abort.abort();
    await done;
    const { activity = "" } = (await beside.why(1)) ?? {};
    const erasing = beside.erase(activity);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await hub.close();
    expect(await within(3_000, erasing)).toBe(1);
  });
});

it("without one, what is asked is done at once, and nothing waits in the store", async () => {
  const toy = new Toy("mail", "INBOX");
  const first = await opened(toy, new Target());
  await first.sync();
  toy.mail("INBOX", "a");
  await first.sync();
  await first.close();
  const hub = await opened(toy, new Target());
  expect(await hub.erase((await hub.why(1))?.activity ?? "")).toBe(1);
  const store = (await import("groupstream/stores/sqlite")).sqliteStore;
  await using open = await store(join(folder, "store.db"));
  await expect(open.asked(AbortSignal.timeout(300))).rejects.toThrow();
});
