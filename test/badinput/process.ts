/** The process of child.ts, from outside. */

import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { SystemLine } from "groupstream";

/** What the process is given. */
export interface Start {
  readonly store: string;
  readonly body: "none" | "preview" | "full";
  readonly source:
    | { readonly kind: "maildir"; readonly path: string }
    | { readonly kind: "imap"; readonly port: number; readonly user: string }
    | { readonly kind: "caldav" | "carddav"; readonly url: string };
}

/** Time, and memory in bytes: `peak` since the process began, `rss` at the end of the step. */
interface Used {
  readonly ms: number;
  readonly peak: number;
  readonly rss: number;
}

/** An activity in short. `content`: characters; absent where no text was read. */
export interface Told {
  readonly type: string;
  readonly name: string;
  readonly content?: number;
  readonly losses: readonly string[];
  readonly files: readonly string[];
}

/** What one round did. */
export interface Round extends Used {
  readonly told: readonly Told[];
  readonly quarantined: number;
  readonly failures: SystemLine["failures"];
}

/** What one content URL gave. */
export interface Read extends Used {
  readonly bytes: number;
}

/** A hub in a process of its own. */
export interface Reader {
  /** The first round, before anything is there. */
  readonly idle: Round;
  round(): Promise<Round>;
  read(url: string): Promise<Read>;
  end(): Promise<void>;
}

const cache = join(import.meta.dirname, "../../.lab/compile-cache");

export const startReader = async (start: Start): Promise<Reader> => {
  const child = spawn(
    process.execPath,
    ["--conditions=groupstream:source", join(import.meta.dirname, "child.ts"), JSON.stringify(start)],
    { env: { PATH: process.env.PATH ?? "", TZ: "UTC", NODE_COMPILE_CACHE: cache }, stdio: ["pipe", "pipe", "pipe"] },
  );
  let trouble = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (trouble += text));
  const ended = new Promise<void>((done) => child.once("close", () => done()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async <T>(line?: string): Promise<T> => {
    if (line !== undefined) child.stdin.write(`${line}\n`);
    const { done, value } = await lines.next();
    if (done) throw new Error(`the process ended:\n${trouble}`);
    return JSON.parse(value) as T;
  };
  return {
    idle: await ask<Round>(),
    round: () => ask<Round>(""),
    read: (url) => ask<Read>(url),
    end: async () => {
      child.stdin.end();
      const late = setTimeout(() => child.kill("SIGKILL"), 10_000);
      await ended;
      clearTimeout(late);
    },
  };
};
