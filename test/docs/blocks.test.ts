/** Every code block of the documents is compiled; what can be run is run. A block that is neither fails here. */

import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Webhook } from "standardwebhooks";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { parse } from "../../src/cli/parse.ts";
import { words } from "../../src/cli/words/index.ts";
import { problemsOf } from "../../src/testing/validate.ts";
import { ask } from "../cli/command.ts";
import { type Dovecot, startDovecot } from "../lab/dovecot.ts";
import { LabUnavailable } from "../lab/packages.ts";
import { type Block, blocks, root } from "./blocks.ts";

const run = promisify(execFile);
const all = blocks();
const of = (...languages: string[]): readonly Block[] => all.filter(({ language }) => languages.includes(language));

const letter = (n: number): string =>
  `From: Ada <ada@example.net>\r\nTo: anna@example.org\r\nSubject: Letter ${n}\r\nDate: Mon, 2 Nov 2026 10:0${n}:00 +0000\r\nMessage-ID: <${n}@docs.example>\r\n\r\nHello ${n}\r\n`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "groupstream-docs-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A fresh folder with a Maildir of three letters. */
const place = async (name: string): Promise<{ cwd: string; maildir: string }> => {
  const cwd = join(folder, name.replaceAll(/[^\w]/g, "-"));
  const maildir = join(cwd, "Maildir");
  for (const sub of ["cur", "new", "tmp"]) await mkdir(join(maildir, sub), { recursive: true });
  for (const n of [1, 2, 3]) await writeFile(join(maildir, "new", `179${n}.docs${n}.localhost`), letter(n));
  return { cwd, maildir };
};

const bin = join(root, "bin/groupstream.js");
const node = (cwd: string, args: readonly string[], env: Record<string, string> = {}) =>
  run(process.execPath, args, {
    cwd,
    env: { PATH: process.env.PATH ?? "", HOME: cwd, TZ: "UTC", NODE_COMPILE_CACHE: join(root, ".lab/compile-cache"), ...env },
  });

/** Runs a block as a module of this package, in a folder of its own. */
const runModule = async (block: Block, cwd: string, env: Record<string, string>): Promise<string> => {
  const file = join(cwd, "block.ts");
  await writeFile(file, `${block.code}\n`);
  const hook = join(cwd, "hook.mjs");
  const at = JSON.stringify(`file://${join(root, "package.json")}`);
  await writeFile(
    hook,
    `import { registerHooks } from "node:module";
registerHooks({ resolve: (name, context, next) => next(name, /^groupstream(\\/|$)/.test(name) ? { ...context, parentURL: ${at}, conditions: [...context.conditions, "groupstream:source"] } : context) });`,
  );
  return (await node(cwd, ["--import", hook, file], env)).stdout;
};

it("finds the documents", () => {
  const files = all.map(({ at }) => at.split(":")[0]);
  expect(files).toEqual(
    expect.arrayContaining(["README.md", "README.de.md", "CONTRIBUTING.md", "docs/cli.md", "docs/guarantees.md"]),
  );
  expect(all.length).toBeGreaterThan(12);
});

it("every block is in a language that is compiled or run here", () => {
  expect(all.filter(({ language }) => !["ts", "sh", "json", "ini"].includes(language)).map(({ at }) => at)).toEqual([]);
  expect(all.filter(({ run }) => run !== undefined && !Object.hasOwn(runners, run)).map(({ at }) => at)).toEqual([]);
  expect(all.filter(({ run, language }) => run !== undefined && language !== "ts").map(({ at }) => at)).toEqual([]);
});

it("TypeScript blocks have the types they show", () => {
  const config = ts.getParsedCommandLineOfConfigFile(
    join(root, "tsconfig.json"),
    {},
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined },
  );
  // An example ends where its reader goes on: names it has made and not used yet are no mistake.
  const options: ts.CompilerOptions = { ...config?.options, noUnusedLocals: false, noUnusedParameters: false };
  const virtual = new Map(of("ts").map(({ code }, n) => [join(root, "examples/adapter", `documented-${n}.ts`), code]));
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (file) => virtual.has(file) || fileExists.call(host, file);
  host.readFile = (file) => virtual.get(file) ?? readFile.call(host, file);
  host.getSourceFile = (file, target, ...rest) => {
    const code = virtual.get(file);
    return code === undefined ? getSourceFile.call(host, file, target, ...rest) : ts.createSourceFile(file, code, target);
  };
  const program = ts.createProgram([...virtual.keys()], options, host);
  const places = [...virtual.keys()];
  const problems = places.flatMap((file, n) =>
    ts.getPreEmitDiagnostics(program, program.getSourceFile(file)).map((problem) => {
      const line = problem.file ? ts.getLineAndCharacterOfPosition(problem.file, problem.start ?? 0).line + 1 : 0;
      return `${of("ts")[n]?.at} + ${line}: ${ts.flattenDiagnosticMessageText(problem.messageText, "\n")}`;
    }),
  );
  expect(places.length).toBeGreaterThan(5);
  expect(problems).toEqual([]);
});

