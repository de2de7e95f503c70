/** Views → calendar objects: new ones made whole, others changed fact by fact, so that all that nobody changed stays as it was. */

import type { Json } from "../../contract/adapter.ts";
import type { Loss } from "../../contract/view.ts";
import { dateText, instantText, localText } from "../../time/local.ts";
import { utc, type Zone } from "../../time/zone.ts";
import { type FactChanges, type Facts, isSameFact } from "../merge/facts.ts";
import { htmlOfText } from "../text/index.ts";
import { type CalendarComponent, componentFrom, propertyFrom } from "./component.ts";
import { formOf, type PeopleManner, putFact, timeProperty } from "./components.ts";
import { factsOf, type Planned, type TimesFact } from "./facts.ts";
import { overridesOf } from "./overrides.ts";
import { readCalendars } from "./parse.ts";
import { partyOf } from "./people.ts";
import { extentOf, type Moment, reader, type Series, seriesOf } from "./series.ts";
import { plannedView } from "./view.ts";
import { writeCalendar } from "./write.ts";

/** How an object is written. */
export interface PlannedWriting {
  /** RFC 3339 UTC with whole seconds: DTSTAMP and LAST-MODIFIED of what changes. */
  readonly stamp: string;
  /** Nobody is told by a server that schedules (RFC 6638 section 7.1). Default false. */
  readonly silent?: boolean;
  /** Whoever has not answered is asked to (RSVP). Default false. */
  readonly asks?: boolean;
  /** SEQUENCE is raised with what RFC 5546 section 2.1.4 names: for organisers. Default false. */
  readonly organises?: boolean;
  /** Further properties of the master, `x-…` with their text; undefined takes one away. */
  readonly marks?: Readonly<Record<string, string | undefined>>;
  /** UIDs of the objects it belongs together with: RELATED-TO of the master, RELTYPE=SIBLING (RFC 5545 section 3.2.15). */
  readonly related?: readonly string[];
}

/** Changes of these are another meeting to whoever planned with it (RFC 5546 section 2.1.4). */
const significant = /^(@\S+ )?(times|rules|date|excluded|status|here)\b/;

/** DTSTAMP and LAST-MODIFIED: when it was last revised where it is kept (RFC 5545 sections 3.8.7.2 and 3.8.7.3). @param stamp  RFC 3339 */
export const stampRevised = (component: CalendarComponent, stamp: string): void => {
  for (const name of ["dtstamp", "last-modified"]) {
    component.removeAllProperties(name);
    component.addProperty(propertyFrom([name, {}, "date-time", stamp]));
  }
};

const sequenceOf = (component: CalendarComponent): number => Number(component.getFirstPropertyValue("sequence") ?? 0) || 0;

const setSequence = (component: CalendarComponent, sequence: number): void => {
  component.removeAllProperties("sequence");
  component.addProperty(propertyFrom(["sequence", {}, "integer", sequence]));
};

/** The name of an instance as the series writes its start. */
const nameOf = ({ local, allDay, inUtc, instant }: Moment): string =>
  allDay ? dateText(local) : inUtc ? instantText(instant) : localText(local);

/** The zone of the start, as facts name it. */
const zoneIn = (facts: Facts): string | undefined => (facts.get("times") as TimesFact | undefined)?.zone;

/** Takes these instances out of every EXDATE or RDATE, by the names they have in the series. */
const withoutDates = (
  master: CalendarComponent,
  name: string,
  gone: ReadonlySet<string>,
  read: ReturnType<typeof reader>,
): void => {
  if (gone.size === 0) return;
  const start = extentOf(master, read)?.start;
  for (const old of master.getAllProperties(name)) {
    const tzid = old.getFirstParameter("tzid");
    const [, parameters, type, ...values] = old.toJSON() as unknown as [string, object, string, ...unknown[]];
    const kept = values.filter((value) => {
      const [text] = [value].flat();
      if (typeof text !== "string") return true;
      const moment = read({ text, ...(tzid && { tzid }) });
      const local = start ? moment.instant + start.zone.offsetAt(moment.instant) : moment.local;
      return !gone.has(nameOf(start && !moment.allDay && !start.allDay ? { ...moment, inUtc: start.inUtc, local } : moment));
    });
    if (kept.length === values.length) continue;
    master.removeProperty(old);
    if (kept.length > 0) master.addProperty(propertyFrom([name, parameters, type, ...kept]));
  }
};

