/** What a target answered, booked: the sighting of what now stands there and the delivery it closes, in one transaction. */

import type { Found } from "../adapter.ts";
import type { DeliveryRecord, Tick } from "../store/contract.ts";
import type { ActorId } from "../words.ts";
import { placeOf } from "../words.ts";
import { commit } from "./commit.ts";
import type { Left } from "./scene.ts";
import type { Surroundings } from "./surroundings.ts";

/** A delivery as its answer leaves it. */
export interface Answered {
  readonly delivery: DeliveryRecord;
  readonly actor: ActorId;
  /** What the target says to stand there now. */
  readonly found?: Found;
  /** The store's counter when the target was asked. */
  readonly since: Tick;
  /** What it moved: no longer where it was. */
  readonly left?: Left;
}

/** Books an answer. What stands in a collection this hub does not read is not kept. */
export const book = async (
  around: Surroundings,
  { delivery, actor, found, since, left }: Answered,
  signal: AbortSignal,
): Promise<void> => {
  const { store, adapter, now, policy } = around;
  if (!found) {
    await store.transaction((tx) => tx.write({ deliveries: [delivery] }));
    return;
  }
  const receipt = { delivery, actor, since, ...(left && { left }) };
  const text = showsText(found.sighting) ? policy.body : "none";
  const look = { opened: since, openedAt: now(), fresh: false, text, receipt } as const;
  await commit(around, placeOf(adapter.id, found.collection), { sightings: [found.sighting] }, look, signal);
};

/** False where the target leaves the text out of its answer: it was not read, whatever may be. */
const showsText = (sighting: Found["sighting"]): boolean =>
  "object" in sighting && sighting.object !== undefined && ("text" in sighting.object || "content" in sighting.object);
