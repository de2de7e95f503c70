/** `init` against a real Dovecot and a Maildir: tests before it writes, and writes no secret into the configuration. */

import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { GroupstreamError } from "groupstream";
import ts from "typescript";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { detect, waysTo } from "../../src/cli/init/detect.ts";
import { configText, type ImapAnswers } from "../../src/cli/init/write.ts";
import { words } from "../../src/cli/words/index.ts";
import { type Dovecot, startDovecot } from "../lab/dovecot.ts";
import { LabUnavailable } from "../lab/packages.ts";
import { Folder, hasTerminal, records, root, terminalReason } from "./command.ts";

let folder: Folder;
beforeEach(async () => {
  folder = await Folder.make();
});
afterEach(() => folder.remove());

const files = () => readdir(folder.path).then((names) => names.sort());
const read = (name: string) => readFile(join(folder.path, name), "utf8");

/** Compiles texts as files of this package, with its own strict settings; the problems of each. */
const problemsIn = (...texts: readonly string[]): readonly (readonly string[])[] => {
  const files = new Map(texts.map((text, n) => [join(root, `written-${n}.ts`), text]));
  const { options } = ts.getParsedCommandLineOfConfigFile(
    join(root, "tsconfig.json"),
    {},
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined },
  ) as ts.ParsedCommandLine;
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => files.has(name) || fileExists.call(host, name);
  host.getSourceFile = (name, target, ...rest) => {
    const text = files.get(name);
    return text === undefined ? getSourceFile.call(host, name, target, ...rest) : ts.createSourceFile(name, text, target);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return [...files.keys()].map((file) =>
    ts.getPreEmitDiagnostics(program, program.getSourceFile(file)).map(({ messageText }) => String(messageText)),
  );
};

describe("what is written", () => {
  const account: ImapAnswers = { kind: "imap", id: "mail", host: "h", port: 993, secure: true, user: 'a"`\\@b.example' };

  it("compiles, whatever was answered", () => {
    const problems = problemsIn(
      configText(account),
      configText({ ...account, variable: "MAIL_PASSWORD", insecure: "plaintext", owner: "mailto:a@b" }),
      configText({ kind: "maildir", id: "m", path: 'C:\\a"b', owner: "mailto:a@b" }),
      configText(account).replace("port: 993", 'port: "993"'),
    );
    expect(problems.slice(0, 3)).toEqual([[], [], []]);
    expect(problems[3]).toHaveLength(1);
  });

  it("of several ways that fail tells the one where only TLS stands between", async () => {
    const failing: Readonly<Record<number, object>> = {
      993: { code: "DEPTH_ZERO_SELF_SIGNED_CERT" },
      143: { code: "ECONNREFUSED" },
    };
    const found = detect(
      waysTo("h", undefined),
      async ({ port }) => {
        throw new GroupstreamError("unreachable", `h:${port}`, { cause: failing[port] });
      },
      { signal: new AbortController().signal, words: words.en, onTry: () => undefined },
    );
    await expect(found).rejects.toMatchObject({ message: "h:993" });
  });

  it("tries TLS before anything else", () => {
    expect(waysTo("h", undefined)).toEqual([
      { host: "h", port: 993, secure: true },
      { host: "h", port: 143, secure: false },
    ]);
    expect(waysTo("h", 1143).map(({ secure }) => secure)).toEqual([true, false]);
    expect(waysTo("h", 143)).toEqual([{ host: "h", port: 143, secure: false }]);
  });
});

