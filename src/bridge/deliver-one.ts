/**
 * Carries one delivery: attempts it, writes what became of it, and tells the circuit of its target.
 *
 * It is stored as `sending` before anything is performed, and closed in one transaction by its receipt.
 */

import type { Adapter, Command, Verb } from "../contract/adapter.ts";
import type { Because } from "../contract/because.ts";
import { errorTable, isGroupstreamError } from "../contract/errors.ts";
import type { Place, SystemId } from "../contract/words.ts";
import { systemIri, systemOf } from "../contract/words.ts";
import { isObstacle } from "../language/obstacles.ts";
import { collectionFrom } from "../store/collection.ts";
import type { DeliveryRecord, Store, StoredEntry } from "../store/contract.ts";
import { attempt as attemptOn, isStill } from "./attempt.ts";
import { type Breaker, breakerAfter, closed } from "./breaker.ts";
import { type Attempt, type DeliveryContext, failedBy, groundOf, type NotDone, withoutReason } from "./outcome.ts";
import { retryDelay } from "./retry-schedule.ts";

/** What the worker needs. */
export interface WorkerContext extends DeliveryContext {
  readonly store: Store;
  readonly adapter: (id: SystemId) => Adapter | undefined;
  readonly now: () => number;
  readonly random: () => number;
  /** The state of each target's circuit, kept while the hub runs. */
  readonly breakers: Map<Place, Breaker>;
  /** When an attempt at each target failed last, ms. */
  readonly failures: Map<Place, number>;
  /** Told after each attempt, and runs it where it is measured. */
  readonly reports?: {
    delivery(delivery: DeliveryRecord): void;
    delivering<T>(delivery: DeliveryRecord, work: () => Promise<T>): Promise<T>;
  };
}

/** One delivery, once. Aborted: what is being sent is finished or stays `sending`. */
export const deliverOne = async (context: WorkerContext, delivery: DeliveryRecord, signal: AbortSignal): Promise<void> => {
  const { store, adapter: adapterOf, reports } = context;
  const adapter = adapterOf(systemOf(delivery.target));
  const told = delivery.seq < 0 ? [] : await store.find({ object: delivery.object });
  const entry = told.find(({ seq }) => seq === delivery.seq);
  const attempted = async (): Promise<Attempt | undefined> => {
    if (!adapter) return noTarget(systemOf(delivery.target));
    if (delivery.seq < 0) return submitted(adapter, delivery, signal);
    if (!entry) return answered({ outcome: "refused", because: { code: "no-entry" } });
    return delivery.verb === "Deliver" || adapter.performs?.Deliver
      ? handOver(context, adapter, delivery, entry, signal)
      : attemptOn(context, adapter, delivery, { entry, told }, signal);
  };
  const began = context.now();
  const outcome = await (reports
    ? reports.delivering({ ...delivery, attempt: delivery.attempt + 1 }, attempted)
    : attempted()
  ).catch((error) => {
    if (!isGroupstreamError(error) || errorTable[error.code].damage === "process") throw error;
    // Of the target, before anything was performed: its manifest, or what is read again.
    const obstacle = isObstacle(error.code) ? { obstacle: error.code } : {};
    return answered({ outcome: "refused", reason: error.message, again: true, ...obstacle });
  });
  // An abort leaves it `sending`: after the restart it is unknown, as it should be.
  if (outcome === undefined || outcome.kind === "over") return;
  await close(context, delivery, outcome, began);
};

/** Longest that the circuit of a target whose things people answer stays open, ms. */
const heldPause = 60_000;

/**
 * The circuit after an attempt. One line carries all that is under way to a target that holds things: when it is cut they fail
 * together, and that is one failure. What began before the last one tells nothing new.
 */
const told = (
  { breakers, failures, now }: WorkerContext,
  { target, verb }: DeliveryRecord,
  event: "success" | "failure",
  began: number,
): void => {
  const holds = verb !== "Deliver";
  const last = failures.get(target) ?? Number.NEGATIVE_INFINITY;
  if (event === "failure" && holds && began <= last) return;
  if (event === "failure") failures.set(target, now());
  const next = breakerAfter(breakers.get(target) ?? closed, event, now());
  const long = holds && next.state === "open" && next.pause > heldPause;
  breakers.set(target, long ? { state: "open", pause: heldPause, until: now() + heldPause } : next);
};

const answered = (receipt: NotDone): Attempt => ({ kind: "answered", receipt });

const noTarget = (id: SystemId): Attempt =>
  answered({ outcome: "refused", because: { code: "no-target", system: id }, again: true, obstacle: "no-place" });

type Ended = Exclude<Attempt, { kind: "over" }>;

/** Writes what became of an attempt, and tells the circuit. */
const close = async (context: WorkerContext, delivery: DeliveryRecord, outcome: Ended, began: number): Promise<void> => {
  const { store, reports } = context;
  // What is open was not attempted: its circuit hears nothing.
  const event = outcome.kind === "answered" ? eventOf(outcome.receipt) : "success";
  told(context, delivery, event, began);
  if (outcome.kind === "closed" && outcome.booked) return reports?.delivery(outcome.booked);
  const closing = await store.transaction(async (tx) => {
    const current = (await tx.delivery(delivery.id)) ?? delivery;
    // Seen there meanwhile.
    if (current.state === "done") return current;
    const closed = closedBy(outcome, current, context);
    await tx.write({ deliveries: [closed] });
    return closed;
  });
  reports?.delivery(closing);
};

