/**
 * A series that changes from one occurrence on, as several: hardly a program writes or reads RANGE=THISANDFUTURE (RFC 5545 §3.2.13), and all
 * know a series that ends and another that begins. Pure.
 */

import { GroupstreamError } from "../../contract/errors.ts";
import type { LocalTime, Occurrence } from "../../contract/view.ts";
import { DAY, dateText, instantText, localText, secondsOf } from "../../time/local.ts";
import type { Planned } from "./facts.ts";
import { occurrencesOf } from "./occurrences.ts";
import { readCalendars } from "./parse.ts";
import { newPlanned } from "./planning.ts";
import { ruleOf, ruleText, weekdays } from "./rule.ts";
import { seriesOf } from "./series.ts";

/** One of the series. */
export interface PlannedPart {
  /** The instant its first occurrence had in the series before, `2026-12-10T09:00:00Z`; absent for the first part. */
  readonly from?: string;
  readonly view: Planned;
}

/** A time as it was written, so many seconds later. */
const shifted = (text: LocalTime, by: number): LocalTime => {
  const seconds = (secondsOf(text) ?? 0) + by;
  return text.length === 10 ? dateText(seconds) : text.endsWith("Z") ? instantText(seconds) : localText(seconds);
};

const partsOf = (rule: string): Map<string, string> =>
  new Map(
    ruleText(rule)
      .split(";")
      .map((part) => part.split("=") as [string, string]),
  );

const ruleFrom = (parts: ReadonlyMap<string, string>): string =>
  ruleText([...parts].map(([name, value]) => `${name}=${value}`).join(";"));

const compact = (text: string): string => text.replace(/[-:]/g, "");

/** Until just before an occurrence: a day, else UTC where the series has a zone (RFC 5545 section 3.3.10), else a local time. */
const ending = (rule: string, id: LocalTime, { originalTime }: Occurrence, floats: boolean): string => {
  const parts = partsOf(rule);
  parts.delete("COUNT");
  const until = id.length === 10 ? shifted(id, -DAY) : floats ? shifted(id, -1) : shifted(originalTime, -1);
  const before = parts.get("UNTIL");
  if (before === undefined || before > compact(until)) parts.set("UNTIL", compact(until));
  return ruleFrom(parts);
};

/** How many instances its rules make before an instant. */
const madeBefore = (view: Planned, instant: string): number => {
  const rules = view.recurrence?.rules ?? [];
  const { text } = newPlanned({ ...view, recurrence: { rules } }, { uid: "count", stamp: "2026-01-01T00:00:00Z" });
  const [series] = readCalendars(text).calendars.flatMap((calendar) => seriesOf(calendar));
  const window = { from: "1900-01-01T00:00:00Z", to: instant, limit: 5_000 };
  return series ? occurrencesOf(series, window).occurrences.filter(({ start }) => start < instant).length : 0;
};

const refuse = (): never => {
  throw new GroupstreamError(
    "malformed",
    "The series cannot go on at another time by the rule it has; give the occurrences that follow a series of their own.",
  );
};

/** The rule of what follows, with its days and its end moved by as much as its first occurrence. */
const following = (rule: string, { by, days, made }: { by: number; days: number; made: number }): string => {
  const parts = partsOf(rule);
  const count = parts.get("COUNT");
  if (count !== undefined) parts.set("COUNT", String(Math.max(1, Number(count) - made)));
  const until = ruleOf(rule)?.until;
  // Years beyond 2200 stand for no end.
  if (until !== undefined && secondsOf(until) !== undefined) parts.set("UNTIL", compact(shifted(until, by)));
  const moves = by !== 0 && ["BYHOUR", "BYMINUTE", "BYSECOND"].some((name) => parts.has(name));
  const named = ["BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH", "BYSETPOS"].some((name) => parts.has(name));
  const byDay = parts.get("BYDAY");
  if (moves || (days !== 0 && named)) refuse();
  if (days === 0 || byDay === undefined) return ruleFrom(parts);
  if (parts.get("FREQ") !== "WEEKLY" || /\d/.test(byDay)) refuse();
  const turned = byDay.split(",").map((day) => weekdays[(weekdays.indexOf(day as "MO") + (days % 7) + 7) % 7]);
  return ruleFrom(parts.set("BYDAY", turned.join(",")));
};

const between = <T>(all: Readonly<Record<LocalTime, T>>, from: LocalTime, to: LocalTime | undefined): [LocalTime, T][] =>
  Object.entries(all).filter(([id]) => id >= from && (to === undefined || id < to));

/** The series without what does not belong to it between two occurrences. */
const within = (view: Planned, from: LocalTime, to: LocalTime | undefined, by: number, rules: readonly string[]): Planned => {
  const { dates = [], excluded = [], overrides = {} } = view.recurrence ?? {};
  const inside = (id: LocalTime): boolean => id >= from && (to === undefined || id < to);
  const kept = between(overrides, from, to).filter(([, { future }]) => !future);
  const moved = (ids: readonly LocalTime[]): readonly LocalTime[] => ids.filter(inside).map((id) => shifted(id, by));
  return {
    ...view,
    recurrence: {
      rules,
      dates: moved(dates),
      excluded: moved(excluded),
      overrides: Object.fromEntries(kept.map(([id, one]) => [shifted(id, by), one])),
    },
  };
};

/** What the series shows from this occurrence on. */
const changed = (view: Planned, { originalTime: _at, future: _future, ...own }: Occurrence): Planned => {
  const { startTime: _s, endTime: _e, start: _ls, end: _le, timezone: _z, ...shown } = view;
  const words = own.text === undefined && own.content === undefined ? {} : { text: undefined, content: undefined };
  const all = Object.entries({ ...shown, ...words, ...own }).filter(([, value]) => value !== undefined && value !== "");
  return Object.fromEntries(all) as unknown as Planned;
};

/**
 * The series of a view, one for each exception that stands for all that follow; a view without such is its only part. What is excluded,
 * added or an exception lies in the part its occurrence belongs to. Fails: `malformed` where the rule cannot go on as it is asked to.
 */
export const splitPlanned = (view: Planned): readonly PlannedPart[] => {
  const overrides = view.recurrence?.overrides ?? {};
  const cuts = Object.entries(overrides)
    .filter(([, { future }]) => future)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const [first] = cuts;
  if (!first) return [{ view }];
  const { rules = [] } = view.recurrence ?? {};
  const floats = view.start !== undefined && view.start.length > 10 && view.timezone === undefined;
  const until = (all: readonly string[], cut: (typeof cuts)[number] | undefined) =>
    cut ? all.map((rule) => ending(rule, cut[0], cut[1], floats)) : all;
  const parts: PlannedPart[] = [{ view: within(view, "", first[0], 0, until(rules, first)) }];
  for (const [index, [id, occurrence]] of cuts.entries()) {
    const next = cuts[index + 1];
    const [was, is] = [id, occurrence.start ?? occurrence.startTime ?? id].map((text) => secondsOf(text) ?? 0) as [
      number,
      number,
    ];
    const [by, days] = [is - was, Math.floor(is / DAY) - Math.floor(was / DAY)];
    const made = rules.some((rule) => partsOf(rule).has("COUNT")) ? madeBefore(view, occurrence.originalTime) : 0;
    // Its end is named by the series as it was: what follows is moved after that.
    const own = within(changed(view, occurrence), id, next?.[0], by, []);
    const going = rules.map((rule) => following(next ? ending(rule, next[0], next[1], floats) : rule, { by, days, made }));
    parts.push({ from: occurrence.originalTime, view: { ...own, recurrence: { ...own.recurrence, rules: going } } });
  }
  return parts;
};
