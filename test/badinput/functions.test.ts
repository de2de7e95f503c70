/** Every function of a hub, given what it is not meant for: one sentence of the table, never a stack, never half an effect. */

import fc from "fast-check";
import { type Hub, isGroupstreamError, openHub } from "groupstream";
import { sqliteStore } from "groupstream/stores/sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "../../src/cli/parse.ts";
import { words } from "../../src/cli/words/index.ts";
import type { Store } from "../../src/store/contract.ts";

const junk = fc.oneof(
  fc.constantFrom(
    undefined,
    null,
    true,
    false,
    Number.NaN,
    -1,
    1.5,
    Number.POSITIVE_INFINITY,
    "",
    " ",
    "mail",
    "urn:uuid:x",
    Symbol("s"),
  ),
  fc.string(),
  fc.integer(),
  fc.bigInt(),
  fc.array(fc.string(), { maxLength: 3 }),
  fc.object({ maxDepth: 1 }),
  fc.constant(() => "called"),
);

/** Drains what is iterated, awaits the rest. */
const settle = async (outcome: unknown): Promise<void> => {
  const iterable = outcome as AsyncIterable<unknown>;
  if (typeof iterable === "object" && iterable !== null && Symbol.asyncIterator in iterable) for await (const _ of iterable);
  else await outcome;
};

let store: Store;
let hub: Hub;
beforeAll(async () => {
  store = await sqliteStore(":memory:");
  hub = await openHub({ store, systems: [] });
});
afterAll(async () => {
  await hub.close();
  await store[Symbol.asyncDispose]();
});

/** Methods that take something; `backup` would write wherever a string says, and is given no string. */
const methods = [
  "sync",
  "run",
  "activities",
  "reader",
  "describe",
  "explain",
  "receive",
  "content",
  "submit",
  "add",
  "remove",
  "why",
  "deliveries",
  "quarantine",
  "retry",
  "reread",
  "release",
  "erase",
  "prune",
  "backup",
] as const;

describe("a hub's functions", () => {
  it("are all asked here", () => {
    const all = Object.keys(hub).filter((name) => !["close", "status"].includes(name));
    expect([...methods].sort()).toEqual(all.sort());
  });

  it.each(methods)("%s refuses what it is not meant for in one sentence", async (name) => {
    await fc.assert(
      fc.asyncProperty(fc.array(junk, { maxLength: 3 }), async (args) => {
        if (name === "backup" && typeof args[0] === "string" && args[0] !== "") return;
        const call = hub[name] as (...args: unknown[]) => unknown;
        try {
          await settle(call(...args));
        } catch (error) {
          expect(isGroupstreamError(error), String((error as Error)?.stack ?? error)).toBe(true);
          const { message } = error as Error;
          expect(message.length).toBeGreaterThan(10);
          expect(message).not.toMatch(/\n\s+at /);
        }
      }),
      { numRuns: 150 },
    );
    expect(await store.lastSeq()).toBe(0);
    expect(await store.systems()).toEqual([]);
    expect((await hub.status()).systems).toEqual([]);
  });
});

it("a store's path that is none is refused", async () => {
  const none = junk.filter((value) => typeof value !== "string");
  await fc.assert(
    fc.asyncProperty(none, async (path) => {
      await expect(sqliteStore(path as unknown as string)).rejects.toMatchObject({ code: "misconfigured" });
    }),
  );
});

it("every command line is understood, or refused in one line", () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom(
      "sync",
      "tail",
      "why",
      "--after",
      "--after=x",
      "--lang",
      "fr",
      "--json",
      "--text",
      "--state",
      "--before",
      "-x",
      "--",
      "prune",
    ),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), fc.constantFrom("en" as const, "de" as const), (argv, lang) => {
      const asked = parse(argv, words[lang]);
      if ("mistake" in asked) expect(asked.mistake).toMatch(/^\S.{5,}$/s);
      else expect(typeof asked.command).toBe("string");
    }),
    { numRuns: 2_000 },
  );
});
