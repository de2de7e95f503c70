/**
 * A meeting or a task: what its copies show, and what messages about it say (RFC 5546 sections 3.2 and 3.4).
 *
 *   request, publish   the organiser's view, by its edition like a copy; nobody's own answer
 *   add                one further occurrence (section 3.2.4)
 *   reply              its attendee's own word, and nothing else
 *   cancel             lies over the newest whole view: all of it is cancelled, or those it lists are uninvited (section 3.2.5)
 *   counter            its attendee's proposal, until a newer view or `decline-counter`
 *
 * One occurrence by itself never stands for the series: it lies upon it.
 */

import { instanceIn, isPlanned, merelySpeaks, type Planned } from "../contract/scheduling.ts";
import type { Attendee, EventView, Timed, View } from "../contract/view.ts";
import type { ActorId } from "../contract/words.ts";
import { withAnswers } from "./answers.ts";
import type { OwnView, Refinement } from "./index.ts";
import { withOccurrences } from "./occurrences.ts";

const rank = (view: View): number => {
  if (!isPlanned(view) || !merelySpeaks(view)) return instanceIn(view) ? 2 : 3;
  return view.method === "cancel" ? 1 : 0;
};

const shows = 2;

const edition = ({ edition = "" }: View): string => edition;

const saidIn = (views: readonly OwnView[], method: Planned["method"]): readonly Planned[] =>
  views
    .flatMap(({ view }) => (isPlanned(view) && view.method === method ? [view] : []))
    .sort((a, b) => (edition(a) < edition(b) ? 1 : edition(a) > edition(b) ? -1 : 0));

/** True for a cancellation of the meeting; false: it takes those it lists out. RFC 5546 section 3.2.5. */
const cancelsAll = ({ status, attendees }: Planned): boolean => status === "cancelled" || !attendees?.length;

/** It stands for the object: what brought it is no part of that. Of one that only speaks its method stays, and says so. */
const shared = (view: Planned): Planned => {
  const { carrier: _carrier, method, ...event } = view;
  return method !== undefined && merelySpeaks(view) ? { ...event, method } : event;
};

const sameOccurrence = (a: View, b: View): boolean => instanceIn(a)?.originalTime === instanceIn(b)?.originalTime;

const over = (view: View, views: readonly OwnView[]): View => {
  if (!isPlanned(view)) return view;
  const event = shared(view);
  if (event.method !== undefined && event.method !== "cancel") return event;
  const last = saidIn(views, "cancel").find((one) => cancelsAll(one) && (!instanceIn(one) || sameOccurrence(one, event)));
  if (event.method === "cancel") return { ...event, status: "cancelled" };
  if (!last || edition(last) < edition(event)) return event;
  return { ...event, status: "cancelled", ...(edition(last) !== "" && { edition: edition(last) }) };
};

/** Without those whom a cancellation took out. */
const withoutUninvited = (event: Planned, base: string, views: readonly OwnView[]): Planned => {
  const out = new Set(
    saidIn(views, "cancel")
      .filter((one) => !instanceIn(one) && !cancelsAll(one) && edition(one) >= base)
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
  about: (view: Planned) => boolean,
): V => {
  const [counters, declines] = [saidIn(views, "counter").filter(about), saidIn(views, "decline-counter").filter(about)];
  if (!shown.attendees || counters.length === 0) return shown;
  const names = (id: ActorId) => (view: Planned) => view.attendees?.some((one) => one.id === id) ?? false;
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
const spoken = (event: Planned, views: readonly OwnView[]): Planned => {
  const all = new Map<ActorId, Attendee>();
  for (const { attendees = [] } of [...saidIn(views, "reply"), ...saidIn(views, "counter")])
    for (const attendee of attendees) if (!all.has(attendee.id)) all.set(attendee.id, attendee);
  return { ...event, attendees: [...all.values()].sort((a, b) => (a.id < b.id ? -1 : 1)) };
};

/** See the head of this file. */
export const planned: Refinement = {
  rank,
  shows,
  // Of single occurrences of a series that nobody shows, the first that was known: another one is no news about it.
  alike: (views) => {
    const [first] = [...views].sort((a, b) => a.item - b.item);
    const at = first && instanceIn(first.view)?.originalTime;
    return at === undefined ? views : views.filter(({ view }) => instanceIn(view)?.originalTime === at);
  },
  over,
  refine: (view, base, views, told, memory) => {
    const event = view as Planned;
    const known = rank(event) === 0 ? spoken(event, views) : withoutUninvited(event, base, views);
    const { view: answered, ...rest } = withAnswers(known, base, views, told, memory);
    const proposed = withProposals(answered, rank(event) === 0 ? "" : base, views, (one) => sameOccurrence(one, event));
    const whole = proposed.type === "Event" && rank(event) === 3;
    return { view: whole ? withOccurrences(proposed, base, views, withProposals) : proposed, ...rest };
  },
};
