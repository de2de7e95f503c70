/** What should stand at a target: the object as its source shows it, made fit to be read there. Pure. */

import type { View } from "../activity/view.ts";
import type { Route } from "./routes.ts";

/** Fields that are the item's own, or mean nothing at another place. */
const own = ["flags", "labels", "seen", "reactions", "bcc", "losses", "trail", "edition", "inReplyTo", "context"] as const;

/** The view to be made there: without what belongs to the source's item; by the route's template where it has one. */
export const rendered = (view: View, route: Route | undefined): View => {
  const out: Record<string, unknown> = { ...view };
  for (const field of own) delete out[field];
  const plain = out as unknown as View;
  return route?.template ? route.template(plain) : plain;
};
