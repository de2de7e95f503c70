/** openHub: wiring. What decides lives in the rooms it joins. */

import { randomUUID } from "node:crypto";
import { setTimeout as after } from "node:timers/promises";
import { type Naming, objectIri } from "../activity/compose.ts";
import { releaseClaim } from "../admin/heartbeat.ts";
import { type AdminContext, adminOf, performRequests } from "../admin/index.ts";
import type { Breaker } from "../bridge/breaker.ts";
import { explain } from "../bridge/explain.ts";
import { parseRoute, systemAt } from "../bridge/routes.ts";
import { beginRoutes, routeAll } from "../bridge/routing.ts";
import { submit } from "../bridge/submit.ts";
import { deliver, recover } from "../bridge/worker.ts";
import type { Adapter, Manifest } from "../contract/adapter.ts";
import { GroupstreamError } from "../contract/errors.ts";
import type { Place, SystemId } from "../contract/words.ts";
import { systemOf as systemIn } from "../contract/words.ts";
import { reportsOf } from "../observe/reports.ts";
import { telemetryOf } from "../observe/telemetry.ts";
import type { Store } from "../store/contract.ts";
import { sqliteStore } from "../store/sqlite/index.ts";
import type { SyncContext } from "../sync/context.ts";
import { receiveAt } from "../sync/receive.ts";
import { failedLine, type SystemLine } from "../sync/round.ts";
import { allRules, type Rules } from "../sync/rules.ts";
import { measured } from "../sync/schedule.ts";
import { checked } from "./arguments.ts";
import { wireBridge } from "./bridge-wiring.ts";
import { contentOf } from "./content.ts";
import { personOf } from "./identity.ts";
import type { Hub } from "./interface.ts";
import { readLog } from "./log.ts";
import { type Clock, checkedOptions, type HubOptions } from "./options.ts";
import { createRunner } from "./run.ts";

export type { Hub } from "./interface.ts";

const systemClock: Clock = { now: () => Date.now(), sleep: (ms, signal) => after(ms, undefined, { signal }) };

/**
 * Opens a hub. No system is asked anything yet.
 * Fails: `misconfigured` with every mistake at once; `store`.
 */
export const openHub = (options: HubOptions): Promise<Hub> => openHubWith(options);

