/** One item, read again with all that policy allows: a baseline is read without text, and what is carried needs it. */

import type { Item } from "../store/contract.ts";
import { commit } from "./commit.ts";
import type { SyncContext } from "./context.ts";

/** Reads an item again and books it; nothing where it cannot be asked for by key. Fails: as `Adapter.fetch`. */
export const reread = async (context: SyncContext, { place, key, revision }: Item, signal: AbortSignal): Promise<void> => {
  const { store, adapter, policy, now } = context;
  if (!adapter.fetch || policy.body === "none") return;
  const opened = await store.transaction(async (tx) => tx.tick());
  // A reference with a revision nobody knows is fetched; what comes back has its own.
  const sightings = [{ key, revision: `${revision} unread` }];
  await commit(context, place, { sightings }, { opened, openedAt: now(), fresh: false, text: policy.body }, signal);
};
