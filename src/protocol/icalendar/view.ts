/** A series of a calendar object → the view of a meeting or a task. Pure and canonical: equal objects give equal views, however they are written. */

import type { Evidence } from "../../contract/adapter.ts";
import type { EventView, Occurrence, Recurrence, TaskView, Timed } from "../../contract/view.ts";
import { dateText, instantText, localText } from "../../time/local.ts";
import { utc, type Zone } from "../../time/zone.ts";
import { cleanLine, cleanText } from "../text/characters.ts";
import { htmlOfText } from "../text/index.ts";
import type { CalendarComponent } from "./component.ts";
import { overridesOf } from "./overrides.ts";
import { attendeesOf, partyOf } from "./people.ts";
import { firstValue, ruleTextsIn, timesIn, type WrittenTime } from "./property.ts";
import { ruleText } from "./rule.ts";
import { endOf, extentOf, type Moment, type ReadTime, reader, type Series } from "./series.ts";

/** How much is read. */
export interface PlannedReading {
  /** As `Read.text`. */
  readonly text: "none" | "preview" | "full";
  /** The calendar's zone, for floating times; default UTC. */
  readonly floating?: Zone;
}

/** Longest title, place, text: what is longer is cut. */
const LINE = 1_000;
const TEXT = 1_048_576;
const PREVIEW = 2_000;
/** Exceptions of one object that are shown. */
const EXCEPTIONS = 5_000;

const lineOf = (component: CalendarComponent, name: string): string => cleanLine(firstValue(component, name) ?? "", LINE);

const textsOf = (
  component: CalendarComponent,
  { text }: PlannedReading,
): { readonly text?: string; readonly content?: string } => {
  if (text === "none") return {};
  const whole = cleanText(firstValue(component, "description") ?? "").trim();
  if (whole === "") return {};
  const shown = whole.slice(0, text === "preview" ? PREVIEW : TEXT).toWellFormed();
  return { text: shown, content: htmlOfText(shown) };
};

/** A moment as the calendar keeps it; undefined: it is the instant. */
const localOf = ({ local, allDay, inUtc }: Moment): string | undefined =>
  allDay ? dateText(local) : inUtc ? undefined : localText(local);

/** RECURRENCE-ID, EXDATE and RDATE as the series writes its start. */
const nameOf = (moment: Moment): string => localOf(moment) ?? instantText(moment.instant);

const timesOf = (component: CalendarComponent, read: ReadTime): Timed => {
  const extent = extentOf(component, read);
  if (!extent) return {};
  const { start, length } = extent;
  const none = length.days === 0 && length.seconds === 0;
  const end = endOf(start, length);
  const from = localOf(start);
  const until = start.allDay
    ? dateText(start.local + length.days * 86_400)
    : from === undefined
      ? undefined
      : localText(end + start.zone.offsetAt(end));
  const zone = start.allDay || start.inUtc || !named(component) ? undefined : start.zone.iana;
  const timed = {
    // A day has no instant of its own: midnight UTC stands for it.
    startTime: instantText(start.allDay ? start.local : start.instant),
    ...(!none && { endTime: instantText(start.allDay ? start.local + length.days * 86_400 : end) }),
    ...(from !== undefined && { start: from }),
    ...(!none && until !== undefined && { end: until }),
    ...(zone !== undefined && { timezone: zone }),
  };
  if (component.name !== "vtodo") return timed;
  return dueOf(component, read, timed);
};

/** Its start names a zone: else it is floating. */
const named = (component: CalendarComponent): boolean =>
  [...timesIn(component, "dtstart"), ...timesIn(component, "due")][0]?.tzid !== undefined;

/** A task ends when it is due; without a start it has none. */
const dueOf = (component: CalendarComponent, read: ReadTime, { startTime, start, endTime, end, ...timed }: Timed): Timed => {
  const [due] = timesIn(component, "due").map(read);
  const begins = timesIn(component, "dtstart").length > 0;
  const local = due && localOf(due);
  const last = due
    ? { endTime: instantText(due.allDay ? due.local : due.instant), ...(local !== undefined && { end: local }) }
    : { ...(endTime !== undefined && { endTime }), ...(end !== undefined && { end }) };
  return {
    ...timed,
    ...(begins && startTime !== undefined && { startTime }),
    ...(begins && start !== undefined && { start }),
    ...last,
  };
};

