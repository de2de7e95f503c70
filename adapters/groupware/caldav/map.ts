/** A resource of a calendar → what it shows. Pure. */

import { isGroupstreamError, type Read, type Sighting } from "groupstream";
import { type DavResource, RAW_RESOURCE } from "groupstream/protocol/dav";
import { plannedEvidence, plannedView, readCalendars, type Series, seriesOf, type Zone } from "groupstream/protocol/icalendar";
import { oursOf, trailOf } from "./own.ts";

/** Of the mapping: raised when the same resource is shown otherwise. */
export const MAPPING = 3;

/** The events and tasks in a resource. Fails: `malformed`. */
export const plannedIn = (data: string): readonly Series[] =>
  readCalendars(data)
    .calendars.flatMap((calendar) => seriesOf(calendar))
    .filter(({ master, overrides }) => /^v(event|todo)$/.test((master ?? overrides[0])?.name ?? ""));

const unreadable = ({ key, revision }: DavResource, reason: string): Sighting => ({
  key,
  revision,
  malformed: { reason, part: RAW_RESOURCE },
});

/** True where the text ends as RFC 5545 section 3.4 has it; one that breaks off would be told as if the rest had been taken out. */
const isWhole = (data: string): boolean => /END:VCALENDAR\s*$/i.test(data.slice(-1_000));

/** What is read of a resource; undefined for journals and the like, which are not shown. */
export const sightingOf = (resource: DavResource, read: Read, floating?: Zone): Sighting | undefined => {
  const { key, revision } = resource;
  try {
    if (!isWhole(resource.data)) return unreadable(resource, "It breaks off before its END:VCALENDAR.");
    const [series, ...more] = plannedIn(resource.data);
    if (!series) return undefined;
    if (more.length > 0) return unreadable(resource, "It holds several objects, and RFC 4791 section 4.1 allows one.");
    const object = plannedView(series, { text: read.text, ...(floating && { floating }) });
    if (!object) return undefined;
    const [ours, trail] = [oursOf(series), trailOf(series)];
    return {
      key,
      revision,
      object: trail ? { ...object, trail } : object,
      same: plannedEvidence(series),
      ...(ours && { mine: { marker: ours.delivery } }),
    };
  } catch (error) {
    if (!isGroupstreamError(error) || error.code !== "malformed") throw error;
    return unreadable(resource, error.message);
  }
};
