/** One round: a discovery, the looks that are due, and the looks open marks ask for. Failures stay where they happened. */

import { type ErrorCode, errorTable, faultOf, GroupstreamError, isGroupstreamError } from "../contract/errors.ts";
import type { Place, SystemId } from "../contract/words.ts";
import { newSystem } from "../store/collection.ts";
import type { Failing, SystemRecord } from "../store/contract.ts";
import { delayAfter } from "./backoff.ts";
import { confirmMissing } from "./confirm-missing.ts";
import { type SyncContext, spanned } from "./context.ts";
import { discover } from "./discover.ts";
import { look } from "./look.ts";

/** What one round did for one system, in a line. */
export interface SystemLine {
  readonly system: SystemId;
  /** Collections looked at; those whose revision was equal are not counted. */
  readonly looked: number;
  readonly seen: number;
  readonly told: number;
  /** Marks that are still open: something gone is not proven yet. */
  readonly open: number;
  /** Collections held as implausible. */
  readonly held: readonly Place[];
  /** What failed: the system itself, or some of its collections. */
  readonly failures: readonly { readonly place?: Place; readonly code: ErrorCode; readonly message: string }[];
}

/** Rounds after which an open mark waits for the next sync; four were enough in every simulated history. */
const roundsAtMost = 8;

/** Runs rounds until no mark is open or nothing more can be proven now. Rejects only for `misconfigured`, `store`, abort. */
export const round = async (context: SyncContext, signal: AbortSignal): Promise<SystemLine> => {
  let line: SystemLine = { system: context.adapter.id, looked: 0, seen: 0, told: 0, open: 0, held: [], failures: [] };
  for (let turn = 0; turn < roundsAtMost; turn += 1) {
    const failures: SystemLine["failures"][number][] = [];
    const held = new Set<Place>();
    try {
      const found = await discover(context, signal);
      if (found.held) held.add(`${context.adapter.id}/`);
      for (const { place, revision } of found.due) {
        const failed = await lookAt(context, place, revision, signal);
        if ("code" in failed) {
          failures.push(failed);
          if (errorTable[failed.code].damage === "system") break;
        } else {
          line = { ...line, looked: line.looked + 1, seen: line.seen + failed.seen, told: line.told + failed.told };
          if (failed.held) held.add(place);
        }
      }
      if (!failures.some(({ code }) => errorTable[code].damage === "system")) await clearFailure(context);
    } catch (error) {
      failures.push(await systemFailed(context, error, signal));
    }
    const settled = await confirmMissing(context, signal);
    line = { ...line, told: line.told + settled.told, open: settled.open, held: [...held], failures };
    if (failures.some(({ code }) => errorTable[code].damage === "system")) break;
    if (settled.open === 0 && held.size === 0) break;
  }
  return line;
};

type Failure = SystemLine["failures"][number];

/** A look at one collection; its failure is kept with the collection and given back. */
export const lookAt = async (
  context: SyncContext,
  place: Place,
  revision: string | undefined,
  signal: AbortSignal,
): Promise<Failure | { seen: number; told: number; held: boolean }> => {
  try {
    return await spanned(context, "look", { place }, () => look(context, place, revision, signal));
  } catch (error) {
    signal.throwIfAborted();
    const known = asError(error, place);
    if (errorTable[known.code].damage === "process") throw known;
    await context.store.transaction(async (tx) => {
      const record = await tx.collection(place);
      if (record) await tx.write({ collections: [{ ...record, failing: failing(record.failing, known, context.now()) }] });
    });
    if (errorTable[known.code].damage === "system") await systemFailed(context, known, signal);
    return { place, code: known.code, message: known.message };
  }
};

/** What is thrown that is no error of the table is a fault of the adapter: the system is tried again later. */
const asError = (error: unknown, where: string): GroupstreamError =>
  isGroupstreamError(error)
    ? error
    : new GroupstreamError("unreachable", `${where}: ${faultOf(error)}; it is tried again by itself`, { cause: error });

const failing = (before: Failing | undefined, error: GroupstreamError, now: number): Failing => {
  const attempts = (before?.attempts ?? 0) + 1;
  return {
    code: error.code,
    message: error.message,
    since: before?.since ?? now,
    attempts,
    next: now + delayAfter(attempts, error.retryAfter),
  };
};

const systemFailed = async (
  context: Pick<SyncContext, "adapter" | "store" | "now">,
  error: unknown,
  signal?: AbortSignal,
): Promise<Failure> => {
  signal?.throwIfAborted();
  const known = asError(error, context.adapter.id);
  if (errorTable[known.code].damage === "process") throw known;
  await context.store.transaction(async (tx) => {
    const record: SystemRecord = (await tx.system(context.adapter.id)) ?? newSystem(context.adapter);
    await tx.write({ systems: [{ ...record, failing: failing(record.failing, known, context.now()) }] });
  });
  return { code: known.code, message: known.message };
};

/** The line of a system that failed before anything could be asked. Rethrows what stops the process. */
export const failedLine = async (
  context: Pick<SyncContext, "adapter" | "store" | "now">,
  error: unknown,
): Promise<SystemLine> => ({
  system: context.adapter.id,
  looked: 0,
  seen: 0,
  told: 0,
  open: 0,
  held: [],
  failures: [await systemFailed(context, error)],
});

const clearFailure = async ({ store, adapter }: SyncContext): Promise<void> =>
  store.transaction(async (tx) => {
    const record = await tx.system(adapter.id);
    if (!record?.failing) return;
    const { failing: _failing, ...rest } = record;
    await tx.write({ systems: [rest] });
  });
