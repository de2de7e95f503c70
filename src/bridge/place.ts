/** Where things are, as a target sees it. Pure. */

import type { Place } from "../contract/words.ts";
import { collectionOf, systemOf } from "../contract/words.ts";

/** True if this place is the target, or in it where the target is a whole system. */
export const isAt = (target: Place, place: Place): boolean =>
  collectionOf(target) === "" ? systemOf(place) === systemOf(target) : place === target;
