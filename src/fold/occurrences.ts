/** Single occurrences that are known beside their series: copies and messages that show no more, laid upon it as exceptions. */

import { isDeepStrictEqual } from "node:util";
import { instanceIn, merelySpeaks, type Planned } from "../contract/scheduling.ts";
import type { Attendee, EventView, LocalTime, Occurrence, Timed } from "../contract/view.ts";
import { ianaZone } from "../time/iana.ts";
import { replyOf } from "./answers.ts";
import type { OwnView } from "./index.ts";

type Instance = EventView & { readonly instance: NonNullable<EventView["instance"]> };

type Proposals = <V extends Pick<EventView, "attendees"> & Timed>(
  shown: V,
  base: string,
  views: readonly OwnView[],
  about: (view: Planned) => boolean,
) => V;

const edition = ({ edition = "" }: EventView): string => edition;

const instancesOf = (views: readonly OwnView[]): readonly Instance[] =>
  views.flatMap(({ view }) => (view.type === "Event" && view.instance ? [view as Instance] : []));

/** The occurrence as the series names it (RECURRENCE-ID is written as DTSTART is). */
const nameIn = (series: EventView, { id, originalTime }: Instance["instance"]): LocalTime => {
  const known = Object.entries(series.recurrence?.overrides ?? {}).find(([, one]) => one.originalTime === originalTime);
  if (known) return known[0];
  if (series.start === undefined) return originalTime;
  if (series.start.length === 10) return originalTime.slice(0, 10);
  const zone = series.timezone === undefined ? undefined : ianaZone(series.timezone);
  return zone?.toLocal(originalTime) ?? id;
};

/** Who has answered keeps the answer where an invitation of the same revision asks again. */
const attendeesIn = ({ attendees: before = [], sequence = 0 }: EventView, one: EventView): readonly Attendee[] => {
  const known = new Map(before.map(({ id, answer }) => [id, answer]));
  return (one.attendees ?? []).map((attendee) =>
    one.method !== undefined && attendee.answer === "none" && (one.sequence ?? 0) === sequence
      ? { ...attendee, answer: known.get(attendee.id) ?? attendee.answer }
      : attendee,
  );
};

/** Only what it shows otherwise than the series. */
const exceptionOf = (series: EventView, one: Instance): Occurrence => {
  const attendees = attendeesIn(series, one);
  const { startTime, endTime, start, end, timezone } = one;
  const other = (["name", "location"] as const).flatMap((field) =>
    one[field] === series[field] ? [] : [[field, one[field] ?? ""]],
  );
  const read = (["text", "content"] as const).flatMap((field) =>
    one[field] === undefined || one[field] === series[field] ? [] : [[field, one[field]]],
  );
  return {
    originalTime: one.instance.originalTime,
    ...(startTime !== undefined && { startTime }),
    ...(endTime !== undefined && { endTime }),
    ...(start !== undefined && { start }),
    ...(end !== undefined && { end }),
    ...(timezone !== undefined && { timezone }),
    ...Object.fromEntries([...other, ...read]),
    ...(!isDeepStrictEqual(attendees, series.attendees ?? []) && { attendees }),
    ...(one.status && one.status !== series.status && { status: one.status }),
  };
};

/** As the series has it, for what is only cancelled or answered. */
const asItWas = (series: EventView, one: Instance): Occurrence => {
  const { originalTime } = one.instance;
  const length = Date.parse(series.endTime ?? "") - Date.parse(series.startTime ?? "");
  const end = new Date(Date.parse(originalTime) + length);
  return {
    originalTime,
    startTime: originalTime,
    ...(length >= 0 && { endTime: end.toISOString().replace(".000Z", "Z") }),
  };
};

/** One occurrence with what is known of it beside the series; undefined: nothing that counts. */
const occurrenceOf = (
  series: EventView,
  base: string,
  views: readonly OwnView[],
  all: readonly Instance[],
  known: Occurrence | undefined,
  proposals: Proposals,
): Occurrence | undefined => {
  const { originalTime } = (all[0] as Instance).instance;
  const about = (view: Planned): boolean => instanceIn(view)?.originalTime === originalTime;
  const newest = (wanted: (one: Instance) => boolean): Instance | undefined =>
    all.filter(wanted).sort((a, b) => (edition(a) < edition(b) ? 1 : edition(a) > edition(b) ? -1 : 0))[0];
  const shown = newest((one) => !merelySpeaks(one));
  const cancel = newest(({ method }) => method === "cancel");
  const laid = shown && edition(shown) > base ? exceptionOf(series, shown) : known;
  const edited = shown && edition(shown) > base ? edition(shown) : base;
  if (cancel && edition(cancel) >= edited) return { ...(laid ?? asItWas(series, cancel)), status: "cancelled" };

  const invited = laid?.attendees ?? series.attendees ?? [];
  const sequence = (shown && laid !== known ? shown.sequence : series.sequence) ?? 0;
  const answered = invited.map((attendee): Attendee => {
    const reply = replyOf(views, attendee.id, { edition: edited, sequence, answer: attendee.answer }, undefined, about);
    return reply ? { ...attendee, answer: reply.answer } : attendee;
  });
  const occurrence = laid ?? asItWas(series, all[0] as Instance);
  const whole = proposals({ ...occurrence, attendees: answered }, edited, views, about);
  if (isDeepStrictEqual(whole.attendees, invited)) return laid;
  return whole;
};

/** One that a message adds, newer than the series: it is none of the series' own. */
const adds = (all: readonly Instance[], base: string): boolean => all.some((one) => one.method === "add" && edition(one) > base);

/** The series with what lies upon it. @param base  its edition @param proposals  puts in what attendees propose */
export const withOccurrences = (series: EventView, base: string, views: readonly OwnView[], proposals: Proposals): EventView => {
  const groups = Map.groupBy(instancesOf(views), ({ instance }) => instance.originalTime);
  if (groups.size === 0) return series;
  const overrides = { ...series.recurrence?.overrides };
  const dates = new Set(series.recurrence?.dates);
  for (const all of groups.values()) {
    const name = nameIn(series, (all[0] as Instance).instance);
    const occurrence = occurrenceOf(series, base, views, all, overrides[name], proposals);
    if (occurrence) overrides[name] = occurrence;
    if (adds(all, base)) dates.add(name);
  }
  const sorted = Object.fromEntries(Object.entries(overrides).sort(([a], [b]) => (a < b ? -1 : 1)));
  const laid = {
    ...(dates.size > 0 && { dates: [...dates].sort() }),
    ...(Object.keys(sorted).length > 0 && { overrides: sorted }),
  };
  return Object.keys(laid).length > 0 ? { ...series, recurrence: { ...series.recurrence, ...laid } } : series;
};
