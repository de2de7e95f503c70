/** openHub: wiring. What decides lives in the rooms it joins. */

import { setTimeout as after } from "node:timers/promises";
import type { Document, Naming } from "./activity/compose.ts";
import type { Adapter, Manifest } from "./adapter.ts";
import type { Breaker } from "./bridge/breaker.ts";
import { beginRoutes, routeAll } from "./bridge/route.ts";
import { parseRoute } from "./bridge/routes.ts";
import { deliver, dueIn, recover } from "./bridge/worker.ts";
import { GroupstreamError } from "./errors.ts";
import { type Status, statusOf } from "./observe/status.ts";
import { checkedOptions, type Clock, type HubOptions } from "./options.ts";
import type { Store } from "./store/contract.ts";
import { sqliteStore } from "./store/sqlite/index.ts";
import { contentOf } from "./sync/content.ts";
import type { Surroundings } from "./sync/look.ts";
import { receiveAt } from "./sync/receive.ts";
import { failedLine, round, type SystemLine } from "./sync/round.ts";
import { allRules, type Rules } from "./sync/rules.ts";
import { bell, keepLooking, type Rung } from "./sync/schedule.ts";
import type { Place, ReaderName, SystemId } from "./words.ts";

/** One entry of the log: an ActivityStreams 2.0 document and its number in commit order. */
export interface Entry {
  readonly seq: number;
  readonly activity: Document;
}

/** One running groupstream. Methods may be called at the same time; writing ones are done one after the other. */
export interface Hub extends AsyncDisposable {
  /**
   * One round: a discovery and the looks that are due, more where marks ask for them, then what is due for delivery.
   * Resolves with a line per system, also for those that failed; rejects only for `misconfigured`, `store` and abort.
   */
  sync(options?: { readonly signal?: AbortSignal; readonly systems?: readonly SystemId[] }): Promise<readonly SystemLine[]>;
  /** Watches, syncs and delivers until aborted; resolves then. Rejects for `misconfigured` and `store`. */
  run(options: { readonly signal: AbortSignal; readonly onLine?: (line: SystemLine) => void }): Promise<void>;
  /** Entries with `seq` above `after` (default 0), in order, without gaps; with `follow` for ever, until aborted. */
  activities(options?: { readonly after?: number; readonly follow?: boolean; readonly signal?: AbortSignal }): AsyncIterable<Entry>;
  /** The log from where this reader left off. At least once: its place moves when the loop asks for the next entry. */
  reader(name: ReaderName, options?: { readonly follow?: boolean; readonly signal?: AbortSignal }): AsyncIterable<Entry>;
  /** What a live system can give and take. */
  describe(system: SystemId, options?: { readonly signal?: AbortSignal }): Promise<Manifest>;
  /** Hands a call from outside to a system's adapter. What it keeps is committed before this resolves. */
  receive(system: SystemId, request: Request): Promise<Response>;
  /** The bytes behind a `groupstream:content/…` URL, streamed from the source. */
  content(url: string, options?: { readonly signal?: AbortSignal }): Promise<ReadableStream<Uint8Array>>;
  /** Adds a system, also while running. Fails: `misconfigured`. */
  add(system: Adapter): Promise<void>;
  /** Takes a system out, also while running. With `forget` all that is stored of it is removed; its log entries stay. */
  remove(system: SystemId, options?: { readonly forget?: boolean }): Promise<void>;
  status(): Promise<Status>;
  /** Ends what runs, closes systems and the store. Safe to call twice. */
  close(): Promise<void>;
}

const systemClock: Clock = { now: () => Date.now(), sleep: (ms, signal) => after(ms, undefined, { signal }) };

/** Entries read from the store at once. */
const readAtOnce = 200;

/**
 * Opens a hub. No system is asked anything yet.
 * Fails: `misconfigured` with every mistake at once; `store`.
 */
export const openHub = (options: HubOptions): Promise<Hub> => openHubWith(options);

