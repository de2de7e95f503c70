/** The trail of a mail: addresses of the collections it has been in, in one field of ours. Pure. */

import type { Headers } from "./headers.ts";

/** The field's name, lower case. */
const TRAIL_FIELD = "x-groupstream-trail";

/** All of the field together; a longer trail is a loop that other means end. */
const LIMIT = 8_000;
/** A line ends at 998 characters (RFC 5322 section 2.1.1). */
const WORD_LIMIT = 900;
/** More places than any bridge has. */
const MOST = 100;

/** Percent-encoded, a comma and a space between: ASCII in words that can be folded. undefined: nothing is to be said. */
export const trailField = (trail: readonly string[]): string | undefined => {
  const words = trail.map((address) => encodeURIComponent(address.toWellFormed())).filter((word) => word.length <= WORD_LIMIT);
  while (words.join(", ").length > LIMIT) words.shift();
  return words.length === 0 ? undefined : words.join(", ");
};

/** The trail a mail carries; what cannot be read of it is left out. */
export const trailIn = (headers: Headers): readonly string[] | undefined => {
  const words = (headers.get(TRAIL_FIELD) ?? "").slice(0, LIMIT).split(",").slice(0, MOST);
  const trail = words.flatMap((word) => {
    try {
      const address = decodeURIComponent(word.replace(/\s/g, ""));
      return address === "" || /[\0-\x1f]/.test(address) ? [] : [address];
    } catch {
      return [];
    }
  });
  return trail.length > 0 ? [...new Set(trail)] : undefined;
};
