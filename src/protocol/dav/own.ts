/** What is ours in a resource: properties of ours, and the UUID of the delivery that made it. Pure. */

import type { DeliveryId } from "../../contract/words.ts";

/** Properties of ours, lower case. */
export const davMarks = {
  /** The delivery that made it. */
  delivery: "x-groupstream-delivery",
  /** Digests of what was delivered last: what of it somebody else changed since is told by them. */
  base: "x-groupstream-base",
  /** Where it has been. */
  trail: "x-groupstream-trail",
} as const;

/** A UUID, as a pattern. */
export const UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const uuid = new RegExp(`^${UUID}$`, "i");

/** True for an id that can be a name and be known again. */
export const isUuid = (id: DeliveryId): boolean => uuid.test(id);

/** Longest trail, characters; a longer one is a loop that other means end. */
const TRAIL = 8_000;

/** Where something has been, as a property says it; undefined: nothing is to be said. */
export const trailText = (trail: readonly string[]): string | undefined => {
  const words = trail.map((address) => encodeURIComponent(address.toWellFormed()));
  while (words.join(" ").length > TRAIL) words.shift();
  return words.length === 0 ? undefined : words.join(" ");
};

/** The inverse of {@link trailText}; what cannot be read of it is left out. */
export const trailOfText = (text: string | undefined): readonly string[] | undefined => {
  const addresses = (text ?? "").split(" ").flatMap((word) => {
    try {
      return word === "" ? [] : [decodeURIComponent(word)];
    } catch {
      return [];
    }
  });
  return addresses.length > 0 ? addresses : undefined;
};
