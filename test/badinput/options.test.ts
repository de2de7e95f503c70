/** Options of every kind of wrong type and value: all mistakes at once, a line each, no secret, nothing written. */

import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import fc from "fast-check";
import { type Adapter, type GroupstreamError, type HubOptions, isGroupstreamError, openHub } from "groupstream";
import { imap } from "groupstream/adapters/imap";
import { maildir } from "groupstream/adapters/maildir";
import { webhook } from "groupstream/adapters/webhook";
import { afterAll, describe, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "groupstream-badoptions-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const secret = "hunter2-of-a-test";
const whsec = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

/** What nobody means: every type there is, and values that are nearly right. */
const odd: fc.Arbitrary<unknown> = fc.oneof(
  fc.anything({ maxDepth: 2, withBigInt: true, withDate: true, withMap: true, withSet: true, withNullPrototype: true }),
  fc.constantFrom<unknown>(
    Symbol("s"),
    () => undefined,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    -1,
    0,
    "",
    " ",
    "\0",
    "a\r\nb",
    [],
    {},
  ),
  fc.constantFrom<unknown>(
    new Map(),
    new Error(secret),
    Promise.resolve(secret),
    `imaps://anna:${secret}@h`,
    [[]],
    [null],
    [secret],
  ),
);

/** An id is how a system is called in every message: nobody keeps a secret in it. */
const oddId = odd.filter((value) => !inspect(value).includes(secret));

/** Options with some fields right, some odd, some missing, one unknown. */
const somehow = (right: Readonly<Record<string, unknown>>): fc.Arbitrary<Record<string, unknown>> =>
  fc.record(
    Object.fromEntries([
      ...Object.entries(right).map(([name, value]) => [name, fc.oneof(name === "id" ? oddId : odd, fc.constant(value))]),
      ["unknown", odd],
    ]),
    { requiredKeys: [] },
  );

const expectMistakes = (error: unknown): GroupstreamError => {
  if (!isGroupstreamError(error)) throw error;
  expect(error.code).toBe("misconfigured");
  expect(error.mistakes?.length).toBeGreaterThan(0);
  for (const mistake of error.mistakes ?? []) expect(mistake).toMatch(/^[^\r\n]{3,300}$/);
  expect(error.message.split("\n")).toHaveLength(1 + (error.mistakes?.length ?? 0));
  expect(error.message).not.toMatch(/hunter2|\n\s+at |undefined|\[object/);
  return error;
};

const refused = (make: () => unknown): GroupstreamError => {
  try {
    make();
  } catch (error) {
    return expectMistakes(error);
  }
  throw new Error("it was taken");
};

type Factory = (options: never) => Adapter;
interface Case {
  readonly factory: Factory;
  readonly right: Readonly<Record<string, unknown>>;
  /** Wrong values of each field, each of which alone is one mistake. */
  readonly wrong: Readonly<Record<string, readonly unknown[]>>;
}

const strange: readonly unknown[] = [7, {}, null, Symbol("s"), 7n];
const ids = ["", "Mail", "a b", "-a", ...strange, []];
const lists = ["mailto:a@example.org", 7, [7], [""], [null], {}, null];

const cases: Readonly<Record<string, Case>> = {
  imap: {
    factory: imap as Factory,
    right: {
      id: "mail",
      host: "mail.example.org",
      port: 993,
      secure: true,
      auth: { user: "anna", pass: secret },
      owner: "mailto:anna@example.org",
      readers: ["mailto:bob@example.org"],
      mailboxes: ["INBOX"],
      exclude: ["junk"],
      tls: { servername: "x" },
    },
    wrong: {
      id: ids,
      host: ["", " ", `imaps://anna:${secret}@h`, "a/b", ...strange],
      port: [0, 65_536, 1.5, Number.NaN, "993", {}, null, 7n],
      secure: ["yes", 1, null, {}],
      auth: [
        undefined,
        null,
        [],
        "anna",
        { user: "anna" },
        { user: "anna", pass: "" },
        { user: "", pass: secret },
        { user: 7, pass: secret },
        { user: "anna", accessToken: secret },
        { user: "anna", pass: secret, accessToken: () => secret },
      ],
      owner: ["anna", "", ...strange],
      readers: lists,
      mailboxes: ["INBOX", 7, [7], [""], {}, null],
      exclude: ["junk", 7, [7], [""], {}, null],
      insecure: ["yes", true, null, {}],
      tls: [true, "x", null, [], { ca: 7 }, { cert: secret }, { pfx: "x", passphrase: secret }, { minVersion: "y" }],
    },
  },
  maildir: {
    factory: maildir as Factory,
    right: { id: "mail", path: "/home/anna/Maildir", owner: "mailto:anna@example.org", readers: ["mailto:bob@example.org"] },
    wrong: { id: ids, path: ["", "relative", "/a\0b", ...strange], owner: ["anna", "", ...strange], readers: lists },
  },
  webhook: {
    factory: webhook as Factory,
    right: {
      id: "hook",
      url: `https://anna:${secret}@example.org/${secret}?token=${secret}`,
      secret: whsec,
      audience: "public",
      allow: "private",
      timeout: 1_000,
      headers: { authorization: secret },
    },
    wrong: {
      id: ids,
      url: ["", "example.org", "ftp://example.org", "http://169.254.169.254/", ...strange],
      secret: ["", secret, `whsec_${secret}`, ...strange],
      secrets: [[whsec], whsec, [], {}],
      audience: ["private", "", [], ["anna"], [7], ...strange],
      allow: ["all", ["private", "x"], ...strange],
      timeout: [0, -1, 1e9, Number.NaN, "1000", {}, null, 7n],
      headers: ["x", 7, [], null, { "a b": "x" }, { a: `x\r\n${secret}` }, { a: 7 }, { "Webhook-Id": "x" }, { host: "x" }],
    },
  },
};

describe.each(Object.entries(cases))("%s()", (_, { factory, right, wrong }) => {
  const make = (options: unknown): Adapter => factory(options as never);

  it("takes what is right", async () => {
    await make(right)[Symbol.asyncDispose]();
  });

  it.each(Object.entries(wrong))("%s: each wrong value is one mistake that names it", (field, values) => {
    for (const value of values) {
      const { mistakes = [] } = refused(() => make({ ...right, [field]: value }));
      expect(mistakes, inspect(value)).toHaveLength(1);
      expect(mistakes[0], inspect(value)).toContain(field);
    }
  });

  it("all fields wrong at once are all named, with what is no option", () => {
    const all = Object.fromEntries(Object.entries(wrong).map(([field, values]) => [field, values.at(-1)]));
    const { mistakes = [] } = refused(() => make({ ...all, pasword: secret }));
    for (const field of [...Object.keys(wrong), "pasword"])
      expect(mistakes.filter((mistake) => mistake.includes(field)).length, field).toBeGreaterThan(0);
  });

  it("whatever it is given: an adapter, or its mistakes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(odd, somehow(right)), async (options) => {
        try {
          await make(options)[Symbol.asyncDispose]();
        } catch (error) {
          expectMistakes(error);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe("openHub()", () => {
  const adapter = (): Adapter => maildir({ id: "mail", path: "/nowhere" });
  const hook = (): Adapter => webhook({ id: "hook", url: "https://example.org/", secret: whsec, audience: "public" });
  const right = (): Readonly<Record<string, unknown>> => ({ store: join(folder, "store.db"), systems: [adapter(), hook()] });
  const wrong: Readonly<Record<string, readonly unknown[]>> = {
    store: ["", 7, null, {}, [], 7n],
    systems: ["mail", 7, null, {}, [7], [null], [{}], [{ ...adapter(), id: 7n }], [{ ...adapter(), contract: 7n }]],
    routes: [
      "mail",
      7,
      {},
      null,
      [null],
      [[]],
      [{ from: "mail" }],
      [{ from: "mail", to: 7n }],
      [{ from: "mail", to: "hook", types: "Create" }],
      [{ from: "mail", to: "hook", types: [7n] }],
      [{ from: "mail", to: "hook", widen: 7 }],
      [{ from: "mail", to: "hook", history: 7 }],
      [{ from: "mail", to: "hook", only: "x" }],
    ],
    policy: ["none", 7, null, [], { body: "some" }, { behaviour: 1 }, { exclude: "x" }, { exclude: [7n] }, { bodies: "none" }],
    base: ["", "x", "http://example.org", ...strange],
    history: ["", "yesterday", "1", "March 7", "2026-13-01", "2026-01-01T00:00:00", ...strange],
    poll: [0, 999, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e12, "1000", {}, null, 7n],
    logger: ["x", 7, {}, null, { debug: () => undefined }],
    progress: ["x", 7, {}, null],
    clock: ["x", 7, {}, null, { now: () => 0 }],
    random: ["x", 7, {}, null],
    unknown: [undefined, 7],
  };
  const opens = async (options: unknown): Promise<GroupstreamError> => {
    try {
      await using _hub = await openHub(options as HubOptions);
    } catch (error) {
      return expectMistakes(error);
    }
    throw new Error(`it opened: ${inspect(options, { depth: 3 })}`);
  };

  it.each(Object.entries(wrong))(
    "%s: each wrong value is one mistake that names it, and no file is made",
    async (field, values) => {
      for (const value of values) {
        const { mistakes = [] } = await opens({ ...right(), [field]: value });
        expect(mistakes.length, inspect(value)).toBe(1);
        expect(mistakes[0], inspect(value)).toContain(field);
      }
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  it("all fields wrong at once are all named", async () => {
    const all = Object.fromEntries(Object.entries(wrong).map(([field, values]) => [field, values[0]]));
    const { mistakes = [] } = await opens({ ...all, systems: [7], routes: [7] });
    for (const field of Object.keys(wrong))
      expect(
        mistakes.filter((mistake) => mistake.startsWith(field)),
        field,
      ).toHaveLength(1);
  });

  it("whatever it is given: nothing but misconfigured, and no file is made", async () => {
    const path = join(folder, "store.db");
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(odd, somehow({ ...right(), policy: {}, routes: [], history: "all", poll: 1000 })),
        async (options) => {
          await opens(typeof options === "object" && options !== null ? { ...options, store: path, surely: 1 } : options);
          expect(existsSync(path)).toBe(false);
        },
      ),
      { numRuns: 300 },
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it("a path no file can have is said by the store, in one sentence", async () => {
    for (const store of ["/a\0b.db", join(folder, "missing/store.db"), folder])
      await expect(openHub({ store, systems: [] }), store).rejects.toMatchObject({
        code: "store",
        message: expect.stringMatching(/^[^\r\n]+$/),
      });
  });
});
