/** A hub over toys, in memory, with a clock and ids of the test's own; and what it told, one short line each. */

import type { Adapter, Entry } from "groupstream";
import { type HubOptions, textOfSummary } from "groupstream";
import { type Hub, openHubWith } from "../../src/hub/hub.ts";
import type { Store } from "../../src/store/contract.ts";
import { sqliteStore } from "../../src/store/sqlite/index.ts";
import type { Rules } from "../../src/sync/rules.ts";
import { HandClock } from "../simulation/clock.ts";
import type { Toy } from "./toy.ts";

type Document = Readonly<Record<string, unknown>>;
const nameOf = (thing: unknown): string => String((thing as Document | undefined)?.name ?? "");

/** `Create a →INBOX`, `Move a INBOX→Archive`, `Add a →INBOX#flagged`, `Update a [name]`. */
export const line = ({ activity }: Entry): string => {
  const { type, target, origin, content, "groupstream:changed": fields } = activity as unknown as Document;
  const sentence = textOfSummary(activity.summaryMap.en);
  const name = /“(.*?)”/.exec(sentence)?.[1] ?? "?";
  const from = nameOf(origin);
  const to = nameOf(target);
  const arrow = from || to ? ` ${from}→${to}` : "";
  const changed = fields ? ` [${fields}]` : "";
  return `${type} ${name}${arrow}${changed}${content ? ` ${content}` : ""}`;
};

export interface World {
  readonly hub: Hub;
  readonly store: Store;
  readonly clock: HandClock;
  /** What was told since it was last asked. */
  told(): Promise<readonly string[]>;
  /** Syncs, and gives what that told. */
  sync(): Promise<readonly string[]>;
  entries(): Promise<readonly Entry[]>;
  reopen(systems?: readonly (Toy | Adapter)[], more?: Options): Promise<World>;
}

export type Options = Partial<HubOptions> & { readonly rules?: Partial<Rules> };

const adapterOf = (system: Toy | Adapter): Adapter => ("describe" in system ? system : system.adapter());

const opened = new Set<{ hub: Hub; store: Store }>();

/** Opens a hub on these systems; `closeAll` closes it. */
export const world = async (
  systems: readonly (Toy | Adapter)[],
  options: Options = {},
  shared: { store?: Store; clock?: HandClock; seen?: number } = {},
): Promise<World> => {
  const store = shared.store ?? (await sqliteStore(":memory:"));
  const clock = shared.clock ?? new HandClock();
  const hub = await openHubWith({ store, clock, random: () => 0.5, ...options, systems: systems.map(adapterOf) });
  const both = { hub, store };
  opened.add(both);
  let seen = shared.seen ?? 0;
  const told = async () => {
    const lines: string[] = [];
    for await (const entry of hub.activities({ after: seen })) {
      lines.push(line(entry));
      seen = entry.seq;
    }
    return lines;
  };
  return {
    hub,
    store,
    clock,
    told,
    sync: async () => {
      await hub.sync();
      return told();
    },
    entries: async () => Array.fromAsync(hub.activities()),
    reopen: async (again = systems, more = {}) => {
      await hub.close();
      opened.delete(both);
      return world(again, { ...options, ...more }, { store, clock, seen });
    },
  };
};

/** Ends what a test opened. */
export const closeAll = async (): Promise<void> => {
  for (const { hub, store } of opened) {
    await hub.close();
    await store[Symbol.asyncDispose]();
  }
  opened.clear();
};
