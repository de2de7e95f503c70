/** Stores of every version that was released are brought to this one, whole, and a copy of each stays. */

import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openHub } from "groupstream";
import { sqliteStore } from "groupstream/stores/sqlite";
import { afterAll, describe, expect, it } from "vitest";
import { migrations } from "../../src/store/migrations.ts";
import { migrate } from "../../src/store/sqlite/schema.ts";

const versions = join(import.meta.dirname, "versions");
const fixtures = readdirSync(versions).filter((name) => /^v\d+\.sqlite$/.test(name));
const folder = mkdtempSync(join(tmpdir(), "groupstream-migrations-"));
afterAll(() => rmSync(folder, { recursive: true }));

const versionOf = (path: string): unknown => {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return db.prepare("PRAGMA user_version").get()?.user_version;
  } finally {
    db.close();
  }
};

/** Every table's rows, for comparison. */
const rowsOf = (path: string): Record<string, unknown[]> => {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").all();
    return Object.fromEntries(tables.map(({ name }) => [String(name), db.prepare(`SELECT * FROM ${name}`).all()]));
  } finally {
    db.close();
  }
};

it("has a store of every version but this one, and they hold something", () => {
  const known = fixtures.map((name) => Number(/\d+/.exec(name)?.[0]));
  for (let version = 1; version < migrations.length; version += 1) expect(known).toContain(version);
  expect(known).toContain(1);
});

describe.each(fixtures)("a store of version %s", (name) => {
  const version = Number(/\d+/.exec(name)?.[0]);
  const path = join(folder, name);

  it("is brought to this version with all it holds, after a copy", async () => {
    copyFileSync(join(versions, name), path);
    const before = rowsOf(path);
    expect(Object.values(before).filter((rows) => rows.length > 0).length).toBeGreaterThan(10);
    await using hub = await openHub({ store: path, systems: [] });
    const told: string[] = [];
    for await (const { seq, activity } of hub.activities()) told.push(`${seq} ${activity.type} ${activity.summaryMap.en}`);
    expect(told).toEqual([
      "1 Create Reply from Ada in INBOX: “Letter 2”",
      "2 Create New message from Ada in INBOX: “Letter 3”",
      "3 Delete “Letter 3” was deleted",
    ]);
    const { readers, deliveries, systems } = await hub.status();
    expect(readers).toEqual([{ name: "crm", seq: 1, behind: 2 }]);
    expect(deliveries).toEqual({ done: 3 });
    expect(systems.map(({ id, items, quarantined }) => [id, items, quarantined])).toEqual([
      ["hook", 0, 0],
      ["mail", 2, 1],
    ]);
    expect((await hub.quarantine("mail")).map(({ key }) => key)).toEqual(["1790000009.broken"]);
    expect(versionOf(path)).toBe(migrations.length);
    // Views stood in the rows of their items until version 3.
    const shown = version < 4 ? before.items : before.views;
    expect(rowsOf(path).views?.map((row) => (row as { view: string }).view)).toEqual(
      shown?.flatMap((row) => (row as { view: string | null }).view ?? []),
    );
    const copy = `${path}-v${version}`;
    if (version === migrations.length) return expect(readdirSync(folder)).not.toContain(`${name}-v${version}`);
    expect(versionOf(copy)).toBe(version);
    expect(rowsOf(copy)).toEqual(before);
    expect(statSync(copy).mode & 0o077).toBe(0);
  });
});

describe("why deliveries stand as they do, of before version 5", () => {
  it("stays the sentence it was; what is done and not seen yet is known as that", async () => {
    const path = join(folder, "said.db");
    copyFileSync(join(versions, "v4.sqlite"), path);
    const db = new DatabaseSync(path);
    const old = db.prepare("UPDATE deliveries SET state = ?, obstacle = ?, reason = ? WHERE seq = ?");
    old.run("void", null, "not sent: it is private", 1);
    old.run("unknown", "unsure", "it was done; what stands there has not been seen yet", 2);
    old.run("refused", "no-place", "410: the room is gone", 3);
    db.close();
    const store = await sqliteStore(path);
    const kept = await store.deliveries({});
    await store[Symbol.asyncDispose]();
    expect(kept.map(({ reason, because }) => ({ reason, because }))).toEqual([
      { reason: "not sent: it is private", because: undefined },
      { reason: undefined, because: { code: "done-unseen" } },
      { reason: "410: the room is gone", because: undefined },
    ]);
    await using hub = await openHub({ store: path, systems: [] });
    const [first, second, third] = await hub.deliveries();
    expect(first).toMatchObject({ state: "void", reason: "not sent: it is private" });
    expect(first).not.toHaveProperty("summaryMap");
    expect(second).toMatchObject({
      reason: "it was done; what stands there has not been seen yet",
      summaryMap: {
        de: expect.stringMatching(/^Es kann angekommen sein.* \(es ist erledigt; was dort steht, war noch nicht zu sehen\)$/),
      },
    });
    expect(third?.summaryMap?.de).not.toContain("410");
  });
});

/** Runs with another next step than the real one. */
const withStep = async (step: string, work: () => void | Promise<void>): Promise<void> => {
  const steps = [...migrations];
  (migrations as string[]).splice(1, migrations.length, step);
  try {
    await work();
  } finally {
    (migrations as string[]).splice(0, migrations.length, ...steps);
  }
};

describe("a migration that fails", () => {
  it("leaves the store as it was", async () => {
    const path = join(folder, "broken.db");
    copyFileSync(join(versions, "v1.sqlite"), path);
    const bytes = readFileSync(path);
    // A column that is there already: the step fails in its middle.
    await withStep("CREATE TABLE half (n INTEGER); ALTER TABLE items ADD COLUMN key TEXT", () => {
      const db = new DatabaseSync(path);
      expect(() => migrate(db)).toThrow(/duplicate column/);
      db.close();
    });
    expect(readFileSync(path)).toEqual(bytes);
    expect(versionOf(`${path}-v1`)).toBe(1);
  });

  it("is not begun where no copy can be made", async () => {
    const path = join(folder, "uncopied.db");
    copyFileSync(join(versions, "v1.sqlite"), path);
    mkdirSync(`${path}-v1.part`);
    await withStep("CREATE TABLE more (n INTEGER)", () => expect(sqliteStore(path)).rejects.toMatchObject({ code: "store" }));
    expect(versionOf(path)).toBe(1);
  });
});