/** A new exception: the master without what makes it a series, and without our marks. */
const exceptionOf = (
  calendar: CalendarComponent,
  master: CalendarComponent,
  id: string,
  zone: string | undefined,
): CalendarComponent => {
  const made = componentFrom(structuredClone(master.toJSON()));
  for (const name of ["rrule", "exrule", "rdate", "exdate", "recurrence-id"]) made.removeAllProperties(name);
  for (const { name } of made.getAllProperties()) if (name.startsWith("x-groupstream-")) made.removeAllProperties(name);
  made.addProperty(timeProperty("recurrence-id", id, formOf(calendar, id, zone)));
  calendar.addSubcomponent(made);
  return made;
};

/** Facts of exceptions by their occurrence: `@2026-12-10T10:00:00 name`. */
const exceptionsIn = (changes: FactChanges): ReadonlyMap<string, FactChanges> => {
  const all = new Map<string, Map<string, Json | null>>();
  for (const [name, value] of changes) {
    const [, id, fact] = /^@(\S+) (.*)$/s.exec(name) ?? [];
    if (id === undefined || fact === undefined) continue;
    const one = all.get(id) ?? new Map<string, Json | null>();
    all.set(id, one.set(fact, value));
  }
  return all;
};

const datesIn = (changes: FactChanges, name: string, added: boolean): readonly string[] =>
  [...changes].flatMap(([fact, value]) =>
    fact.startsWith(`${name} `) && (value !== null) === added ? [fact.slice(name.length + 1)] : [],
  );

const lists = [
  ["date", "rdate"],
  ["excluded", "exdate"],
] as const;

/** First what else could not be written before what an attendee answers: them. */
const inOrder = (changes: FactChanges): readonly (readonly [string, Json | null])[] =>
  [...changes].sort(([a], [b]) => Number(a.startsWith("answer ")) - Number(b.startsWith("answer ")));

/** Writes facts into a VCALENDAR of one series. @param all  the facts as they are to be: what a new exception is made of */
const write = (
  calendar: CalendarComponent,
  series: Series,
  changes: FactChanges,
  all: Facts,
  manner: PlannedWriting,
  floating: Zone,
): void => {
  const { master, overrides, vtimezones } = series;
  const main = master ?? overrides[0];
  if (!main) return;
  const people: PeopleManner = { silent: manner.silent === true, asks: manner.asks === true };
  const read = reader(vtimezones, floating);
  const standing = new Map(
    overridesOf(overrides, read, extentOf(main, read)?.start).single.map(({ id, component }) => [nameOf(id), component]),
  );
  const touched = new Set<CalendarComponent>();
  const put = (component: CalendarComponent, fact: string, value: Json | null): void => {
    putFact(calendar, component, fact, value, people);
    touched.add(component);
  };
  // By the names things have while the series begins as it did.
  for (const [fact, name] of lists) withoutDates(main, name, new Set(datesIn(changes, fact, false)), read);
  for (const [fact, value] of inOrder(changes)) if (!fact.startsWith("@")) put(main, fact, value);
  const zone = zoneIn(all);
  for (const [fact, name] of lists)
    for (const id of datesIn(changes, fact, true)) main.addProperty(timeProperty(name, id, formOf(calendar, id, zone)));
  for (const [id, facts] of exceptionsIn(changes)) {
    const old = standing.get(id);
    if (facts.get("here") === null) {
      if (old) calendar.removeSubcomponent(old);
      continue;
    }
    const component = old ?? exceptionOf(calendar, main, id, zone);
    const whole = new Map(
      [...all].filter(([fact]) => fact.startsWith(`@${id} `)).map(([fact, value]) => [fact.slice(id.length + 2), value]),
    );
    for (const [fact, value] of inOrder(old ? facts : new Map([...withoutPeople(component, whole), ...whole])))
      put(component, fact, value);
  }
  for (const [name, text] of Object.entries(manner.marks ?? {})) {
    main.removeAllProperties(name);
    if (text !== undefined) main.addProperty(propertyFrom([name, {}, "unknown", text]));
  }
  const relatives = new Set(relatedIn(series));
  for (const uid of manner.related ?? [])
    if (!relatives.has(uid)) main.addProperty(propertyFrom(["related-to", { reltype: "SIBLING" }, "text", uid]));
  if (changes.size > 0) touched.add(main);
  const highest = Math.max(...[main, ...overrides].map(sequenceOf));
  const raised = manner.organises === true && [...changes.keys()].some((fact) => significant.test(fact));
  for (const component of touched) {
    stampRevised(component, manner.stamp);
    if (raised) setSequence(component, highest + 1);
  }
};

/** What a copy of the master has and the exception has not: taken away first. */
const withoutPeople = (component: CalendarComponent, whole: Facts): FactChanges => {
  const gone = new Map<string, Json | null>();
  for (const fact of ["name", "text", "location", "status"]) if (!whole.has(fact)) gone.set(fact, null);
  for (const one of component.getAllProperties("attendee")) {
    const id = partyOf(one)?.id;
    if (id !== undefined && !whole.has(`attendee ${id}`)) gone.set(`attendee ${id}`, null);
  }
  return gone;
};

