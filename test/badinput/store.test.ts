/** A file that is no store of this version: one sentence, and not one byte of it changes. */

import { hash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { isGroupstreamError, openHub } from "groupstream";
import { maildir } from "groupstream/adapters/maildir";
import { afterEach, beforeEach, expect, it } from "vitest";
import { migrations } from "../../src/store/migrations.ts";
import { makeMaildir } from "../adapters/maildir/folder.ts";
import { ordinary } from "./mails.ts";

let dir: string;
let store: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "groupstream-badstore-"));
  store = join(dir, "store.db");
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/**
 * Every file of the store with content, its digest and when it was written. Not its index of the WAL: SQLite makes one, and an
 * empty WAL, where somebody looks into a file in WAL mode, also to read only.
 */
const files = async (): Promise<Readonly<Record<string, unknown>>> =>
  Object.fromEntries(
    await Promise.all(
      (await readdir(dir))
        .filter((name) => !name.endsWith("-shm"))
        .map(async (name) => [name, await readFile(join(dir, name)), await stat(join(dir, name))] as const),
    ).then((all) =>
      all.flatMap(([name, bytes, { mtimeMs }]) => (bytes.length > 0 ? [[name, [hash("sha256", bytes), mtimeMs]]] : [])),
    ),
  );

/** A store with something in it, as a hub leaves it. */
const used = async (): Promise<void> => {
  await using box = await makeMaildir();
  await box.deliver("1.x", ordinary("one"));
  await using hub = await openHub({ store, systems: [maildir({ id: "mail", path: box.path })], history: "all" });
  await hub.sync();
};

const versioned = (version: number, journal: string): void => {
  const db = new DatabaseSync(store);
  db.exec(`PRAGMA journal_mode = ${journal}; PRAGMA user_version = ${version}`);
  db.close();
};

const expectRefused = async (message: RegExp): Promise<void> => {
  const before = await files();
  const error: unknown = await openHub({ store, systems: [] }).then(
    (hub) => hub.close(),
    (reason: unknown) => reason,
  );
  expect(isGroupstreamError(error) && error.code).toBe("store");
  const { message: sentence } = error as Error;
  expect(sentence).toMatch(message);
  expect(sentence).toMatch(/^[^\r\n]+$/);
  expect(sentence).toContain(store);
  expect(await files()).toEqual(before);
};

it.each(["WAL", "DELETE"])("of a newer version, journal %s", async (journal) => {
  await used();
  versioned(4711, journal);
  await expectRefused(/4711/);
  versioned(migrations.length, "WAL");
  await using hub = await openHub({ store, systems: [] });
  expect((await hub.status()).seq).toBe(1);
});

it.each([
  ["a text", "this is no database, but a letter to one".repeat(200)],
  ["a picture", Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]), Buffer.alloc(5_000, 7)])],
])("that is %s", async (_, bytes) => {
  await writeFile(store, bytes);
  await expectRefused(/./);
});

it("that is somebody else's database", async () => {
  const db = new DatabaseSync(store);
  db.exec("CREATE TABLE meta (name TEXT); CREATE TABLE customers (name TEXT); INSERT INTO customers VALUES ('x')");
  db.close();
  await expectRefused(/./);
});