describe("without a terminal", () => {
  it("says what is still missing, all of it, and writes nothing", async () => {
    const { status, stderr } = await folder.run(["init"]);
    expect(status).toBe(2);
    expect(stderr).toContain("still needed: --user, --host, GROUPSTREAM_PASSWORD");
    expect((await folder.ask(["init", "--kind", "maildir", "--lang", "de"])).stderr).toContain("es fehlt noch: --path, --owner");
    expect(await files()).toEqual([]);
  });

  it("refuses wrong options all at once", async () => {
    const { status, stderr } = await folder.ask([
      "init",
      "--kind",
      "pop3",
      "--id",
      "Ä",
      "--port",
      "99999",
      "--password-env",
      "NOT_SET",
      "--insecure",
      "yes",
    ]);
    expect(status).toBe(2);
    expect(stderr.trim().split("\n").slice(1)).toHaveLength(5);
    expect(await files()).toEqual([]);
  });

  it("finds a Maildir, or says that there is none", async () => {
    const none = await folder.ask(["init", "--path", "nowhere", "--owner", "anna@example.org"]);
    expect(none.status).not.toBe(0);
    expect(none.stderr).toMatch(/^✗ mail[\s\S]*Nothing was written\.\n$/);
    expect(await files()).toEqual([]);
    await folder.mail("First");
    expect(await folder.run(["init", "--path", "Maildir", "--owner", "anna@example.org"])).toMatchObject({
      status: 0,
      stderr: "",
    });
    expect(await read("groupstream.config.ts")).toContain('owner: "mailto:anna@example.org"');
    const synced = await folder.ask(["sync"]);
    expect(records(synced.stdout)).toContainEqual(expect.objectContaining({ system: "mail", seen: 1, told: 0 }));
  });

  it("never writes over a configuration that is there", async () => {
    await writeFile(join(folder.path, "groupstream.config.mjs"), "export default 1;");
    await folder.mail("First");
    const args = ["init", "--path", "Maildir", "--owner", "anna@example.org"];
    const refused = await folder.ask(args);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain("groupstream.config.mjs is there already; --force overwrites it.");
    expect(await files()).toEqual(["Maildir", "groupstream.config.mjs"]);
    expect((await folder.ask([...args, "--force"])).status).toBe(0);
  });
});

let server: Dovecot | undefined;
let reason = "";
beforeAll(async () => {
  try {
    server = await startDovecot();
  } catch (error) {
    if (!(error instanceof LabUnavailable) || process.env.CI === "1") throw error;
    reason = error.message;
  }
});
afterAll(() => server?.stop());

/** A test that needs the server; without one it is skipped and says why. */
const withServer = (name: string, test: (server: Dovecot, skip: (reason: string) => void) => Promise<void>): void =>
  it(name, async ({ skip }) => {
    if (!server) return skip(reason);
    await test(server, skip);
  });