/** Zones stand before what is in them: some programs read an object once, from its beginning. */
const textOf = (calendar: CalendarComponent): string => {
  const [name, properties, components] = calendar.toJSON() as unknown as [string, unknown[], [string][]];
  const zones = components.filter(([kind]) => kind === "vtimezone");
  const rest = components.filter(([kind]) => kind !== "vtimezone");
  return writeCalendar(componentFrom([name, properties, [...zones, ...rest]]));
};

/** The first series in a text that was written. */
const readBack = (text: string, floating: Zone): Planned | undefined => {
  const [series] = readCalendars(text).calendars.flatMap((calendar) => seriesOf(calendar));
  return series && plannedView(series, { text: "full", floating });
};

const fields: Readonly<Record<string, string>> = {
  times: "startTime",
  class: "classification",
  organiser: "attributedTo",
  attendee: "attendees",
  answer: "attendees",
  rules: "recurrence",
  date: "recurrence",
  excluded: "recurrence",
  here: "recurrence",
};

/** The field of a view that a fact is about. */
export const fieldOfFact = (fact: string): string => {
  const [name = ""] = fact.replace(/^@\S+ /, "").split(" ");
  return fields[name] ?? name;
};

const lossesOf = (view: Planned, wished: Facts, written: Facts): readonly Loss[] => {
  const lost = new Set([...wished].flatMap(([fact, value]) => (isSameFact(written.get(fact), value) ? [] : [fieldOfFact(fact)])));
  const text = wished.get("text");
  const plain = view.content === undefined || view.content === (typeof text === "string" ? htmlOfText(text) : "");
  const refused = [...lost].map((field): Loss => ({ field, reason: "Not all of it can be written in iCalendar." }));
  return [
    ...refused,
    ...(plain ? [] : [{ field: "content", reason: "The text of an event is plain: its formatting is left out." }]),
  ];
};

/** A new object. */
export interface PlannedObject {
  /** With CRLF, to be put as it is. */
  readonly text: string;
  /** What it shows when it is read. */
  readonly facts: Facts;
  readonly losses: readonly Loss[];
}

/**
 * A new object of this view: an event or a task with its series, exceptions, people and zones. Exceptions that stand for all that
 * follow are written for their one occurrence: split the series before. Fails: `malformed` for times and zones that are none.
 */
export const newPlanned = (view: Planned, { uid, ...manner }: PlannedWriting & { readonly uid: string }): PlannedObject => {
  const wished = factsOf(view);
  const name = view.type === "Event" ? "vevent" : "vtodo";
  const head = [
    ["version", {}, "text", "2.0"],
    ["prodid", {}, "text", "-//groupstream//EN"],
  ];
  const calendar = componentFrom(["vcalendar", head, [[name, [["uid", {}, "text", uid]], []]]]);
  const [series] = seriesOf(calendar);
  if (series) write(calendar, series, wished, wished, { ...manner, organises: false }, utc);
  const text = textOf(calendar);
  const shown = readBack(text, utc);
  const facts = shown ? factsOf(shown) : new Map<string, Json>();
  return { text, facts, losses: lossesOf(view, wished, facts) };
};

/**
 * The object with these facts changed, and nothing else: unknown properties, parameters, alarms and zones stay as they are. SEQUENCE rises
 * by one where an organiser changes what RFC 5546 section 2.1.4 names. Fails: as {@link newPlanned}.
 * @param all     the facts as they are to be
 * @param manner  with the calendar's zone for floating times, default UTC
 */
export const changedPlanned = (
  data: string,
  changes: FactChanges,
  all: Facts,
  manner: PlannedWriting & { readonly floating?: Zone },
): string => {
  const [calendar] = readCalendars(data).calendars;
  const [series] = calendar ? seriesOf(calendar) : [];
  if (!calendar || !series) return data;
  write(calendar, series, changes, all, manner, manner.floating ?? utc);
  return textOf(calendar);
};

/** Texts of properties of the master, by name in lower case. */
export const markIn = ({ master, overrides }: Series, name: string): string | undefined => {
  const component = master ?? overrides[0];
  const value = component?.getFirstPropertyValue(name);
  return typeof value === "string" ? value : undefined;
};

/** UIDs of what it is related to. */
export const relatedIn = ({ master, overrides }: Series): readonly string[] =>
  ((master ?? overrides[0])?.getAllProperties("related-to") ?? []).flatMap((one) => {
    const uid = one.getFirstValue();
    return typeof uid === "string" ? [uid] : [];
  });
