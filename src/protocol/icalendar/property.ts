/** Values of a component's properties as jCal holds them (RFC 7265): ical.js's own times know zones that are not the object's. */

import type { CalendarComponent, CalendarProperty } from "./component.ts";
import { type Rule, ruleOf } from "./rule.ts";

/** A date, a date-time or a period as written, and the zone its TZID names. */
export interface WrittenTime {
  /** `2026-01-05`, `2026-01-05T09:00:00`, or the latter with `Z`. */
  readonly text: string;
  readonly tzid?: string;
  /** Of a period: its end, in the same form, or its duration. */
  readonly end?: string;
}

/** Values of one property, and of all of one name, that are read at most. */
const VALUE_LIMIT = 10_000;

const jcalOf = (property: CalendarProperty): readonly unknown[] => property.toJSON() as unknown as readonly unknown[];

/** The text of a name's first property. */
export const firstValue = (component: CalendarComponent, name: string): string | undefined => {
  const property = component.getFirstProperty(name);
  const value = property ? jcalOf(property)[3] : undefined;
  return typeof value === "string" ? value : undefined;
};

/** Every time in every property of a name, in order, at most 10,000. */
export const timesIn = (component: CalendarComponent, name: string): readonly WrittenTime[] => {
  const times: WrittenTime[] = [];
  for (const property of component.getAllProperties(name)) {
    const tzid = property.getFirstParameter("tzid");
    for (const value of jcalOf(property).slice(3)) {
      if (times.length >= VALUE_LIMIT) return times;
      const [text, end] = Array.isArray(value) ? value : [value];
      if (typeof text !== "string") continue;
      times.push({ text, ...(tzid ? { tzid } : {}), ...(typeof end === "string" ? { end } : {}) });
    }
  }
  return times;
};

export const textsOf = (component: CalendarComponent, name: string): readonly string[] =>
  timesIn(component, name).map(({ text }) => text);

/** Rules of a name (RRULE, EXRULE) as text, at most 20: more than one is allowed, though hardly written. */
export const ruleTextsIn = (component: CalendarComponent, name: string): readonly string[] =>
  component
    .getAllProperties(name)
    .slice(0, 20)
    .flatMap((property) => {
      const value = jcalOf(property)[3];
      return typeof value === "object" && value !== null ? [recurText(value as Readonly<Record<string, unknown>>)] : [];
    });

/** Those of them that can be read. */
export const ruleIn = (component: CalendarComponent, name: string): readonly Rule[] =>
  ruleTextsIn(component, name).flatMap((text) => ruleOf(text) ?? []);

/** jCal keeps WKST as ical.js counts weekdays: 1 is Sunday. */
const recurText = (recur: Readonly<Record<string, unknown>>): string =>
  Object.entries(recur)
    .map(([name, value]) =>
      name.toLowerCase() === "wkst" && typeof value === "number"
        ? `WKST=${["SU", "MO", "TU", "WE", "TH", "FR", "SA"][value - 1]}`
        : `${name}=${[value].flat().join(",")}`,
    )
    .join(";");
