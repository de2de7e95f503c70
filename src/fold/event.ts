/**
 * A meeting: what its copies show, and what messages about it say (RFC 5546 section 3.2).
 *
 *   request, publish   the organiser's view, by its edition like a copy; nobody's own answer
 *   add                one further occurrence (section 3.2.4)
 *   reply              its attendee's own word, and nothing else
 *   cancel             lies over the newest whole view: all of it is cancelled, or those it lists are uninvited (section 3.2.5)
 *   counter            its attendee's proposal, until a newer view or `decline-counter`
 *
 * One occurrence by itself never stands for the series: it lies upon it.
 */

import { merelySpeaks } from "../activity/scheduling.ts";
import type { Attendee, EventView, Timed, View } from "../activity/view.ts";
import type { ActorId } from "../words.ts";
import { withAnswers } from "./answers.ts";
import type { OwnView, Refinement } from "./index.ts";
import { withOccurrences } from "./occurrences.ts";

const rank = (view: View): number => {
  if (view.type !== "Event" || !merelySpeaks(view)) return view.type === "Event" && view.instance ? 2 : 3;
  return view.method === "cancel" ? 1 : 0;
};

const shows = 2;

const edition = ({ edition = "" }: View): string => edition;

const eventsIn = (views: readonly OwnView[], method: EventView["method"]): readonly EventView[] =>
  views
    .flatMap(({ view }) => (view.type === "Event" && view.method === method ? [view] : []))
    .sort((a, b) => (edition(a) < edition(b) ? 1 : edition(a) > edition(b) ? -1 : 0));

/** True for a cancellation of the meeting; false: it takes those it lists out. RFC 5546 section 3.2.5. */
export const cancelsAll = ({ status, attendees }: EventView): boolean => status === "cancelled" || !attendees?.length;

/** It stands for the object: what brought it is no part of that. Of one that only speaks its method stays, and says so. */
const shared = (view: EventView): EventView => {
  const { carrier: _carrier, method, ...event } = view;
  return method !== undefined && merelySpeaks(view) ? { ...event, method } : event;
};

const sameOccurrence = (a: EventView, b: EventView): boolean => a.instance?.originalTime === b.instance?.originalTime;

const over = (view: View, views: readonly OwnView[]): View => {
  if (view.type !== "Event") return view;
  const event = shared(view);
  if (event.method !== undefined && event.method !== "cancel") return event;
  const last = eventsIn(views, "cancel").find((one) => cancelsAll(one) && (!one.instance || sameOccurrence(one, event)));
  if (event.method === "cancel") return { ...event, status: "cancelled" };
  if (!last || edition(last) < edition(event)) return event;
  return { ...event, status: "cancelled", ...(edition(last) !== "" && { edition: edition(last) }) };
};

/** Without those whom a cancellation took out. */
const withoutUninvited = (event: EventView, base: string, views: readonly OwnView[]): EventView => {
  const out = new Set(
    eventsIn(views, "cancel")
      .filter((one) => !one.instance && !cancelsAll(one) && edition(one) >= base)
      .flatMap(({ attendees = [] }) => attendees.map(({ id }) => id)),
  );
  if (out.size === 0 || !event.attendees) return event;
  return { ...event, attendees: event.attendees.filter(({ id }) => !out.has(id)) };
};

const timesOf = ({ startTime, endTime, start, end, timezone }: Timed): Timed => ({
  ...(startTime !== undefined && { startTime }),
  ...(endTime !== undefined && { endTime }),
  ...(start !== undefined && { start }),
  ...(end !== undefined && { end }),
  ...(timezone !== undefined && { timezone }),
});

/** What each attendee proposes for this view, or this occurrence: newer than it, other than it, and not declined since. */
const withProposals = <V extends Pick<EventView, "attendees"> & Timed>(
  shown: V,
  base: string,
  views: readonly OwnView[],
  about: (view: EventView) => boolean,
): V => {
  const [counters, declines] = [eventsIn(views, "counter").filter(about), eventsIn(views, "decline-counter").filter(about)];
  if (!shown.attendees || counters.length === 0) return shown;
  const names = (id: ActorId) => (view: EventView) => view.attendees?.some((one) => one.id === id) ?? false;
  const proposalOf = ({ id }: Attendee): Timed | undefined => {
    const counter = counters.find(names(id));
    const declined = declines.find((one) => !one.attendees?.length || names(id)(one));
    if (!counter || edition(counter) < base || (declined && edition(declined) >= edition(counter))) return undefined;
    const times = timesOf(counter);
    const same = times.startTime === shown.startTime && times.endTime === shown.endTime;
    return times.startTime === undefined || same ? undefined : times;
  };
  const attendees = shown.attendees.map((attendee) => {
    const proposes = proposalOf(attendee);
    return proposes ? { ...attendee, proposes } : attendee;
  });
  return { ...shown, attendees };
};

/** Of messages that merely speak, what all of them say of their attendees. */
const spoken = (event: EventView, views: readonly OwnView[]): EventView => {
  const all = new Map<ActorId, Attendee>();
  for (const { attendees = [] } of [...eventsIn(views, "reply"), ...eventsIn(views, "counter")])
    for (const attendee of attendees) if (!all.has(attendee.id)) all.set(attendee.id, attendee);
  return { ...event, attendees: [...all.values()].sort((a, b) => (a.id < b.id ? -1 : 1)) };
};

/** See the head of this file. */
export const meetings: Refinement = {
  rank,
  shows,
  // Of single occurrences of a series that nobody shows, the first that was known: another one is no news about it.
  alike: (views) => {
    const [first] = [...views].sort((a, b) => a.item - b.item);
    const at = first?.view.type === "Event" ? first.view.instance?.originalTime : undefined;
    return at === undefined ? views : views.filter(({ view }) => view.type === "Event" && view.instance?.originalTime === at);
  },
  over,
  refine: (view, base, views, told, memory) => {
    const event = view as EventView;
    const known = rank(event) === 0 ? spoken(event, views) : withoutUninvited(event, base, views);
    const { view: answered, ...rest } = withAnswers(known, base, views, told, memory);
    const proposed = withProposals(answered, rank(event) === 0 ? "" : base, views, (one) => sameOccurrence(one, event));
    return { view: rank(event) === 3 ? withOccurrences(proposed, base, views, withProposals) : proposed, ...rest };
  },
};
