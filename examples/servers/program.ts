/**
 * A server's program for as long as a test wants it.
 *
 * It runs under a small shell that reads from a pipe: when this process ends, however it ends, the pipe closes, the shell stops
 * the program and removes its folder. Data is kept by `end("keep")`.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { listens, pause } from "./ports.ts";

/** What is run. */
export interface Program {
  readonly name: string;
  /** The program's room: where it runs, and where its own words go (`out`); gone when this process is. */
  readonly dir: string;
  /** Loopback's port that it listens at when it is ready. */
  readonly port: number;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** How it is ended, with every process of its group; default `KILL`. */
  readonly signal?: "KILL" | "QUIT";
  /** Files in the room it writes its log to, beside its own words. */
  readonly logs?: readonly string[];
}

/** A program that can be started and ended again and again. */
export interface Running {
  /** Resolves when it listens. Fails with the tail of its log after 20 s. */
  start(): Promise<void>;
  /** Ends it; its folder stays for `start`. */
  kill(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
  /** The last lines of its log. */
  log(lines?: number): Promise<string>;
}

/** Arguments: folder, signal, program …. The program leads a group of its own, so that what it started ends with it: dash
 * takes a group after `-s` only, and Cyrus' children outlive their master. */
const watchdog = `folder=$1; signal=$2; shift 2
setsid "$@" >>"$folder/out" 2>&1 &
server=$!
read -r word
kill -s $signal -- -$server 2>/dev/null || kill -s $signal $server 2>/dev/null
wait $server 2>/dev/null
test "$word" = keep || rm -rf "$folder"`;

/** Runs a shell with a pipe to its standard input, in a group of its own; neither keeps this process. */
export const shellOf = (
  [file = "sh", ...args]: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): ChildProcess => {
  const child = spawn(file, args, { cwd, env, stdio: ["pipe", "ignore", "ignore"], detached: true });
  child.unref();
  if (child.stdin && "unref" in child.stdin && typeof child.stdin.unref === "function") child.stdin.unref();
  child.stdin?.on("error", () => undefined);
  return child;
};

/** Resolves when it has ended, and waits for it until then. */
export const ended = async (child: ChildProcess): Promise<void> => {
  child.ref();
  if (child.exitCode === null && child.signalCode === null) await new Promise((done) => child.once("exit", done));
};

/** A program that does not run yet. */
export const programOf = ({ name, dir, port, command, env = {}, signal = "KILL", logs = [] }: Program): Running => {
  let shell: ChildProcess | undefined;

  const log = async (lines = 12): Promise<string> => {
    const texts = await Promise.all(["out", ...logs].map((file) => readFile(join(dir, file), "utf8").catch(() => "")));
    return texts.join("").trim().split("\n").slice(-lines).join("\n");
  };

  const end = async (): Promise<void> => {
    const child = shell;
    shell = undefined;
    if (!child) return;
    child.stdin?.end("keep\n");
    await ended(child);
    // What it had started lets go of the port within milliseconds.
    for (let waited = 0; waited < 2_000 && (await listens(port)); waited += 10) await pause(10);
  };

  return {
    log,
    kill: end,
    async start() {
      const own = { PATH: "/usr/bin:/bin", TZ: "UTC", LC_ALL: "C.UTF-8", HOME: dir, ...env };
      shell = shellOf(["sh", "-c", watchdog, "sh", dir, signal, ...command], dir, own);
      for (let waited = 0; waited < 20_000; waited += 30) {
        if (await listens(port)) return;
        await pause(30);
      }
      const tail = await log();
      await end();
      throw new Error(`${name} did not answer on 127.0.0.1:${port} within 20 s:\n${tail}`);
    },
    async stop() {
      await end();
      await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    },
  };
};
