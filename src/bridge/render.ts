/** What should stand at a target: the object as its source shows it, made fit to be read there. Pure. */

import type { View } from "../activity/view.ts";
import type { Route } from "./routes.ts";

/** Fields that are the item's own, or mean nothing at another place. */
const own = ["flags", "labels", "seen", "reactions", "bcc", "losses", "trail", "edition", "inReplyTo", "context"] as const;

/** Whom it was written to at its source: a target that writes to people must not take them for whom to write to. */
const recipients = ["to", "cc"] as const;

/**
 * The view to be made there: without what belongs to the source's item; by the route's template where it has one.
 * @param acts  what is made there is sent to people
 */
export const rendered = (view: View, route: Route | undefined, acts: boolean): View => {
  const out: Record<string, unknown> = { ...view };
  for (const field of acts ? [...own, ...recipients] : own) delete out[field];
  const plain = out as unknown as View;
  return route?.template ? route.template(plain) : plain;
};
