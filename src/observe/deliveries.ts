/** Deliveries as a person sees them: where to, how they stand, when they are tried next. Never what they carry. */

import type { Obstacle } from "../contract/adapter.ts";
import type { Because } from "../contract/because.ts";
import type { Loss } from "../contract/view.ts";
import type { DeliveryId, Place } from "../contract/words.ts";
import { becauseSaid, reasonOf } from "../language/because.ts";
import { obstacleSaid, type Stands } from "../language/obstacles.ts";
import type { DeliveryRecord, DeliveryState, Store } from "../store/contract.ts";

/** One delivery. Times are RFC 3339. */
export interface Delivery {
  readonly id: DeliveryId;
  readonly target: Place;
  /** The log entry it carries. */
  readonly seq: number;
  /** What was, or is to be, performed: `Deliver`, `Create` …; of what is not decided yet the activity's type. */
  readonly verb: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  /** Open ones: not tried before. */
  readonly next?: string;
  /** One English sentence: why it stands as it does, as the target or its adapter said it, or as the hub itself decided. */
  readonly reason?: string;
  /** Where the hub itself decided it: its ground, which `reason` and `summaryMap` say in words. */
  readonly because?: Because;
  /** What is in the way; of what is `done`: what kept it from some it was meant for. */
  readonly obstacle?: Obstacle;
  /** For people: why it stands as it does, what is in the way, and what to do about it. HTML; {@link textOfSummary} gives the text. */
  readonly summaryMap?: { readonly en: string; readonly de: string };
  /** What did not arrive, field by field. */
  readonly losses?: readonly Loss[];
  readonly created: string;
  readonly changed: string;
}

/** Which deliveries are wanted. */
export interface DeliveryFilter {
  /** One delivery; everything else is ignored. */
  readonly id?: DeliveryId;
  readonly states?: readonly DeliveryState[];
  readonly target?: Place;
  /** The number of a log entry. */
  readonly seq?: number;
  /** Only those that something is, or was, in the way of: see `Delivery.obstacle`. */
  readonly obstructed?: true;
  /** Default 1,000. */
  readonly limit?: number;
}

/** States in which something will still happen by itself. */
export const openStates: readonly DeliveryState[] = ["pending", "sending", "retrying", "unknown"];

const time = (ms: number): string => new Date(ms).toISOString();

const standsAs = (state: DeliveryState): Stands => (openStates.includes(state) ? "open" : state === "done" ? "partly" : "closed");

/** The obstacle first: it says what to do. */
const summaryOf = ({ state, because, obstacle }: DeliveryRecord): Delivery["summaryMap"] => {
  const [blocked, ground] = [obstacle && obstacleSaid(obstacle, standsAs(state)), because && becauseSaid(because)];
  if (!blocked || !ground) return blocked ?? ground;
  return { en: `${blocked.en} (${ground.en})`, de: `${blocked.de} (${ground.de})` };
};

export const deliveryShown = (record: DeliveryRecord): Delivery => {
  const { id, target, seq, verb, state, attempt, next, because, obstacle, losses, created, changed } = record;
  const reason = because ? reasonOf(because) : record.reason;
  const summaryMap = summaryOf(record);
  return {
    id,
    target,
    seq,
    verb,
    state,
    attempts: attempt,
    ...(openStates.includes(state) && { next: time(next) }),
    ...(reason !== undefined && { reason }),
    ...(because && { because }),
    ...(obstacle && { obstacle }),
    ...(summaryMap && { summaryMap }),
    ...(losses && { losses }),
    created: time(created),
    changed: time(changed),
  };
};

/** Deliveries, lowest `seq` first; works beside a running hub. */
export const deliveriesOf = async (store: Store, { id, ...filter }: DeliveryFilter): Promise<readonly Delivery[]> => {
  if (id === undefined) return (await store.deliveries(filter)).map(deliveryShown);
  const delivery = await store.transaction((tx) => tx.delivery(id));
  return delivery ? [deliveryShown(delivery)] : [];
};
