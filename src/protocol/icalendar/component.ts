/**
 * What is used of ical.js's components and properties: its own declarations do not stand a strict compiler, and whoever imports
 * this package would have to get over them.
 */

import ICAL from "ical.js";

/** A component as jCal has it (RFC 7265 §3.3). */
export type Jcal = [name: string, properties: unknown[], components: Jcal[]];

/** A property: name, parameters, type and values. */
export interface CalendarProperty {
  /** In lower case: `dtstart`. */
  readonly name: string;
  /** A parameter's first value; undefined without it. */
  getFirstParameter(name: string): string | undefined;
  /** All values of a parameter; undefined without it. */
  getParameter(name: string): string[] | string | undefined;
  /** Puts this value in the place of all a parameter had. */
  setParameter(name: string, value: string): void;
  /** Takes a parameter away, if there. */
  removeParameter(name: string): void;
  /** Text as a string; dates, durations and rules as ical.js has them. */
  getFirstValue(): unknown;
  /** Puts a value in the place of the first: text as a string. */
  setValue(value: unknown): void;
  /** Its jCal (RFC 7265 §3.4), not a copy: name, parameters, type, values. */
  toJSON(): unknown;
}

/** A component, a VCALENDAR or one inside of it. Names are in lower case; without one, every property or component is meant. */
export interface CalendarComponent {
  /** In lower case: `vevent`. */
  readonly name: string;
  /** True if a property of the name is there. */
  hasProperty(name: string): boolean;
  /** The first property of a name; null without one. */
  getFirstProperty(name: string): CalendarProperty | null;
  /** Its first value; null without the property. */
  getFirstPropertyValue(name: string): unknown;
  /** Properties in their order. */
  getAllProperties(name?: string): CalendarProperty[];
  /** Adds it as the last one. */
  addProperty(property: CalendarProperty): CalendarProperty;
  /** Makes a property of a name and value, and adds it as the last one. */
  addPropertyWithValue(name: string, value: string): CalendarProperty;
  /** Takes one away, or the first of a name; true if it was there. */
  removeProperty(property: string | CalendarProperty): boolean;
  /** Takes all of a name away. */
  removeAllProperties(name: string): boolean;
  /** Components directly inside, in their order. */
  getAllSubcomponents(name?: string): CalendarComponent[];
  /** Adds it as the last one. */
  addSubcomponent(component: CalendarComponent): CalendarComponent;
  /** Takes one away, or the first of a name; true if it was there. */
  removeSubcomponent(component: string | CalendarComponent): boolean;
  /** Its jCal (RFC 7265 §3.3), not a copy: name, properties, components. */
  toJSON(): unknown;
}

/** The component a jCal describes, which it keeps and changes. */
export const componentFrom = (jcal: unknown): CalendarComponent => new ICAL.Component(jcal as unknown[]);

/** The property a jCal describes, which it keeps and changes. */
export const propertyFrom = (jcal: unknown): CalendarProperty => new ICAL.Property(jcal as unknown[]);
