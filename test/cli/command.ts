/** The command line as a person runs it: a process of its own, in a folder of its own. */

import { type ChildProcess, fork, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Asked } from "./resident.ts";

export const root = join(import.meta.dirname, "../..");
export const bin = join(root, "bin/groupstream.js");

/** Without util-linux there is no terminal to try things on; where everything must be there that is a failure. */
export const terminalReason = "there is no `script` of util-linux to give the command a terminal";
export const hasTerminal: boolean =
  process.env.CI === "1" || spawnSync("script", ["--version"], { encoding: "utf8" }).stdout?.includes("util-linux") === true;

/** What a process left. */
export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running command. */
export interface Running {
  readonly child: ChildProcess;
  readonly done: Promise<Outcome>;
  stdout(): string;
  /** Resolves when standard output matches. */
  printed(pattern: RegExp): Promise<void>;
}

/** Processes of tests start faster by one shared cache of compiled modules. */
const cache = { NODE_COMPILE_CACHE: join(root, ".lab/compile-cache") };

export interface Options {
  readonly env?: Readonly<Record<string, string>>;
  readonly node?: readonly string[];
}

let resident: ChildProcess | undefined;
let turn: Promise<unknown> = Promise.resolve();

/** Runs a command in one process for all of a test file, with which it ends; a command that fails is an outcome as any other. */
export const ask = (asked: Asked): Promise<Outcome> => {
  const answer = turn.then(async () => {
    resident ??= fork(join(import.meta.dirname, "resident.ts"), {
      execArgv: ["--conditions=groupstream:source"],
      env: { PATH: process.env.PATH ?? "", TZ: "UTC", ...cache },
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    resident.unref();
    resident.channel?.unref();
    const answered = once(resident, "message");
    resident.send(asked);
    const [outcome] = await Promise.race([
      answered,
      once(resident, "exit").then(([status]) => Promise.reject(new Error(`${asked.args} ended the process: ${status}`))),
    ]);
    return outcome as Outcome;
  });
  turn = answer.catch(() => undefined);
  return answer;
};

/** A folder with a home of its own; gone after `remove`. */
export class Folder {
  readonly path: string;
  readonly #started: ChildProcess[] = [];

  private constructor(path: string) {
    this.path = path;
  }

  static async make(): Promise<Folder> {
    return new Folder(await mkdtemp(join(tmpdir(), "groupstream-cli-")));
  }

  /** Also ends what a failed test left running here. */
  async remove(): Promise<void> {
    for (const child of this.#started) if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    await rm(this.path, { recursive: true, force: true });
  }

  write(name: string, content: string): Promise<void> {
    return writeFile(join(this.path, name), content);
  }

  /** Puts a mail into a Maildir of this folder. */
  async mail(subject: string, { box = "Maildir", id = `${Math.random()}`.slice(2) } = {}): Promise<void> {
    const path = join(this.path, box);
    for (const sub of ["cur", "new", "tmp"]) await mkdir(join(path, sub), { recursive: true });
    const text = `From: Ada <ada@example.net>\r\nTo: anna@example.org\r\nSubject: ${subject}\r\nDate: Mon, 2 Nov 2026 10:00:00 +0000\r\nMessage-ID: <${id}@cli.example>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHello\r\n`;
    await writeFile(join(path, "tmp", `1793613600.${id}.localhost`), text);
    await rename(join(path, "tmp", `1793613600.${id}.localhost`), join(path, "new", `1793613600.${id}.localhost`));
  }

  /** Puts a mail as it is into the Maildir. */
  async raw(id: string, text: string): Promise<void> {
    const path = join(this.path, "Maildir");
    await writeFile(join(path, "tmp", `1793613600.${id}.localhost`), text);
    await rename(join(path, "tmp", `1793613600.${id}.localhost`), join(path, "new", `1793613600.${id}.localhost`));
  }

  read(name: string): Promise<string> {
    return readFile(join(this.path, name), "utf8");
  }

  /** A configuration of one Maildir; `more` are further lines of the options. */
  async maildir(more = ""): Promise<void> {
    await this.mail("First", { id: "first" });
    await this.write(
      "groupstream.config.ts",
      `import type { HubOptions } from "groupstream";
import { maildir } from "groupstream/adapters/maildir";
export default {
  store: "./groupstream.db",
  systems: [maildir({ id: "mail", path: ${JSON.stringify(join(this.path, "Maildir"))}, owner: "mailto:anna@example.org" })],
  ${more}
} satisfies HubOptions;
`,
    );
  }

  start(args: readonly string[], { env = {}, node = [] }: Options = {}): Running {
    return this.#follow(
      spawn(process.execPath, [...node, bin, ...args], {
        cwd: this.path,
        env: { ...this.#env, ...env },
        stdio: ["ignore", "pipe", "pipe"],
      }),
    );
  }

  #follow(child: ChildProcess): Running {
    this.#started.push(child);
    return follow(child);
  }

  /** Runs to the end. */
  run(args: readonly string[], options?: Options): Promise<Outcome> {
    return this.start(args, options).done;
  }

  /** As {@link run}, without a process of its own: for what a command does and says, not for how it starts and ends. */
  ask(args: readonly string[], { env = {} }: Pick<Options, "env"> = {}): Promise<Outcome> {
    return ask({ args, cwd: this.path, env: { ...this.#env, ...env } });
  }

  get #env(): Record<string, string> {
    return { PATH: process.env.PATH ?? "", HOME: this.path, TZ: "UTC", LANG: "C.UTF-8", ...cache };
  }

  /** On a terminal of its own (util-linux `script`): what is typed goes to `child.stdin`. */
  terminal(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
    const command = [process.execPath, bin, ...args].map((word) => `'${word}'`).join(" ");
    return this.#follow(
      spawn("script", ["-qefc", `stty cols 120; ${command}`, "/dev/null"], {
        cwd: this.path,
        env: { ...this.#env, TERM: "xterm", SHELL: "/bin/sh", ...env },
        stdio: ["pipe", "pipe", "pipe"],
      }),
    );
  }
}

const follow = (child: ChildProcess): Running => {
  let stdout = "";
  let stderr = "";
  let wake = (): void => undefined;
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    wake();
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const done = new Promise<Outcome>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => {
      resolve({ status, stdout, stderr });
      wake();
    });
  });
  return {
    child,
    done,
    stdout: () => stdout,
    printed: async (pattern) => {
      const late = setTimeout(() => child.kill("SIGKILL"), 20_000);
      while (!pattern.test(stdout)) {
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`ended without printing ${pattern}:\n${stdout}\n${stderr}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      clearTimeout(late);
    },
  };
};

/** JSON lines, each parsed: one that is none fails. */
export const records = (stdout: string): readonly Record<string, unknown>[] =>
  stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
