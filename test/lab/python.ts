/**
 * Servers in Python from unpacked packages, run by the machine's own interpreter: on loopback, in a private folder.
 *
 * The server runs under a small shell that reads from a pipe: when this process ends, however it ends, the pipe closes, the
 * shell stops the server and removes the folder. Data is kept by `kill` and `start`, and gone after `stop`.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LabUnavailable, unpackPackages } from "./packages.ts";
import { freePort, listens, pause } from "./ports.ts";

/** A server that runs. */
export interface PythonServer {
  readonly url: string;
  readonly port: number;
  readonly version: string;
  /** Holds configuration, logs and data; gone after `stop`. */
  readonly dir: string;
  /** The last lines of the server's log. */
  log(lines?: number): Promise<string>;
  /** Ends every process by SIGKILL; data and port stay for `start`. */
  kill(): Promise<void>;
  /** Starts it again on the same port with the same data. */
  start(): Promise<void>;
  /** Ends the server and removes its folder. */
  stop(): Promise<void>;
}

/** What is started. */
export interface PythonProgram {
  /** Folder and cache key of the packages, and the module that is run. */
  readonly name: string;
  readonly packages: readonly string[];
  /** The distribution whose version counts, as its `.egg-info` begins. */
  readonly distribution: string;
  readonly lab?: string;
  /** Writes what the server needs into its folder and gives its arguments. */
  readonly prepare: (dir: string, port: number) => Promise<readonly string[]>;
}

const interpreter = "/usr/bin/python3";

/** Arguments: folder, program …. Reads `keep` or the end of the pipe. The server's own words go to its folder. */
const watchdog = `folder=$1; shift
"$@" >>"$folder/out" 2>&1 &
server=$!
read -r word
kill -9 $server 2>/dev/null
wait $server 2>/dev/null
test "$word" = keep || rm -rf "$folder"`;

/**
 * Starts a server and resolves when it listens.
 * Fails with `LabUnavailable` where its packages cannot be fetched or there is no Python; else with the tail of the server's log.
 */
export const startPython = async ({ name, packages, distribution, lab, prepare }: PythonProgram): Promise<PythonServer> => {
  if (!existsSync(interpreter)) throw new LabUnavailable(`${name} cannot run: ${interpreter} is missing`);
  const modules = join(await unpackPackages(name, packages, lab === undefined ? {} : { lab }), "usr/lib/python3/dist-packages");
  const found = (await readdir(modules)).find((one) => one.startsWith(`${distribution}-`));
  if (!found) throw new LabUnavailable(`the unpacked ${name} has no ${distribution}`);
  const dir = await mkdtemp(join(tmpdir(), `groupstream-${name}-`));
  const port = await freePort();
  const args = await prepare(dir, port);
  let shell: ChildProcess | undefined;

  const log = async (lines = 12): Promise<string> => {
    const text = await readFile(join(dir, "out"), "utf8").catch(() => "");
    return text.trim().split("\n").slice(-lines).join("\n");
  };

  const end = async (word: "" | "keep"): Promise<void> => {
    const child = shell;
    shell = undefined;
    if (!child) return;
    child.ref();
    const ended = new Promise((done) => child.once("exit", done));
    child.stdin?.end(`${word}\n`);
    if (child.exitCode === null && child.signalCode === null) await ended;
  };

  const start = async (): Promise<void> => {
    const child = spawn("sh", ["-c", watchdog, "sh", dir, interpreter, "-m", name, ...args], {
      cwd: dir,
      env: {
        PATH: "/usr/bin:/bin",
        TZ: "UTC",
        LC_ALL: "C.UTF-8",
        HOME: dir,
        PYTHONPATH: modules,
        PYTHONDONTWRITEBYTECODE: "1",
        // Xandikos commits in the name of a user, and dies where the machine has no name for this one.
        USER: name,
      },
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
    });
    shell = child;
    child.unref();
    if (child.stdin && "unref" in child.stdin && typeof child.stdin.unref === "function") child.stdin.unref();
    child.stdin?.on("error", () => undefined);
    for (let waited = 0; waited < 20_000; waited += 50) {
      if (await listens(port)) return;
      await pause(50);
    }
    const tail = await log();
    await end("");
    throw new Error(`${name} did not answer on 127.0.0.1:${port} within 20 s:\n${tail}`);
  };

  await start();
  return {
    url: `http://127.0.0.1:${port}/`,
    port,
    version: /-(\d[\w.]*?)(?:\.egg-info|\.dist-info)?$/.exec(found)?.[1] ?? "",
    dir,
    log,
    start,
    kill: () => end("keep"),
    async stop() {
      await end("keep");
      await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    },
  };
};
