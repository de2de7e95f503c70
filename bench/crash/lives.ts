/** Processes one after the other: the next one waits, loaded, while this one lives. */

import { type ChildProcess, fork } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import type { Answer, Order, Stored } from "./obey.ts";
import type { Death, Fault } from "./store.ts";

/** Beyond this a hub that answers nothing is stuck, ms. */
const patience = 60_000;

/** One life after the other of the same hub. */
export interface Lives extends AsyncDisposable {
  /** How many were ended by SIGKILL in the middle of their work. */
  readonly deaths: number;
  /** Starts the next life: this one dies at the given point, or when it is killed. */
  begin(death: Death | undefined): Promise<void>;
  /** One sync, of all systems or of these. `dead`: the process ended before it answered. */
  sync(systems?: readonly string[]): Promise<Extract<Answer, { kind: "synced" }> | "dead">;
  /** Syncs, watches and delivers from now on, until it dies. */
  run(): void;
  /** Kills the process after so many ms, or as soon as it dies by itself; resolves when the system has taken it. */
  kill(after: number): Promise<void>;
  /** True if there is a process. */
  readonly living: boolean;
}

interface Process {
  readonly child: ChildProcess;
  readonly gone: Promise<"dead">;
}

const end = async ({ child, gone }: Process): Promise<void> => {
  child.kill("SIGKILL");
  await gone;
};

/** The sources are compiled once for all processes: they start in a third of the time. */
const load = (program: string, cache: string): Process => {
  const env = { ...process.env, NODE_COMPILE_CACHE: cache };
  const child = fork(program, { env, execArgv: ["--conditions=groupstream:source"] });
  return { child, gone: new Promise((resolve) => child.once("exit", () => resolve("dead"))) };
};

/** How a hub lives. */
export interface Living<Settings extends Stored> {
  /** The source of its process, which obeys. */
  readonly program: string;
  readonly settings: Settings;
  /** A file its transactions are written to. */
  readonly trace: string;
  readonly fault?: Fault | undefined;
  /** A folder for compiled sources, shared by all histories. */
  readonly cache: string;
}

export const livesOf = <Settings extends Stored>({ program, settings, trace, fault, cache }: Living<Settings>): Lives => {
  let spare = load(program, cache);
  let current: Process | undefined;
  let deaths = 0;
  let failure: string | undefined;

  const say = (order: Order<Settings>): void => void current?.child.send(order, () => undefined);
  const died = (one: Process): void => {
    if (current !== one) return;
    deaths += 1;
    current = undefined;
  };
  const sync = async (systems?: readonly string[]): Promise<Extract<Answer, { kind: "synced" }> | "dead"> => {
    const one = current;
    if (!one) return "dead";
    const { child, gone } = one;
    const answered = new Promise<Answer>((resolve) =>
      child.on("message", (said: Answer) => said.kind === "ready" || resolve(said)),
    );
    say({ kind: "sync", ...(systems && { systems }) });
    const late = new AbortController();
    const waited = pause(patience, "late" as const, { signal: late.signal });
    waited.catch(() => undefined);
    const said = await Promise.race([answered, gone, waited]);
    late.abort();
    child.removeAllListeners("message");
    if (said === "late") throw new Error(`a sync was not answered within ${patience} ms`);
    if (said === "dead") {
      died(one);
      return said;
    }
    if (said.kind === "failed") throw new Error(said.message);
    if (said.kind === "ready") throw new Error("a process that works says that it is ready");
    return said;
  };

  return {
    get deaths() {
      return deaths;
    },
    get living() {
      return current !== undefined;
    },
    begin: async (death) => {
      if (current) await end(current);
      current = spare;
      spare = load(program, cache);
      say({ kind: "go", settings, trace, ...(death && { death }), ...(fault && { fault }) });
    },
    sync,
    run: () => {
      current?.child.on("message", (said: Answer) => {
        if (said.kind === "failed") failure = said.message;
      });
      say({ kind: "run" });
    },
    kill: async (after) => {
      const one = current;
      if (!one) return;
      const early = new AbortController();
      await Promise.race([one.gone, pause(after, undefined, { signal: early.signal }).catch(() => undefined)]);
      early.abort();
      if (failure !== undefined) throw new Error(failure);
      await end(one);
      died(one);
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([end(spare), ...(current ? [end(current)] : [])]);
      current = undefined;
    },
  };
};
