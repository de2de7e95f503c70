/** Looks: WebDAV's engine, with calendars' own reading. */

import type { DavCollection, DavReading } from "groupstream/protocol/dav";
import { type Zone, zoneIn } from "groupstream/protocol/icalendar";
import { sightingOf } from "./map.ts";

/** The calendar's zone, for times without one (RFC 4791 section 5.2.2); undefined: it names none that is known. */
export const zoneOfCalendar = ({ timezone }: DavCollection): Zone | undefined =>
  timezone === undefined ? undefined : zoneIn(timezone);

/** How what stands in a calendar is shown. */
export const shownIn = (calendar: DavCollection): DavReading["sightingOf"] => {
  const floating = zoneOfCalendar(calendar);
  return (resource, read) => sightingOf(resource, read, floating);
};
