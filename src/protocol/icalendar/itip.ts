/** Scheduling messages: iTIP (RFC 5546) in iCalendar data, read and answered. Pure. */

import type { EventView, SchedulingMethod, TaskView } from "../../contract/view.ts";
import type { ActorId } from "../../contract/words.ts";
import { mailtoOf } from "../text/mailto.ts";
import { type CalendarComponent, type CalendarProperty, componentFrom, propertyFrom } from "./component.ts";
import { readCalendars } from "./parse.ts";
import { partyOf } from "./people.ts";
import { type Series, seriesOf } from "./series.ts";
import { type PlannedReading, plannedView } from "./view.ts";
import { writeCalendar } from "./write.ts";

/** A message about one meeting, or one task. */
export interface SchedulingMessage {
  /** `refresh`: it says nothing, an attendee asks the organiser for the meeting as it stands (RFC 5546 section 3.2.6). */
  readonly method: SchedulingMethod | "refresh";
  readonly series: Series;
  /** Further meetings, or further single occurrences, are in it: they are not read. */
  readonly more: boolean;
}

const methods: Readonly<Record<string, SchedulingMessage["method"]>> = {
  PUBLISH: "publish",
  REQUEST: "request",
  ADD: "add",
  REPLY: "reply",
  CANCEL: "cancel",
  COUNTER: "counter",
  DECLINECOUNTER: "decline-counter",
  REFRESH: "refresh",
};

/** A message of this length, in characters, is the longest that is read. */
const LIMIT = 1_048_576;

const componentOf = ({ master, overrides }: Series): CalendarComponent => (master ?? overrides[0]) as CalendarComponent;

/**
 * The first message about a meeting or a task in iCalendar data; undefined: there is none (a calendar without METHOD, or with one
 * that RFC 5546 does not know, is a file like any). METHOD is the body's: what a mail says of it elsewhere is often wrong.
 * Fails: `malformed` where it cannot be read.
 */
export const schedulingMessage = (data: string): SchedulingMessage | undefined => {
  for (const calendar of readCalendars(data, { bytes: LIMIT, line: LIMIT }).calendars) {
    const written = calendar.getFirstPropertyValue("method");
    const method = typeof written === "string" ? methods[written.trim().toUpperCase()] : undefined;
    const [series, ...others] = seriesOf(calendar).filter(
      ({ uid, master, overrides }) => uid !== "" && /^v(event|todo)$/.test((master ?? overrides[0])?.name ?? ""),
    );
    if (!method || !series) continue;
    const shown =
      method === "add" ? calendar.getAllSubcomponents(componentOf(series).name) : series.master ? [] : series.overrides;
    return { method, series, more: others.length > 0 || shown.length > 1 };
  }
  return undefined;
};

const same = (a: ActorId | undefined, b: ActorId): boolean => a?.toLowerCase() === b.toLowerCase();

/** SENT-BY (RFC 5545 section 3.2.18): who acts for somebody. */
const sentBy = (property: CalendarProperty): ActorId | undefined => {
  const value = property.getFirstParameter("sent-by") ?? "";
  return /^mailto:/i.test(value) ? mailtoOf(value.slice(7)) : undefined;
};

const speaksFor = (sender: ActorId, property: CalendarProperty): boolean =>
  same(partyOf(property)?.id, sender) || same(sentBy(property), sender);

/**
 * In whose name a sender may say this (RFC 5546 section 6.1): of a reply, a counter and a refresh the attendee, else the organiser, who they are or
 * act for; undefined: in nobody's.
 */
export const speakerOf = ({ method, series }: SchedulingMessage, sender: ActorId): ActorId | undefined => {
  const name = personal.has(method) ? "attendee" : "organizer";
  const property = componentOf(series)
    .getAllProperties(name)
    .find((one) => speaksFor(sender, one));
  return property && partyOf(property)?.id;
};

/** Said by one attendee, of nobody else. */
const personal: ReadonlySet<SchedulingMessage["method"]> = new Set(["reply", "counter", "refresh"]);

/**
 * One further occurrence by itself, known by the time it takes place; what adds more of them has a rule or dates (RFC 5546 section 3.2.4).
 * undefined: it is at no time.
 */
