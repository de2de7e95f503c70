/** The embedded store: the suite in memory and on disk, and what only files and processes can show. */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { storeConformance } from "groupstream/testing";
import { afterEach, describe, expect, it, test } from "vitest";
import type { Store } from "../../src/store/contract.ts";
import { sqliteStore } from "../../src/store/sqlite/index.ts";
import { collection, entry, item } from "../../src/testing/store/records.ts";

const folders: string[] = [];
const children: ChildProcess[] = [];
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), "groupstream-store-"));
  folders.push(made);
  return made;
};
afterEach(async () => {
  for (const child of children.splice(0)) {
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  }
  for (const made of folders.splice(0)) rmSync(made, { recursive: true, force: true });
});

storeConformance({
  test,
  title: "in memory",
  make: async () => {
    const store = await sqliteStore(":memory:");
    return { store, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
  },
});
storeConformance({
  test,
  title: "on disk",
  make: async () => {
    const path = join(folder(), "store.db");
    const store = await sqliteStore(path);
    return { store, again: () => sqliteStore(path), [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
  },
});

const child = new URL("./child.ts", import.meta.url).pathname;
const args = (path: string, what: string) => ["--conditions=groupstream:source", child, path, what];
/** A process on the same store; resolves when it has said `ready`. */
const start = async (path: string, what: string): Promise<ChildProcess> => {
  const process_ = spawn(process.execPath, args(path, what), { stdio: ["pipe", "pipe", "inherit"] });
  children.push(process_);
  for await (const chunk of process_.stdout as AsyncIterable<Buffer>) if (`${chunk}`.includes("ready")) return process_;
  throw new Error("the child ended before it was ready");
};

describe("two processes", () => {
  it("the second is refused by name; kill -9 of the first frees the lock at once", async () => {
    const path = join(folder(), "store.db");
    const first = await start(path, "lock");
    const store = await sqliteStore(path);
    await expect(store.lock("process here")).rejects.toMatchObject({
      code: "store",
      message: expect.stringContaining(`child ${first.pid}`),
    });
    // Reading goes on beside it.
    expect(await store.lastSeq()).toBe(0);
    first.kill("SIGKILL");
    await once(first, "exit");
    const lock = await store.lock("process here");
    await lock[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  });

  it("changed hears of the other's entries; kill -9 inside a transaction leaves nothing of it", async () => {
    const path = join(folder(), "store.db");
    const store = await sqliteStore(path);
    const waiting = store.changed(0, AbortSignal.timeout(10_000));
    const writer = await start(path, "half");
    await waiting;
    expect((await store.entries(0, 10)).map(({ id }) => id)).toEqual(["urn:x:whole"]);
    writer.kill("SIGKILL");
    await once(writer, "exit");
    expect((await store.entries(0, 10)).map(({ id }) => id)).toEqual(["urn:x:whole"]);
    await store.transaction((tx) => tx.write({ entries: [entry("next")] }));
    expect((await store.entries(0, 10)).map(({ seq }) => seq)).toEqual([1, 2]);
    await store[Symbol.asyncDispose]();
  });
});

describe("a file that is no store of ours", () => {
  it("of a newer version is refused, byte for byte untouched", async () => {
    const path = join(folder(), "store.db");
    await (await sqliteStore(path))[Symbol.asyncDispose]();
    const db = new DatabaseSync(path);
    db.exec("PRAGMA journal_mode = DELETE; PRAGMA user_version = 999");
    db.close();
    const before = readFileSync(path);
    await expect(sqliteStore(path)).rejects.toMatchObject({ code: "store", message: expect.stringMatching(/999.*upgrade/) });
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(join(path, ".."))).toEqual(["store.db"]);
  });

  it.each<[string, (path: string) => void]>([
    ["text", (path) => writeFileSync(path, "this is no database, it is a text that somebody named so".repeat(100))],
    [
      "somebody else's database",
      (path) => {
        const db = new DatabaseSync(path);
        db.exec("CREATE TABLE items (x)");
        db.close();
      },
    ],
    ["a folder", (path) => void execFileSync("mkdir", [path])],
  ])("%s is refused with its path, and left as it is", async (_, write) => {
    const path = join(folder(), "store.db");
    write(path);
    const before = existsSync(path) && _ !== "a folder" ? readFileSync(path) : undefined;
    await expect(sqliteStore(path)).rejects.toMatchObject({ code: "store", message: expect.stringContaining(path) });
    if (before) expect(readFileSync(path).equals(before)).toBe(true);
  });

  it("damaged in the middle says so and stops", async () => {
    const path = join(folder(), "store.db");
    const store = await sqliteStore(path);
    await store.transaction((tx) =>
      tx.write({ collections: [collection()], items: Array.from({ length: 500 }, (_, i) => item(i + 1, `k${i}`)) }),
    );
    await store[Symbol.asyncDispose]();
    const bytes = readFileSync(path);
    bytes.fill(0xff, 4096, bytes.length - 4096);
    writeFileSync(path, bytes);
    const damaged = async () => {
      const broken = await sqliteStore(path);
      try {
        await broken.transaction((tx) => tx.items("mail/INBOX", ["k1"]));
      } finally {
        await broken[Symbol.asyncDispose]();
      }
    };
    await expect(damaged()).rejects.toMatchObject({ code: "store", message: expect.stringContaining(path) });
  });
});

describe("a disk that does not let it", () => {
  it("a missing folder is named", async () => {
    const path = join(folder(), "none", "store.db");
    await expect(sqliteStore(path)).rejects.toMatchObject({ code: "store", message: expect.stringContaining(path) });
  });

  it("a folder that may not be written is named", async () => {
    const at = folder();
    const path = join(at, "store.db");
    // As root every folder may be written: the child gives its rights away.
    chmodSync(at, 0o555);
    const said = execFileSync(process.execPath, args(path, "nobody"), { encoding: "utf8" });
    chmodSync(at, 0o755);
    expect(JSON.parse(said)).toMatchObject({ code: "store", message: expect.stringContaining(path) });
    expect(readdirSync(at)).toEqual([]);
  });

  it("that is full: one error with what to check, nothing half-written, and it goes on once there is room", async () => {
    const path = join(folder(), "store.db");
    const said = execFileSync("bash", ["-c", `ulimit -f 400; exec "$0" "$@"`, process.execPath, ...args(path, "full")], {
      encoding: "utf8",
    });
    const { error, whole } = JSON.parse(said) as { error: { code: string; message: string }; whole: number };
    expect(error).toMatchObject({
      code: "store",
      message: expect.stringMatching(/nothing of this step was written.*disk space/),
    });
    const store = await sqliteStore(path);
    expect(await store.lastSeq()).toBe(whole);
    expect(await store.entries(0, 10_000)).toHaveLength(whole);
    await store.transaction((tx) => tx.write({ entries: [entry("after")] }));
    await store[Symbol.asyncDispose]();
  });
});

describe("what is erased", () => {
  it("is in no byte of the files: forget", async () => {
    const at = folder();
    const path = join(at, "store.db");
    const store = await sqliteStore(path);
    const grep = (word: string) => readdirSync(at).filter((name) => readFileSync(join(at, name)).includes(word));
    await store.transaction((tx) =>
      tx.write({
        collections: [collection()],
        items: Array.from({ length: 50 }, (_, i) =>
          item(i + 1, `k${i}`, { view: { type: "Note", name: `Zweckentfremdung ${i}`, text: "x".repeat(3_000) } }),
        ),
      }),
    );
    expect(grep("Zweckentfremdung").length).toBeGreaterThan(0);
    await store.forget("mail");
    await store[Symbol.asyncDispose]();
    expect(grep("Zweckentfremdung")).toEqual([]);
  });

  it("is in no byte of the files: a view whose item is gone", async () => {
    const at = folder();
    const store = await sqliteStore(join(at, "store.db"));
    await store.transaction((tx) =>
      tx.write({ collections: [collection()], items: [item(1, "k", { view: { type: "Note", name: "Zweckentfremdung" } })] }),
    );
    const { view: _view, ...gone } = item(1, "k", { state: "gone" });
    await store.transaction((tx) => tx.write({ items: [gone] }));
    await store[Symbol.asyncDispose]();
    expect(readdirSync(at).filter((name) => readFileSync(join(at, name)).includes("Zweckentfremdung"))).toEqual([]);
  });
});

/** A store that is right but for one thing, and the check that must find it. */
const faults: Readonly<Record<string, readonly [check: string, fault: (store: Store) => Partial<Store>]>> = {
  "keeps what a failed transaction wrote": [
    "leaves nothing of a transaction that throws, and passes its error on",
    (store) => ({
      transaction: async (work) => {
        let fault: unknown;
        const outcome = await store.transaction(async (tx) => work(tx).catch((error) => void (fault = error)));
        if (fault !== undefined) throw fault;
        return outcome as never;
      },
    }),
  ],
  "moves a reader back": [
    "moves a reader forward, never back",
    (store) => ({ place: async (reader) => (await store.place(reader)) && 5 }),
  ],
  "numbers entries from nought": [
    "numbers the log in commit order, without gaps, however many write at once",
    (store) => ({
      entries: async (after, limit) => (await store.entries(after, limit)).map((one) => ({ ...one, seq: one.seq - 1 })),
    }),
  ],
  "forgets too much": [
    "forgets a system, and it alone; the log stays",
    (store) => ({ systems: async () => (await store.systems()).filter(({ id }) => id !== "mail2") }),
  ],
  "lets two hold it": [
    "is one holder's at a time; the refusal names the first",
    () => ({ lock: async () => ({ [Symbol.asyncDispose]: async () => undefined }) }),
  ],
};

it.each(Object.entries(faults))("the kit finds a store that %s", async (_, [check, fault]) => {
  const failed: string[] = [];
  const checks: [string, () => Promise<void>][] = [];
  storeConformance({
    test: (name, run) => checks.push([name, run]),
    title: "faulty",
    make: async () => {
      const store = await sqliteStore(":memory:");
      return { store: { ...store, ...fault(store) }, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
    },
  });
  for (const [name, run] of checks) await run().catch(() => failed.push(name.slice("faulty: ".length)));
  expect(failed).toContain(check);
});
