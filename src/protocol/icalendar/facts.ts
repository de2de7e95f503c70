/**
 * A view of a meeting or task as single facts, which change one by one: what is compared, merged and written. Pure.
 *
 * A fact has a name (`location`, `attendee mailto:…`, `excluded 2026-12-03T10:00:00`); those of an exception begin with `@` and the name of its
 * occurrence, and are whole: also where the exception shows what its series shows.
 */

import { hash } from "node:crypto";
import type { Attendee, EventView, Occurrence, Party, TaskView, Timed } from "../../activity/view.ts";
import type { Json } from "../../adapter.ts";
import { textFromHtml } from "../html/plain.ts";
import { zoneNamed } from "./zones.ts";

/** What a calendar object can hold. */
export type Planned = EventView | TaskView;
/** Facts by their names. */
export type Facts = ReadonlyMap<string, Json>;

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
    put(`attendee ${attendee.id}`, party(attendee));
    put(`answer ${attendee.id}`, attendee.answer);
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
  if (view.attributedTo) facts.set("organiser", { id: view.attributedTo.id, ...(party(view.attributedTo) as object) });
  if (view.type === "Task") {
    if (view.completed !== undefined) facts.set("completed", instantOf(view.completed));
    if (view.progress !== undefined) facts.set("progress", view.progress);
    if (view.priority !== undefined) facts.set("priority", view.priority);
  }
  return facts;
};

/** Names and values of facts as text: equal for equal facts. */
const factText = (value: Json): string =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? JSON.stringify(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : JSON.stringify(value);

export const isSameFact = (a: Json | undefined, b: Json | undefined): boolean =>
  a === undefined || b === undefined ? a === b : factText(a) === factText(b);

/** Of all facts: equal for equal content. */
export const factsDigest = (facts: Facts): string =>
  hash("sha256", JSON.stringify([...facts].map(([name, value]) => [name, factText(value)]).sort()), "base64url");

/** A short digest of a name and of a value: 36 and 48 bits, in six and eight characters. */
const short = (text: string, characters: number): string => hash("sha256", text, "base64url").slice(0, characters);
const [NAME, VALUE] = [6, 8];
/** More facts than people write; 14 characters each. */
const MOST = 1_000;

/** Facts as an object carries them to be compared with later: digests, nothing that could be read. Undefined: too many. */
export const carriedFacts = (facts: Facts): string | undefined =>
  facts.size > MOST ? undefined : [...facts].map(([name, value]) => short(name, NAME) + short(factText(value), VALUE)).join("");

/** What a wish is a change of: whether a fact was so. */
export interface FactsBase {
  /** True if the fact had this value, or with undefined was none; undefined where nothing is known. */
  was(name: string, value: Json | undefined): boolean | undefined;
}

/** A base that is known. */
export const baseOfFacts = (facts: Facts): FactsBase => ({ was: (name, value) => isSameFact(facts.get(name), value) });

/** A base by what {@link carriedFacts} wrote; of anything else nothing is known. */
export const baseCarried = (text: string | undefined): FactsBase => {
  if (text === undefined || text.length % (NAME + VALUE) !== 0 || !/^[\w-]+$/.test(text)) return { was: () => undefined };
  const known = new Map<string, string>();
  for (let at = 0; at < text.length; at += NAME + VALUE)
    known.set(text.slice(at, at + NAME), text.slice(at + NAME, at + NAME + VALUE));
  return {
    was: (name, value) => known.get(short(name, NAME)) === (value === undefined ? undefined : short(factText(value), VALUE)),
  };
};

/** What is to be written, by the fact's name; null takes it away. */
export type FactChanges = ReadonlyMap<string, Json | null>;

/** A fact that both sides made another. */
export interface FactConflict {
  readonly fact: string;
  readonly theirs: Json | undefined;
  readonly ours: Json | undefined;
}

/**
 * What of a wish is to be written onto what stands now: what differs there and was changed by the wish. What somebody else changed stays; what
 * both changed, each its own way, is a conflict, but for answers: those are whose the wish says. Without a base the wish counts.
 */
export const mergedFacts = (
  base: FactsBase,
  now: Facts,
  wish: Facts,
): { readonly changes: FactChanges; readonly conflicts: readonly FactConflict[] } => {
  const changes = new Map<string, Json | null>();
  const conflicts: FactConflict[] = [];
  for (const fact of new Set([...now.keys(), ...wish.keys()])) {
    const [theirs, ours] = [now.get(fact), wish.get(fact)];
    if (isSameFact(theirs, ours) || base.was(fact, ours) === true) continue;
    if (base.was(fact, theirs) === false && !/^(@\S+ )?answer /.test(fact)) conflicts.push({ fact, theirs, ours });
    else changes.set(fact, ours ?? null);
  }
  return { changes, conflicts };
};
