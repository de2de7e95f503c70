/** What goes on while a hub runs: each system's looks, the routing of the log, the deliveries. */

import { claim, disclaim, heard } from "../admin/heartbeat.ts";
import { keepTaking, type Perform } from "../admin/requests.ts";
import { type Routing, routeAll } from "../bridge/routing.ts";
import { type Delivering, deliver, dueIn, until } from "../bridge/worker.ts";
import type { Adapter } from "../contract/adapter.ts";
import type { Place, SystemId } from "../contract/words.ts";
import type { Reports } from "../observe/reports.ts";
import type { Surroundings } from "../sync/context.ts";
import { failedLine, type SystemLine } from "../sync/round.ts";
import { type Bell, bell, keepLooking, type Rung } from "../sync/schedule.ts";

/** What running needs of its hub. */
export interface Runnable {
  readonly systems: ReadonlyMap<SystemId, Adapter>;
  readonly around: (id: SystemId, signal: AbortSignal) => Promise<Surroundings>;
  /** Runs work while no other round or receipt of this system does. */
  readonly alone: <T>(id: SystemId, work: () => Promise<T>) => Promise<T>;
  readonly routing: Routing;
  readonly delivering: Delivering;
  readonly poll: number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly reports: Pick<Reports, "round">;
  /** Does what another process asks. */
  readonly perform: Perform;
}

/** Doorbells, and the systems that run. */
export interface Running {
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

export const runningOf = ({ systems, around, alone, routing, delivering, poll, sleep, reports, perform }: Runnable): Running => {
  const rungs = new Map<SystemId, Rung>();
  const turns = new Map<SystemId, { readonly abort: AbortController; readonly done: Promise<void> }>();
  /** When a page of a system's was last written down, ms. */
  const pages = new Map<SystemId, number>();
  const arrivals = bell();
  let start: ((id: SystemId) => void) | undefined;

  const rungOf = (id: SystemId): Rung => {
    const rung = rungs.get(id) ?? { places: new Set<Place>(), bell: bell() };
    rungs.set(id, rung);
    return rung;
  };

  /** Routes what is new in the log, and what waited for a target that has been discovered meanwhile. */
  const keepRouting = async (arrived: () => void, discovered: Bell, signal: AbortSignal): Promise<void> => {
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

  const run: Running["run"] = async (signal, onLine) => {
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
      await until(own);
      turns.delete(id);
      if (fault === undefined) await watched(disclaim(delivering.store, id));
    };
    const discovered = bell();
    start = (id) => {
      const abort = new AbortController();
      const own = AbortSignal.any([both, abort.signal]);
      const { store, now, random } = delivering;
      const adapter = systems.get(id);
      const claimed = adapter ? claim(store, adapter, poll, now()) : Promise.resolve();
      const task = keepLooking(
        {
          around: () => around(id, own),
          alone: (work) => alone(id, work),
          poll,
          sleep,
          random,
          onLine: (line) => {
            discovered.ring();
            reports.round(line);
            onLine?.(line);
          },
          onFailure: (error) => {
            const adapter = systems.get(id);
            if (!adapter) throw error;
            return failedLine({ store, now, adapter }, error);
          },
        },
        rungOf(id),
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
      watched(keepRouting(arrivals.ring, discovered, both)),
      watched(deliver(delivering, both, due)),
      watched(keepTaking(delivering.store, perform, both)),
      until(both),
    ]);
    start = undefined;
    await Promise.all([...turns.values()].map(({ done }) => done));
    if (fault) throw fault;
  };

  return {
    ring: (id, place) => {
      const rung = rungOf(id);
      rung.places.add(place);
      rung.bell.ring();
    },
    wake: arrivals.ring,
    heard: (id) => {
      const { store, now } = delivering;
      if (!turns.has(id) || now() - (pages.get(id) ?? 0) < poll) return;
      pages.set(id, now());
      // A store that fails is told by the look itself.
      heard(store, id, now()).catch(() => undefined);
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
