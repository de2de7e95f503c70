/** The process that is killed: a hub on a mortal store. It does what its parent says, and ends with it. */

import { openSync } from "node:fs";
import { type Hub, openHub } from "groupstream";
import { sqliteStore } from "../../src/store/sqlite/index.ts";
import { bridged, type HubSettings } from "../latency/hub.ts";
import { type Death, type Fault, mortal } from "./store.ts";

/** What the parent says. `go` opens the hub; `sync` is answered when everything is quiet; `run` goes on until killed. */
export type Order =
  | {
      readonly kind: "go";
      readonly settings: HubSettings;
      readonly trace: string;
      readonly death?: Death;
      readonly fault?: Fault;
    }
  | { readonly kind: "sync" }
  | { readonly kind: "run" };

/** What it is told of. */
export type Answer =
  | { readonly kind: "ready" }
  | { readonly kind: "synced"; readonly told: number; readonly open: readonly string[] }
  | { readonly kind: "failed"; readonly message: string };

const answer = (said: Answer): void => void process.send?.(said);

const sync = async (hub: Hub): Promise<void> => {
  const lines = await hub.sync();
  const { deliveries } = await hub.status();
  const waiting = Object.entries(deliveries).flatMap(([state, count]) =>
    ["done", "void"].includes(state) || !count ? [] : [`${count} ${state}`],
  );
  const open = lines.flatMap(({ open: marks, held, failures }) => [
    ...(marks > 0 ? [`${marks} marks`] : []),
    ...held.map((place) => `${place} held`),
    ...failures.map(({ message }) => message),
  ]);
  answer({ kind: "synced", told: lines.reduce((sum, { told }) => sum + told, 0), open: [...open, ...waiting] });
};

let hub: Promise<Hub> | undefined;

const obey = async (order: Order): Promise<void> => {
  if (order.kind === "go") {
    const { settings, trace, death, fault } = order;
    const open = async (): Promise<Hub> => {
      const store = mortal(await sqliteStore(settings.store), openSync(trace, "a"), death, fault);
      return openHub({ store, poll: 1_000, ...bridged(settings) });
    };
    hub = open();
  }
  const opened = await hub;
  if (!opened) throw new Error("it was not said to go");
  if (order.kind === "sync") await sync(opened);
  if (order.kind === "run") await opened.run({ signal: new AbortController().signal });
};

process.once("disconnect", () => process.exit(0));
process.on("message", (order: Order) => {
  obey(order).catch((error: unknown) =>
    answer({ kind: "failed", message: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
answer({ kind: "ready" });
