/** Who waits for the log to grow, and what wakes them: this process's commits at once, another's by its writing to the file. */

import { type FSWatcher, watch } from "node:fs";

/** A first pass writes a thousand times a second: they are woken at most so often, ms. */
const apart = 2;

/** Followers of the log. */
export interface ChangeSignal {
  /** Resolves at the next commit that may have made the log longer; `stop` lets go of it. */
  next(): { readonly woken: Promise<void>; stop(): void };
  /** This process has committed. */
  wake(): void;
  close(): void;
}

/**
 * @param wal   the write-ahead log every process on this store writes to; undefined for a store in memory
 * @param grew  true if the log is longer than when it was last asked
 */
export const changeSignal = (wal: string | undefined, grew: () => boolean): ChangeSignal => {
  const waiting = new Set<() => void>();
  let watcher: FSWatcher | undefined;
  let rung: NodeJS.Timeout | undefined;

  const wake = (): void => {
    for (const resolve of waiting) resolve();
    waiting.clear();
  };
  const unwatch = (): void => {
    watcher?.close();
    watcher = undefined;
  };
  /** A doorbell only: where it cannot be had or misses something, the next poll finds it. */
  const listen = (): void => {
    if (wal === undefined || watcher) return;
    try {
      watcher = watch(wal, { persistent: false }, () => {
        if (waiting.size === 0) return;
        rung ??= setTimeout(() => {
          rung = undefined;
          if (grew()) wake();
        }, apart).unref();
      }).on("error", unwatch);
    } catch {
      watcher = undefined;
    }
  };

  return {
    next: () => {
      listen();
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.add(resolve);
      return { woken: promise, stop: () => void waiting.delete(resolve) };
    },
    wake,
    close: () => {
      clearTimeout(rung);
      unwatch();
    },
  };
};
