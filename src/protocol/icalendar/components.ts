/** Facts put onto one component, a master or an exception: each into its property, whose parameters stay. Not pure: components change. */

import ICAL from "ical.js";
import type { Json } from "../../contract/adapter.ts";
import { GroupstreamError } from "../../contract/errors.ts";
import type { Answer, Party } from "../../contract/view.ts";
import { secondsOf } from "../../time/local.ts";
import { type CalendarComponent, type CalendarProperty, propertyFrom } from "./component.ts";
import type { TimesFact } from "./facts.ts";
import { partyOf } from "./people.ts";
import { firstValue } from "./property.ts";
import { vtimezoneOf } from "./vtimezone.ts";
import { zoneNamed, zoneOf } from "./zones.ts";

/** How people are written. */
export interface PeopleManner {
  /** Nobody is told by the server (RFC 6638 section 7.1): SCHEDULE-AGENT=CLIENT with whoever is new. */
  readonly silent: boolean;
  /** They are asked to answer: RSVP=TRUE. */
  readonly asks: boolean;
}

const property = (name: string, type: string, value: unknown, parameters: object = {}): CalendarProperty =>
  propertyFrom([name, parameters, type, value]);

const refuse = (what: string): never => {
  throw new GroupstreamError("malformed", `It cannot be written as a calendar object: ${what}`);
};

const setValue = (component: CalendarComponent, name: string, type: string, value: unknown): void => {
  const old = component.getFirstProperty(name);
  if (value === null) component.removeAllProperties(name);
  else if (old && type === "text") {
    old.setValue(value as string);
    // Another form of what it said before (RFC 5545 section 3.2.1).
    old.removeParameter("altrep");
  } else {
    component.removeAllProperties(name);
    component.addProperty(property(name, type, value));
  }
};

/** A time as it is written in a component: its type, its value, and the zone its TZID names. */
export interface WrittenForm {
  readonly type: "date" | "date-time";
  readonly parameters: { readonly tzid?: string };
}

/** The TZID of a zone in this object: the name it has there already, else the IANA name, with its VTIMEZONE. */
const tzidOf = (calendar: CalendarComponent, iana: string, year: number): string => {
  const zone = zoneNamed(iana) ?? refuse(`${iana} is no time zone; give a name of the IANA database.`);
  const known = calendar.getAllSubcomponents("vtimezone");
  for (const one of known) {
    const tzid = firstValue(one, "tzid");
    if (tzid !== undefined && zoneOf(tzid, known, year)?.iana === zone.iana) return tzid;
  }
  const tzid = zone.iana ?? iana;
  calendar.addSubcomponent(vtimezoneOf(tzid, zone, year));
  return tzid;
};

/** How this time is written here. Fails: `malformed` for what is no time of the years 1900 to 2200, or no zone. */
export const formOf = (calendar: CalendarComponent, text: string, zone: string | undefined): WrittenForm => {
  if (secondsOf(text) === undefined) refuse("a time of it is none of the years 1900 to 2200.");
  if (text.length === 10) return { type: "date", parameters: {} };
  if (text.endsWith("Z") || zone === undefined) return { type: "date-time", parameters: {} };
  return { type: "date-time", parameters: { tzid: tzidOf(calendar, zone, Number(text.slice(0, 4))) } };
};

export const timeProperty = (name: string, text: string, { type, parameters }: WrittenForm): CalendarProperty =>
  property(name, type, text, parameters);

const setTimes = (calendar: CalendarComponent, component: CalendarComponent, value: Json | null): void => {
  const { start, end, zone } = (value ?? {}) as TimesFact;
  for (const name of ["dtstart", "dtend", "due", "duration"]) component.removeAllProperties(name);
  for (const [name, text] of [["dtstart", start] as const, [component.name === "vtodo" ? "due" : "dtend", end] as const])
    if (text !== undefined) component.addProperty(timeProperty(name, text, formOf(calendar, text, zone)));
  if (start === undefined && component.name === "vevent") refuse("an event has no start.");
};

