/** Messages about meetings and tasks (RFC 5546), told from these themselves. */

import type { EventView, SchedulingMethod, TaskView, View } from "./view.ts";
import type { ItemKey } from "./words.ts";

/** A meeting or a task. */
export type Planned = EventView | TaskView;

export const isPlanned = (view: View | undefined): view is Planned => view?.type === "Event" || view?.type === "Task";

/** The mail that brought it, of a message about a meeting or a task. */
export const carrierOf = (view: View | undefined): ItemKey | undefined => (isPlanned(view) ? view.carrier : undefined);

/** A message, beside the mail it came with: it goes where that goes, and is no copy of the meeting. */
export const isCarried = ({ view }: { readonly view?: View }): boolean => carrierOf(view) !== undefined;

const speaking: ReadonlySet<SchedulingMethod | undefined> = new Set(["reply", "counter", "decline-counter", "cancel"]);

/** A message that only says something about a meeting which others show. */
export const merelySpeaks = (view: View): boolean => isPlanned(view) && speaking.has(view.method);

/** The one occurrence that a view is about, of a series that is not in it. */
export const instanceIn = (view: View): EventView["instance"] => (view.type === "Event" ? view.instance : undefined);
