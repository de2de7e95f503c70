/** What is ours in an address book: a card we make has its delivery's id for its UID, and so has its resource. Each attempt makes the same one. Pure. */

import type { DeliveryId, ItemKey } from "groupstream";
import { davMarks, isUuid, trailOfText } from "groupstream/protocol/dav";
import { type Card, markOfCard, uidOfCard } from "groupstream/protocol/vcard";

/** The resource of a delivery. */
export const keyOf = (delivery: DeliveryId): ItemKey => `gs.${delivery.toLowerCase()}.vcf`;

/**
 * The delivery that made a card; undefined for what others made. Other cards have UUIDs, too: the resource's name or our property says that this
 * one is a delivery's; a server may rename the one or drop the other. A copy that somebody makes has another UID.
 */
export const deliveryOf = (card: Card, key: ItemKey): DeliveryId | undefined => {
  const uid = uidOfCard(card);
  if (uid === undefined || !isUuid(uid)) return undefined;
  return key === keyOf(uid) || markOfCard(card, davMarks.delivery)?.toLowerCase() === uid ? uid : undefined;
};

/** Where it has been, as it says itself. */
export const trailOf = (card: Card): readonly string[] | undefined => trailOfText(markOfCard(card, davMarks.trail));
