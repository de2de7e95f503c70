/** Facets of meetings and tasks, of one occurrence as of a whole series. Pure. */

import { isDeepStrictEqual } from "node:util";
import type { Attendee, EventView, LocalTime, Occurrence, Party, TaskView, Timed } from "../contract/view.ts";
import type { ActorId } from "../contract/words.ts";
import { type Draft, update } from "./draft.ts";

type Facet<V> = (before: V, after: V) => readonly Draft[];

const moved = (before: Timed, after: Timed): readonly string[] =>
  [["startTime", "start"] as const, ["endTime", "end"] as const].flatMap(([instant, local]) =>
    before[instant] !== after[instant] || before[local] !== after[local] ? [instant] : [],
  );

const rescheduled: Facet<EventView> = (before, after) => {
  const changed = moved(before, after);
  return changed.length > 0 ? [update("rescheduled", "event.rescheduled", changed)] : [];
};

const relocated: Facet<EventView> = (before, after) =>
  before.location !== after.location ? [update("relocated", "event.relocated", ["location"])] : [];

const cancelled: Facet<EventView> = (before, after) =>
  before.status !== after.status && after.status === "cancelled" ? [update("cancelled", "event.cancelled", ["status"])] : [];

const byId = (attendees: readonly Attendee[] | undefined): ReadonlyMap<ActorId, Attendee> =>
  new Map(attendees?.map((attendee) => [attendee.id, attendee]));

const party = ({ id, name, type }: Attendee): Party => ({ id, ...(name !== undefined && { name }), ...(type && { type }) });

type Peopled = Pick<EventView | TaskView, "type" | "attendees">;

const come = (before: Peopled, after: Peopled): readonly Attendee[] => {
  const was = byId(before.attendees);
  return (after.attendees ?? []).filter(({ id }) => !was.has(id));
};

const invited: Facet<EventView> = (before, after) =>
  come(before, after).map(
    (attendee): Draft => ({
      type: "Invite",
      facet: `invited ${attendee.id}`,
      kind: "event.invited",
      party: party(attendee),
    }),
  );

const answers = { accepted: "Accept", tentative: "TentativeAccept", declined: "Reject" } as const;

/** Each answer that is new, by the attendee; one taken back is an edit of the attendees. Answers are never a copy's difference. */
export const answered: Facet<Peopled> = (before, after) => {
  const was = byId(before.attendees);
  const changed = (after.attendees ?? []).filter((attendee) => attendee.answer !== (was.get(attendee.id)?.answer ?? "none"));
  const told = changed.flatMap((attendee): readonly Draft[] => {
    if (attendee.answer === "none") return [];
    const { answer } = attendee;
    const [type, kind] = [answers[answer], after.type === "Task" ? (`task.${answer}` as const) : (`event.${answer}` as const)];
    return [{ type, facet: `answered ${attendee.id}`, kind, actor: party(attendee) }];
  });
  const reset = changed.some((attendee) => attendee.answer === "none");
  return reset ? [...told, update("attendees", "event.edited", ["attendees"])] : told;
};

/** Each time that is proposed, by the attendee; one that is open no more is an edit of the attendees, or told by what came of it. */
export const proposed: Facet<EventView | TaskView> = (before, after) => {
  const was = byId(before.attendees);
  return (after.attendees ?? []).flatMap((attendee): readonly Draft[] => {
    const { id, proposes } = attendee;
    if (!proposes || isDeepStrictEqual(proposes, was.get(id)?.proposes)) return [];
    const view = { ...after, ...proposes };
    return [{ type: "Offer", facet: `proposed ${id}`, kind: "event.proposed", actor: party(attendee), proposes, view }];
  });
};

const uninvited: Facet<EventView> = (before, after) =>
  come(after, before).length > 0 ? [update("uninvited", "event.edited", ["attendees"])] : [];

/** What is told of a meeting, or of one occurrence of it. */
export const ofEvent: Facet<EventView> = (before, after) =>
  [rescheduled, relocated, cancelled, invited, answered, proposed, uninvited].flatMap((facet) => facet(before, after));

const done: Facet<TaskView> = (before, after) => {
  if (before.status === after.status) return [];
  if (after.status === "completed") return [update("completed", "task.completed", ["status"])];
  if (after.status === "cancelled") return [update("cancelled", "task.cancelled", ["status"])];
  return before.status === "completed" || before.status === "cancelled" ? [update("reopened", "task.reopened", ["status"])] : [];
};

