/** The zone that a VTIMEZONE in a text defines. Pure. */

import type { Zone } from "../../time/zone.ts";
import { readCalendars } from "./parse.ts";
import { zoneOf } from "./zones.ts";

/** The zone that the first VTIMEZONE of a calendar object defines; undefined: there is none, or none that can be read. */
export const zoneIn = (text: string): Zone | undefined => {
  try {
    const zones = readCalendars(text).calendars.flatMap((calendar) => calendar.getAllSubcomponents("vtimezone"));
    const name = zones[0]?.getFirstPropertyValue("tzid");
    return typeof name === "string" ? zoneOf(name, zones, new Date().getUTCFullYear()) : undefined;
  } catch {
    // What a server says of its own zone need not be iCalendar: its times are then read as UTC.
    return undefined;
  }
};
