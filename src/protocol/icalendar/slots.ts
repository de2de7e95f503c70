/** The recurrence set of a master (RFC 5545 §3.8.5): DTSTART, RRULE and RDATE together, without EXDATE and EXRULE. */

import { DAY, secondsOf } from "../../time/local.ts";
import { instantAt } from "../../time/zone.ts";
import type { CalendarComponent } from "./component.ts";
import { type Budget, expand } from "./expand.ts";
import { ruleIn, timesIn } from "./property.ts";
import type { Rule } from "./rule.ts";
import { type Moment, momentAt, type ReadTime } from "./series.ts";
import { durationOf } from "./values.ts";

export interface SlotsWanted {
  readonly start: Moment;
  readonly read: ReadTime;
  /** Instants between which starts are wanted. */
  readonly window: { readonly from: number; readonly to: number };
  /** Starts of one rule that are wanted at most. */
  readonly most: number;
  readonly excluded: (slot: Moment) => boolean;
}

/** A start; `end` is an instant, where a period of RDATE gives it. */
type Slot = Moment & { readonly end?: number };

export interface Slots {
  /** In no order; of equal instants one. */
  readonly slots: readonly Slot[];
  readonly cut: boolean;
  /** Where `cut`: up to this instant nothing is missing. */
  readonly horizon?: number;
}

/** The last local second of UNTIL on the clock of the series: a date means all of that day (§3.3.10 forbids it, senders do it). */
const untilOf = (rule: Rule, start: Moment): number => {
  const { until } = rule;
  const seconds = until === undefined ? undefined : secondsOf(until);
  // A year beyond 2200 stands for no end.
  if (until === undefined || seconds === undefined) return Number.POSITIVE_INFINITY;
  if (until.length === 10) return seconds + DAY - 1;
  // Of days the date counts as it is written.
  if (start.allDay) return Math.floor(seconds / DAY) * DAY;
  return until.endsWith("Z") ? seconds + start.zone.offsetAt(seconds) : seconds;
};

/** What a rule adds, ascending; `whole` is false if it was stopped. */
const expanded = (rule: Rule, wanted: SlotsWanted, budget: Budget): { locals: number[]; whole: boolean } => {
  const { start, window, most } = wanted;
  const offset = start.zone.offsetAt(window.to);
  const until = Math.min(untilOf(rule, start), window.to + offset + DAY);
  const from = window.from + start.zone.offsetAt(window.from) - DAY;
  const range = { start: start.local, allDay: start.allDay, from, until };
  const locals: number[] = [];
  for (const local of expand(rule, range, budget)) {
    if (local < from && local !== start.local) continue;
    // The clock may have changed around the window's beginning; what is before it does not count.
    if (local !== start.local && local < from + 3 * DAY && momentAt(start, local).instant < window.from) continue;
    locals.push(local);
    if (locals.length > most) return { locals, whole: false };
  }
  return { locals, whole: budget.steps > 0 };
};

/** RDATEs on the clock of the series; a period's end is kept. */
const added = ({ start, read }: SlotsWanted, master: CalendarComponent): Slot[] =>
  timesIn(master, "rdate").map((written) => {
    const moment = read(written);
    const onClock: Moment =
      start.allDay || moment.allDay
        ? {
            ...start,
            local: Math.floor(moment.local / DAY) * DAY + (start.allDay ? 0 : start.local - Math.floor(start.local / DAY) * DAY),
          }
        : { ...start, local: moment.instant + start.zone.offsetAt(moment.instant) };
    const instant = start.allDay || moment.allDay ? instantAt(start.zone.offsetAt, onClock.local) : moment.instant;
    if (written.end === undefined || start.allDay) return { ...onClock, instant };
    const duration = durationOf(written.end);
    const end = duration
      ? instantAt(start.zone.offsetAt, onClock.local + duration.days * DAY) + duration.seconds
      : read({ ...written, text: written.end }).instant;
    return { ...onClock, instant, end: Math.max(end, instant) };
  });

/** The starts within a window. */
export const slotsOf = (master: CalendarComponent, wanted: SlotsWanted, budget: Budget): Slots => {
  const { start } = wanted;
  const slots = new Map<number, Slot>();
  const put = (slot: Slot): void => {
    if (!wanted.excluded(slot) && (!slots.has(slot.instant) || slot.end !== undefined)) slots.set(slot.instant, slot);
  };
  put(start);
  let horizon: number | undefined;
  const at = (local: number): Slot => momentAt(start, local);
  // EXDATEs are taken out after: as many more are asked for.
  const most = wanted.most + timesIn(master, "exdate").length;
  for (const rule of ruleIn(master, "rrule")) {
    const { locals, whole } = expanded(rule, { ...wanted, most }, budget);
    for (const local of locals) put(at(local));
    if (whole) continue;
    const last = locals.at(-1);
    horizon = Math.min(horizon ?? Number.POSITIVE_INFINITY, last === undefined ? start.instant : at(last).instant);
  }
  for (const slot of added(wanted, master)) put(slot);
  // Deprecated since RFC 5545, still written by old servers. DTSTART, which expands first, is out only if a rule names it.
  for (const rule of ruleIn(master, "exrule")) {
    const { locals, whole } = expanded(rule, { ...wanted, most: 20_000 }, budget);
    for (const local of locals) if (local !== start.local) slots.delete(at(local).instant);
    const last = locals.at(-1) ?? start.local;
    if (!whole) horizon = Math.min(horizon ?? Number.POSITIVE_INFINITY, at(last).instant);
  }
  return { slots: [...slots.values()], cut: horizon !== undefined, ...(horizon === undefined ? {} : { horizon }) };
};