describe("with a real server", () => {
  withServer("finds out how it speaks, keeps the password apart, and what it wrote works", async (server) => {
    const user = server.user("init");
    await server.append(user, "INBOX", ["Subject: there\r\nMessage-ID: <1@init>\r\n\r\nx\r\n"]);
    const args = ["init", "--host", server.host, "--port", String(server.port), "--user", user];
    const made = await folder.run([...args, "--text"], { env: { GROUPSTREAM_PASSWORD: server.password } });
    expect(made).toMatchObject({ status: 0, stderr: "" });
    expect(made.stdout).toMatch(/Connected: Dovecot/);
    expect(await files()).toEqual([".groupstream.secrets.json", "groupstream.config.ts"]);
    expect((await stat(join(folder.path, ".groupstream.secrets.json"))).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await read(".groupstream.secrets.json"))).toEqual({ mail: server.password });
    expect(await read("groupstream.config.ts")).not.toContain(`"${server.password}"`);
    expect(problemsIn(await read("groupstream.config.ts"))).toEqual([[]]);

    const doctor = await folder.ask(["doctor", "--text"]);
    expect(doctor).toMatchObject({ status: 0, stderr: "" });
    expect(doctor.stdout).toMatch(/gives\n\s+fully: .*changes/);
    expect((await folder.ask(["sync"])).status).toBe(0);
    await server.append(user, "INBOX", ["From: Bob <bob@example.net>\r\nSubject: new\r\nMessage-ID: <2@init>\r\n\r\nx\r\n"]);
    expect((await folder.ask(["sync", "--text"])).stdout).toContain("New message from Bob in INBOX: “new”");
    expect((await folder.ask(["sync", "--text"])).stdout).toContain("✓ mail: nothing new");
  });

  withServer("leaves the password in a variable where that is asked", async (server) => {
    const user = server.user("variable");
    const args = [
      "init",
      "--host",
      server.host,
      "--port",
      String(server.port),
      "--user",
      user,
      "--password-env",
      "MAIL_PASSWORD",
    ];
    expect((await folder.ask(args, { env: { MAIL_PASSWORD: server.password } })).status).toBe(0);
    expect(await files()).toEqual(["groupstream.config.ts"]);
    expect((await folder.ask(["sync"], { env: { MAIL_PASSWORD: server.password } })).status).toBe(0);
    const without = await folder.ask(["sync"]);
    expect(without.status).toBe(1);
    expect(without.stderr).toMatch(/^✗ mail: .*credentials.*\n$/);
  });

  withServer("says a wrong password, port or host in one sentence and writes nothing", async (server) => {
    const user = server.user("wrong");
    const init = (host: string, port: number, password: string, lang = "en") =>
      folder.ask(["init", "--host", host, "--port", String(port), "--user", user, "--lang", lang], {
        env: { GROUPSTREAM_PASSWORD: password },
      });
    const password = await init(server.host, server.port, "hunter2");
    expect(password.status).toBe(1);
    expect(password.stderr).toMatch(/^✗ mail: 127\.0\.0\.1:\d+ refused the user name or password.*\nNothing was written\.\n$/);
    const port = await init(server.host, 9, server.password);
    expect(port.status).toBe(1);
    expect(port.stderr).toMatch(
      /^✗ No IMAP server answered at 127\.0\.0\.1:9; check host, port and network\.\nNothing was written\.\n$/,
    );
    const host = await init("nowhere.invalid", 993, server.password, "de");
    expect(host.status).toBe(1);
    expect(host.stderr).toMatch(/^✗ Unter nowhere\.invalid:993 antwortet kein IMAP-Server; .*\nNichts wurde geschrieben\.\n$/);
    for (const { stdout, stderr } of [password, port, host]) expect(stdout + stderr).not.toContain("hunter2");
    expect(await files()).toEqual([]);
  });

  withServer("keeps the secrets of other systems, and refuses a file it cannot read", async (server) => {
    const args = ["init", "--host", server.host, "--port", String(server.port), "--user", server.user("two")];
    const env = { GROUPSTREAM_PASSWORD: server.password };
    await folder.write(".groupstream.secrets.json", '{"crm":"whsec_x"');
    const broken = await folder.ask(args, { env });
    expect(broken.status).toBe(2);
    expect(broken.stderr).toContain("cannot be read as JSON");
    expect(broken.stderr).not.toContain("whsec_x");
    await folder.write(".groupstream.secrets.json", '{"crm":"whsec_x"}');
    expect((await folder.ask(args, { env })).status).toBe(0);
    expect(JSON.parse(await read(".groupstream.secrets.json"))).toEqual({ crm: "whsec_x", mail: server.password });
    expect((await stat(join(folder.path, ".groupstream.secrets.json"))).mode & 0o777).toBe(0o600);
  });

  withServer("asks on a terminal, hides the password, and can be left", async (server, skip) => {
    if (!hasTerminal) return skip(terminalReason);
    const running = folder.terminal(["init", "--port", String(server.port)]);
    const type = (text: string) => running.child.stdin?.write(text);
    await running.printed(/What kind of mailbox/);
    type("\r");
    await running.printed(/User name/);
    type(`${server.user("asked")}\r`);
    await running.printed(/IMAP server/);
    type(`${server.host}\r`);
    await running.printed(/Password/);
    type(`${server.password}\r`);
    const { status, stdout } = await running.done;
    expect(status).toBe(0);
    expect(stdout).toContain("Connected: Dovecot");
    expect(stdout.slice(stdout.indexOf("Password"))).not.toMatch(/\btest\b/);
    expect(await files()).toEqual([".groupstream.secrets.json", "groupstream.config.ts"]);

    const left = folder.terminal(["init", "--force", "--lang", "de"]);
    await left.printed(/Welche Art/);
    left.child.stdin?.write("\x03");
    expect(await left.done).toMatchObject({ status: 130, stdout: expect.stringContaining("Nichts wurde geschrieben.") });
  });
});
