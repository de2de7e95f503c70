/** Every command but `init`, as processes against a Maildir and small adapters of the configuration itself. */

import { copyFile, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Folder, hasTerminal, records, terminalReason } from "./command.ts";

let folder: Folder;
beforeEach(async () => {
  folder = await Folder.make();
});
afterEach(() => folder.remove());

const stack = /\n\s+at .+:\d+/;

/** An adapter that fails as told, for what no server here does. */
const failing = (code: string, message: string): string => `
import { GroupstreamError } from "groupstream";
const broken = {
  contract: 1, id: "chat", kind: "toy",
  describe: async () => { throw new GroupstreamError(${JSON.stringify(code)}, ${JSON.stringify(message)}, { system: "chat" }); },
  async *collections() {},
  async *changes() {},
  [Symbol.asyncDispose]: async () => {},
};
export default { store: "./groupstream.db", systems: [broken] };`;

describe("before anything is read", () => {
  it("says which Node it needs on an older one", async () => {
    const old = "data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.19.0'})";
    const { status, stdout, stderr } = await folder.run(["sync"], { node: ["--import", old] });
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/^groupstream needs Node 22\.18 or newer, this is v/);
    const german = await folder.run(["sync"], { node: ["--import", old], env: { LANG: "de_DE.UTF-8" } });
    expect(german.stderr).toMatch(/^groupstream braucht Node 22\.18/);
  });

  it("has a version and a help that names every command, in both languages", async () => {
    const { version } = JSON.parse(await readFile(join(import.meta.dirname, "../../package.json"), "utf8")) as {
      version: string;
    };
    expect(await folder.run(["--version"])).toEqual({ status: 0, stdout: `${version}\n`, stderr: "" });
    for (const [lang, word] of [
      ["en", "Exit status"],
      ["de", "Rückgabewert"],
    ] as const) {
      const { status, stdout } = await folder.run(["--help", "--lang", lang]);
      expect(status).toBe(0);
      expect(stdout).toContain(word);
      for (const command of ["init", "doctor", "sync", "run", "tail", "status"])
        expect(stdout).toContain(`groupstream ${command}`);
    }
  });

  it("answers a wrong command line in one sentence with the nearest thing, exit 2", async () => {
    const wrong = await folder.run(["snyc"]);
    expect(wrong).toMatchObject({ status: 2, stdout: "" });
    expect(wrong.stderr).toBe('There is no command "snyc"; did you mean sync? groupstream --help lists them.\n');
    const german = await folder.run(["tail", "--folow"], { env: { LANG: "de_DE.UTF-8" } });
    expect(german.stderr).toContain("Die Option --folow gibt es hier nicht; ist --follow gemeint?");
  });
});