describe("JSON blocks are what they show", () => {
  it.each(of("json").map((block) => [block.at, block] as const))("%s", (_at, { code }) => {
    const value: unknown = JSON.parse(code);
    expect(value).toBeTypeOf("object");
    if (typeof value === "object" && value !== null && "@context" in value) expect(problemsOf(value)).toEqual([]);
  });
});

/** How blocks marked by `<!-- run: NAME -->` are run, and what they must print. */
const runners: Readonly<Record<string, (block: Block) => Promise<void>>> = {
  imap: async (block) => {
    let server: Dovecot;
    try {
      server = await startDovecot();
    } catch (error) {
      if (!(error instanceof LabUnavailable) || process.env.CI === "1") throw error;
      console.warn(`${block.at} was compiled and not run: ${error.message}`);
      return;
    }
    try {
      const user = server.user("anna");
      await server.append(user, "INBOX", [letter(1), letter(2)]);
      const { cwd } = await place(block.at);
      const env = { IMAP_HOST: server.host, IMAP_PORT: String(server.port), IMAP_USER: user, IMAP_PASSWORD: server.password };
      const printed = await runModule(block, cwd, env);
      expect(printed).toContain("mail: 2 told");
      expect(printed).toContain("New message from Ada in INBOX: “Letter 2”");
      expect(await runModule(block, cwd, env)).toBe("mail: 0 told\n");
    } finally {
      await server.stop();
    }
  },
  maildir: async (block) => {
    const { cwd, maildir } = await place(block.at);
    const printed = await runModule(block, cwd, { MAILDIR: maildir });
    expect(printed.trim().split("\n")).toHaveLength(3);
    expect(printed).toContain("Neue Nachricht von Ada in INBOX: „Letter 3“");
    expect(await runModule(block, cwd, { MAILDIR: maildir })).toBe("");
  },
  webhook: async (block) => {
    const { cwd, maildir } = await place(block.at);
    const secret = `whsec_${randomBytes(32).toString("base64")}`;
    const subjects: string[] = [];
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const body = Buffer.concat(chunks).toString();
        const { object } = new Webhook(secret).verify(body, request.headers as Record<string, string>) as {
          object: { name: string };
        };
        subjects.push(object.name);
        response.writeHead(204).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = server.address() as { port: number };
      const printed = await runModule(block, cwd, {
        MAILDIR: maildir,
        HOOK_URL: `http://127.0.0.1:${port}/`,
        HOOK_SECRET: secret,
      });
      expect(subjects.sort()).toEqual(["Letter 1", "Letter 2", "Letter 3"]);
      expect(printed.trim()).toBe("{ done: 3 }");
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  },
  notes: async (block) => {
    const { cwd } = await place(block.at);
    const write = (rows: readonly object[]) => writeFile(join(cwd, "notes.json"), JSON.stringify(rows));
    const types = async () => [...(await runModule(block, cwd, {})).matchAll(/^([A-Z]\w+)/gm)].map(([, type]) => type);
    await write([
      { id: "1", version: 1, title: "Milk", text: "two bottles" },
      { id: "2", version: 1, title: "Bread", text: "one" },
    ]);
    expect(await types()).toEqual(["Create", "Create"]);
    await write([{ id: "1", version: 2, title: "Milk", text: "three bottles" }]);
    expect((await types()).sort()).toEqual(["Create", "Create", "Delete", "Update"]);
  },
  guide: async (block) => {
    const { cwd, maildir } = await place(block.at);
    const printed = await runModule(block, cwd, { MAILDIR: maildir });
    expect(printed).toContain("mail: 3 told");
    expect(printed).toContain("Create New message from Ada in INBOX: “Letter 3”");
    expect(await runModule(block, cwd, { MAILDIR: maildir })).toContain("mail: 0 told");
  },
  memory: async (block) => {
    const { cwd } = await place(block.at);
    expect(await runModule(block, cwd, {})).toBe("[ 'Hello' ]\n0\n");
  },
  notesfile: async (block) => {
    const { cwd } = await place(block.at);
    await cp(join(root, "examples/adapter/notes.ts"), join(cwd, "notes.ts"));
    expect(await runModule(block, cwd, {})).toContain("1 Create");
  },
  config: async (block) => {
    const { cwd, maildir } = await place(block.at);
    await writeFile(join(cwd, "groupstream.config.ts"), block.code);
    const { stdout } = await node(cwd, [bin, "sync", "--text", "--lang", "en"], { MAILDIR: maildir });
    expect(stdout).toContain("mail: 3 told");
  },
};