/** For tests: rules switched off, ids given. */
export const openHubWith = async (options: HubOptions & { readonly rules?: Partial<Rules>; readonly uuid?: () => string }): Promise<Hub> => {
  const policy = checkedOptions(options);
  const rules = { ...allRules, ...options.rules };
  const { now, sleep } = options.clock ?? systemClock;
  const random = options.random ?? Math.random;
  const owned = typeof options.store === "string";
  const store: Store = typeof options.store === "string" ? await sqliteStore(options.store) : options.store;
  const base = await store.setting("base", options.base ?? "");
  if (options.base !== undefined && base !== options.base) {
    if (owned) await store[Symbol.asyncDispose]();
    throw new GroupstreamError("misconfigured", `base: this store was begun with ${base ? `"${base}"` : "none"} and cannot change; use that or a new store`);
  }
  const naming: Naming = { store: store.id, ...(base && { base }) };
  const history = options.history === undefined || options.history === "all" ? options.history : Date.parse(options.history);
  const systems = new Map<SystemId, Adapter>(options.systems.map((system) => [system.id, system]));
  const manifests = new Map<SystemId, Manifest>();
  const routes = (options.routes ?? []).map(parseRoute);
  const breakers = new Map<Place, Breaker>();
  const rungs = new Map<SystemId, Rung>();
  const running = new Map<SystemId, { abort: AbortController; done: Promise<void> }>();
  const closing = new AbortController();
  const busy = new Map<SystemId, Promise<unknown>>();
  let turn: ((id: SystemId) => void) | undefined;
  let lock: Promise<AsyncDisposable> | undefined;

  const systemOf = (id: SystemId): Adapter => {
    const adapter = systems.get(id);
    if (!adapter) throw new GroupstreamError("misconfigured", `there is no system "${id}"; there are ${[...systems.keys()].join(", ") || "none"}`);
    return adapter;
  };
  const describe = async (id: SystemId, signal: AbortSignal): Promise<Manifest> => {
    const manifest = manifests.get(id) ?? (await systemOf(id).describe(signal));
    manifests.set(id, manifest);
    return manifest;
  };
  const around = async (id: SystemId, signal: AbortSignal): Promise<Surroundings> => ({
    store, policy, rules, naming, now, adapter: systemOf(id), manifest: await describe(id, signal), peer: (other) => systems.get(other),
    ...(options.uuid && { uuid: options.uuid }), ...(history !== undefined && { history }), ...(options.progress && { progress: options.progress }),
  });

  /** The first that writes takes the lock for the hub's life, and picks up what an earlier one left. */
  const own = async (): Promise<void> => {
    lock ??= store.lock(`process ${process.pid}`).then(async (held) => {
      await recover({ store, now });
      await beginRoutes({ store, routes, adapter: (id) => systems.get(id), now });
      return held;
    });
    try {
      await lock;
    } catch (error) {
      lock = undefined;
      throw error;
    }
  };
  /** One round or receipt of a system at a time. */
  const alone = <T>(id: SystemId, work: () => Promise<T>): Promise<T> => {
    const next = (busy.get(id) ?? Promise.resolve()).then(work, work);
    busy.set(id, next.catch(() => undefined));
    return next;
  };
  const delivering = { store, adapter: (id: SystemId) => systems.get(id), now, random, breakers };
  const routing = { store, routes, adapter: (id: SystemId) => systems.get(id), now };
  const signalOf = (signal: AbortSignal | undefined): AbortSignal => (signal ? AbortSignal.any([signal, closing.signal]) : closing.signal);

  const roundOf = (id: SystemId, signal: AbortSignal): Promise<SystemLine> =>
    alone(id, async () => {
      try {
        return await round(await around(id, signal), signal);
      } catch (error) {
        signal.throwIfAborted();
        return failedLine({ store, now, adapter: systemOf(id) }, error);
      }
    });

  async function* read(from: number, follow: boolean, signal: AbortSignal, moved?: (seq: number) => Promise<void>): AsyncIterable<Entry> {
    let at = from;
    for (;;) {
      signal.throwIfAborted();
      const entries = await store.entries(at, readAtOnce);
      for (const { seq, activity } of entries) {
        yield { seq, activity: JSON.parse(activity) as Document };
        at = seq;
        await moved?.(seq);
      }
      if (entries.length > 0) continue;
      if (!follow) return;
      try {
        await store.changed(at, signal);
      } catch (error) {
        if (signal.aborted) return;
        throw error;
      }
    }
  }

  const hub: Hub = {
    sync: async ({ signal, systems: only } = {}) => {
      const both = signalOf(signal);
      both.throwIfAborted();
      for (const id of only ?? []) systemOf(id);
      await own();
      const lines = await Promise.all([...systems.keys()].filter((id) => !only || only.includes(id)).map((id) => roundOf(id, both)));
      await routeAll(routing);
      await deliver(delivering, both);
      return lines;
    },
    run: async ({ signal, onLine }) => {
      const failed = new AbortController();
      const both = AbortSignal.any([signal, closing.signal, failed.signal]);
      await own();
      let fault: unknown;
      const watched = (task: Promise<void>): Promise<void> =>
        task.catch((error) => {
          if (both.aborted) return;
          fault = error;
          failed.abort(error);
        });
      turn = (id) => {
        const abort = new AbortController();
        const signalled = AbortSignal.any([both, abort.signal]);
        const rung = rungOf(id);
        const task = keepLooking(
          {
            around: () => around(id, signalled), poll: options.poll ?? 60_000, sleep, random,
            onLine: (line) => { onLine?.(line); options.logger?.[line.failures.length > 0 ? "warn" : "debug"]({ ...line }, "round"); },
            onFailure: (error) => failedLine({ store, now, adapter: systemOf(id) }, error),
          },
          rung,
          signalled,
        );
        running.set(id, { abort, done: watched(task).finally(() => running.delete(id)) });
      };
      for (const id of systems.keys()) turn(id);
      const arrivals = bell();
      const router = async (): Promise<void> => {
        while (!both.aborted) {
          const seq = await store.lastSeq();
          if ((await routeAll(routing)) > 0) arrivals.ring();
          await store.changed(seq, both).catch((error) => { if (!both.aborted) throw error; });
        }
      };
      const due = async (): Promise<void> => {
        const wait = await dueIn(delivering);
        await Promise.race([arrivals.wait(), sleep(Math.min(wait || 1_000, 60_000), both).catch(() => undefined)]);
      };
      await Promise.all([watched(router()), watched(deliver(delivering, both, due).then(() => undefined)), stopped(both)]);
      await Promise.all([...running.values()].map(({ done }) => done));
      turn = undefined;
      if (fault) throw fault;
    },
    activities: ({ after: from = 0, follow = false, signal } = {}) => read(from, follow, signalOf(signal)),
    reader: (name, { follow = false, signal } = {}) => {
      if (typeof name !== "string" || name === "" || name.length > 100) throw new GroupstreamError("misconfigured", "a reader's name must be 1 to 100 characters");
      const both = signalOf(signal);
      return (async function* () {
        yield* read(await store.place(name), follow, both, (seq) => store.moveTo(name, seq));
      })();
    },
    describe: async (id, { signal } = {}) => systemOf(id).describe(signalOf(signal)),
    receive: async (id, request) => {
      systemOf(id);
      await own();
      return receiveAt(await around(id, closing.signal), request, closing.signal, (place) => { const rung = rungOf(id); rung.places.add(place); rung.bell.ring(); }, (work) => alone(id, work));
    },
    content: (url, { signal } = {}) => contentOf(store, (id) => systems.get(id), url, signalOf(signal)),
    add: async (system) => {
      checkedOptions({ store, systems: [...systems.values(), system] });
      systems.set(system.id, system);
      turn?.(system.id);
    },
    remove: async (id, { forget = false } = {}) => {
      const adapter = systemOf(id);
      running.get(id)?.abort.abort();
      await running.get(id)?.done;
      await busy.get(id);
      systems.delete(id);
      manifests.delete(id);
      await adapter[Symbol.asyncDispose]();
      if (forget) await store.forget(id);
    },
    status: () => statusOf(store),
    close: async () => {
      if (closing.signal.aborted) return;
      closing.abort(new DOMException("the hub was closed", "AbortError"));
      await Promise.allSettled([...[...running.values()].map(({ done }) => done), ...busy.values()]);
      await Promise.allSettled([...systems.values()].map((system) => system[Symbol.asyncDispose]()));
      await (await lock?.catch(() => undefined))?.[Symbol.asyncDispose]();
      if (owned) await store[Symbol.asyncDispose]();
    },
    [Symbol.asyncDispose]: () => hub.close(),
  };
  const rungOf = (id: SystemId): Rung => {
    const rung = rungs.get(id) ?? { places: new Set<Place>(), bell: bell() };
    rungs.set(id, rung);
    return rung;
  };
  return hub;
};

const stopped = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
