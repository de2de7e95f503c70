/** Health of what runs: who claims to run and is not heard of, what fails and what to do, who needs a person. */

import { readFile } from "node:fs/promises";
import { GroupstreamError } from "groupstream";
import { afterEach, describe, expect, it } from "vitest";
import { isSilent, needsPerson } from "../../src/observe/status.ts";
import { Target } from "../bridge/target.ts";
import { until } from "../hub/until.ts";
import { Toy } from "../sync/toy.ts";
import { closeAll, world } from "../sync/world.ts";

afterEach(closeAll);

const poll = 60_000;

describe("silence", () => {
  it.each([
    ["nobody claims to run", undefined, 0, 1_000_000, false],
    ["it was heard of just now", { poll: 10, since: 0 }, 990, 1_000, false],
    ["three intervals are over, to the millisecond", { poll: 10, since: 0 }, 970, 1_000, false],
    ["and one more", { poll: 10, since: 0 }, 969, 1_000, true],
    ["it began to run only now, long after the last look", { poll: 10, since: 990 }, 1, 1_000, false],
    ["it was never heard of since it began", { poll: 10, since: 900 }, undefined, 1_000, true],
    ["a long look goes on", { poll: 10, since: 0, page: 980 }, 1, 1_000, false],
  ])("%s", (_, runs, last, now, silent) => {
    expect(isSilent(runs, last, now)).toBe(silent);
  });

  const running = async () => {
    const toy = new Toy("mail", "INBOX");
    const w = await world([toy, new Target().adapter()], { poll });
    const abort = new AbortController();
    const done = w.hub.run({ signal: abort.signal });
    await until(() => toy.calls.includes("watch") && w.clock.asleep > 1, "it watches");
    const silence = async () =>
      (await w.hub.status()).systems.map(({ id, silent, collections }) => [id, silent, ...collections.map((one) => one.silent)]);
    return { toy, w, abort, done, silence };
  };

  it("is said of a hub that runs and hangs, per collection, and ends when it is heard of again", async () => {
    const { toy, w, abort, done, silence } = await running();
    expect((await w.hub.status()).systems[1]).toMatchObject({ id: "mail", interval: 60, silent: false });
    expect(await silence()).toEqual([
      ["hook", false, false],
      ["mail", false, false],
    ]);
    let go = (): void => undefined;
    const hung = new Promise<void>((resolve) => (go = resolve));
    toy.before = () => hung;
    w.clock.advance(70_000);
    await until(() => toy.calls.filter((call) => call === "collections").length > 1, "it asks and gets no answer");
    w.clock.advance(4 * poll);
    await until(async () => (await w.hub.status()).systems[0]?.silent === false, "the other goes on");
    expect(await silence()).toEqual([
      ["hook", false, false],
      ["mail", true, true],
    ]);
    expect(needsPerson(await w.hub.status())).toBe(true);
    toy.before = () => undefined;
    go();
    await until(async () => (await silence())[1]?.[1] === false && (await silence())[1]?.[2] === false, "it is heard of again");
    expect(needsPerson(await w.hub.status())).toBe(false);
    abort.abort();
    await done;
  });

  it("is nothing after it was ended; of one that was killed it is found", async () => {
    const { w, abort, done, silence } = await running();
    // What a killed process leaves: its claim.
    const systems = await w.store.systems();
    abort.abort();
    await done;
    w.clock.advance(10 * poll);
    expect(await silence()).toEqual([
      ["hook", false, false],
      ["mail", false, false],
    ]);
    expect((await w.hub.status()).systems[1]).not.toHaveProperty("interval");
    await w.store.transaction((tx) => tx.write({ systems }));
    expect(await silence()).toEqual([
      ["hook", true, false],
      ["mail", true, true],
    ]);
    // Whoever takes the lock next knows that nobody runs.
    const again = await w.reopen();
    await again.sync();
    again.clock.advance(10 * poll);
    expect(needsPerson(await again.hub.status())).toBe(false);
  });

  it("is not said while a long first reading commits page after page", async () => {
    const toy = new Toy("mail", "INBOX");
    for (let n = 0; n < 12; n += 1) toy.mail("INBOX", `m${n}`);
    toy.pageSize = 2;
    const w = await world([toy], { poll });
    let silent = 0;
    let pages = 0;
    toy.before = async (what) => {
      if (what !== "page INBOX") return;
      pages += 1;
      await until(async () => (await w.store.systems())[0]?.runs !== undefined, "the claim is written");
      w.clock.advance(poll);
      await new Promise((resolve) => setTimeout(resolve, 5));
      if ((await w.hub.status()).systems[0]?.collections[0]?.silent) silent += 1;
    };
    const abort = new AbortController();
    const done = w.hub.run({ signal: abort.signal });
    await until(() => toy.calls.includes("watch"), "it watches");
    expect(pages).toBeGreaterThan(4);
    expect(silent).toBe(0);
    abort.abort();
    await done;
  });
});