const statuses: Readonly<Record<string, NonNullable<EventView["status"]>>> = {
  CONFIRMED: "confirmed",
  TENTATIVE: "tentative",
  CANCELLED: "cancelled",
};
const progresses: Readonly<Record<string, NonNullable<TaskView["status"]>>> = {
  "NEEDS-ACTION": "needs-action",
  "IN-PROCESS": "in-process",
  COMPLETED: "completed",
  CANCELLED: "cancelled",
};

const upper = (component: CalendarComponent, name: string): string => (firstValue(component, name) ?? "").trim().toUpperCase();

/** `0000000002 2026-11-26T10:00:00Z`: RFC 5546 section 2.1.5, SEQUENCE, then DTSTAMP. */
const editionOf = (components: readonly CalendarComponent[], read: ReadTime): string =>
  components
    .map((component) => {
      const [stamp] = timesIn(component, "dtstamp").map(read);
      return `${String(sequenceOf(component)).padStart(10, "0")} ${stamp ? instantText(stamp.instant) : ""}`.trim();
    })
    .sort()
    .at(-1) ?? "";

const sequenceOf = (component: CalendarComponent): number => {
  const sequence = Number(component.getFirstPropertyValue("sequence") ?? 0);
  return Number.isSafeInteger(sequence) && sequence >= 0 ? Math.min(sequence, 2_147_483_647) : 0;
};

/** What a component shows, but for its times. */
const shownOf = (component: CalendarComponent, reading: PlannedReading) => {
  const [name, location] = [lineOf(component, "summary"), lineOf(component, "location")];
  const attendees = attendeesOf(component);
  const status = statuses[upper(component, "status")];
  return {
    ...(name !== "" && { name }),
    ...textsOf(component, reading),
    ...(location !== "" && { location }),
    ...(attendees.length > 0 && { attendees }),
    ...(status && component.name === "vevent" && { status }),
  };
};

const differing = ["name", "text", "content", "location"] as const;

/** Only what an exception shows otherwise than its series; empty where it has nothing of what the series has. */
const exceptionOf = (
  component: CalendarComponent,
  series: Pick<EventView, (typeof differing)[number] | "attendees" | "status">,
  at: Moment,
  future: boolean,
  read: ReadTime,
  reading: PlannedReading,
): Occurrence => {
  const shown: Partial<EventView> = shownOf(component, reading);
  const other = Object.fromEntries(
    differing.flatMap((field) => (shown[field] === series[field] ? [] : [[field, shown[field] ?? ""]])),
  );
  const same = JSON.stringify(shown.attendees ?? []) === JSON.stringify(series.attendees ?? []);
  return {
    originalTime: instantText(at.allDay ? at.local : at.instant),
    ...timesOf(component, read),
    ...(future && { future: true as const }),
    ...other,
    ...(!same && { attendees: shown.attendees ?? [] }),
    ...(shown.status && shown.status !== series.status && { status: shown.status }),
  };
};

const repeating = ["rrule", "rdate", "exdate"];

const recurrenceOf = (
  { master, overrides }: Series,
  shown: Parameters<typeof exceptionOf>[1],
  read: ReadTime,
  reading: PlannedReading,
): Recurrence | undefined => {
  if (!master || (overrides.length === 0 && !repeating.some((name) => master.hasProperty(name)))) return undefined;
  const start = extentOf(master, read)?.start;
  const { single, ranges } = overridesOf(overrides, read, start);
  const names = (name: string): readonly string[] => {
    const moments = timesIn(master, name)
      .slice(0, EXCEPTIONS)
      .map((written: WrittenTime) => read(written));
    const onClock = (moment: Moment): Moment =>
      !start || moment.allDay || start.allDay
        ? moment
        : { ...moment, inUtc: start.inUtc, local: moment.instant + start.zone.offsetAt(moment.instant) };
    return [...new Set(moments.map((moment) => nameOf(onClock(moment))))].sort();
  };
  const rules = ruleTextsIn(master, "rrule").map(ruleText);
  const [dates, excluded] = [names("rdate"), names("exdate")];
  const exceptions = [...single.map((one) => [one, false] as const), ...ranges.map((one) => [one, true] as const)].map(
    ([{ id, component }, future]) => [nameOf(id), exceptionOf(component, shown, id, future, read, reading)] as const,
  );
  const all: Recurrence = {
    ...(rules.length > 0 && { rules }),
    ...(dates.length > 0 && { dates }),
    ...(excluded.length > 0 && { excluded }),
    ...(exceptions.length > 0 && { overrides: Object.fromEntries(exceptions.sort(([a], [b]) => (a < b ? -1 : 1))) }),
  };
  return Object.keys(all).length > 0 ? all : undefined;
};

