/** Where things are and what they answer, as a target sees it. */

import type { View } from "../contract/view.ts";
import type { Place, SystemId } from "../contract/words.ts";
import { collectionOf, placeOf, systemOf } from "../contract/words.ts";
import type { RowNo, Transaction } from "../store/contract.ts";

/** True if this place is the target, or in it where the target is a whole system. */
export const isAt = (target: Place, place: Place): boolean =>
  collectionOf(target) === "" ? systemOf(place) === systemOf(target) : place === target;

/** The objects this view says it answers, nearest first, as far as they are known. */
export const parentsOf = async (tx: Transaction, view: View, system: SystemId): Promise<readonly RowNo[]> => {
  if (view.type !== "Note") return [];
  const parents: RowNo[] = [];
  for (const ref of view.inReplyTo ?? []) {
    if ("marker" in ref) parents.push((await tx.delivery(ref.marker))?.object ?? 0);
    else if ("collection" in ref) {
      const [item] = await tx.itemHeaders(placeOf(system, ref.collection), [ref.key]);
      parents.push(item?.object ?? 0);
    } else if ("evidence" in ref) {
      const keys = [
        { scope: "*", id: ref.evidence },
        { scope: system, id: ref.evidence },
      ];
      const [hint] = await tx.hints(keys);
      parents.push(hint?.object ?? 0);
    }
  }
  return [...new Set(parents.filter((n) => n > 0))];
};