it("has the names that docs/cli.md promises, all of them and no others", async () => {
  const toy = new Toy("mail", "INBOX");
  const w = await world([toy], { poll });
  await w.sync();
  const abort = new AbortController();
  const done = w.hub.run({ signal: abort.signal });
  await until(() => toy.calls.includes("watch"), "it watches");
  toy.before = (what) => {
    if (what.startsWith("open")) throw new GroupstreamError("unreachable", "mail: nothing answers");
  };
  toy.ring("INBOX");
  await until(async () => (await w.hub.status()).systems[0]?.failing !== undefined, "it fails");
  await w.store.moveTo("crm", 0);
  const status = await w.hub.status();
  abort.abort();
  await done;
  const text = await readFile(new URL("../../docs/cli.md", import.meta.url), "utf8");
  const shown = [...text.matchAll(/```json\n([\s\S]*?)```/g)]
    .map(([, json = "{}"]) => JSON.parse(json))
    .find(({ kind }) => kind === "status");
  const names = (value: object | undefined) => Object.keys(value ?? {}).sort();
  const { kind: _, quarantine: __, ...documented } = shown;
  expect(names(status)).toEqual(names(documented));
  const [system] = status.systems;
  expect(names(system)).toEqual(names(documented.systems[0]));
  expect(names(system?.failing)).toEqual(names(documented.systems[0].failing));
  expect(names({ ...system?.collections[0], failing: undefined })).toEqual(
    names({ ...documented.systems[0].collections[0], failing: undefined }),
  );
  expect(names(status.readers[0])).toEqual(names(documented.readers[0]));
});

describe("a failure", () => {
  it("is shown with its remedy and its next try; lag grows meanwhile", async () => {
    const toy = new Toy("mail", "INBOX");
    const w = await world([toy]);
    await w.sync();
    w.clock.advance(90_000);
    toy.before = (what) => {
      if (what.startsWith("open")) throw new GroupstreamError("forbidden", "mail/INBOX: the account may not read it");
    };
    await w.sync();
    expect((await w.hub.status()).systems[0]?.collections[0]).toMatchObject({
      lag: 90,
      failing: {
        code: "forbidden",
        message: "mail/INBOX: the account may not read it",
        remedy: "Give the account read permission, or exclude the collection.",
        since: w.clock.iso(),
        attempts: 1,
        nextTry: w.clock.iso(5_000),
      },
    });
    expect(needsPerson(await w.hub.status())).toBe(true);
  });

  it("that waits for a person has no next try; one that time mends needs nobody", async () => {
    const toy = new Toy("mail", "INBOX");
    toy.before = () => {
      throw new GroupstreamError("unauthenticated", "mail: the password was refused");
    };
    const w = await world([toy]);
    await w.sync();
    const failing = (await w.hub.status()).systems[0]?.failing;
    expect(failing).toMatchObject({ code: "unauthenticated", remedy: "Renew the password or token of this system." });
    expect(failing).not.toHaveProperty("nextTry");
    toy.before = () => {
      throw new GroupstreamError("unreachable", "mail: nothing answers");
    };
    await w.sync();
    expect((await w.hub.status()).systems[0]?.failing).toMatchObject({ code: "unreachable", nextTry: expect.any(String) });
    expect(needsPerson(await w.hub.status())).toBe(false);
  });
});
