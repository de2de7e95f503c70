/** What an application asks to be otherwise of a meeting, task or contact, as the view that should then stand there. Pure. */

import type { EventView, LocalTime, Occurrence, ProfileView, TaskView, Timed } from "../contract/view.ts";
import { ianaZone } from "../time/iana.ts";

type PlannedView = EventView | TaskView;

/** Fields of a meeting or task that can be asked for. */
type Wished = Pick<EventView, "name" | "text" | "location" | "attendees" | "recurrence" | "classification"> &
  Timed & { readonly status?: PlannedView["status"] } & Pick<TaskView, "completed" | "progress" | "priority">;

/**
 * What is to be otherwise; null takes a field away, what is not named stays. Times belong together: who gives one gives `start` and
 * `end` with their `timezone`, or `startTime` and `endTime`.
 */
export type PlannedChange = { readonly [field in keyof Wished]?: Wished[field] | null };

/** One occurrence of a series, by the time it would have had as `start` is written. */
export interface OccurrenceName {
  readonly id: LocalTime;
  /** And all that follow: the series ends before it, another one begins. */
  readonly future?: true;
}

const times = ["startTime", "endTime", "start", "end", "timezone"] as const;

const changedFields = <T extends Timed>(before: T, change: PlannedChange): T => {
  const out: Record<string, unknown> = Object.fromEntries(Object.entries(before));
  if (times.some((field) => change[field] !== undefined)) for (const field of times) delete out[field];
  // It says what the text said.
  if (change.text !== undefined) delete out.content;
  for (const [field, value] of Object.entries(change)) {
    if (value === undefined) continue;
    if (value === null) delete out[field];
    else out[field] = value;
  }
  return out as unknown as T;
};

const instant = (at: number): string => new Date(at).toISOString().replace(/\.\d{3}Z$/, "Z");
/** A local time as milliseconds, as if its clock showed UTC. */
const shown = (local: LocalTime): number =>
  Date.parse(local.length === 10 ? `${local}T00:00:00Z` : `${local.replace(/Z$/, "")}Z`);

/** The instant of a local time; of days and floating times as if it were UTC. */
const instantOf = (local: LocalTime, timezone: string | undefined): string => {
  const zone = timezone === undefined || local.length === 10 ? undefined : ianaZone(timezone);
  return zone?.toInstant(local) ?? instant(shown(local));
};

/** An occurrence as its series has it, at its own time. */
const plainly = ({ start, end, startTime, endTime, timezone }: PlannedView, id: LocalTime): Occurrence => {
  const originalTime = instantOf(id, timezone);
  const begins = { originalTime, startTime: originalTime, ...(start !== undefined && { start: id }) };
  const zoned = timezone === undefined ? {} : { timezone };
  const [from, to] = start === undefined ? [startTime, endTime] : [start, end];
  if (from === undefined || to === undefined) return { ...begins, ...zoned };
  const until = instant(shown(id) + shown(to) - shown(from));
  if (start === undefined) return { ...begins, endTime: until };
  return { ...begins, end: until.slice(0, id.length === 10 ? 10 : 19), ...zoned };
};

/** A time as it was written, so many milliseconds later. */
const later = (local: LocalTime, by: number): LocalTime => {
  const text = instant(shown(local) + by);
  return local.length === 10 ? text.slice(0, 10) : local.endsWith("Z") ? text : text.slice(0, 19);
};

/** An UNTIL with a time: `20261231T090000Z`. */
const ends = /UNTIL=(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(Z?)/;

/** Occurrences are named by the time the series begins at: where that moves, what is said of them moves along. */
const movedAlong = (before: PlannedView, after: PlannedView): PlannedView => {
  const [from, to] = [before.start ?? before.startTime, after.start ?? after.startTime];
  const { recurrence } = before;
  if (!recurrence || from === undefined || to === undefined || from === to || from.length !== to.length) return after;
  const by = shown(to) - shown(from);
  const { rules, dates, excluded, overrides } = recurrence;
  const ending = (rule: string): string =>
    rule.replace(ends, (_, year, month, day, hour, minute, second, z) => {
      const until = later(`${year}-${month}-${day}T${hour}:${minute}:${second}${z}`, by);
      return `UNTIL=${until.replace(/[-:]/g, "")}`;
    });
  const moved = Object.entries(overrides ?? {}).map(([id, one]) => {
    const name = later(id, by);
    return [name, { ...one, originalTime: instantOf(name, after.timezone) }];
  });
  return {
    ...after,
    recurrence: {
      ...(rules && { rules: rules.map(ending) }),
      ...(dates && { dates: dates.map((date) => later(date, by)) }),
      ...(excluded && { excluded: excluded.map((date) => later(date, by)) }),
      ...(overrides && { overrides: Object.fromEntries(moved) }),
    },
  };
};

/** The view as it should stand: a change of all of it, or of one occurrence, or of that and all that follow. */
export const changedBy = (view: PlannedView, change: PlannedChange, occurrence?: OccurrenceName): PlannedView => {
  if (!occurrence) {
    const after = changedFields(view, change);
    return change.recurrence === undefined ? movedAlong(view, after) : after;
  }
  const { id, future } = occurrence;
  const { recurrence } = view;
  const before = recurrence?.overrides?.[id] ?? plainly(view, id);
  // Of an exception, nothing is said by an empty word.
  const emptied = Object.fromEntries(Object.entries(change).map(([field, value]) => [field, value ?? ""]));
  const after: Occurrence = { ...changedFields(before, emptied as PlannedChange), ...(future && { future }) };
  return { ...view, recurrence: { ...recurrence, overrides: { ...recurrence?.overrides, [id]: after } } } as PlannedView;
};

/** What is to be otherwise of a contact or group; null takes a field away, what is not named stays. */
export type ProfileChange = { readonly [field in "name" | "address" | "members" | "labels"]?: ProfileView[field] | null } & {
  /** Each by its name, `tel.work`. */
  readonly fields?: Readonly<Record<string, string | null>>;
};

/** The view as it should stand. */
export const changedProfile = (view: ProfileView, { fields, ...change }: ProfileChange): ProfileView => {
  const merged = Object.entries({ ...view.fields, ...fields }).filter(([, value]) => value !== null);
  const all = Object.entries({ ...view, ...change, ...(fields && { fields: Object.fromEntries(merged) }) });
  return Object.fromEntries(all.filter(([, value]) => value !== null && value !== undefined)) as unknown as ProfileView;
};
