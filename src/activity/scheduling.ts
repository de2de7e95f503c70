/** Messages about meetings (RFC 5546), told from the meetings. */

import type { View } from "./view.ts";

/** A message about a meeting, beside the mail it came with: it goes where that goes, and is no copy of the meeting. */
export const isCarried = ({ view }: { readonly view?: View }): boolean => view?.type === "Event" && view.carrier !== undefined;