/** For tests: rules switched off, ids given. */
export const openHubWith = async (
  options: HubOptions & { readonly rules?: Partial<Rules>; readonly uuid?: () => string },
): Promise<Hub> => {
  const policy = checkedOptions(options);
  const rules = { ...allRules, ...options.rules };
  const { now, sleep } = options.clock ?? systemClock;
  const random = options.random ?? Math.random;
  const owned = typeof options.store === "string";
  const store: Store = typeof options.store === "string" ? await sqliteStore(options.store) : options.store;
  const base = await store.setting("base", options.base ?? "");
  if (options.base !== undefined && base !== options.base) {
    if (owned) await store[Symbol.asyncDispose]();
    throw new GroupstreamError(
      "misconfigured",
      `base: this store was begun with ${base ? `"${base}"` : "none"} and cannot change; use that or a new store`,
    );
  }
  const naming: Naming = { store: store.id, ...(base && { base }) };
  const history = options.history === undefined || options.history === "all" ? options.history : Date.parse(options.history);
  const systems = new Map<SystemId, Adapter>(options.systems.map((system) => [system.id, system]));
  const manifests = new Map<SystemId, Manifest>();
  const routes = (options.routes ?? []).map((route) =>
    parseRoute(route, systems.get(systemAt(route.to))?.performs?.Deliver !== undefined),
  );
  const breakers = new Map<Place, Breaker>();
  const closing = new AbortController();
  const queues = new Map<SystemId, Promise<unknown>>();
  const reports = reportsOf(options.logger, await telemetryOf());
  let lock: Promise<AsyncDisposable> | undefined;

  const systemOf = (id: SystemId): Adapter => {
    const adapter = systems.get(id);
    if (!adapter)
      throw new GroupstreamError(
        "misconfigured",
        `there is no system "${id}"; there are ${[...systems.keys()].join(", ") || "none"}`,
      );
    return adapter;
  };
  const describe = async (id: SystemId, signal: AbortSignal): Promise<Manifest> => {
    const manifest = manifests.get(id) ?? (await systemOf(id).describe(signal));
    manifests.set(id, manifest);
    return manifest;
  };
  const contextOf = async (id: SystemId, signal: AbortSignal): Promise<SyncContext> => ({
    store,
    policy,
    rules,
    naming,
    now,
    adapter: systemOf(id),
    manifest: await describe(id, signal),
    peer: (other) => systems.get(other),
    ...(options.uuid && { uuid: options.uuid }),
    ...(history !== undefined && { history }),
    progress: (progress) => {
      runner.heard(id);
      options.progress?.(progress);
    },
    span: reports.span,
  });

  /** The first that writes takes the lock for the hub's life, and picks up what an earlier one left. */
  const own = async (): Promise<void> => {
    lock ??= store.lock(`process ${process.pid}`).then(async (held) => {
      await recover({ store, now });
      await releaseClaim(store);
      await beginRoutes({ store, routes });
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
    const next = (queues.get(id) ?? Promise.resolve()).then(work, work);
    queues.set(
      id,
      next.catch(() => undefined),
    );
    return next;
  };
  const person = personOf(options.people ?? []);
  const { routing, delivering } = wireBridge({
    store,
    systems,
    routes,
    describe,
    contextOf,
    person,
    text: policy.body,
    naming,
    breakers,
    reports,
    now,
    random,
  });
  const signalOf = (signal: AbortSignal | undefined): AbortSignal =>
    signal ? AbortSignal.any([signal, closing.signal]) : closing.signal;

  const roundOf = (id: SystemId, signal: AbortSignal): Promise<SystemLine> =>
    alone(id, async () => {
      try {
        return await measured(await contextOf(id, signal), signal);
      } catch (error) {
        signal.throwIfAborted();
        return failedLine({ store, now, adapter: systemOf(id) }, error);
      }
    });

  const adminContext: AdminContext = {
    store,
    routes,
    now,
    sleep,
    reports,
    own,
    signal: closing.signal,
    objectIri: (uuid) => objectIri(naming, uuid),
    due: (target) => {
      // A person asked: whatever the target's circuit says.
      breakers.delete(target);
      runner.wake();
    },
    ring: (place) => runner.ring(systemIn(place), place),
  };
  const runner = createRunner({
    systems,
    contextOf,
    alone,
    routing,
    delivering,
    poll: options.poll ?? 60_000,
    sleep,
    reports,
    perform: performRequests(adminContext),
  });

  const hub: Hub = {
    sync: async ({ signal, systems: only } = {}) => {
      const both = signalOf(signal);
      both.throwIfAborted();
      for (const id of only ?? []) systemOf(id);
      await own();
      const lines = await Promise.all(
        [...systems.keys()].filter((id) => !only || only.includes(id)).map((id) => roundOf(id, both)),
      );
      for (const line of lines) reports.round(line);
      await routeAll(routing);
      await deliver(delivering, both);
      return lines;
    },
    run: async ({ signal, onLine }) => {
      await own();
      await runner.run(signalOf(signal), onLine);
    },
    activities: ({ after: from = 0, follow = false, signal } = {}) => readLog(store, from, follow, signalOf(signal)),
    reader: (name, { follow = false, signal } = {}) => {
      if (typeof name !== "string" || name === "" || name.length > 100)
        throw new GroupstreamError("misconfigured", "a reader's name must be 1 to 100 characters");
      const both = signalOf(signal);
      return (async function* () {
        yield* readLog(store, await store.place(name), follow, both, (seq) => store.moveTo(name, seq));
      })();
    },
    describe: async (id, { signal } = {}) => systemOf(id).describe(signalOf(signal)),
    explain: async ({ signal } = {}) => {
      const both = signalOf(signal);
      return Promise.all(
        routes.map(async (parsed) => {
          const [source, target] = await Promise.all([describe(parsed.from, both), describe(parsed.to, both)]);
          return explain(parsed, source, target, new Set(Object.keys(systems.get(parsed.to)?.performs ?? {})));
        }),
      );
    },
    receive: async (id, request) => {
      systemOf(id);
      await own();
      return receiveAt(
        await contextOf(id, closing.signal),
        request,
        closing.signal,
        (place) => runner.ring(id, place),
        (work) => alone(id, work),
      );
    },
    content: (url, { signal } = {}) => contentOf(store, (id) => systems.get(id), url, signalOf(signal)),
    submit: async (request, { preview = false, signal } = {}) => {
      await own();
      const submitting = { ...delivering, systems, person, uuid: options.uuid ?? randomUUID };
      return submit(submitting, request, { preview, signal: signalOf(signal) });
    },
    add: async (system) => {
      checkedOptions({ store, systems: [...systems.values(), system] });
      systems.set(system.id, system);
      runner.start(system.id);
    },
    remove: async (id, { forget = false } = {}) => {
      const adapter = systemOf(id);
      await runner.stop(id);
      await queues.get(id);
      systems.delete(id);
      manifests.delete(id);
      await adapter[Symbol.asyncDispose]();
      if (forget) await store.forget(id);
    },
    ...adminOf(adminContext),
    close: async () => {
      if (closing.signal.aborted) return;
      closing.abort(new DOMException("the hub was closed", "AbortError"));
      await Promise.allSettled([...[...systems.keys()].map((id) => runner.stop(id)), ...queues.values()]);
      await Promise.allSettled([...systems.values()].map((system) => system[Symbol.asyncDispose]()));
      await (await lock?.catch(() => undefined))?.[Symbol.asyncDispose]();
      if (owned) await store[Symbol.asyncDispose]();
    },
    [Symbol.asyncDispose]: () => hub.close(),
  };
  return checked(hub);
};