const additional = ({ recurrence, ...event }: EventView): (EventView & { readonly further: boolean }) | undefined => {
  const { start, startTime } = event;
  if (startTime === undefined) return undefined;
  const instance = { id: start ?? startTime, originalTime: startTime };
  return { ...event, instance, further: recurrence !== undefined };
};

/** What is read of tasks, each about the whole of one (RFC 5546 section 3.4). */
const ofTasks: ReadonlySet<SchedulingMessage["method"]> = new Set(["publish", "request", "reply", "cancel"]);

/** The view of a message; undefined: it shows nothing. @param speaker  of {@link speakerOf}: of a reply and a counter nobody else is among the attendees */
export const schedulingView = (
  { method, series, more }: SchedulingMessage,
  speaker: ActorId,
  reading: PlannedReading,
): EventView | TaskView | undefined => {
  const whole = plannedView(series, reading);
  if (!whole || method === "refresh") return undefined;
  if (whole.type === "Task" && !(series.master && ofTasks.has(method))) return undefined;
  const view = whole.type === "Event" && method === "add" ? additional(whole) : { ...whole, further: false };
  if (!view) return undefined;
  const { attendees, further, ...event } = view;
  const kept = personal.has(method) ? attendees?.filter(({ id }) => id === speaker) : attendees;
  return {
    ...event,
    ...(kept?.length && { attendees: kept }),
    method,
    ...((more || further) && {
      losses: [{ field: "recurrence", reason: "The message has further meetings or occurrences in it; the first is read." }],
    }),
  };
};

/** PARTSTAT, RFC 5545 section 3.2.12. */
export type PartStat = "ACCEPTED" | "TENTATIVE" | "DECLINED";

/** What a reply carries of the request (RFC 5546 section 3.2.3). */
const echoed = ["uid", "sequence", "recurrence-id", "organizer", "dtstart", "dtend", "due", "duration", "summary"] as const;

/** A reply to a request, and to whom it goes. */
export interface SchedulingReply {
  /** The iCalendar text, METHOD:REPLY. */
  readonly text: string;
  /** The organiser's id. */
  readonly to: ActorId;
  readonly summary: string;
}

/**
 * The reply of one attendee; undefined: they are not among the attendees, or there is no organiser to tell. One VEVENT or VTODO, as it was asked
 * about: UID, SEQUENCE and RECURRENCE-ID are the request's.
 * @param at  DTSTAMP, RFC 3339
 * @param by  the address it is sent from; where that is not the attendee's, SENT-BY says so
 */
export const schedulingReply = (
  { series }: SchedulingMessage,
  attendee: ActorId,
  partstat: PartStat,
  { at, by }: { readonly at: string; readonly by: string },
): SchedulingReply | undefined => {
  const asked = componentOf(series);
  const organiser = asked.getFirstProperty("organizer");
  const to = organiser ? partyOf(organiser)?.id : undefined;
  const invited = asked.getAllProperties("attendee").find((one) => same(partyOf(one)?.id, attendee));
  if (to === undefined || !invited) return undefined;
  const calendar = componentFrom(["vcalendar", [], []]);
  calendar.addPropertyWithValue("prodid", "-//groupstream//EN");
  calendar.addPropertyWithValue("version", "2.0");
  calendar.addPropertyWithValue("method", "REPLY");
  const copy = (property: CalendarProperty): CalendarProperty => propertyFrom(structuredClone(property.toJSON()));
  const event = componentFrom([asked.name, [], []]);
  for (const name of echoed) for (const property of asked.getAllProperties(name)) event.addProperty(copy(property));
  event.addProperty(propertyFrom(["dtstamp", {}, "date-time", `${new Date(at).toISOString().slice(0, 19)}Z`]));
  const answer = copy(invited);
  answer.setParameter("partstat", partstat);
  answer.removeParameter("rsvp");
  if (!same(partyOf(invited)?.id, `mailto:${by}`)) answer.setParameter("sent-by", `mailto:${by}`);
  event.addProperty(answer);
  const zones = new Set(event.getAllProperties().map((one) => one.getFirstParameter("tzid")));
  for (const zone of series.vtimezones)
    if (zones.has(String(zone.getFirstPropertyValue("tzid"))))
      calendar.addSubcomponent(componentFrom(structuredClone(zone.toJSON())));
  calendar.addSubcomponent(event);
  const summary = asked.getFirstPropertyValue("summary");
  return { text: writeCalendar(calendar), to, summary: typeof summary === "string" ? summary : "" };
};
