/** Configuration mistakes: all at once, in words, before anything is touched. */

import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { type HubOptions, isGroupstreamError, openHub } from "groupstream";
import { afterAll, describe, expect, it } from "vitest";
import { Target } from "../bridge/target.ts";
import { Toy } from "../sync/toy.ts";

const folder = mkdtempSync(join(tmpdir(), "groupstream-options-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const refused = async (options: unknown) => {
  try {
    await using _hub = await openHub(options as HubOptions);
  } catch (error) {
    if (!isGroupstreamError(error)) throw error;
    return error;
  }
  throw new Error("it opened");
};
const toy = () => new Toy("mail").adapter();
const hook = () => new Target("hook").adapter();

describe("openHub refuses", () => {
  it("every mistake at once, in one sentence each", async () => {
    const error = await refused({
      store: "",
      systems: [toy(), toy(), { id: "x" }, { ...toy(), id: "Not An Id" }, { ...toy(), id: "new", contract: 2 }],
      routes: [
        { from: "mial/INBOX", to: "mail" },
        { from: "mail", to: "mail", types: ["Explode"], widen: " ", history: "some" },
        7,
      ],
      policy: { body: "some", behaviour: "yes", exclude: [1] },
      base: "http://example.org",
      history: "yesterday",
      poll: 10,
      stroe: "typo",
    });
    expect(error.code).toBe("misconfigured");
    const mistakes = error.mistakes ?? [];
    for (const word of [
      "store:",
      'systems[1]: id "mail" is used twice',
      "systems[2]: is no adapter",
      "systems[3]: id",
      "systems[4]: speaks contract 2",
      'routes[0].from: there is no system "mial"',
      "routes[0].to: mail (toy) cannot be delivered to",
      "routes[1].to: mail (toy) cannot be delivered to",
      "routes[1].types[0]:",
      "routes[1].widen:",
      "routes[1].history:",
      "routes[2]:",
      "policy.body:",
      "policy.behaviour:",
      "policy.exclude[0]:",
      "base:",
      "history:",
      "poll:",
      "stroe: there is no such option",
    ]) {
      expect(mistakes.filter((mistake) => mistake.startsWith(word))).toHaveLength(1);
      expect(error.message).toContain(word);
    }
    expect(mistakes).toHaveLength(19);
  });

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["a list", []],
    ["no systems", { store: ":memory:" }],
    ["a store that is none", { store: {}, systems: [] }],
    ["an unknown field of a policy", { store: ":memory:", systems: [], policy: { bodies: "none" } }],
    [
      "an unknown field of a route",
      { store: ":memory:", systems: [toy(), hook()], routes: [{ from: "mail", to: "hook", type: "Create" }] },
    ],
    ["a clock that is none", { store: ":memory:", systems: [], clock: 7 }],
    ["a logger that is none", { store: ":memory:", systems: [], logger: {} }],
    ["a progress that is none", { store: ":memory:", systems: [], progress: "yes" }],
  ])("%s", async (_, options) => {
    expect((await refused(options)).code).toBe("misconfigured");
  });

  it("whatever it is given: never anything but misconfigured, and no file is made", async () => {
    const junk = fc.anything({ maxDepth: 2 });
    await fc.assert(
      fc.asyncProperty(
        fc.record(
          {
            systems: junk,
            routes: junk,
            policy: junk,
            base: junk,
            history: junk,
            poll: junk,
            logger: junk,
            progress: junk,
            clock: junk,
          },
          { requiredKeys: ["systems"] },
        ),
        fc.string({ minLength: 1, maxLength: 8 }),
        async (options, surely) => {
          const path = join(folder, "store.db");
          const error = await refused({ ...options, store: path, [`x${surely}`]: true });
          expect(error.code).toBe("misconfigured");
          expect(existsSync(path)).toBe(false);
        },
      ),
      { numRuns: 200 },
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("base", () => {
  it("is fixed by the first start, also none", async () => {
    for (const [first, second] of [
      ["https://a.example.org", "https://b.example.org"],
      [undefined, "https://b.example.org"],
    ] as const) {
      const path = join(folder, `${first ? "with" : "without"}.db`);
      await (await openHub({ store: path, systems: [], ...(first && { base: first }) })).close();
      const error = await refused({ store: path, systems: [], base: second });
      expect(error).toMatchObject({ code: "misconfigured", message: expect.stringContaining(first ?? "none") });
      await (await openHub({ store: path, systems: [] })).close();
    }
  });

  it("is in every id", async () => {
    const system = new Toy("mail", "INBOX");
    await using hub = await openHub({ store: ":memory:", systems: [system.adapter()], base: "https://example.org/hub/" });
    await hub.sync();
    system.mail("INBOX", "a");
    await hub.sync();
    const [entry] = await Array.fromAsync(hub.activities());
    expect(entry?.activity.id).toMatch(/^https:\/\/example\.org\/hub\/activities\/[0-9a-f-]{36}$/);
    expect((entry?.activity.object as { id: string } | undefined)?.id).toMatch(
      /^https:\/\/example\.org\/hub\/objects\/[0-9a-f-]{36}$/,
    );
  });
});
