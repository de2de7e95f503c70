/** The commands that look after a store, as processes: alone, and beside a hub that runs. */

import { readdir, readFile, stat } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { timeIn } from "../../src/cli/commands/prune.ts";
import { paceOf, spoken } from "../../src/cli/pace.ts";
import { Folder, hasTerminal, type Outcome, type Running, records, terminalReason } from "./command.ts";

let folder: Folder;
let server: Server | undefined;
/** What the receiver answers. */
let answer = 204;
beforeEach(async () => {
  folder = await Folder.make();
  answer = 204;
});
afterEach(async () => {
  await folder.remove();
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
});

/** A Maildir with a route into a receiver of this test. */
const routed = async (more = "", widen = `widen: "a test"`): Promise<void> => {
  const listening = createServer((request, response) => {
    request.resume();
    request.on("end", () => response.writeHead(answer).end());
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const { port } = listening.address() as AddressInfo;
  await folder.mail("First", { id: "first" });
  await folder.write(
    "groupstream.config.mjs",
    `import { maildir } from "groupstream/adapters/maildir";
import { webhook } from "groupstream/adapters/webhook";
export default {
  store: "./groupstream.db",
  systems: [
    maildir({ id: "mail", path: ${JSON.stringify(join(folder.path, "Maildir"))}, owner: "mailto:anna@example.org" }),
    webhook({ id: "crm", url: "http://127.0.0.1:${port}/", secret: "whsec_${Buffer.alloc(32, 7).toString("base64")}", audience: "public", allow: "private" }),
  ],
  routes: [{ from: "mail/INBOX", to: "crm", types: ["Create"], ${widen} }],
  ${more}
};`,
  );
};

/** The one record of a command that went well. */
const only = ({ status, stdout, stderr }: Outcome): Record<string, unknown> => {
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const [record = {}, ...more] = records(stdout);
  expect(more).toEqual([]);
  return record;
};
const one = async (...args: string[]): Promise<Record<string, unknown>> => only(await folder.ask(args));

describe("why", () => {
  it("explains an activity by number or id, in both languages; an unknown one is one sentence, exit 2", async () => {
    await routed();
    await folder.ask(["sync"]);
    await folder.mail("Geheimnis", { id: "secret" });
    await folder.ask(["sync"]);
    const found = await one("why", "1");
    expect(found).toMatchObject({
      kind: "why",
      seq: 1,
      type: "Create",
      places: [{ place: "mail/INBOX" }],
      routes: [{ route: "mail/INBOX → crm", outcome: "delivery", delivery: { state: "done" } }],
    });
    expect(await one("why", String(found.activity))).toEqual(found);
    const english = await folder.run(["why", "1", "--text"]);
    expect(english.stdout).toMatch(
      /^Entry 1: Create urn:uuid:[\w-]+\n {2}told 20\S+ \(created\)\n {2}happened in mail\/INBOX, last look 20\S+\n {2}its object in mail\/INBOX, key \S+: here\n {2}mail\/INBOX → crm: done \(delivery [\w-]+, 1 attempt, as of 20\S+\)\n$/,
    );
    const german = await folder.ask(["why", "1", "--text", "--lang", "de"]);
    expect(german.stdout).toMatch(/^Eintrag 1: Create .*\n {2}erzählt .*\n {2}geschehen in mail\/INBOX, letzter Blick/);
    expect(english.stdout + german.stdout + JSON.stringify(found)).not.toContain("Geheimnis");
    expect(await folder.run(["why", "99"])).toEqual({
      status: 2,
      stdout: "",
      stderr: "✗ The log holds no activity 99; groupstream tail shows what it holds.\n",
    });
    expect((await folder.ask(["why", "--lang", "de"])).stderr).toBe(
      "why braucht eine Aktivität: ihre Kennung oder ihre Nummer, wie tail sie zeigt.\n",
    );
    expect((await folder.ask(["why", "1", "2"])).status).toBe(2);
  });

  it("says in the person's language why something was not to be sent, as deliveries does; programs get its code", async () => {
    await routed("", "");
    await folder.run(["sync"]);
    await folder.mail("Second", { id: "second" });
    await folder.run(["sync"]);
    const english = "not sent: everybody could not see it at its source; a route may widen with a reason";
    const german =
      "nicht gesendet: Für jedermann war es an der Quelle nicht zu sehen; eine Route darf mit einem Grund weiter reichen (widen)";
    expect(await one("why", "1")).toMatchObject({
      routes: [{ delivery: { state: "void", reason: english, because: { code: "wider", to: "everybody" } } }],
    });
    for (const command of [
      ["why", "1"],
      ["deliveries", "--state", "void"],
    ]) {
      const said = async (...lang: string[]) => (await folder.run([...command, "--text", ...lang])).stdout;
      // After the delivery's id, and at the end of the line.
      expect((await said()).split("); ").slice(1)).toEqual([`${english}\n`]);
      expect((await said("--lang", "de")).split("); ").slice(1)).toEqual([`${german}\n`]);
    }
  });
});

describe("deliveries", () => {
  it("lists what failed and has it tried again, within a second, by the hub that runs", async () => {
    await routed("poll: 2_000,");
    await folder.ask(["sync"]);
    answer = 410;
    const running = folder.start(["run"]);
    try {
      await folder.mail("Second");
      await running.printed(/"Second"/);
      const refused = await vi.waitFor(
        async () => {
          const found = records((await folder.ask(["deliveries", "--state", "refused"])).stdout);
          expect(found).toMatchObject([
            { kind: "delivery", target: expect.stringMatching(/^crm\//), seq: 1, state: "refused", attempts: 1 },
          ]);
          return found;
        },
        { timeout: 20_000 },
      );
      const id = String(refused[0]?.id);
      expect((await folder.run(["deliveries", "--text"])).stdout).toMatch(/^Entry 1 to crm\/\S+: refused \(delivery .*410/);
      const german = (await folder.ask(["deliveries", "--text", "--lang", "de"])).stdout;
      expect(german).toMatch(
        /^Eintrag 1 an crm\/\S+: abgelehnt .*Den Ort, an den es soll, gibt es nicht; .*\(.* answered 410: .*\)/,
      );
      // Why says the same of it.
      const line = german.trim().split(": ").slice(1).join(": ");
      expect((await folder.ask(["why", "1", "--text", "--lang", "de"])).stdout).toContain(line);
      answer = 204;
      expect(await one("deliveries", "retry", id)).toEqual({ kind: "retried", delivery: id });
      await vi.waitFor(async () =>
        expect(records((await folder.ask(["deliveries", "--state", "done"])).stdout)).toMatchObject([{ id, state: "done" }]),
      );
      expect(records((await folder.ask(["deliveries"])).stdout)).toEqual([]);
      expect((await folder.ask(["deliveries", "--text"])).stdout).toBe("No delivery waits or failed.\n");
      const again = await folder.ask(["deliveries", "retry", id]);
      expect(again).toEqual({ status: 2, stdout: "", stderr: `✗ Delivery ${id} is done; who lost it can read the log again.\n` });
      expect((await folder.ask(["deliveries", "retry", "none", "--lang", "de"])).stderr).toMatch(
        /^✗ Die Zustellung none gibt es nicht/,
      );
      for (const wrong of [["retry"], ["list"], ["--state", "lost"]])
        expect((await folder.ask(["deliveries", ...wrong])).status).toBe(2);
      running.child.kill("SIGINT");
      expect((await running.done).status).toBe(0);
    } finally {
      running.child.kill("SIGKILL");
    }
  });
});

describe("quarantine", () => {
  const config = (readable: boolean): Promise<void> =>
    folder.write(
      "groupstream.config.mjs",
      `const bad = { key: "q 1", revision: "1", malformed: { reason: "its date cannot be read" } };
const good = { key: "q 1", revision: "1", object: { type: "Note", name: "Readable" } };
const notes = {
  contract: 1, id: "notes", kind: "toy",
  describe: async () => ({ server: "toy", mapping: 1, gives: {}, takes: {} }),
  async *collections() { yield { id: "box", name: "Box", audience: "public" }; },
  async *changes(_collection, since) {
    yield since ? { sightings: [], position: { v: 1 } } : { sightings: [bad], position: { v: 1 }, listing: { id: "L", last: true } };
  },
  async *fetch() { yield ${readable ? "good" : "bad"}; },
  [Symbol.asyncDispose]: async () => {},
};
export default { store: "./groupstream.db", systems: [notes], history: "all" };`,
    );

  it("lists, reads again, and leaves unread", async () => {
    await config(false);
    await folder.ask(["sync"]);
    expect(await one("quarantine")).toMatchObject({
      kind: "quarantined",
      place: "notes/box",
      key: "q 1",
      reason: "its date cannot be read",
    });
    expect((await folder.run(["quarantine", "--text"])).stdout).toMatch(
      /^notes\/box q 1: its date cannot be read\n {2}since 20\S+, tried once\n$/,
    );
    await config(true);
    expect(records((await folder.ask(["sync"])).stdout)).not.toContainEqual(expect.objectContaining({ kind: "entry" }));
    expect(await one("quarantine", "retry", "notes/box", "q 1")).toEqual({ kind: "reread", place: "notes/box", key: "q 1" });
    expect(records((await folder.ask(["sync"])).stdout)).toContainEqual(expect.objectContaining({ kind: "entry", seq: 1 }));
    expect((await folder.ask(["quarantine", "--text", "--lang", "de"])).stdout).toBe("Alles konnte gelesen werden.\n");
    expect(await folder.ask(["quarantine", "retry", "notes/box", "q 1"])).toMatchObject({
      status: 2,
      stderr: "✗ Nothing of key q 1 waits in quarantine at notes/box; groupstream quarantine lists it.\n",
    });
  });

  it("releases; and refuses half a command", async () => {
    await config(false);
    await folder.ask(["sync"]);
    for (const wrong of [["retry"], ["release", "notes/box"], ["drop", "notes/box", "q 1"]])
      expect((await folder.ask(["quarantine", ...wrong])).status).toBe(2);
    expect(await one("quarantine", "release", "notes/box", "q 1")).toMatchObject({ kind: "released" });
    expect(await folder.ask(["quarantine"])).toEqual({ status: 0, stdout: "", stderr: "" });
    await folder.ask(["sync"]);
    expect((await folder.ask(["quarantine"])).stdout).toBe("");
  });
});

describe("prune, erase, backup", () => {
  it("beside a hub that runs: takes old entries, erases, copies; never past a reader that is not named", async () => {
    await folder.maildir('poll: 2_000, history: "all",');
    const running = folder.start(["run"]);
    try {
      await running.printed(/"First"/);
      for (const name of ["Second", "Third"]) {
        await folder.mail(name);
        await running.printed(new RegExp(`"${name}"`));
      }
      const db = new DatabaseSync(join(folder.path, "groupstream.db"), { timeout: 10_000 });
      db.exec("UPDATE entries SET at = at - 100 * 86400000 WHERE seq < 3; INSERT INTO readers VALUES ('crm', 1)");
      db.close();
      const held = await folder.run(["prune", "--before", "90d"]);
      expect(held).toMatchObject({
        status: 1,
        stderr: '✗ Reader crm has 1 of the older entries still to read; they stay. --past "crm" removes them unread.\n',
      });
      expect(records(held.stdout)).toEqual([
        { kind: "pruned", removed: 1, first: 2, held: [{ by: "reader", name: "crm", entries: 1 }] },
      ]);
      expect((await folder.ask(["prune", "--before", "90d", "--past", "crm", "--text", "--lang", "de"])).stdout).toBe(
        "1 Eintrag entfernt; der Strom beginnt bei 3.\n",
      );
      expect(records((await folder.ask(["tail"])).stdout)).toMatchObject([{ seq: 3 }]);

      expect(only(await folder.run(["backup", "copy.db"]))).toEqual({ kind: "backup", path: join(folder.path, "copy.db") });
      expect((await stat(join(folder.path, "copy.db"))).mode & 0o777).toBe(0o600);
      expect((await folder.ask(["backup", "copy.db"])).status).toBe(3);

      expect(await one("erase", "3")).toEqual({ kind: "erased", entries: 1 });
      expect((await folder.ask(["tail", "--text"])).stdout).toMatch(/Its content was erased\n$/);
      expect((await folder.ask(["tail", "--text", "--lang", "de"])).stdout).toMatch(/Sein Inhalt wurde gelöscht\n$/);
      running.child.kill("SIGINT");
      expect((await running.done).status).toBe(0);
    } finally {
      running.child.kill("SIGKILL");
    }
    const copy = await folder.ask(["tail"], {});
    expect(records(copy.stdout)).toHaveLength(1);
  });

  it("without one: by object, and nothing of it is left in any file once the source let go of it", async () => {
    await folder.maildir('history: "all",');
    await folder.mail("Losungswort", { id: "word" });
    await folder.ask(["sync"]);
    const files = async () =>
      Promise.all(
        (await readdir(folder.path))
          .filter((name) => name.startsWith("groupstream.db"))
          .map((name) => readFile(join(folder.path, name), "latin1")),
      );
    const [entry] = records((await folder.ask(["tail"])).stdout).filter(({ activity }) =>
      JSON.stringify(activity).includes("Losungswort"),
    );
    const object = (entry?.activity as { object: { id: string } } | undefined)?.object ?? { id: "" };
    expect((await files()).join("")).toContain("Losungswort");
    expect(only(await folder.run(["erase", "--object", object.id]))).toEqual({ kind: "erased", entries: 1 });
    expect((await folder.ask(["tail"])).stdout).not.toContain("Losungswort");
    // The mail is still in the mailbox: what its source shows is kept as long.
    expect((await files()).join("")).toContain("Losungswort");
    for (const [args, status] of [
      [["erase"], 2],
      [["erase", "1", "--object", object.id], 2],
      [["erase", "77"], 2],
      [["erase", "--object", "urn:uuid:0198c3f2-6d1f-7b52-9d6b-0a4a2f7f8f11"], 2],
    ] as const)
      expect((await folder.ask(args)).status).toBe(status);
  });

  it("ask for what they need in words, and make no store", async () => {
    await folder.maildir();
    expect((await folder.ask(["prune"])).stderr).toMatch(/^✗ prune needs --before/);
    expect((await folder.ask(["prune", "--before", "yesterday", "--lang", "de"])).stderr).toMatch(/ist kein Datum/);
    expect((await folder.ask(["backup"])).stderr).toMatch(/^backup needs one file/);
    expect(await folder.ask(["backup", "copy.db"])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("Nothing is stored yet"),
    });
    expect((await readdir(folder.path)).sort()).toEqual(["Maildir", "groupstream.config.ts"]);
  });

  it.each([
    ["90d", 100 * 86_400_000 - 90 * 86_400_000],
    ["1970-01-05", 4 * 86_400_000],
    ["1970-01-05T00:00:00+01:00", 4 * 86_400_000 - 3_600_000],
    ["yesterday", undefined],
    ["1970", undefined],
    ["1970-13-45", undefined],
  ])("a time: %s", (text, at) => {
    expect(timeIn(text, 100 * 86_400_000)).toBe(at);
  });
});

describe("status", () => {
  it("finds a hub that was killed silent after three intervals, exit 1; one that was ended is not", async () => {
    const other = await Folder.make();
    try {
      const begun = async (where: Folder, subject: string): Promise<Running> => {
        const running = where.start(["run"]);
        await where.mail(subject);
        await running.printed(new RegExp(`"${subject}"`));
        expect((await where.ask(["status"])).status).toBe(0);
        return running;
      };
      for (const where of [folder, other]) {
        await where.maildir("poll: 1000,");
        await where.ask(["sync"]);
      }
      for (const { child, done } of await Promise.all([begun(folder, "Second"), begun(other, "Second")])) {
        child.kill("SIGKILL");
        await done;
      }
      const ended = await begun(other, "Third");
      ended.child.kill("SIGINT");
      await ended.done;
      await new Promise((resolve) => setTimeout(resolve, 3_500));
      const { status, stdout } = await folder.run(["status"]);
      expect(status).toBe(1);
      expect(records(stdout)[0]).toMatchObject({
        systems: [
          {
            id: "mail",
            interval: 1,
            silent: true,
            collections: [{ place: "mail/INBOX", silent: true, lag: expect.any(Number) }],
          },
        ],
      });
      const english = await folder.ask(["status", "--text"]);
      expect(english.stdout).toContain("✗ mail: nothing was heard of it for 3 s, although a hub claims to run");
      expect((await folder.ask(["status", "--text", "--lang", "de"])).stdout).toContain("✗ mail: seit 3 s nichts gehört");
      expect((await other.ask(["status"])).status).toBe(0);
    } finally {
      await other.remove();
    }
  });
});

describe("progress", () => {
  const step = (place: string, seen: number, estimate?: number) => ({
    place,
    seen,
    told: 0,
    ...(estimate !== undefined && { estimate }),
  });

  it("has a rate after a second, and the time that remains where it is known how much does", () => {
    expect(paceOf([step("a/b", 100, 900)], 500)).toEqual({ seen: 100, left: 900 });
    expect(paceOf([step("a/b", 100, 900), step("a/c", 100)], 2_000)).toEqual({ seen: 200, left: 900, rate: 100, remaining: 9 });
    expect(paceOf([step("a/b", 100)], 2_000)).toEqual({ seen: 100, left: 0, rate: 50 });
    expect(paceOf([step("a/b", 0, 5)], 2_000)).toEqual({ seen: 0, left: 5 });
    expect(paceOf([], 0)).toEqual({ seen: 0, left: 0 });
  });

  it.each([
    [0, "0 s"],
    [89, "89 s"],
    [90, "2 min"],
    [5_399, "1 h 30 min"],
    [12_000, "3 h 20 min"],
  ])("%i seconds", (seconds, words) => expect(spoken(seconds)).toBe(words));

  /** Pages that take their time. */
  const slow = `const slow = {
  contract: 1, id: "slow", kind: "toy",
  describe: async () => ({ server: "toy", mapping: 1, gives: {}, takes: {} }),
  async *collections() { yield { id: "box", name: "Box", audience: "public" }; },
  async *changes() {
    for (let n = 0; n < 5; n += 1) {
      yield { sightings: [{ key: String(n), revision: "1", object: { type: "Note", name: String(n) } }], position: { n }, estimate: 4 - n, listing: { id: "L", ...(n === 4 && { last: true }) } };
      await new Promise((resolve) => setTimeout(resolve, 600));
    }
  },
  [Symbol.asyncDispose]: async () => {},
};
export default { store: "./groupstream.db", systems: [slow] };`;

  it("is a line a second with rate and remaining seconds where there is no terminal", async () => {
    await folder.write("groupstream.config.mjs", slow);
    const lines = records((await folder.run(["sync"])).stdout).filter(({ kind }) => kind === "progress");
    expect(lines.length).toBeGreaterThanOrEqual(2);
    expect(lines[0]).toEqual({ kind: "progress", place: "slow/box", seen: 1, told: 0, estimate: 4 });
    expect(lines[1]).toMatchObject({ rate: expect.any(Number), remaining: expect.any(Number) });
  });

  it("is a bar with both on a terminal", async ({ skip }) => {
    if (!hasTerminal) return skip(terminalReason);
    await folder.write("groupstream.config.mjs", slow);
    const { stdout } = await folder.terminal(["sync", "--lang", "de"]).done;
    expect(stdout).toMatch(/\d \/ 5 · \d+\/s, noch \d s/);
  });
});
