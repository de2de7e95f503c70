/** Messages about meetings (RFC 5546), told from the meetings. */

import type { SchedulingMethod, View } from "./view.ts";

/** A message about a meeting, beside the mail it came with: it goes where that goes, and is no copy of the meeting. */
export const isCarried = ({ view }: { readonly view?: View }): boolean => view?.type === "Event" && view.carrier !== undefined;

const speaking: ReadonlySet<SchedulingMethod | undefined> = new Set(["reply", "counter", "decline-counter", "cancel"]);

/** A message that only says something about a meeting which others show. */
export const merelySpeaks = (view: View): boolean => view.type === "Event" && speaking.has(view.method);
