/**
 * The worker: performs what is due, lane by lane in order, many lanes at once.
 *
 * A delivery is stored as `sending` before anything is performed, and closed in one transaction by its receipt. One found
 * `sending` at the start may have been done: it is `unknown`, and repeated under the same id.
 */

import type { Adapter, Command, Receipt } from "../adapter.ts";
import { faultOf } from "../errors.ts";
import { collectionFrom } from "../store/collection.ts";
import type { DeliveryRecord, Store } from "../store/contract.ts";
import type { Place, SystemId } from "../words.ts";
import { systemOf } from "../words.ts";
import { type Breaker, breakerAfter, closed, mayTry } from "./breaker.ts";
import { retryDelay } from "./retry.ts";

/** What the worker needs. */
export interface Delivering {
  readonly store: Store;
  readonly adapter: (id: SystemId) => Adapter | undefined;
  readonly now: () => number;
  readonly random: () => number;
  /** The state of each target's circuit, kept while the hub runs. */
  readonly breakers: Map<Place, Breaker>;
  /** Told after each attempt, and runs it where it is measured. */
  readonly reports?: {
    delivery(delivery: DeliveryRecord): void;
    delivering<T>(delivery: DeliveryRecord, work: () => Promise<T>): Promise<T>;
  };
}

/** Lanes performed at once. */
const lanesAtOnce = 16;
/** Heads of lanes looked at in one go. */
const headsAtOnce = 200;

/** Takes what was `sending` when the process ended as `unknown`. Called once, before the first delivery. */
export const recover = async ({ store, now }: Pick<Delivering, "store" | "now">): Promise<void> => {
  const interrupted = await store.deliveries({ states: ["sending"], limit: 100_000 });
  if (interrupted.length === 0) return;
  const deliveries = interrupted.map(
    (delivery): DeliveryRecord => ({
      ...delivery,
      state: "unknown",
      next: now(),
      changed: now(),
      reason: "interrupted while sending: it may have been done; repeated under the same id",
    }),
  );
  await store.transaction((tx) => tx.write({ deliveries }));
};

const breakerOf = ({ breakers }: Delivering, target: Place): Breaker => breakers.get(target) ?? closed;

/** Milliseconds until something is due; undefined: nothing is open. */
export const dueIn = async (delivering: Delivering): Promise<number | undefined> => {
  const now = delivering.now();
  const waits = (await delivering.store.dueTimes()).map(({ next, target }) => {
    const gate = mayTry(breakerOf(delivering, target), now);
    return Math.max(next - now, gate === true ? 0 : gate);
  });
  return waits.length === 0 ? undefined : Math.max(0, Math.min(...waits));
};

/**
 * Performs everything due now and what that makes due. Aborted: what is being sent is finished or stays `sending`.
 * @param arrivals  resolves when there may be more or its signal is aborted; with it, goes on until aborted
 */
export const deliver = async (
  delivering: Delivering,
  signal: AbortSignal,
  arrivals?: (over: AbortSignal) => Promise<void>,
): Promise<number> => {
  const { store, now, breakers } = delivering;
  const allowed = (target: Place): boolean => mayTry(breakerOf(delivering, target), now()) === true;
  const stopped = until(signal);
  let performed = 0;
  let fault: unknown;
  const busy = new Map<string, Promise<void>>();
  while (!signal.aborted) {
    const over = new AbortController();
    const more = arrivals?.(over.signal);
    const without = [...breakers.keys()].filter((target) => !allowed(target));
    const heads = await store.heads({ now: now(), without, limit: headsAtOnce });
    const due = heads.filter(({ lane }) => !busy.has(lane));
    for (const delivery of due.slice(0, lanesAtOnce - busy.size)) {
      if (!allowed(delivery.target)) continue;
      performed += 1;
      breakers.set(delivery.target, breakerAfter(breakerOf(delivering, delivery.target), "try", now()));
      busy.set(
        delivery.lane,
        perform(delivering, delivery, signal)
          .catch((error) => {
            fault ??= error;
          })
          .finally(() => busy.delete(delivery.lane)),
      );
    }
    const idle = due.length === 0 && busy.size === 0;
    if (idle && !more) break;
    if (busy.size > 0 || more) await Promise.race([...busy.values(), ...(more ? [more] : []), stopped]);
    over.abort();
    if (fault) break;
  }
  await Promise.all(busy.values());
  if (fault) throw fault;
  signal.throwIfAborted();
  return performed;
};

