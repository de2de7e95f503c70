/** A process that dies at any step, and a store that remembers what was committed: the witness of every history. */

import type { Changes, Store, StoredEntry, Transaction } from "../../src/store/contract.ts";

/** What a dying process throws: nothing in the product may catch it for good. */
export class Crash extends Error {}

/** The life of one process: how many steps it has left. */
export class Life {
  #left = Number.POSITIVE_INFINITY;
  dead = false;
  /** The step it died at. */
  end = "";

  /** It dies after so many more steps. */
  endsIn(steps: number): void {
    this.#left = steps;
  }

  /** A step of this process: the last one throws, and so does every later one. */
  step(what: string): void {
    this.#left -= 1;
    if (this.#left <= 0 && !this.dead) {
      this.dead = true;
      this.end = what;
    }
    if (this.dead) throw new Crash(`died at: ${what}`);
  }
}

/** What one transaction left behind. */
export interface Commit {
  readonly quiet: NonNullable<Changes["quiet"]>;
  readonly entries: readonly StoredEntry[];
  readonly items: NonNullable<Changes["items"]>;
  readonly objects: NonNullable<Changes["objects"]>;
  readonly collections: NonNullable<Changes["collections"]>;
}

/** An object with some of its members others. */
export const overlaid = <Whole extends object, Over extends object>(whole: Whole, over: Over): Whole & Over =>
  new Proxy(whole, {
    get: (target, name) => {
      if (name in over) return Reflect.get(over, name);
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  }) as Whole & Over;

/**
 * The store as one process sees it: it may die before, inside and after a commit.
 * @param committed  called once for each commit, in their order, even if the process dies right after
 */
export const mortal = (store: Store, life: Life, committed: (commit: Commit) => void): Store & { leave(): Promise<void> } => {
  const locks: AsyncDisposable[] = [];
  const transaction = async <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => {
    life.step("before a transaction");
    let commit: Commit = { quiet: [], entries: [], items: [], objects: [], collections: [] };
    const outcome = await store.transaction(async (tx) => {
      const before = await tx.lastSeq();
      const writes: Changes[] = [];
      const watched = overlaid(tx, {
        write: async (changes: Changes) => {
          writes.push(changes);
          await tx.write(changes);
        },
      });
      const result = await work(watched);
      if (writes.length > 0) life.step("inside a transaction");
      commit = {
        quiet: writes.flatMap(({ quiet }) => quiet ?? []),
        items: writes.flatMap(({ items }) => items ?? []),
        objects: writes.flatMap(({ objects }) => objects ?? []),
        collections: writes.flatMap(({ collections }) => collections ?? []),
        entries: await tx.entries(before, 10_000),
      };
      return result;
    });
    committed(commit);
    life.step("after a commit");
    return outcome;
  };
  return overlaid(store, {
    transaction,
    lock: async (holder: Parameters<Store["lock"]>[0]) => {
      life.step("lock");
      const lock = await store.lock(holder);
      locks.push(lock);
      return { [Symbol.asyncDispose]: async () => {} };
    },
    // What the system does when a process ends, however it ends.
    leave: async () => {
      for (const lock of locks.splice(0)) await lock[Symbol.asyncDispose]();
    },
    [Symbol.asyncDispose]: async () => {},
  });
};
