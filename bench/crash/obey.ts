/** What a process that is to be killed does: a hub on a mortal store, as its parent says; it ends with it. */

import { openSync } from "node:fs";
import { type Hub, type HubOptions, openHub } from "groupstream";
import { sqliteStore } from "../../src/store/sqlite/index.ts";
import { type Death, type Fault, mortal } from "./store.ts";

/** What the hub of a life rests on, beside what its systems need. */
export interface Stored {
  /** The file of its store. */
  readonly store: string;
}

/** What the parent says. `go` opens the hub; `sync` is answered when it is done; `run` goes on until killed. */
export type Order<Settings extends Stored> =
  | {
      readonly kind: "go";
      readonly settings: Settings;
      readonly trace: string;
      readonly death?: Death;
      readonly fault?: Fault;
    }
  | { readonly kind: "sync"; readonly systems?: readonly string[] }
  | { readonly kind: "run" };

/** What it is told of. */
export type Answer =
  | { readonly kind: "ready" }
  | { readonly kind: "synced"; readonly told: number; readonly open: readonly string[] }
  | { readonly kind: "failed"; readonly message: string };

// A parent that is gone hears nothing: "disconnect" ends this process.
const answer = (said: Answer): void => void process.send?.(said, () => undefined);

const sync = async (hub: Hub, systems: readonly string[] | undefined): Promise<void> => {
  const lines = await hub.sync(systems ? { systems } : {});
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

/** Obeys the process that forked this one, until it is killed or that one ends. @param between  what the hub stands between */
export const obey = <Settings extends Stored>(between: (settings: Settings) => Pick<HubOptions, "systems" | "routes">): void => {
  let hub: Promise<Hub> | undefined;
  const open = async ({ settings, trace, death, fault }: Extract<Order<Settings>, { kind: "go" }>): Promise<Hub> => {
    const store = mortal(await sqliteStore(settings.store), openSync(trace, "a"), death, fault);
    return openHub({ store, poll: 1_000, ...between(settings) });
  };
  const done = async (order: Order<Settings>): Promise<void> => {
    if (order.kind === "go") hub = open(order);
    const opened = await hub;
    if (!opened) throw new Error("it was not said to go");
    if (order.kind === "sync") await sync(opened, order.systems);
    if (order.kind === "run") await opened.run({ signal: new AbortController().signal });
  };
  process.once("disconnect", () => process.exit(0));
  process.on("message", (order: Order<Settings>) => {
    done(order).catch((error: unknown) =>
      answer({ kind: "failed", message: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
  answer({ kind: "ready" });
};