/** A refusal of one delivery is the answer of a host that lives; silence, and what would meet every other one, open its circuit. */
const eventOf = (receipt: NotDone): "success" | "failure" =>
  receipt.outcome === "unknown" || (receipt.outcome === "refused" && receipt.again && receipt.obstacle !== "no-recipient")
    ? "failure"
    : "success";

/**
 * What an application asked for may have been done when the process died. It was told so, and what it asked is not kept: it is
 * looked for, and never repeated by itself.
 */
const submitted = async (adapter: Adapter, delivery: DeliveryRecord, signal: AbortSignal): Promise<Attempt> => {
  const { id, attempt, verb } = delivery;
  const command: Command = { id, attempt, verb: verb as Verb, actor: "", activity: {}, trail: [] };
  const found = await adapter.find?.(command, signal);
  if (found === "absent") return { kind: "closed", state: "refused", because: { code: "interrupted-before" } };
  if (found === undefined || found === "unknown")
    return { kind: "closed", state: "dead", because: { code: "interrupted-unsure" }, obstacle: "unsure" };
  return { kind: "closed", state: "done", because: { code: "interrupted-after" } };
};

/** To a target that holds nothing: the activity as it is, once. */
const handOver = async (
  { store, now }: WorkerContext,
  adapter: Adapter,
  delivery: DeliveryRecord,
  entry: StoredEntry,
  signal: AbortSignal,
): Promise<Attempt | undefined> => {
  const deliver = adapter.performs?.Deliver;
  if (!deliver) return noTarget(adapter.id);
  const attempt = delivery.attempt + 1;
  const sending = await store.transaction(async (tx) => {
    if (!isStill(delivery, await tx.delivery(delivery.id))) return false;
    await tx.write({ deliveries: [{ ...delivery, state: "sending", attempt, changed: now() }] });
    return true;
  });
  if (!sending) return { kind: "over" };
  const collection = (await store.collections(adapter.id)).find(({ place }) => place === delivery.target);
  const command: Command = {
    id: delivery.id,
    attempt,
    verb: "Deliver",
    actor: systemIri(adapter.id),
    activity: JSON.parse(entry.activity) as Record<string, unknown>,
    trail: [],
    ...(collection && { collection: collectionFrom(collection) }),
  };
  try {
    const receipt = await deliver(command, signal);
    return receipt.outcome === "done" ? { kind: "closed", state: "done" } : answered(receipt);
  } catch (error) {
    if (signal.aborted) return undefined;
    return answered(failedBy(error));
  }
};

/** The delivery as its attempt leaves it. */
const closedBy = (outcome: Ended, delivery: DeliveryRecord, { now, random }: WorkerContext): DeliveryRecord => {
  const rest = withoutReason(delivery);
  const changed = now();
  if (outcome.kind === "closed")
    return {
      ...rest,
      state: outcome.state,
      changed,
      ...(outcome.because && { because: outcome.because }),
      ...(outcome.obstacle && { obstacle: outcome.obstacle }),
    };
  if (outcome.kind === "open") {
    // What may have been done stays so until it is known; its time of attempt is what a look is compared with.
    const unknown = delivery.state === "unknown";
    return {
      ...rest,
      state: unknown ? "unknown" : "retrying",
      next: changed + outcome.wait,
      because: outcome.because,
      ...(unknown && { obstacle: "unsure" as const }),
      changed: unknown ? delivery.changed : changed,
    };
  }
  const { receipt } = outcome;
  const again = receipt.outcome === "unknown" || receipt.again === true;
  // What failed before anything was sent counts as an attempt, too.
  const attempt = Math.max(delivery.attempt, delivery.state === "sending" ? delivery.attempt : delivery.attempt + 1);
  const wait = again
    ? retryDelay({
        attempt,
        random,
        holds: delivery.verb !== "Deliver",
        ...(receipt.retryAfter !== undefined && { retryAfter: receipt.retryAfter }),
      })
    : undefined;
  // Nothing was sent this time: what may have been done before stays so until it is known.
  const open = delivery.state === "unknown" && delivery.seq >= 0;
  const obstacle = open || receipt.outcome === "unknown" ? "unsure" : receipt.obstacle;
  const blocked = { ...rest, attempt, ...(obstacle && { obstacle }) };
  if (wait !== undefined)
    return {
      ...blocked,
      state: open || receipt.outcome === "unknown" ? "unknown" : "retrying",
      next: changed + wait,
      ...groundOf(receipt),
      changed: open ? delivery.changed : changed,
    };
  if (!open) return { ...blocked, state: again ? "dead" : "refused", ...groundOf(receipt), changed };
  const because: Because = { code: "attempted-then", ground: "reason" in receipt ? receipt.reason : receipt.because };
  return { ...blocked, state: "dead", because, changed };
};
