/** One more try: a delivery that failed, an item that could not be read. */

import { GroupstreamError } from "../contract/errors.ts";
import type { DeliveryId, ItemKey, Place } from "../contract/words.ts";
import type { DeliveryRecord, QuarantineRecord, Transaction } from "../store/contract.ts";
import type { AdminContext } from "./index.ts";

const refusals: { readonly [state in DeliveryRecord["state"]]?: string } = {
  done: "is done; a receiver that lost it can read the log again",
  sending: "is under way; wait for its answer",
  void: "was not to be sent; its reason says why, a changed route carries what comes from now on",
};

export const retry = async ({ store, now, due }: AdminContext, id: DeliveryId): Promise<void> => {
  const target = await store.transaction(async (tx) => {
    const delivery = await tx.delivery(id);
    if (!delivery) throw new GroupstreamError("misconfigured", `there is no delivery ${id}; "deliveries" lists them`);
    const refusal = refusals[delivery.state];
    if (refusal !== undefined) throw new GroupstreamError("misconfigured", `delivery ${id} ${refusal}`);
    const closed = delivery.state === "refused" || delivery.state === "dead";
    // What may have been done is looked for before it is repeated.
    const state = delivery.obstacle === "unsure" ? "unknown" : "retrying";
    await tx.write({
      deliveries: [{ ...delivery, next: now(), changed: now(), ...(closed && ({ state, attempt: 0 } as const)) }],
    });
    return delivery.target;
  });
  due(target);
};

const waiting = async (tx: Transaction, place: Place, key: ItemKey): Promise<QuarantineRecord> => {
  const found = (await tx.quarantined(place)).find((record) => record.key === key);
  if (!found)
    throw new GroupstreamError(
      "misconfigured",
      `nothing of key ${key} waits in quarantine at ${place}; "quarantine" lists what does`,
    );
  return found;
};

/** No mapping has made it yet: the next look takes it for one that an upgrade may read. */
const unmapped = -1;

export const reread = async ({ store, ring }: AdminContext, place: Place, key: ItemKey): Promise<void> => {
  await store.transaction(async (tx) => tx.write({ quarantine: [{ ...(await waiting(tx, place, key)), mapping: unmapped }] }));
  ring(place);
};

export const release = async ({ store }: AdminContext, place: Place, key: ItemKey): Promise<void> =>
  store.transaction(async (tx) => {
    await waiting(tx, place, key);
    await tx.write({ released: [{ place, key }] });
  });
