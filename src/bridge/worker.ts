/**
 * The worker: performs what is due, lane by lane in order, many lanes at once.
 *
 * A delivery is stored as `sending` before anything is performed, and closed in one transaction by its receipt. One found
 * `sending` at the start may have been done: it is `unknown`, and repeated under the same id.
 */

import type { Place } from "../contract/words.ts";
import type { DeliveryRecord } from "../store/contract.ts";
import { type Breaker, breakerAfter, closed, mayTry } from "./breaker.ts";
import { deliverOne, type WorkerContext } from "./deliver-one.ts";
import { withoutReason } from "./outcome.ts";

export type { WorkerContext };

/** Lanes performed at once. */
const lanesAtOnce = 16;
/** Heads of lanes looked at in one go. */
const headsAtOnce = 200;

/** Takes what was `sending` when the process ended as `unknown`. Called once, before the first delivery. */
export const recover = async ({ store, now }: Pick<WorkerContext, "store" | "now">): Promise<void> => {
  const interrupted = await store.deliveries({ states: ["sending"], limit: 100_000 });
  if (interrupted.length === 0) return;
  const deliveries = interrupted.map(
    (delivery): DeliveryRecord => ({
      ...withoutReason(delivery),
      state: "unknown",
      next: now(),
      changed: now(),
      obstacle: "unsure",
      because: { code: "interrupted" },
    }),
  );
  await store.transaction((tx) => tx.write({ deliveries }));
};

const breakerOf = ({ breakers }: WorkerContext, target: Place): Breaker => breakers.get(target) ?? closed;

/** Milliseconds until something is due; undefined: nothing is open. */
export const dueIn = async (context: WorkerContext): Promise<number | undefined> => {
  const now = context.now();
  const waits = (await context.store.dueTimes()).map(({ next, target }) => {
    const gate = mayTry(breakerOf(context, target), now);
    return Math.max(next - now, gate === true ? 0 : gate);
  });
  return waits.length === 0 ? undefined : Math.max(0, Math.min(...waits));
};

/**
 * Performs everything due now and what that makes due. Aborted: what is being sent is finished or stays `sending`.
 * @param arrivals  resolves when there may be more or its signal is aborted; with it, goes on until aborted
 */
export const deliver = async (
  context: WorkerContext,
  signal: AbortSignal,
  arrivals?: (over: AbortSignal) => Promise<void>,
): Promise<number> => {
  const { store, now, breakers } = context;
  const allowed = (target: Place): boolean => mayTry(breakerOf(context, target), now()) === true;
  const stopped = untilAborted(signal);
  const inFlight = new Map<string, Promise<void>>();
  /** First of their lanes, due, not begun. */
  const due: DeliveryRecord[] = [];
  /** All lanes are to be looked at; else only the next of a lane that has moved is: there may be thousands. */
  let look = true;
  /** Deliveries wait for a circuit: whatever ends may have closed it. */
  let held = false;
  let performed = 0;
  let fault: unknown;

  const lookAtAll = async (): Promise<void> => {
    look = false;
    const without = [...breakers.keys()].filter((target) => !allowed(target));
    held = without.length > 0;
    const heads = await store.heads({ now: now(), without, limit: headsAtOnce });
    const known = new Set(due.map(({ lane }) => lane));
    due.push(...heads.filter(({ lane }) => !inFlight.has(lane) && !known.has(lane)));
  };
  let waiting: { readonly over: AbortController; readonly more: Promise<void> } | undefined;
  /** What the next arrivals are waited for has changed: something is due earlier, or a circuit has. */
  const again = (): void => {
    waiting?.over.abort();
    waiting = undefined;
  };
  const arrived = (wait: (over: AbortSignal) => Promise<void>): Promise<void> => {
    const over = new AbortController();
    const more = wait(over.signal).then(() => {
      if (over.signal.aborted) return;
      look = true;
      // What it slept with is let go: a timer keeps a process that is over from ending.
      again();
    });
    waiting = { over, more };
    return more;
  };
  const run = async (delivery: DeliveryRecord): Promise<void> => {
    const { lane, target } = delivery;
    breakers.set(target, breakerAfter(breakerOf(context, target), "try", now()));
    try {
      await deliverOne(context, delivery, signal);
      const next = await store.headOf(lane);
      if (next && next.state !== "sending" && next.next <= now()) due.push(next);
      else if (next || held) again();
    } catch (error) {
      fault ??= error;
    } finally {
      inFlight.delete(lane);
      look ||= held;
    }
  };

  while (!signal.aborted && !fault) {
    const looked = look;
    if (look) await lookAtAll();
    while (inFlight.size < lanesAtOnce && due.length > 0) {
      const delivery = due.shift() as DeliveryRecord;
      held ||= !allowed(delivery.target);
      if (!allowed(delivery.target) || inFlight.has(delivery.lane)) continue;
      performed += 1;
      inFlight.set(delivery.lane, run(delivery));
    }
    if (inFlight.size === 0 && !looked) {
      look = true;
      continue;
    }
    if (inFlight.size === 0 && !arrivals) break;
    const more = arrivals && (waiting?.more ?? arrived(arrivals));
    await Promise.race([...inFlight.values(), ...(more ? [more] : []), stopped]);
  }
  again();
  await Promise.all(inFlight.values());
  if (fault) throw fault;
  signal.throwIfAborted();
  return performed;
};

/** Resolves when the signal is aborted. */
export const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
