/**
 * A view of a meeting or task as single facts, which change one by one: what is compared, merged and written. Pure.
 *
 * A fact has a name (`location`, `attendee mailto:…`, `excluded 2026-12-03T10:00:00`); those of an exception begin with `@` and the name of its
 * occurrence, and are whole: also where the exception shows what its series shows.
 */

import type { Json } from "../../contract/adapter.ts";
import type { Attendee, EventView, Occurrence, Party, TaskView, Timed } from "../../contract/view.ts";
import { plain } from "../../contract/words.ts";
import type { Facts } from "../merge/facts.ts";
import { textFromHtml } from "../text/html-to-text.ts";
import { zoneNamed } from "./zones.ts";

/** What a calendar object can hold. */
export type Planned = EventView | TaskView;

/** When, as it is written: a day, a local time, or an instant with `Z`. */
export interface TimesFact {
  readonly start?: string;
  readonly end?: string;
  readonly zone?: string;
}

/** RFC 3339 → UTC with whole seconds; what is no time stays, and is refused where it is written. */
const instantOf = (text: string): string => {
  const at = Date.parse(text);
  return Number.isNaN(at) ? text : new Date(at).toISOString().replace(/\.\d{3}Z$/, "Z");
};

const timesFact = ({ start, end, timezone, startTime, endTime }: Timed): TimesFact | undefined => {
  if (start === undefined && end === undefined) {
    if (startTime === undefined && endTime === undefined) return undefined;
    return {
      ...(startTime !== undefined && { start: instantOf(startTime) }),
      ...(endTime !== undefined && { end: instantOf(endTime) }),
    };
  }
  const until = end ?? (endTime === undefined ? undefined : zoneNamed(timezone ?? "")?.toLocal(instantOf(endTime)));
  // One zone may have several names (Asia/Kolkata).
  const zone = timezone === undefined ? {} : { zone: zoneNamed(timezone)?.iana ?? timezone };
  return { ...(start !== undefined && { start }), ...(until !== undefined && { end: until }), ...zone };
};

const party = ({ name, type }: Party): Json => ({ ...(name !== undefined && { name }), ...(type && { type }) });

type Shown = Pick<EventView, "name" | "text" | "content" | "location" | "attendees"> & {
  readonly status?: Planned["status"];
} & Timed;

const textOf = ({ text, content }: Shown): string | undefined =>
  text ?? (content === undefined ? undefined : textFromHtml(content).trim());

/** What a series and an exception both have. */
const shared = (prefix: string, shown: Shown, facts: Map<string, Json>): void => {
  const put = (name: string, value: Json | undefined): void => {
    if (value !== undefined && value !== "") facts.set(`${prefix}${name}`, value);
  };
  put("name", shown.name);
  put("text", textOf(shown)?.trim());
  put("location", shown.location);
  put("status", shown.status);
  put("times", timesFact(shown) as Json | undefined);
  for (const attendee of shown.attendees ?? []) {
    const id = plain(attendee.id);
    put(`attendee ${id}`, party(attendee));
    put(`answer ${id}`, attendee.answer);
  }
};

/** An exception as a meeting of its own. */
const wholeOf = (series: Planned, { originalTime: _at, future: _future, ...own }: Occurrence): Shown => {
  const { name, text, content, location, attendees, status } = series;
  // Where the exception has words of its own, the others of the series are not its.
  const words = own.text === undefined && own.content === undefined ? { text, content } : {};
  return { name, ...words, location, attendees: attendees as readonly Attendee[], status, ...own } as Shown;
};

/** Everything a calendar object can hold of it; its state, edition and conversation are none of it. */
export const factsOf = (view: Planned): Facts => {
  const facts = new Map<string, Json>();
  shared("", view, facts);
  const { rules = [], dates = [], excluded = [], overrides = {} } = view.recurrence ?? {};
  if (rules.length > 0) facts.set("rules", rules);
  for (const date of dates) facts.set(`date ${date}`, true);
  for (const date of excluded) facts.set(`excluded ${date}`, true);
  for (const [id, occurrence] of Object.entries(overrides)) {
    facts.set(`@${id} here`, true);
    shared(`@${id} `, wholeOf(view, occurrence), facts);
  }
  if (view.classification) facts.set("class", view.classification);
  const { attributedTo } = view;
  if (attributedTo) facts.set("organiser", { id: plain(attributedTo.id), ...(party(attributedTo) as object) });
  if (view.type === "Task") {
    if (view.completed !== undefined) facts.set("completed", instantOf(view.completed));
    if (view.progress !== undefined) facts.set("progress", view.progress);
    if (view.priority !== undefined) facts.set("priority", view.priority);
  }
  return facts;
};

/** Answers are whose the wish says: theirs are no conflict. */
export const isAnswerFact = (fact: string): boolean => /^(@\S+ )?answer /.test(fact);
