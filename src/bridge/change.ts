/** What an application asks to be otherwise of a meeting or task, as the view that should then stand there. Pure. */

import type { EventView, LocalTime, Occurrence, TaskView, Timed } from "../activity/view.ts";

type Planned = EventView | TaskView;

/** Fields of a meeting or task that can be asked for. */
type Wished = Pick<EventView, "name" | "text" | "location" | "attendees" | "recurrence" | "classification"> &
  Timed & { readonly status?: Planned["status"] } & Pick<TaskView, "completed" | "progress" | "priority">;

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

/** Milliseconds by which a zone is ahead of UTC. */
const offsetAt = (timeZone: string, at: number): number => {
  const parts = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" }).formatToParts(at);
  const [, sign, hours, minutes] =
    /GMT([+-])(\d\d):(\d\d)/.exec(parts.find(({ type }) => type === "timeZoneName")?.value ?? "") ?? [];
  return sign === undefined ? 0 : (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
};

/** The instant of a local time; of days and floating times as if it were UTC. */
const instantOf = (local: LocalTime, timezone: string | undefined): string => {
  const at = shown(local);
  if (timezone === undefined || local.length === 10 || local.endsWith("Z")) return instant(at);
  return instant(at - offsetAt(timezone, at - offsetAt(timezone, at)));
};

/** An occurrence as its series has it, at its own time. */
const plainly = ({ start, end, startTime, endTime, timezone }: Planned, id: LocalTime): Occurrence => {
  const originalTime = instantOf(id, timezone);
  const begins = { originalTime, startTime: originalTime, ...(start !== undefined && { start: id }) };
  const zoned = timezone === undefined ? {} : { timezone };
  const [from, to] = start === undefined ? [startTime, endTime] : [start, end];
  if (from === undefined || to === undefined) return { ...begins, ...zoned };
  const until = instant(shown(id) + shown(to) - shown(from));
  if (start === undefined) return { ...begins, endTime: until };
  return { ...begins, end: until.slice(0, id.length === 10 ? 10 : 19), ...zoned };
};

/** The view as it should stand: a change of all of it, or of one occurrence, or of that and all that follow. */
export const changedBy = (view: Planned, change: PlannedChange, occurrence?: OccurrenceName): Planned => {
  if (!occurrence) return changedFields(view, change);
  const { id, future } = occurrence;
  const { recurrence } = view;
  const before = recurrence?.overrides?.[id] ?? plainly(view, id);
  // Of an exception, nothing is said by an empty word.
  const emptied = Object.fromEntries(Object.entries(change).map(([field, value]) => [field, value ?? ""]));
  const after: Occurrence = { ...changedFields(before, emptied as PlannedChange), ...(future && { future }) };
  return { ...view, recurrence: { ...recurrence, overrides: { ...recurrence?.overrides, [id]: after } } } as Planned;
};
