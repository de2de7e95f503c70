/** When looks happen: the only timers. Doorbells wake a look at once; rounds come by themselves under them. */

import { errorTable } from "../contract/errors.ts";
import type { CollectionId, Place } from "../contract/words.ts";
import { placeOf } from "../contract/words.ts";
import { collectionFrom } from "../store/collection.ts";
import { delayAfter } from "./backoff.ts";
import { confirmMissing } from "./confirm-missing.ts";
import { type SyncContext, spanned } from "./context.ts";
import { lookAt, round, type SystemLine } from "./round.ts";

/** Something that can be waited for and pending. A ring nobody waits for is kept. */
export interface Wakeup {
  wake(): void;
  /** Resolves at the next ring, or at once if it rang since the last wait. */
  wait(): Promise<void>;
}

export const wakeup = (): Wakeup => {
  let pending = false;
  let waiting: (() => void)[] = [];
  return {
    wake: () => {
      const woken = waiting;
      waiting = [];
      if (woken.length === 0) pending = true;
      for (const wake of woken) wake();
    },
    wait: () => {
      if (pending) {
        pending = false;
        return Promise.resolve();
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push(resolve);
      return promise;
    },
  };
};

/** One system's turn. */
export interface Turning {
  /** Asks the adapter who it is; fails as `Adapter.describe`. */
  readonly context: () => Promise<SyncContext>;
  /** Runs work while no other round or receipt of this system does. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>;
  readonly poll: number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly random: () => number;
  /** Told after each round and after a failure before one. */
  readonly onLine: (line: SystemLine) => void;
  readonly onFailure: (error: unknown) => Promise<SystemLine>;
}

/** Doorbells that were pending, and the bell that says so. */
export interface PendingLooks {
  readonly places: Set<Place>;
  readonly wakeup: Wakeup;
}

/** Looks for ever, until aborted or until a person is needed. Never rejects but for `misconfigured`, `store` and abort. */
export const keepLooking = async (turning: Turning, pending: PendingLooks, signal: AbortSignal): Promise<void> => {
  const ended = new AbortController();
  const both = AbortSignal.any([signal, ended.signal]);
  let watching: Promise<void> | undefined;
  let failures = 0;
  try {
    for (;;) {
      signal.throwIfAborted();
      const { line, context } = await oneRound(turning, signal);
      turning.onLine(line);
      const broken = line.failures.find(({ code }) => errorTable[code].damage === "system");
      failures = broken ? failures + 1 : 0;
      // A wrong password tried again and again locks accounts; a person is needed.
      if (broken && errorTable[broken.code].human) return;
      if (!broken && context) watching ??= keepWatching(turning, context, pending, both);
      const wait = broken ? delayAfter(failures) : line.held.length > 0 ? turning.poll / 4 : turning.poll;
      await lookUntilDue(turning, context, pending, wait * (0.9 + 0.2 * turning.random()), signal);
    }
  } finally {
    ended.abort();
    await watching?.catch(() => undefined);
  }
};

const oneRound = async (turning: Turning, signal: AbortSignal): Promise<{ line: SystemLine; context?: SyncContext }> => {
  try {
    const context = await turning.context();
    return { line: await turning.alone(() => measured(context, signal)), context };
  } catch (error) {
    signal.throwIfAborted();
    return { line: await turning.onFailure(error) };
  }
};

/** One round, measured. */
export const measured = (context: SyncContext, signal: AbortSignal): Promise<SystemLine> =>
  spanned(context, "round", { system: context.adapter.id }, () => round(context, signal));

/** Answers doorbells with looks until the next round is due. */
const lookUntilDue = async (
  turning: Turning,
  context: SyncContext | undefined,
  pending: PendingLooks,
  wait: number,
  signal: AbortSignal,
): Promise<void> => {
  const over = new AbortController();
  const due = turning.sleep(wait, AbortSignal.any([signal, over.signal])).then(
    () => "due" as const,
    () => "due" as const,
  );
  try {
    for (;;) {
      if (pending.places.size === 0 && (await Promise.race([due, pending.wakeup.wait()])) === "due") return;
      signal.throwIfAborted();
      const places = [...pending.places];
      pending.places.clear();
      if (!context) return;
      const settled = await turning.alone(async () => {
        for (const place of places) {
          const looked = await lookAt(context, place, undefined, signal);
          if ("code" in looked || looked.held) return false;
        }
        return (await confirmMissing(context, signal)).open === 0;
      });
      if (!settled) return;
    }
  } finally {
    over.abort();
  }
};

/** Listens at the doorbell; when the line is cut, a round makes good what was missed, and it is drawn again. */
const keepWatching = async (
  turning: Turning,
  context: SyncContext,
  pending: PendingLooks,
  signal: AbortSignal,
): Promise<void> => {
  const { adapter, store } = context;
  if (!adapter.watch) return;
  let attempts = 0;
  while (!signal.aborted) {
    try {
      const collections = (await store.collections(adapter.id)).filter(({ shown }) => shown);
      for await (const id of adapter.watch(collections.map(collectionFrom), signal)) {
        attempts = 0;
        requestLook(
          pending,
          adapter.id,
          id,
          collections.map(({ place }) => place),
        );
      }
    } catch {
      // The line was cut: polling goes on, nothing is lost but time.
    }
    attempts += 1;
    try {
      await turning.sleep(delayAfter(attempts) * (0.5 + turning.random() / 2), signal);
    } catch {
      return;
    }
    for (const { place, shown } of await store.collections(adapter.id))
      if (shown && context.adapter.changes) pending.places.add(place);
    pending.wakeup.wake();
  }
};

/** Only collections that are known are looked at; another one waits for the next discovery. */
const requestLook = (pending: PendingLooks, system: string, collection: CollectionId, known: readonly Place[]): void => {
  const place = placeOf(system, collection);
  if (!known.includes(place)) return;
  pending.places.add(place);
  pending.wakeup.wake();
};
