/** VTIMEZONE (RFC 5545 §3.6.5): its STANDARD and DAYLIGHT observances → an offset for every instant. */

import { DAY, dayNumber, lastYear, secondsOf } from "../../time/local.ts";
import type { OffsetAt } from "../../time/zone.ts";
import type { CalendarComponent } from "./component.ts";
import { type Budget, expand, STEP_LIMIT } from "./expand.ts";
import { firstValue, ruleIn, textsOf } from "./property.ts";

/** Observances and onsets that are read of one VTIMEZONE: 300 years of two changes fit. */
const OBSERVANCE_LIMIT = 1_000;
const ONSET_LIMIT = 4_000;

interface Onset {
  /** Seconds since 1970. */
  readonly at: number;
  /** Seconds east of UTC, before and from then on. */
  readonly before: number;
  readonly offset: number;
}

const offsetIn = (component: CalendarComponent, name: string): number | undefined => {
  const match = /^([+-])(\d{2}):(\d{2})(?::(\d{2}))?$/.exec(firstValue(component, name) ?? "");
  if (!match) return undefined;
  const seconds = Number(match[2]) * 3600 + Number(match[3]) * 60 + Number(match[4] ?? 0);
  // No clock was ever more than 16 hours away from UTC.
  return seconds > 16 * 3600 ? undefined : match[1] === "-" ? -seconds : seconds;
};

/** Onsets of one observance. They are local times by the offset that ends with them; UNTIL is in UTC. */
const onsetsOf = (observance: CalendarComponent, budget: Budget): Onset[] => {
  const before = offsetIn(observance, "tzoffsetfrom");
  const offset = offsetIn(observance, "tzoffsetto");
  const text = firstValue(observance, "dtstart");
  // Outlook begins in 1601 what has always been so.
  const start = text === undefined ? undefined : secondsOf(text.replace(/^(0\d|1[0-8])\d\d/, "1900"));
  if (before === undefined || offset === undefined || start === undefined) return [];
  const locals = new Set([start]);
  for (const rdate of textsOf(observance, "rdate")) {
    const local = secondsOf(rdate);
    if (local !== undefined) locals.add(rdate.endsWith("Z") ? local + before : local);
  }
  for (const rule of ruleIn(observance, "rrule")) {
    const end = rule.until === undefined ? undefined : secondsOf(rule.until);
    const until = end === undefined ? Number.POSITIVE_INFINITY : rule.until?.endsWith("Z") ? end + before : end;
    const range = { start, allDay: false, from: start, until: Math.min(until, dayNumber(lastYear + 1, 1, 1) * DAY) };
    for (const local of expand(rule, range, budget)) {
      if (locals.size >= ONSET_LIMIT) break;
      locals.add(local);
    }
  }
  return [...locals].map((local) => ({ at: local - before, before, offset }));
};

/** The offsets a VTIMEZONE defines; undefined if no observance of it can be used. Before its first onset, that one's TZOFFSETFROM. */
export const offsetsOf = (vtimezone: CalendarComponent): OffsetAt | undefined => {
  const budget: Budget = { steps: STEP_LIMIT };
  const observances = vtimezone.getAllSubcomponents().filter(({ name }) => name === "standard" || name === "daylight");
  const onsets: Onset[] = [];
  for (const observance of observances.slice(0, OBSERVANCE_LIMIT))
    onsets.push(...onsetsOf(observance, budget).slice(0, ONSET_LIMIT));
  onsets.sort((a, b) => a.at - b.at);
  const [first] = onsets;
  if (!first) return undefined;
  return (instant) => {
    let [low, high] = [0, onsets.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((onsets[middle] as Onset).at <= instant) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? first.before : (onsets[low - 1] as Onset).offset;
  };
};