/** Resolves when the signal is aborted. */
export const until = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });

const perform = async (delivering: Delivering, delivery: DeliveryRecord, signal: AbortSignal): Promise<void> => {
  const { store, adapter, now, breakers, reports } = delivering;
  const attempt = delivery.attempt + 1;
  const ours = await store.transaction(async (tx) => {
    // Its lane may have ended it since it was read.
    const current = await tx.delivery(delivery.id);
    if (current?.state !== delivery.state || current.attempt !== delivery.attempt) return false;
    await tx.write({ deliveries: [{ ...delivery, state: "sending", attempt, changed: now() }] });
    return true;
  });
  if (!ours) return;
  const tried = { ...delivery, attempt };
  const attempted = () => receiptOf(delivering, adapter(systemOf(delivery.target)), tried, signal);
  const receipt = await (reports ? reports.delivering(tried, attempted) : attempted());
  // An abort leaves it `sending`: after the restart it is unknown, as it should be.
  if (receipt === undefined) return;
  breakers.set(delivery.target, breakerAfter(breakerOf(delivering, delivery.target), eventOf(receipt), now()));
  const closing = closedBy(receipt, tried, delivering);
  await store.transaction((tx) => tx.write({ deliveries: [closing] }));
  reports?.delivery(closing);
};

/** A refusal is the answer of a host that lives; only silence opens its circuit. */
const eventOf = (receipt: Receipt): "success" | "failure" =>
  receipt.outcome === "unknown" || (receipt.outcome === "refused" && receipt.again) ? "failure" : "success";

const receiptOf = async (
  { store }: Delivering,
  adapter: Adapter | undefined,
  delivery: DeliveryRecord,
  signal: AbortSignal,
): Promise<Receipt | undefined> => {
  const deliver = adapter?.performs?.Deliver;
  const [entry] = await store.entries(delivery.seq - 1, 1);
  if (!adapter || !deliver)
    return {
      outcome: "refused",
      reason: `there is no target ${systemOf(delivery.target)} that can be delivered to; add it again or remove its routes`,
      again: true,
    };
  if (entry?.seq !== delivery.seq) return { outcome: "refused", reason: "its log entry is no longer there" };
  const collection = (await store.collections(adapter.id)).find(({ place }) => place === delivery.target);
  const command: Command = {
    id: delivery.id,
    attempt: delivery.attempt,
    verb: "Deliver",
    actor: `groupstream:system/${encodeURIComponent(adapter.id)}`,
    activity: JSON.parse(entry.activity) as Record<string, unknown>,
    trail: [],
    ...(collection && { collection: collectionFrom(collection) }),
  };
  try {
    return await deliver(command, signal);
  } catch (error) {
    if (signal.aborted) return undefined;
    return { outcome: "unknown", reason: `the adapter failed: ${faultOf(error)}` };
  }
};

/** The delivery as its receipt leaves it. */
const closedBy = (receipt: Receipt, delivery: DeliveryRecord, { now, random }: Delivering): DeliveryRecord => {
  const { reason: _reason, ...rest } = delivery;
  const changed = now();
  if (receipt.outcome === "done") return { ...rest, state: "done", changed };
  const again = receipt.outcome === "unknown" || receipt.again === true;
  const wait = again
    ? retryDelay({
        attempt: delivery.attempt,
        random,
        ...(receipt.retryAfter !== undefined && { retryAfter: receipt.retryAfter }),
      })
    : undefined;
  if (wait !== undefined)
    return {
      ...rest,
      state: receipt.outcome === "unknown" ? "unknown" : "retrying",
      next: changed + wait,
      reason: receipt.reason,
      changed,
    };
  return { ...rest, state: again ? "dead" : "refused", reason: receipt.reason, changed };
};
