/** An adapter that fails, and a caller that aborts, at every step of a history: what is told in the end is the same. */

import { GroupstreamError } from "groupstream";
import { afterEach, describe, expect, it } from "vitest";
import { Toy } from "./toy.ts";
import { closeAll, type World, world } from "./world.ts";

afterEach(closeAll);

const begin = async (): Promise<{ toy: Toy; w: World }> => {
  const toy = new Toy("mail", "INBOX", "Archive");
  toy.pageSize = 2;
  for (const tag of ["a", "b", "c", "d"]) toy.mail("INBOX", tag);
  toy.mail("Archive", "e");
  return { toy, w: await world([toy]) };
};
const happens = (toy: Toy): void => {
  toy.mail("INBOX", "new");
  toy.mail("INBOX", "a", { flags: ["flagged"] });
  toy.move("INBOX", "b", "Archive");
  toy.remove("INBOX", "c");
  toy.lose("Archive");
};
const story = ["Add a →flagged", "Create new →INBOX", "Delete c INBOX→", "Move b INBOX→Archive"];

/** The steps of the undisturbed history: of its baseline, and of what happens then. */
const steps = async (): Promise<readonly [number, number]> => {
  const { toy, w } = await begin();
  let count = 0;
  toy.before = () => void (count += 1);
  expect(await w.sync()).toEqual([]);
  const baseline = count;
  happens(toy);
  expect([...(await w.sync())].sort()).toEqual(story);
  return [baseline, count];
};

/** Lets a fault happen at step number `at`, once; then syncs until the hub is quiet. */
const disturbed = async (at: number, baseline: number, fault: (toy: Toy, abort: () => void) => void): Promise<void> => {
  const { toy, w } = await begin();
  let count = 0;
  const abort = new AbortController();
  toy.before = () => {
    count += 1;
    if (count === at + 1) fault(toy, () => abort.abort());
  };
  const sync = async (): Promise<readonly string[]> => {
    const before = abort.signal.aborted;
    try {
      await w.hub.sync(before ? {} : { signal: abort.signal });
    } catch (error) {
      expect(abort.signal.aborted && (error as Error).name).toBe("AbortError");
    }
    return w.told();
  };
  const first = [...(await sync()), ...(at < baseline ? [...(await sync()), ...(await sync())] : [])];
  expect(first).toEqual([]);
  happens(toy);
  const told: string[] = [];
  for (let turn = 0; turn < 4; turn += 1) told.push(...(await sync()));
  expect(told.sort()).toEqual(story);
  expect((await w.hub.status()).systems[0]).toMatchObject({ items: 5, missing: 0 });
  await closeAll();
};

const faults: readonly [string, (toy: Toy, abort: () => void) => void][] = [
  [
    "the line is cut",
    () => {
      throw new GroupstreamError("unreachable", "the line is cut");
    },
  ],
  [
    "the adapter has a bug",
    () => {
      throw new TypeError("x is undefined");
    },
  ],
  [
    "the position is lost, for every folder",
    (toy) => {
      for (const id of toy.collections.keys()) toy.lose(id);
      throw new GroupstreamError("position-lost", "listed again");
    },
  ],
  ["the caller aborts", (_, abort) => abort()],
];

describe("at any step", () => {
  it.each(faults)("%s", async (_, fault) => {
    const [baseline, all] = await steps();
    expect(all).toBeGreaterThan(20);
    for (let at = 0; at < all; at += 1) await disturbed(at, baseline, fault);
  });
});

describe("errors of one system", () => {
  it("leave the others, and are a line with place, code and message", async () => {
    const [good, broken] = [new Toy("good"), new Toy("broken")];
    broken.before = () => {
      throw new GroupstreamError("unreachable", "broken: no answer from 127.0.0.1");
    };
    const w = await world([good, broken]);
    good.mail("INBOX", "a");
    const lines = await w.hub.sync();
    expect(lines.map(({ system, failures }) => [system, failures.map(({ code }) => code)])).toEqual([
      ["good", []],
      ["broken", ["unreachable"]],
    ]);
    expect((await w.hub.status()).systems.find(({ id }) => id === "broken")?.failing).toMatchObject({
      code: "unreachable",
      attempts: 1,
      message: "broken: no answer from 127.0.0.1",
    });
  });

  it("are forgotten once it answers", async () => {
    const toy = new Toy();
    toy.at("INBOX").fails = new GroupstreamError("unreachable", "cut");
    const w = await world([toy]);
    await w.hub.sync();
    await w.hub.sync();
    expect((await w.hub.status()).systems[0]?.failing).toMatchObject({ attempts: 2 });
    delete toy.at("INBOX").fails;
    await w.hub.sync();
    const [system] = (await w.hub.status()).systems;
    expect([system?.failing, ...(system?.collections.map(({ failing }) => failing) ?? [])]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it.each(["misconfigured", "store"] as const)("%s rejects", async (code) => {
    const toy = new Toy();
    toy.before = (what) => {
      if (what === "collections") throw new GroupstreamError(code, "no");
    };
    const w = await world([toy]);
    await expect(w.hub.sync()).rejects.toMatchObject({ code });
  });
});