describe("blocks that are marked are run", () => {
  const marked = all.filter(({ run }) => run !== undefined);
  it("some are", () => expect(marked.length).toBeGreaterThanOrEqual(5));
  it.each(marked.map((block) => [block.at, block] as const))("%s", async (_at, block) => {
    await runners[block.run ?? ""]?.(block);
  });
});

describe("blocks that show a file", () => {
  const shown = all.filter(({ example }) => example !== undefined);
  it("some do", () => expect(shown.length).toBeGreaterThanOrEqual(2));
  it.each(shown.map((block) => [block.at, block] as const))("%s is that file, whole", async (_at, { example, code }) => {
    expect(`${code}\n`).toBe(await readFile(join(root, example ?? ""), "utf8"));
  });
  it.each(["notes", "board"])("the adapter of %s takes at most 60 lines", async (name) => {
    const lines = (await readFile(join(root, `examples/adapter/${name}.ts`), "utf8")).trimEnd().split("\n");
    expect(lines.length).toBeLessThanOrEqual(60);
  });
});

describe("shell blocks", () => {
  const lines = of("sh").flatMap(({ at, code }) =>
    code
      .split("\n")
      .filter((line) => line.trim() !== "")
      .map((line) => [at, line] as const),
  );
  it("there are some", () => expect(lines.length).toBeGreaterThan(8));

  it.concurrent.each(lines)("%s: %s", async (at, line) => {
    const [program = "", ...args] = line.replace(/\s+#.*$/, "").split(/\s+/);
    if (program === "node") {
      // The conformance test of the example, run where the example is.
      const { stdout } = await node(join(root, "examples/adapter"), ["--conditions=groupstream:source", ...args]);
      expect(stdout).toMatch(/pass \d\d/);
      expect(stdout).toMatch(/fail 0/);
      return;
    }
    if (program === "npm") {
      const name = args[0] === "run" ? args[1] : args[0];
      expect(Object.keys(manifest.scripts)).toContain(name);
      return;
    }
    expect([program, args[0]]).toEqual(["npx", "groupstream"]);
    const rest = args.slice(1);
    const asked = parse(rest, words.en);
    expect(asked).not.toHaveProperty("mistake");
    if (!("command" in asked)) return;
    // Asking a person and running until Ctrl-C have tests of their own.
    if (["init", "run"].includes(asked.command)) return;
    // What names one delivery or item of a store of one's own is tried with the command line's tests.
    if (["retry", "release"].includes(asked.operands[0] ?? "")) return;
    const { cwd, maildir } = await place(`${at} ${line}`);
    await writeFile(
      join(cwd, "groupstream.config.mjs"),
      `import { maildir } from "groupstream/adapters/maildir";
export default { store: "./groupstream.db", systems: [maildir({ id: "mail", path: ${JSON.stringify(maildir)}, owner: "mailto:anna@example.org" })], history: "all" };`,
    );
    const command = async (...args: readonly string[]): Promise<string> => {
      const { status, stdout, stderr } = await ask({ args, cwd, env: { HOME: cwd, TZ: "UTC" } });
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      return stdout;
    };
    // These ask about what a store holds.
    if (["why", "prune", "erase", "backup"].includes(asked.command)) await command("sync");
    const stdout = await command(...rest);
    // Where everything is well there is nothing to list.
    if (!["tail", "deliveries", "quarantine"].includes(asked.command)) expect(stdout).not.toBe("");
  });
});