const due: Facet<TaskView> = (before, after) => {
  const changed = moved(before, after);
  return changed.length > 0 ? [update("rescheduled", "task.rescheduled", changed)] : [];
};

const assigned: Facet<TaskView> = (before, after) => [
  ...come(before, after).map(
    (one): Draft => ({ type: "Add", facet: `assigned ${one.id}`, kind: "task.assigned", party: party(one) }),
  ),
  ...come(after, before).map(
    (one): Draft => ({ type: "Remove", facet: `unassigned ${one.id}`, kind: "task.unassigned", party: party(one) }),
  ),
];

export const ofTask: Facet<TaskView> = (before, after) =>
  [done, due, assigned, answered].flatMap((facet) => facet(before, after));

const instant = (at: number): string => new Date(at).toISOString().replace(".000Z", "Z");

/** One occurrence as a meeting of its own. `override` absent: as the series has it, at this instant. */
const occurrenceOf = (series: EventView, override: Occurrence | undefined, at: string): EventView => {
  const { recurrence: _recurrence, start: _start, end: _end, startTime, endTime, ...shared } = series;
  if (!override) {
    const length = Date.parse(endTime ?? "") - Date.parse(startTime ?? "");
    return { ...shared, startTime: at, ...(length >= 0 && { endTime: instant(Date.parse(at) + length) }) };
  }
  const { originalTime: _at, future: _future, start: _local, end: _localEnd, ...own } = override;
  const { location, ...rest } = { ...shared, ...own };
  return { ...rest, ...(location && { location }) };
};

/** What else an override may say. */
const shown = ["name", "content", "text"] as const;

const overridden = (
  series: EventView,
  id: LocalTime,
  was: Occurrence | undefined,
  is: Occurrence | undefined,
): readonly Draft[] => {
  const at = (is ?? was)?.originalTime ?? "";
  // Both beside the series as it is now: what changed in the series is told of the series.
  const [before, after] = [occurrenceOf(series, was, at), occurrenceOf(series, is, at)];
  const told = ofEvent(before, after);
  const fields = shown.filter((field) => before[field] !== after[field]);
  const edited = told.length === 0 && fields.length > 0 ? [update("edited", "event.edited", fields)] : [];
  const future = is?.future ?? was?.future;
  return [...told, ...edited].map((draft) => ({
    ...draft,
    facet: `${draft.facet} ${id}`,
    occurrence: { id, ...(future && { future }) },
    view: draft.view ? { ...after, ...draft.proposes } : after,
  }));
};

/** What is told of single occurrences of a series. Where the series itself begins at another time they bear other names: nothing. */
export const ofOccurrences: Facet<EventView> = (a, b) => {
  if (a.start !== b.start || (a.start === undefined && a.startTime !== b.startTime)) return [];
  const [was, is] = [a.recurrence ?? {}, b.recurrence ?? {}];
  const [left, right] = [new Set(was.excluded), new Set(is.excluded)];
  const [extra, more] = [new Set(was.dates), new Set(is.dates)];
  const cancelled = [...[...right].filter((id) => !left.has(id)), ...[...extra].filter((id) => !more.has(id))];
  const again = [...[...left].filter((id) => !right.has(id)), ...[...more].filter((id) => !extra.has(id))];
  const ids = [...new Set([...Object.keys(was.overrides ?? {}), ...Object.keys(is.overrides ?? {})])].sort();
  return [
    ...[...new Set(cancelled)]
      .sort()
      .map((id): Draft => ({ ...update(`cancelled ${id}`, "event.cancelled", ["status"]), occurrence: { id } })),
    ...[...new Set(again)]
      .sort()
      .map((id): Draft => ({ ...update(`added ${id}`, "event.repeated", ["recurrence"]), occurrence: { id } })),
    ...ids
      .filter((id) => !right.has(id) && !isDeepStrictEqual(was.overrides?.[id], is.overrides?.[id]))
      .flatMap((id) => overridden(b, id, was.overrides?.[id], is.overrides?.[id])),
  ];
};

/** Its rule is another, or its end: told of the series. */
export const repeated: Facet<EventView | TaskView> = (a, b) =>
  isDeepStrictEqual(a.recurrence?.rules, b.recurrence?.rules) ? [] : [update("repeated", "event.edited", ["recurrence"])];
