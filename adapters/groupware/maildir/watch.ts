/** The doorbell: the operating system tells when names in `new` and `cur` change. */

import { type FSWatcher, watch } from "node:fs";
import { join } from "node:path";
import { type Collection, type CollectionId, GroupstreamError } from "groupstream";
import { folderPath, type MaildirPlace, systemCode } from "./folder.ts";

const failed = (place: MaildirPlace, cause: unknown): GroupstreamError =>
  new GroupstreamError(
    "unreachable",
    `${place.id}: its folders cannot be watched (${systemCode(cause)}); they are polled, and watched again later.`,
    {
      system: place.id,
      cause,
    },
  );

/**
 * Ids of folders that changed, each once until it is taken. New folders are found by discovery, not here.
 * Cancels: every watcher is closed. Fails: `unreachable` when a folder goes, or the system has no watchers left (`ENOSPC`).
 */
export const watchOf = async function* (
  place: MaildirPlace,
  collections: readonly Collection[],
  signal: AbortSignal,
): AsyncIterable<CollectionId> {
  signal.throwIfAborted();
  const rung = new Set<CollectionId>();
  const watchers: FSWatcher[] = [];
  let trouble: unknown;
  let wake = (): void => {};
  const stop = (): void => wake();
  signal.addEventListener("abort", stop, { once: true });
  try {
    for (const { id } of collections)
      for (const directory of ["new", "cur"]) {
        const path = join(folderPath(place, id), directory);
        const watcher = watch(path, (event, name) => {
          // A directory that is itself renamed or removed is told under its own name.
          if (event === "rename" && name === directory)
            trouble = Object.assign(new Error("The folder went."), { code: "ENOENT" });
          rung.add(id);
          wake();
        });
        watcher.on("error", (error) => {
          trouble = error;
          wake();
        });
        watchers.push(watcher);
      }
    while (true) {
      signal.throwIfAborted();
      if (trouble !== undefined) throw failed(place, trouble);
      const ids = [...rung];
      rung.clear();
      yield* ids;
      if (rung.size === 0 && trouble === undefined && !signal.aborted) await new Promise<void>((resolve) => (wake = resolve));
    }
  } catch (error) {
    signal.throwIfAborted();
    throw systemCode(error) === "" || error instanceof GroupstreamError ? error : failed(place, error);
  } finally {
    signal.removeEventListener("abort", stop);
    for (const watcher of watchers) watcher.close();
  }
};
