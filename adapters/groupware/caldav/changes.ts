/** Looks: WebDAV's engine, with calendars' own reading. */

import type { DavCollection, DavReading } from "groupstream/protocol/dav";
import { readCalendars, type Zone, zoneOf } from "groupstream/protocol/icalendar";
import { sightingOf } from "./map.ts";

/** The calendar's zone, for times without one (RFC 4791 section 5.2.2); undefined: it names none that is known. */
export const zoneOfCalendar = ({ timezone }: DavCollection): Zone | undefined => {
  if (timezone === undefined) return undefined;
  try {
    const zones = readCalendars(timezone).calendars.flatMap((calendar) => calendar.getAllSubcomponents("vtimezone"));
    const name = zones[0]?.getFirstPropertyValue("tzid");
    return typeof name === "string" ? zoneOf(name, zones, new Date().getUTCFullYear()) : undefined;
  } catch {
    // What the server says of its own zone need not be iCalendar: its times are then read as UTC.
    return undefined;
  }
};

/** How what stands in a calendar is shown. */
export const shownIn = (calendar: DavCollection): DavReading["sightingOf"] => {
  const floating = zoneOfCalendar(calendar);
  return (resource, read) => sightingOf(resource, read, floating);
};
