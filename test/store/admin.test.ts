/** What only files can show: erased text is in none of them, a copy is a store, an older store is taken over. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { migrations } from "../../src/store/migrations.ts";
import { sqliteStore } from "../../src/store/sqlite/index.ts";
import { delivery, entry } from "../../src/testing/store/records.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "groupstream-tending-"));
  path = join(folder, "store.db");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Which of these words stand in any file of the store: database with its free pages, write-ahead log, shared memory. */
const found = (words: readonly string[]): readonly string[] => {
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), "latin1"));
  return words.filter((word) => files.some((file) => file.includes(word)));
};

/** The same numbers every time. */
const numbers = (seed: number) => () => (seed = (seed * 1_103_515_245 + 12_345) & 0x7fff_ffff) / 0x7fff_ffff;

const word = (n: number): string => `Geheimnis-${n}-`;
/** Short, long and over several pages, so that pages are split, merged and freed. Twice each: a page may end within a word. */
const texts = (count: number, random: () => number) =>
  Array.from({ length: count }, (_, n) =>
    entry(`${n + 1}`, {
      activity: JSON.stringify({
        text: `${word(n + 1)}${"x".repeat(random() * 3_000)}${word(n + 1)}${"y".repeat(random() * 9_000)}`,
      }),
    }),
  );

describe("erased text", () => {
  it.each([1, 2, 3])("is in no file of the store, not even in free pages (%i)", async (seed) => {
    const random = numbers(seed * 7_919);
    const store = await sqliteStore(path);
    for (let n = 0; n < 10; n += 1) {
      const entries = texts(300, random).slice(n * 30, n * 30 + 30);
      await store.transaction((tx) => tx.write({ entries }));
    }
    const erased = [...new Set(Array.from({ length: 150 }, () => 1 + Math.floor(random() * 300)))];
    expect(found(erased.map(word))).toHaveLength(erased.length);
    for (const half of [erased.slice(0, 70), erased.slice(70)])
      await store.erase(half.map((seq) => ({ seq, activity: `{"id":"urn:x:${seq}"}` })));
    expect(found(erased.map(word))).toEqual([]);
    const kept = Array.from({ length: 300 }, (_, n) => n + 1).filter((n) => !erased.includes(n));
    expect(found(kept.map(word))).toHaveLength(kept.length);
    // What is pruned goes as thoroughly.
    expect(await store.prune(299)).toBe(299);
    expect(found(kept.filter((n) => n < 300).map(word))).toEqual([]);
    await store[Symbol.asyncDispose]();
  });

  it("is found by this test where nothing overwrites it", () => {
    const db = new DatabaseSync(path);
    db.exec(
      "PRAGMA journal_mode = WAL; PRAGMA secure_delete = OFF; CREATE TABLE entries (seq INTEGER PRIMARY KEY, activity TEXT)",
    );
    const put = db.prepare("INSERT INTO entries (activity) VALUES (?)");
    for (const { activity } of texts(50, numbers(5))) put.run(activity);
    db.exec("UPDATE entries SET activity = '{}'; PRAGMA wal_checkpoint(TRUNCATE)");
    expect(found(Array.from({ length: 50 }, (_, n) => word(n + 1))).length).toBeGreaterThan(10);
    db.close();
  });

  it("is waited for while another process still reads from before", async () => {
    const store = await sqliteStore(path);
    await store.transaction((tx) => tx.write({ entries: texts(3, numbers(9)) }));
    const reader = new DatabaseSync(path);
    reader.exec("BEGIN");
    reader.prepare("SELECT count(*) FROM entries").get();
    const erasing = store.erase([{ seq: 1, activity: "{}" }]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(found([word(1)])).toEqual([word(1)]);
    // The hub that runs goes on meanwhile.
    await store.transaction((tx) => tx.write({ deliveries: [delivery("d")] }));
    reader.exec("COMMIT");
    await erasing;
    expect(found([word(1)])).toEqual([]);
    reader.close();
    await store[Symbol.asyncDispose]();
  });
});

describe("a copy", () => {
  it("is a whole store, without erased text, made while another process writes", async () => {
    const store = await sqliteStore(path);
    await store.transaction((tx) => tx.write({ entries: texts(20, numbers(3)) }));
    await store.erase([{ seq: 1, activity: "{}" }]);
    const child = new URL("./child.ts", import.meta.url).pathname;
    const writer = spawn(process.execPath, ["--conditions=groupstream:source", child, path, "half"], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    try {
      await once(writer.stdout, "data");
      const copy = join(folder, "copy.db");
      // It holds a write transaction open: a copy is what was committed.
      await store.backup(copy);
      expect(statSync(copy).mode & 0o777).toBe(0o600);
      expect(readFileSync(copy, "latin1")).not.toContain(word(1));
      const copied = await sqliteStore(copy);
      expect(copied.id).toBe(store.id);
      expect(await copied.entries(0, 100)).toEqual(await store.entries(0, 100));
      expect((await copied.entries(20, 100)).map(({ id }) => id)).toEqual(["urn:x:whole"]);
      await copied.transaction((tx) => tx.write({ entries: [entry("next")] }));
      expect(await copied.lastSeq()).toBe(22);
      await copied[Symbol.asyncDispose]();
    } finally {
      writer.kill("SIGKILL");
      await once(writer, "exit");
      await store[Symbol.asyncDispose]();
    }
  });

  it("that fails leaves nothing", async () => {
    const store = await sqliteStore(path);
    await store.transaction((tx) => tx.write({ entries: [entry("1")] }));
    rmSync(path);
    await expect(store.backup(join(folder, "copy.db"))).rejects.toMatchObject({
      code: "store",
      message: /copy\.db cannot be written/,
    });
    expect(existsSync(join(folder, "copy.db"))).toBe(false);
    await store[Symbol.asyncDispose]();
  });
});

it("a store of the first version is taken over: its routes have begun nobody knows where", async () => {
  const db = new DatabaseSync(path);
  db.exec(`${migrations[0]}; PRAGMA user_version = 1`);
  db.exec("INSERT INTO meta VALUES ('id', '0198c3f2-6d1f-7b52-9d6b-0a4a2f7f8f11'); INSERT INTO routes VALUES ('mail → crm', 3)");
  db.close();
  const store = await sqliteStore(path);
  expect(await store.routes()).toEqual([{ id: "mail → crm", seq: 3 }]);
  const n = await store.ask({ what: "retry", delivery: "d" }, 1);
  expect(await store.answerTo(n)).toBeUndefined();
  await store[Symbol.asyncDispose]();
});
