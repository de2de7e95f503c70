/** What stands instead of instances: RECURRENCE-ID with and without RANGE (RFC 5545 §3.8.4.4), and EXDATE (§3.8.5.1). */

import { DAY } from "../../time/local.ts";
import type { CalendarComponent } from "./component.ts";
import { timesIn } from "./property.ts";
import { extentOf, type Length, type Moment, momentAt, type ReadTime } from "./series.ts";

/** Overrides of one series that are read: a daily one for more than ten years. */
const OVERRIDE_LIMIT = 5_000;

/** A component that stands instead of an instance. */
export interface Override {
  /** Which instance, in the zone of the series. */
  readonly id: Moment;
  readonly start: Moment;
  readonly length: Length;
  /** Local seconds by which it was moved. */
  readonly shift: number;
  readonly component: CalendarComponent;
}

export interface Overrides {
  /** Each stands for one instance; the last written of several for one. */
  readonly single: readonly Override[];
  /** RANGE=THISANDFUTURE, by the instance they begin with. */
  readonly ranges: readonly Override[];
  /** True if a single one stands for this instance. */
  replaces(slot: Moment): boolean;
  /** The range an instance lies in. */
  rangeAt(slot: Moment): Override | undefined;
}

const dayOfLocal = (local: number): number => Math.floor(local / DAY);

/** An instance's key: the day where days are compared, else the instant. */
const keyOf = (moment: Moment, byDay: boolean): string => (byDay ? `d${dayOfLocal(moment.local)}` : `${moment.instant}`);

/** The same moment as the series would write it. A date names the instance of that day; of days the date counts as written. */
const onClock = (moment: Moment, start: Moment | undefined): Moment => {
  if (!start) return moment;
  const local = moment.instant + start.zone.offsetAt(moment.instant);
  if (!start.allDay && !moment.allDay) return { ...moment, local, zone: start.zone, inUtc: start.inUtc };
  const timeOfDay = start.local - dayOfLocal(start.local) * DAY;
  return momentAt(start, dayOfLocal(moment.local) * DAY + timeOfDay);
};

/** An override whose instance or start cannot be told is passed over. */
export const overridesOf = (components: readonly CalendarComponent[], read: ReadTime, start: Moment | undefined): Overrides => {
  const single = new Map<string, Override>();
  const ranges: Override[] = [];
  for (const component of components.slice(0, OVERRIDE_LIMIT)) {
    const [written] = timesIn(component, "recurrence-id");
    const extent = extentOf(component, read);
    if (!written || !extent) continue;
    const found = read(written);
    const id = onClock(found, start);
    const onItsClock = id.allDay || extent.start.allDay ? id.local : id.instant + extent.start.zone.offsetAt(id.instant);
    const override = { id, ...extent, shift: extent.start.local - onItsClock, component };
    const ranged = component.getFirstProperty("recurrence-id")?.getFirstParameter("range") ?? "";
    // Without the master nothing tells what follows: it stands for the one instance that is known.
    if (start && ranged.toUpperCase() === "THISANDFUTURE") ranges.push(override);
    else single.set(keyOf(id, (start?.allDay ?? false) || found.allDay), override);
  }
  ranges.sort((a, b) => a.id.instant - b.id.instant);
  // The last one at or before a slot, halved: a hostile object has thousands of both.
  const rangeAt = (slot: Moment): Override | undefined => {
    let [low, high] = [0, ranges.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ranges[middle] as Override).id.instant <= slot.instant) low = middle + 1;
      else high = middle;
    }
    return ranges[low - 1];
  };
  return {
    single: [...single.values()],
    ranges,
    replaces: (slot) => single.has(keyOf(slot, true)) || single.has(keyOf(slot, false)),
    rangeAt,
  };
};

/** What EXDATE takes out. Of a series of days, and as a date, whole days. */
export const exclusionsOf = (master: CalendarComponent, read: ReadTime): ((slot: Moment) => boolean) => {
  const out = new Set<string>();
  for (const written of timesIn(master, "exdate")) {
    const moment = read(written);
    out.add(keyOf(moment, moment.allDay));
    if (!moment.allDay) out.add(`t${dayOfLocal(moment.local)}`);
  }
  return (slot) =>
    out.has(keyOf(slot, true)) || (slot.allDay ? out.has(`t${dayOfLocal(slot.local)}`) : out.has(keyOf(slot, false)));
};
