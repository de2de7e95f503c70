/** The part of the store's contract for delivering: what is due, what was sent, and what stands at a target. */

import type { DeliveryId, ItemKey, Place, SystemId } from "../contract/words.ts";
import type { DeliveryRecord, DeliveryState, Item, Presence, RowNo } from "./records.ts";

/** Inside a transaction: delivering: what is due, what was sent, and what stands at a target. */
export interface DeliveryTransaction {
  /** A delivery by id. */
  delivery(id: DeliveryId): Promise<DeliveryRecord | undefined>;
  /** Every delivery of this object to this target, lowest `seq` first. */
  deliveriesOf(object: RowNo, target: Place): Promise<readonly DeliveryRecord[]>;
  /** Deliveries into this system that may have been performed: `sending` and `unknown`. */
  openDeliveries(system: SystemId): Promise<readonly DeliveryRecord[]>;
  /**
   * Items in these states of the conversation that this object began, but for those of one object, the one known longest first.
   * @param there  a collection, or a whole system (`mail/`)
   */
  inThread(
    thread: RowNo,
    there: Place,
    only: { readonly without: RowNo; readonly states: readonly Presence[]; readonly limit: number },
  ): Promise<readonly Item[]>;
  /** True if this item is still about this object, and here or out: seen there, or no longer looked at. */
  isPresent(item: RowNo, object: RowNo): Promise<boolean>;
  /** Keys of what we made at this place and is not gone, but for one object's: of thousands, so no more than their keys. */
  renderingKeys(place: Place, without: RowNo): Promise<readonly ItemKey[]>;
}

/** Delivering: what is due, what was sent, and what stands at a target. */
export interface DeliveryStore {
  /** Deliveries by state, target and entry, lowest `seq` first; at most `limit`, default 1,000. */
  deliveries(filter: {
    readonly states?: readonly DeliveryState[];
    readonly target?: Place;
    readonly seq?: number;
    /** Only those that bear an obstacle. */
    readonly obstructed?: true;
    readonly limit?: number;
  }): Promise<readonly DeliveryRecord[]>;
  /**
   * The first open delivery of every lane, where that is due by `now`, not being sent, and its target is none of `without`;
   * lowest `seq` first, at most `limit`.
   */
  heads(due: {
    readonly now: number;
    readonly without: readonly Place[];
    readonly limit: number;
  }): Promise<readonly DeliveryRecord[]>;
  /** The first open delivery of this lane, whenever it is due; also one that is being sent. */
  headOf(lane: string): Promise<DeliveryRecord | undefined>;
  /** For each target with open deliveries, when the first of them that heads a lane is due, ms. */
  dueTimes(): Promise<readonly { readonly target: Place; readonly next: number }[]>;
  /** How many deliveries stand in each state. */
  deliveryCounts(): Promise<Readonly<Partial<Record<DeliveryState, number>>>>;
}
