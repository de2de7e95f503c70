/** What targets answered, booked: the sightings of what now stands there and the deliveries they close, in one transaction. */

import type { Found } from "../contract/adapter.ts";
import type { ActorId } from "../contract/words.ts";
import { placeOf } from "../contract/words.ts";
import type { DeliveryRecord, Tick } from "../store/contract.ts";
import { commit } from "./commit.ts";
import type { SyncContext } from "./context.ts";
import type { MovedFrom } from "./page/load.ts";

/** A delivery as its answer leaves it. */
export interface AnsweredDelivery {
  readonly delivery: DeliveryRecord;
  readonly actor: ActorId;
  /** What the target says to stand there now. */
  readonly found?: Found;
  /** The store's counter when the target was asked. */
  readonly since: Tick;
  /** What it moved: no longer where it was. */
  readonly left?: MovedFrom;
}

/** Books answers of one system that may be booked together. What stands in a collection this hub does not read is not kept. */
export const bookAnswers = async (
  context: SyncContext,
  answers: readonly AnsweredDelivery[],
  signal: AbortSignal,
): Promise<void> => {
  const { store, adapter, now, policy } = context;
  const [{ found }] = answers as [AnsweredDelivery];
  if (!found) {
    await store.transaction((tx) => tx.write({ deliveries: answers.map(({ delivery }) => delivery) }));
    return;
  }
  const shown = answers.flatMap((one) => (one.found ? [{ ...one, found: one.found }] : []));
  const look = {
    opened: Math.min(...answers.map(({ since }) => since)),
    openedAt: now(),
    fresh: false,
    text: showsText(found) ? policy.body : "none",
    receipts: shown.map(({ found, ...answered }) => ({ ...answered, key: found.sighting.key })),
  } as const;
  const sightings = shown.map(({ found }) => found.sighting);
  await commit(context, placeOf(adapter.id, found.collection), { sightings }, look, signal);
};

/** False where the target leaves the text out of its answer: it was not read, whatever may be. */
const showsText = ({ sighting }: Found): boolean =>
  "object" in sighting && sighting.object !== undefined && ("text" in sighting.object || "content" in sighting.object);

/** Answers booked in one transaction at most. */
const atOnce = 50;

/** Whether two may be booked together: what is told must show whose it is, and where it is read. */
const alike = (one: AnsweredDelivery, other: AnsweredDelivery): boolean =>
  one.found !== undefined &&
  other.found !== undefined &&
  !one.left &&
  !other.left &&
  one.delivery.object !== other.delivery.object &&
  one.found.collection === other.found.collection &&
  one.found.sighting.key !== other.found.sighting.key &&
  showsText(one.found) === showsText(other.found);

/** How many of the first may be booked together. */
export const bookable = (answers: readonly AnsweredDelivery[]): number => {
  const end = answers.findIndex((one, at) => at === atOnce || !answers.slice(0, at).every((other) => alike(other, one)));
  return end < 0 ? answers.length : end;
};