describe("a configuration", () => {
  it("that is missing is said in one sentence, exit 2, nothing written", async () => {
    for (const command of ["sync", "run", "tail", "status", "doctor"]) {
      const { status, stdout, stderr } = await folder.ask([command]);
      expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
      expect(stderr).toMatch(/^✗ There is no groupstream\.config\.ts in .*groupstream init.*\n$/);
    }
    expect((await folder.ask(["sync", "--config", "other.ts", "--lang", "de"])).stderr).toMatch(/other\.ts gibt es nicht/);
    expect(await readdir(folder.path)).toEqual([]);
  });

  it("has all its mistakes told at once, of all systems, in words, without a secret", async () => {
    await folder.write(
      "groupstream.config.mjs",
      `import { imap } from "groupstream/adapters/imap";
import { maildir } from "groupstream/adapters/maildir";
import { webhook } from "groupstream/adapters/webhook";
export default {
  store: "",
  systems: [
    imap({ id: "Mail", host: "", auth: { user: "anna" } }),
    maildir({ id: "archive", path: "relative" }),
    maildir({ id: "pathless" }),
    webhook({ id: "crm", url: "nope", secret: "whsec_hunter2hunter2", audience: "public" }),
  ],
  routes: [{ from: "archive", to: "cmr" }],
  poll: 1,
};`,
    );
    const { status, stdout, stderr } = await folder.run(["sync"]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    for (const part of [
      'imap "Mail": id',
      'imap "Mail": host',
      'imap "Mail": auth',
      'maildir "archive": ',
      'maildir "pathless": ',
      'webhook "crm": url',
      'webhook "crm": secret',
      "store:",
      'no system "cmr"',
      "poll:",
    ])
      expect(stderr).toContain(part);
    expect(stderr).toMatch(/has \d+ mistakes:\n {2}- /);
    expect(stderr).not.toContain("hunter2");
    expect(stderr).not.toMatch(stack);
    expect(await readdir(folder.path)).toEqual(["groupstream.config.mjs"]);
    const german = await folder.ask(["sync", "--lang", "de"]);
    expect(german.stderr).toMatch(/hat \d+ Fehler/);
  });

  it.each([
    ["a syntax error", "export default {", /cannot be loaded/],
    ["a module that is missing", 'import "nowhere"; export default {};', /cannot be loaded[\s\S]*nowhere/],
    ["TypeScript that cannot be stripped", "enum A { b }\nexport default { a: A.b };", /cannot be loaded/],
    ["an exception", 'throw new Error("the vault is closed");', /the vault is closed/],
    ["no default", "export const x = 1;", /exports nothing by default/],
    ["a number", "export default 4;", /must be an object/],
  ])("with %s is said in words, exit 2; --debug shows where", async (_what, text, sentence) => {
    await folder.write("groupstream.config.ts", text);
    const { status, stderr } = await folder.ask(["status"]);
    expect(status).toBe(2);
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toMatch(stack);
    expect((await folder.ask(["status", "--debug"])).stderr).toMatch(stack);
  });

  it("may be a function or a promise, and its store lies beside it", async () => {
    await folder.mail("First");
    await folder.write(
      "other.mjs",
      `import { maildir } from "groupstream/adapters/maildir";
export default async () => ({ store: "beside.db", systems: [maildir({ id: "mail", path: ${JSON.stringify(join(folder.path, "Maildir"))} })] });`,
    );
    expect(await folder.ask(["sync", "--config", "other.mjs"])).toMatchObject({ status: 0 });
    expect(await readdir(folder.path)).toContain("beside.db");
  });
});

describe("sync, tail, status", () => {
  it("prints JSON lines where there is no terminal; a baseline is silent; what comes is told once", async () => {
    await folder.maildir();
    const first = await folder.run(["sync"]);
    expect(first).toMatchObject({ status: 0, stderr: "" });
    expect(records(first.stdout)).toContainEqual(
      expect.objectContaining({ kind: "system", system: "mail", told: 0, seen: 1, failures: [] }),
    );
    await folder.mail("Second");
    const second = records((await folder.ask(["sync"])).stdout);
    expect(second.filter(({ kind }) => kind === "entry")).toMatchObject([
      { seq: 1, activity: { type: "Create", object: { name: "Second" } } },
    ]);
    expect(records((await folder.ask(["sync"])).stdout).filter(({ kind }) => kind === "entry")).toEqual([]);

    await folder.mail("Third");
    expect((await folder.ask(["sync", "--text", "--lang", "de"])).stdout).toMatch(
      /Neue Nachricht von Ada in INBOX: „Third“\n✓ mail: 1 erzählt/,
    );
    expect(records((await folder.run(["tail", "--after", "1"])).stdout)).toMatchObject([{ kind: "entry", seq: 2 }]);
    expect((await folder.ask(["tail", "--text"])).stdout.trim().split("\n")).toHaveLength(2);

    const [status] = records((await folder.run(["status", "--json"])).stdout);
    expect(status).toMatchObject({ kind: "status", seq: 2, systems: [{ id: "mail", kind: "maildir", items: 3, told: 2 }] });
    expect((await folder.ask(["status", "--text"])).stdout).toContain("mail (maildir): 3 items, 2 told");
    expect((await folder.ask(["status", "--text", "--lang", "de"])).stdout).toContain("2 Aktivitäten erzählt");
  });

  it("status and tail make no store by asking about it", async () => {
    await folder.maildir();
    expect((await folder.ask(["status", "--text"])).stdout).toContain("Nothing is stored yet");
    expect(records((await folder.ask(["status"])).stdout)).toMatchObject([{ kind: "status", seq: 0, systems: [] }]);
    expect(await folder.run(["tail"])).toEqual({ status: 0, stdout: "", stderr: "" });
    expect((await readdir(folder.path)).sort()).toEqual(["Maildir", "groupstream.config.ts"]);
  });

  it("lets no control or bidirectional character of a mail through", async () => {
    await folder.maildir('history: "all",');
    await folder.mail("=?utf-8?B?G1szMW1yZWQbXTA7dGl0bGUHIOKArmV2aWw=?=", { id: "evil" });
    const { stdout } = await folder.ask(["sync", "--text"]);
    expect(stdout).toContain("evil");
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    const tail = await folder.run(["tail", "--json"]);
    expect(tail.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  it("shows progress and sentences on a terminal", async ({ skip }) => {
    if (!hasTerminal) return skip(terminalReason);
    await folder.maildir('history: "all",');
    const { status, stdout } = await folder.terminal(["sync"]).done;
    expect(status).toBe(0);
    expect(stdout).toMatch(/Reading mail █+ 1 \/ 1/);
    expect(stdout).toContain("New message from Ada in INBOX: “First”");
    expect(stdout).toContain("✓ mail: 1 told");
  });

  it("ends with 1 where a person is needed, with 0 where it is tried again by itself", async () => {
    await folder.write("groupstream.config.mjs", failing("unauthenticated", "chat: example.org refused the token; renew it."));
    const refused = await folder.run(["sync"]);
    expect(refused).toMatchObject({ status: 1, stderr: "✗ chat: example.org refused the token; renew it.\n" });
    expect(records(refused.stdout)).toContainEqual(
      expect.objectContaining({ failures: [expect.objectContaining({ code: "unauthenticated" })] }),
    );
    expect((await folder.ask(["sync", "--lang", "de"])).stderr).toContain("(Passwort oder Token dieses Systems erneuern.)");
    expect((await folder.ask(["status"])).status).toBe(1);
    await folder.write("groupstream.config.mjs", failing("unreachable", "chat: nothing answers at example.org."));
    expect(await folder.ask(["sync"])).toMatchObject({ status: 0, stderr: "✗ chat: nothing answers at example.org.\n" });
    await folder.write("groupstream.config.mjs", failing("misconfigured", "chat: its certificate is not trusted; give tls.ca."));
    expect(await folder.ask(["sync"])).toMatchObject({
      status: 2,
      stderr: "✗ chat: its certificate is not trusted; give tls.ca.\n",
    });
  });

  it("refuses a store of a newer version, untouched, exit 3", async () => {
    await folder.maildir();
    await folder.ask(["sync"]);
    const path = join(folder.path, "groupstream.db");
    const db = new DatabaseSync(path);
    db.exec("PRAGMA user_version = 9999; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE");
    db.close();
    await copyFile(path, `${path}.before`);
    for (const command of ["sync", "status", "doctor"]) {
      const { status, stdout, stderr } = await folder.run([command]);
      expect({ status, stdout }).toEqual({ status: 3, stdout: "" });
      expect(stderr).toContain("9999");
      expect(stderr).not.toMatch(stack);
    }
    expect((await readFile(path)).equals(await readFile(`${path}.before`))).toBe(true);
  });

  it("ends quietly when nobody reads on", async () => {
    await folder.maildir('history: "all",');
    for (let n = 0; n < 300; n += 1) await folder.mail(`Number ${n} ${"x".repeat(80)}`);
    await folder.ask(["sync"]);
    const { child, done, printed } = folder.start(["tail"]);
    await printed(/\n/);
    child.stdout?.destroy();
    expect(await done).toMatchObject({ status: 0, stderr: "" });
  });
});

describe("run", () => {
  it("tells as it comes, refuses a second one naming the first, and ends well by SIGINT", async () => {
    await folder.maildir("poll: 1000,");
    await folder.ask(["sync"]);
    const running = folder.start(["run"]);
    try {
      const told = folder.start(["tail", "--follow"]);
      await folder.mail("While it runs");
      await running.printed(/"While it runs"/);
      await told.printed(/"While it runs"/);
      told.child.kill("SIGTERM");
      expect((await told.done).status).toBe(0);

      const second = await folder.run(["sync"]);
      expect(second.status).toBe(3);
      expect(second.stderr).toContain(`process ${running.child.pid}`);
      expect((await folder.ask(["status"])).status).toBe(0);

      running.child.kill("SIGINT");
      const { status, stdout, stderr } = await running.done;
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(records(stdout).filter(({ kind }) => kind === "entry")).toHaveLength(1);
    } finally {
      running.child.kill("SIGKILL");
    }
  });

  it("says the same trouble once", async () => {
    await folder.write(
      "groupstream.config.mjs",
      `${failing("unreachable", "chat: nothing answers.")}`.replace("systems:", "poll: 1000, systems:"),
    );
    const running = folder.start(["run", "--text"]);
    await running.printed(/Watching chat/);
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    running.child.kill("SIGINT");
    const { status, stderr } = await running.done;
    expect({ status, stderr }).toEqual({ status: 0, stderr: "✗ chat: nothing answers.\n" });
  });
});

describe("doctor", () => {
  it("says what each system can give and take, what not and why, without a secret, and changes nothing", async () => {
    const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
    await folder.mail("First");
    await folder.write(
      "groupstream.config.mjs",
      `import { maildir } from "groupstream/adapters/maildir";
import { webhook } from "groupstream/adapters/webhook";
export default {
  store: "./groupstream.db",
  systems: [
    maildir({ id: "mail", path: ${JSON.stringify(join(folder.path, "Maildir"))}, owner: "mailto:anna@example.org" }),
    webhook({ id: "crm", url: "http://127.0.0.1:9/hook?token=hunter2", secret: ${JSON.stringify(secret)}, audience: "public", allow: "private" }),
  ],
  routes: [{ from: "mail", to: "crm", widen: "a test" }],
};`,
    );
    const { status, stdout, stderr } = await folder.run(["doctor", "--text"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain("mail (maildir)");
    expect(stdout).toContain("1 collection: INBOX");
    expect(stdout).toMatch(/gives\n\s+fully: text.*\n\s+in part: changes\. \w/);
    expect(stdout).toMatch(/crm \(webhook\)[\s\S]*takes\n\s+fully: Deliver/);
    expect(stdout).toContain("mail → crm (widened: a test)");
    expect((await folder.ask(["doctor", "--text", "--lang", "de"])).stdout).toContain("Alle Systeme antworten.");
    const json = await folder.ask(["doctor"]);
    expect(records(json.stdout)).toMatchObject([
      { kind: "system", system: "mail", adapter: "maildir", manifest: { gives: {} }, collections: ["INBOX"] },
      { kind: "system", system: "crm", adapter: "webhook", manifest: { takes: { Deliver: { level: "full" } } } },
    ]);
    for (const text of [stdout, json.stdout]) {
      expect(text).not.toContain(secret.slice(6));
      expect(text).not.toContain("hunter2");
    }
    expect((await readdir(folder.path)).sort()).toEqual(["Maildir", "groupstream.config.mjs"]);
  });

  it("names what does not answer, goes on with the others, and ends with 1", async () => {
    await folder.write(
      "groupstream.config.mjs",
      `import { imap } from "groupstream/adapters/imap";
import { maildir } from "groupstream/adapters/maildir";
export default {
  store: "./groupstream.db",
  systems: [
    imap({ id: "mail", host: "127.0.0.1", port: 9, secure: false, auth: { user: "anna", pass: "hunter2" } }),
    maildir({ id: "archive", path: ${JSON.stringify(join(folder.path, "Maildir"))} }),
  ],
};`,
    );
    await folder.mail("First");
    const { status, stdout, stderr } = await folder.run(["doctor", "--text"]);
    expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
    expect(stdout).toMatch(/✗ mail: nothing answers at 127\.0\.0\.1:9/);
    expect(stdout).toContain("archive (maildir)\n  connected:");
    expect(stdout).toContain("One system needs a person.");
    const json = await folder.ask(["doctor"]);
    expect(json.status).toBe(1);
    expect(records(json.stdout)[0]).toMatchObject({ system: "mail", failure: { code: "unreachable" } });
    expect(json.stdout + json.stderr + stdout).not.toContain("hunter2");
  });
});