const partstats: Readonly<Record<Answer, string>> = {
  none: "NEEDS-ACTION",
  accepted: "ACCEPTED",
  tentative: "TENTATIVE",
  declined: "DECLINED",
};
const cutypes: Readonly<Partial<Record<string, string>>> = { Group: "GROUP", Service: "RESOURCE" };

const named = (one: CalendarProperty, { name, type }: Partial<Party>): void => {
  if (name === undefined) one.removeParameter("cn");
  else one.setParameter("cn", name);
  const cutype = cutypes[type ?? ""];
  if (cutype !== undefined) one.setParameter("cutype", cutype);
};

const attendeeOf = (component: CalendarComponent, id: string): CalendarProperty | undefined =>
  component.getAllProperties("attendee").find((one) => partyOf(one)?.id === id);

const setAttendee = (component: CalendarComponent, id: string, value: Json | null, { silent }: PeopleManner): void => {
  const old = attendeeOf(component, id);
  if (value === null) {
    if (old) component.removeProperty(old);
    return;
  }
  const one = old ?? property("attendee", "cal-address", id);
  named(one, value as Partial<Party>);
  if (old) return;
  if (silent) one.setParameter("schedule-agent", "CLIENT");
  component.addProperty(one);
};

const setAnswer = (component: CalendarComponent, id: string, value: Json | null, { asks }: PeopleManner): void => {
  const one = attendeeOf(component, id);
  if (!one || value === null) return;
  one.setParameter("partstat", partstats[value as Answer]);
  if (value === "none" && asks) one.setParameter("rsvp", "TRUE");
  else one.removeParameter("rsvp");
};

const setOrganiser = (component: CalendarComponent, value: Json | null, { silent }: PeopleManner): void => {
  component.removeAllProperties("organizer");
  if (value === null) return;
  const { id, ...who } = value as unknown as Party;
  const one = property("organizer", "cal-address", id);
  named(one, who);
  if (silent) one.setParameter("schedule-agent", "CLIENT");
  component.addProperty(one);
};

const upper = (value: Json | null): string | null => (typeof value === "string" ? value.toUpperCase() : null);

/** Where each fact stands that is one property of its own. */
const simple: Readonly<Record<string, (component: CalendarComponent, value: Json | null) => void>> = {
  name: (component, value) => setValue(component, "summary", "text", value),
  text: (component, value) => {
    setValue(component, "description", "text", value);
    // Outlook's copy of the text in HTML would go on saying what was said before.
    component.removeAllProperties("x-alt-desc");
  },
  location: (component, value) => setValue(component, "location", "text", value),
  status: (component, value) => setValue(component, "status", "text", upper(value)),
  class: (component, value) => setValue(component, "class", "text", upper(value)),
  completed: (component, value) => setValue(component, "completed", "date-time", value),
  progress: (component, value) => setValue(component, "percent-complete", "integer", value),
  priority: (component, value) => setValue(component, "priority", "integer", value),
  rules: (component, value) => {
    component.removeAllProperties("rrule");
    for (const rule of (value ?? []) as readonly string[])
      component.addProperty(property("rrule", "recur", ICAL.Recur.fromString(rule).toJSON()));
  },
};

/** Writes one fact of one component; those that need the whole series are written with it. Null takes it away. */
export const putFact = (
  calendar: CalendarComponent,
  component: CalendarComponent,
  fact: string,
  value: Json | null,
  manner: PeopleManner,
): void => {
  const [name = "", id = ""] = fact.split(/ (.*)/s);
  if (Object.hasOwn(simple, fact)) simple[fact]?.(component, value);
  else if (name === "times") setTimes(calendar, component, value);
  else if (name === "organiser") setOrganiser(component, value, manner);
  else if (name === "attendee") setAttendee(component, id, value, manner);
  else if (name === "answer") setAnswer(component, id, value, manner);
};
