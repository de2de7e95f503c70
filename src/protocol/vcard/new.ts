/** A card that is made here. Pure. */

import type { Loss, ProfileView } from "../../contract/view.ts";
import { type Card, cardOf } from "./card.ts";
import { type CardChange, changeCard } from "./change.ts";
import type { CardProperty, CardVersion } from "./property.ts";

/**
 * A new card. KIND is X-ADDRESSBOOKSERVER-KIND and X-ABSHOWAS in 3.0, which has none. Where 3.0 wants N and none is given, a person's name
 * stands in it whole: its parts are not guessed.
 *
 * @param uid  the new UID, kept by every later version of the card: a UUID
 */
export const newCard = (
  { version, uid, type = "Person" }: { readonly version: CardVersion; readonly uid: string; readonly type?: ProfileView["type"] },
  change: CardChange & { readonly name: string },
): { readonly card: Card; readonly losses: readonly Loss[] } => {
  const properties: CardProperty[] = [
    ["version", {}, "text", version],
    ["uid", {}, "text", version === "4.0" ? `urn:uuid:${uid}` : uid],
  ];
  if (version === "4.0" && type !== "Person") properties.push(["kind", {}, "text", type === "Group" ? "group" : "org"]);
  if (version === "3.0" && type === "Group") properties.push(["x-addressbookserver-kind", {}, "unknown", "group"]);
  if (version === "3.0" && type === "Organization") properties.push(["x-abshowas", {}, "unknown", "COMPANY"]);
  const n = change.n ?? (version === "3.0" ? { family: type === "Person" ? change.name : "" } : undefined);
  return changeCard(cardOf(properties), { ...change, ...(n && { n }) });
};
