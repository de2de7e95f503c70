/** Processes one after the other: the next one waits, loaded, while this one lives. */

import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { HubSettings } from "../latency/hub.ts";
import type { Answer, Order } from "./child.ts";
import type { Death, Fault } from "./store.ts";

/** Beyond this a hub that answers nothing is stuck, ms. */
const patience = 60_000;

/** One life after the other of the same hub. */
export interface Lives extends AsyncDisposable {
  /** How many were ended by SIGKILL in the middle of their work. */
  readonly deaths: number;
  /** Starts the next life: this one dies at the given point, or when it is killed. */
  begin(death: Death | undefined): Promise<void>;
  /** One sync. `dead`: the process ended before it answered. */
  sync(): Promise<Extract<Answer, { kind: "synced" }> | "dead">;
  /** Syncs, watches and delivers from now on, until it dies. */
  run(): void;
  /** Kills the process after so many ms, or as soon as it dies by itself; resolves when the system has taken it. */
  kill(after: number): Promise<void>;
  /** True if there is a process. */
  readonly living: boolean;
}

const endOf = (child: ChildProcess): Promise<void> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => child.once("exit", () => resolve()));

const end = async (child: ChildProcess): Promise<void> => {
  const gone = endOf(child);
  child.kill("SIGKILL");
  await gone;
};

const load = (): ChildProcess => fork(join(import.meta.dirname, "child.ts"), { execArgv: ["--conditions=groupstream:source"] });

export const livesOf = (settings: HubSettings, trace: string, fault: Fault | undefined): Lives => {
  let spare = load();
  let current: ChildProcess | undefined;
  let deaths = 0;
  let failure: string | undefined;

  const say = (order: Order): void => void current?.send(order, () => undefined);
  const order = async (): Promise<Extract<Answer, { kind: "synced" }> | "dead"> => {
    const child = current;
    if (!child) return "dead";
    const answered = new Promise<Answer>((resolve) =>
      child.on("message", (said: Answer) => said.kind === "ready" || resolve(said)),
    );
    say({ kind: "sync" });
    const said = await Promise.race([
      answered,
      endOf(child).then(() => "dead" as const),
      pause(patience, "late" as const, { ref: false }),
    ]);
    if (said === "late") throw new Error(`a sync was not answered within ${patience} ms`);
    if (said === "dead") {
      deaths += 1;
      current = undefined;
      return said;
    }
    child.removeAllListeners("message");
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
      spare = load();
      say({ kind: "go", settings, trace, ...(death && { death }), ...(fault && { fault }) });
    },
    sync: order,
    run: () => {
      current?.on("message", (said: Answer) => {
        if (said.kind === "failed") failure = said.message;
      });
      say({ kind: "run" });
    },
    kill: async (after) => {
      const child = current;
      if (!child) return;
      await Promise.race([endOf(child), pause(after)]);
      if (failure !== undefined) throw new Error(failure);
      await end(child);
      if (current === child) {
        deaths += 1;
        current = undefined;
      }
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([end(spare), ...(current ? [end(current)] : [])]);
      current = undefined;
    },
  };
};
