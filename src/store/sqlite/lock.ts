/**
 * The right to sync and deliver: an open write transaction on a file beside the store. The system frees it when the
 * process dies, however it dies; nothing stale is ever left. Who holds it is written into the store's own settings.
 */

import { DatabaseSync } from "node:sqlite";
import { GroupstreamError } from "../../contract/errors.ts";

/** Open locks. A lock nobody refers to any more is held all the same: only its end frees it, never the garbage collector. */
const held = new Set<DatabaseSync>();

/** Takes the lock at once or says who has it. */
export const lockFile = (path: string, holder: string, first: () => string): AsyncDisposable => {
  const db = new DatabaseSync(path, { timeout: 0 });
  try {
    db.exec("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE");
  } catch (cause) {
    db.close();
    throw new GroupstreamError(
      "store",
      `${holder} cannot sync or deliver on this store: ${first()} does so already; stop that one first`,
      { cause },
    );
  }
  held.add(db);
  return {
    [Symbol.asyncDispose]: async () => {
      held.delete(db);
      if (!db.isOpen) return;
      db.exec("ROLLBACK");
      db.close();
    },
  };
};
