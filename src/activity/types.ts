/** The types of activities, by the verbs they are asked for with. */

import { verbs } from "../contract/verbs.ts";

/** What an application can ask for: every verb but handing over an activity as it is. */
export const askedVerbs = verbs.filter((verb) => verb !== "Deliver");

/** What the log can tell: what can be asked for, and that somebody left, which nobody can ask for. */
export const activityTypes = [...askedVerbs, "Leave"] as const;

export type ActivityType = (typeof activityTypes)[number];
