/**
 * The store of a process that dies: SIGKILL at a chosen point of its transactions, a trace of what each one told and
 * recorded, and the three faults the benchmark must notice. The product's own store lies below, unchanged.
 */

import { writeSync } from "node:fs";
import type { Changes, Store, Transaction } from "../../src/store/contract.ts";
import { overlaid } from "../../test/simulation/crash.ts";
import type { Heard } from "../../test/simulation/replay.ts";

/** Faults planted on purpose: in each, something is safe before what it rests on. */
export const faults = {
  "position-first": "the position is written before the activities",
  "two-transactions": "items and log are written in two transactions",
  "done-first": "a delivery is marked done before its receipt",
} as const;

export type Fault = keyof typeof faults;

/** What a transaction writes: `entries` tell, `sending` precedes a delivery, `receipt` closes one. */
export type Matter = "any" | "entries" | "sending" | "receipt";

/** The n-th point of this kind, counted from the start of the process. `inside`: between BEGIN and COMMIT, after a write. */
export interface Death {
  readonly where: "inside" | "after";
  readonly what: Matter;
  readonly n: number;
}

/** A line of the trace. Written before the commit: what the store does not hold afterwards never happened. */
export type Trace =
  | {
      /** The log's end when the transaction began. */
      readonly after: number;
      /** Of views the name and the flags. */
      readonly quiet: Heard["quiet"];
      readonly told: readonly {
        readonly id: string;
        readonly object: number;
        readonly version: number;
        readonly facet: string;
      }[];
    }
  /** A look that was finished, ms since 1970; written after the commit. */
  | { readonly place: string; readonly openedAt: number; readonly finishedAt: number };

const matters = (changes: Changes): readonly Matter[] => [
  "any",
  ...(changes.entries?.length ? (["entries"] as const) : []),
  ...(changes.deliveries?.some(({ state }) => state === "sending") ? (["sending"] as const) : []),
  ...(changes.deliveries?.some(({ state, attempt }) => state !== "sending" && attempt > 0) ? (["receipt"] as const) : []),
];

/** What a fault writes first, and what only then; undefined where it does nothing to these writes. */
const split = (
  fault: Fault | undefined,
  writes: readonly Changes[],
): readonly [readonly Changes[], readonly Changes[]] | undefined => {
  if (!writes.some(({ entries }) => entries?.length)) return undefined;
  if (fault === "position-first") {
    const positions = writes.flatMap(({ collections }) => (collections ? [{ collections }] : []));
    return [positions, writes.map(({ collections: _collections, ...rest }) => rest)];
  }
  if (fault === "two-transactions") {
    const entries = writes.flatMap((changes) => (changes.entries ? [{ entries: changes.entries }] : []));
    return [writes.map(({ entries: _entries, ...rest }) => rest), entries];
  }
  return undefined;
};

const prematurely = (changes: Changes): Changes =>
  changes.deliveries
    ? {
        ...changes,
        deliveries: changes.deliveries.map((one) => (one.state === "sending" ? { ...one, state: "done" as const } : one)),
      }
    : changes;

const traceOf = (after: number, writes: readonly Changes[]): Trace => {
  const versions = new Map(writes.flatMap(({ objects }) => objects ?? []).map(({ n, version }) => [n, version]));
  const told = writes.flatMap(({ entries }) => entries ?? []);
  return {
    after,
    quiet: writes
      .flatMap(({ quiet }) => quiet ?? [])
      .map(({ object, place, view }) => ({
        object,
        place,
        view: { type: "Note", name: view.name ?? "", flags: view.flags ?? [] } as const,
      })),
    told: told.map(({ id, object, facet }) => ({ id, object, facet, version: versions.get(object) ?? Number.NaN })),
  };
};

const rolledBack = Symbol("rolled back");

/**
 * @param trace  a file descriptor open for appending
 * @param death  the process ends itself there; absent: it lives until it is killed
 */
export const mortal = (store: Store, trace: number, death?: Death, fault?: Fault): Store => {
  let left = death?.n ?? Number.POSITIVE_INFINITY;
  const point = (where: Death["where"], what: Iterable<Matter>): void => {
    if (death?.where !== where || ![...what].includes(death.what)) return;
    left -= 1;
    if (left <= 0) process.kill(process.pid, "SIGKILL");
  };
  const write = (line: Trace): void => void writeSync(trace, `${JSON.stringify(line)}\n`);
  const watching = (tx: Transaction, writes: Changes[], wrote: (changes: Changes) => void): Transaction =>
    overlaid(tx, {
      write: async (changes: Changes): Promise<void> => {
        writes.push(changes);
        await tx.write(fault === "done-first" ? prematurely(changes) : changes);
        wrote(changes);
      },
    });

  /** The work as the product does it: all of it, or nothing. */
  const honestly = async <T>(work: (tx: Transaction) => Promise<T>, writes: Changes[]): Promise<T> =>
    store.transaction(async (tx) => {
      const after = await tx.lastSeq();
      const outcome = await work(watching(tx, writes, (changes) => point("inside", matters(changes))));
      if (writes.some(({ entries, quiet }) => entries?.length || quiet?.length)) write(traceOf(after, writes));
      return outcome;
    });

  /** The work as a faulty product would do it: tried without effect first, then written in two steps. */
  const faultily = async <T>(work: (tx: Transaction) => Promise<T>, writes: Changes[]): Promise<T> => {
    let outcome: { readonly value: T } | undefined;
    await store
      .transaction(async (tx) => {
        outcome = { value: await work(watching(tx, writes, () => undefined)) };
        throw rolledBack;
      })
      .catch((error: unknown) => {
        if (error !== rolledBack) throw error;
      });
    const [first, second] = split(fault, writes) ?? [writes, []];
    const put = (changes: readonly Changes[]): Promise<void> =>
      store.transaction(async (tx) => {
        tx.tick();
        const after = await tx.lastSeq();
        for (const one of changes) await tx.write(one);
        if (changes.some(({ entries, quiet }) => entries?.length || quiet?.length)) write(traceOf(after, writes));
      });
    await put(first);
    for (const changes of writes) point("inside", matters(changes));
    if (second.length > 0) await put(second);
    return (outcome as { readonly value: T } | undefined)?.value as T;
  };

  const splits = fault === "position-first" || fault === "two-transactions";
  const transaction: Store["transaction"] = async (work) => {
    const writes: Changes[] = [];
    const outcome = await (splits ? faultily(work, writes) : honestly(work, writes));
    point("after", new Set(writes.flatMap(matters)));
    for (const { place, openedAt, finishedAt } of writes.flatMap(({ collections }) => collections ?? []))
      if (openedAt !== undefined && finishedAt !== undefined) write({ place, openedAt, finishedAt });
    return outcome;
  };
  return overlaid(store, { transaction });
};