/** Which occurrence this is, of a series that is not here. */
const instanceOf = ({ master, overrides }: Series, read: ReadTime): EventView["instance"] => {
  const [written] = master ? [] : timesIn(overrides[0] as CalendarComponent, "recurrence-id");
  if (!written) return undefined;
  const at = read(written);
  return { id: nameOf(at), originalTime: instantText(at.allDay ? at.local : at.instant) };
};

const classes: Readonly<Record<string, "private" | "confidential">> = { PRIVATE: "private", CONFIDENTIAL: "confidential" };

const bounded = (component: CalendarComponent, name: string, most: number): number | undefined => {
  const value = Number(component.getFirstPropertyValue(name) ?? Number.NaN);
  return Number.isSafeInteger(value) && value >= 0 && value <= most ? value : undefined;
};

/**
 * The view of a series; undefined for journals and for what has no component. Of a series that is known by single instances only the
 * first of them is shown, as `instance`. Text as far as `reading` says. Fails: `malformed` for times outside the years 1900 to 2200.
 */
export const plannedView = (series: Series, reading: PlannedReading): EventView | TaskView | undefined => {
  const { master, overrides, vtimezones } = series;
  const component = master ?? overrides[0];
  if (!component || (component.name !== "vevent" && component.name !== "vtodo")) return undefined;
  const read = reader(vtimezones, reading.floating ?? utc);
  const shown = shownOf(component, reading);
  const organiser = component.getFirstProperty("organizer");
  const attributedTo = organiser ? partyOf(organiser) : undefined;
  const recurrence = recurrenceOf(series, shown, read, reading);
  const classification = classes[upper(component, "class")];
  const sequence = sequenceOf(component);
  const common = {
    ...shown,
    ...timesOf(component, read),
    ...(attributedTo && { attributedTo }),
    ...(recurrence && { recurrence }),
    ...(classification && { classification }),
    ...(sequence > 0 && { sequence }),
    edition: editionOf([...(master ? [master] : []), ...overrides], read),
  };
  const instance = instanceOf(series, read);
  if (component.name === "vevent") return { type: "Event", ...common, ...(instance && { instance }) };
  const [completed] = timesIn(component, "completed").map(read);
  const [progress, priority] = [bounded(component, "percent-complete", 100), bounded(component, "priority", 9)];
  const status = progresses[upper(component, "status")];
  const { status: _event, ...task } = common;
  return {
    type: "Task",
    ...task,
    ...(status && { status }),
    ...(completed && { completed: instantText(completed.instant) }),
    ...(progress !== undefined && { progress }),
    ...(priority && { priority }),
  };
};

/**
 * What says that two items are about one meeting: UID with its organiser, whoever's calendar it is in; of what has none, UID within
 * the system. RFC 5545 section 3.8.4.7 makes UIDs unique; copies that somebody made by hand keep them.
 */
export const plannedEvidence = ({ uid, master, overrides }: Series): readonly Evidence[] => {
  if (uid === "") return [];
  const organiser = (master ?? overrides[0])?.getFirstProperty("organizer");
  const party = organiser ? partyOf(organiser) : undefined;
  return party
    ? [{ id: `uid:${uid} ${party.id}`, within: "everywhere", weight: "identity" }]
    : [{ id: `uid:${uid}`, within: "system", weight: "identity" }];
};
