/** What goes on while a hub runs: each system's looks, the routing of the log, the deliveries. */

import { claimSystem, heartbeat, releaseClaim } from "../admin/heartbeat.ts";
import { answerRequests, type PerformRequest } from "../admin/requests.ts";
import { type RoutingContext, routeAll } from "../bridge/routing.ts";
import { deliver, dueIn, untilAborted, type WorkerContext } from "../bridge/worker.ts";
import type { Adapter } from "../contract/adapter.ts";
import type { Place, SystemId } from "../contract/words.ts";
import type { Reports } from "../observe/reports.ts";
import type { SyncContext } from "../sync/context.ts";
import { failedLine, type SystemLine } from "../sync/round.ts";
import { keepLooking, type PendingLooks, type Wakeup, wakeup } from "../sync/schedule.ts";

/** What a runner needs of its hub. */
export interface RunnerNeeds {
  readonly systems: ReadonlyMap<SystemId, Adapter>;
  readonly contextOf: (id: SystemId, signal: AbortSignal) => Promise<SyncContext>;
  /** Runs work while no other round or receipt of this system does. */
  readonly alone: <T>(id: SystemId, work: () => Promise<T>) => Promise<T>;
  readonly routing: RoutingContext;
  readonly delivering: WorkerContext;
  readonly poll: number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly reports: Pick<Reports, "round">;
  /** Does what another process asks. */
  readonly perform: PerformRequest;
}

/** Doorbells, and the systems that run. */
export interface Runner {
  /** Asks for a look at a place, now or when it runs. */
  ring(id: SystemId, place: Place): void;
  /** There may be something to deliver. */
  wake(): void;
  /** A look at this system has committed a page. */
  heard(id: SystemId): void;
  /** Takes up a system that was added; nothing if the hub does not run. */
  start(id: SystemId): void;
  /** Resolves when this system's turn has ended. */
  stop(id: SystemId): Promise<void>;
  /** Runs until aborted; rejects for `misconfigured` and `store`. */
  run(signal: AbortSignal, onLine: ((line: SystemLine) => void) | undefined): Promise<void>;
}

/** Longest that the worker sleeps without looking whether something is due, ms. */
const nap = 60_000;

export const createRunner = ({
  systems,
  contextOf,
  alone,
  routing,
  delivering,
  poll,
  sleep,
  reports,
  perform,
}: RunnerNeeds): Runner => {
  const pendingLooks = new Map<SystemId, PendingLooks>();
  const turns = new Map<SystemId, { readonly abort: AbortController; readonly done: Promise<void> }>();
  /** When a page of a system's was last written down, ms. */
  const pages = new Map<SystemId, number>();
  const arrivals = wakeup();
  let start: ((id: SystemId) => void) | undefined;

  const pendingOf = (id: SystemId): PendingLooks => {
    const pending = pendingLooks.get(id) ?? { places: new Set<Place>(), wakeup: wakeup() };
    pendingLooks.set(id, pending);
    return pending;
  };

  /** Routes what is new in the log, and what waited for a target that has been discovered meanwhile. */
  const keepRouting = async (arrived: () => void, discovered: Wakeup, signal: AbortSignal): Promise<void> => {
    let rang = discovered.wait();
    while (!signal.aborted) {
      const seq = await routing.store.lastSeq();
      if ((await routeAll(routing)) > 0) arrived();
      const over = new AbortController();
      const either = AbortSignal.any([signal, over.signal]);
      const changed = routing.store.changed(seq, either).catch((error) => {
        if (!either.aborted) throw error;
      });
      await Promise.race([
        changed,
        rang.then(() => {
          rang = discovered.wait();
        }),
      ]);
      over.abort();
      await changed;
    }
  };

  const run: Runner["run"] = async (signal, onLine) => {
    const failed = new AbortController();
    const both = AbortSignal.any([signal, failed.signal]);
    let fault: unknown;
    const watched = (task: Promise<unknown>): Promise<void> =>
      task.then(
        () => undefined,
        (error) => {
          if (both.aborted) return;
          fault = error;
          failed.abort(error);
        },
      );
    /** One that waits for a person keeps its turn, and its claim: it is silent. */
    const left = async (id: SystemId, own: AbortSignal): Promise<void> => {
      await untilAborted(own);
      turns.delete(id);
      if (fault === undefined) await watched(releaseClaim(delivering.store, id));
    };
    const discovered = wakeup();
    start = (id) => {
      const abort = new AbortController();
      const own = AbortSignal.any([both, abort.signal]);
      const { store, now, random } = delivering;
      const adapter = systems.get(id);
      const claimed = adapter ? claimSystem(store, adapter, poll, now()) : Promise.resolve();
      const task = keepLooking(
        {
          context: () => contextOf(id, own),
          alone: (work) => alone(id, work),
          poll,
          sleep,
          random,
          onLine: (line) => {
            discovered.wake();
            reports.round(line);
            onLine?.(line);
          },
          onFailure: (error) => {
            const adapter = systems.get(id);
            if (!adapter) throw error;
            return failedLine({ store, now, adapter }, error);
          },
        },
        pendingOf(id),
        own,
      ).catch((error) => {
        if (!own.aborted) throw error;
      });
      turns.set(id, { abort, done: watched(Promise.all([claimed, task])).then(() => left(id, own)) });
    };
    for (const id of systems.keys()) start(id);
    const due = async (over: AbortSignal): Promise<void> => {
      const rang = arrivals.wait();
      // 0: due, and waiting for a lane that is free; what ends wakes the worker.
      const wait = (await dueIn(delivering)) ?? nap;
      await Promise.race([rang, sleep(Math.min(wait || 1_000, nap), over).catch(() => undefined)]);
    };
    await Promise.all([
      watched(keepRouting(arrivals.wake, discovered, both)),
      watched(deliver(delivering, both, due)),
      watched(answerRequests(delivering.store, perform, both)),
      untilAborted(both),
    ]);
    start = undefined;
    await Promise.all([...turns.values()].map(({ done }) => done));
    if (fault) throw fault;
  };

  return {
    ring: (id, place) => {
      const pending = pendingOf(id);
      pending.places.add(place);
      pending.wakeup.wake();
    },
    wake: arrivals.wake,
    heard: (id) => {
      const { store, now } = delivering;
      if (!turns.has(id) || now() - (pages.get(id) ?? 0) < poll) return;
      pages.set(id, now());
      // A store that fails is told by the look itself.
      heartbeat(store, id, now()).catch(() => undefined);
    },
    start: (id) => start?.(id),
    stop: async (id) => {
      const turn = turns.get(id);
      turn?.abort.abort();
      await turn?.done;
    },
    run,
  };
};
