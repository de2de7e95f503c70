/** A call from outside, handed to an adapter; what it keeps is committed before the sender is answered. */

import type { Sighting } from "../contract/adapter.ts";
import { GroupstreamError } from "../contract/errors.ts";
import type { CollectionId, Place } from "../contract/words.ts";
import { placeOf } from "../contract/words.ts";
import { commit } from "./commit.ts";
import type { SyncContext } from "./context.ts";
import { discover } from "./discover.ts";

/** @param alone  runs work while no round of this system runs */
export const receiveAt = async (
  context: SyncContext,
  request: Request,
  signal: AbortSignal,
  ring: (place: Place) => void,
  alone: (work: () => Promise<void>) => Promise<void>,
): Promise<Response> => {
  const { adapter, store, now, policy } = context;
  if (!adapter.receive)
    throw new GroupstreamError("misconfigured", `${adapter.id}: ${adapter.kind} cannot be called from outside`);
  const keep = (collection: CollectionId, sightings: readonly Sighting[]): Promise<void> =>
    alone(async () => {
      const place = placeOf(adapter.id, collection);
      const known = async () => (await store.collections(adapter.id)).some((record) => record.place === place);
      if (!(await known())) await discover(context, signal);
      if (!(await known()))
        throw new GroupstreamError("misconfigured", `${place}: the adapter keeps something in a collection it does not show`);
      const opened = await store.transaction(async (tx) => tx.tick());
      await commit(context, place, { sightings }, { opened, openedAt: now(), fresh: false, text: policy.body }, signal);
    });
  return adapter.receive(request, { ring: (collection) => ring(placeOf(adapter.id, collection)), keep });
};
