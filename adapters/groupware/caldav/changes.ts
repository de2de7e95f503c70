/** Looks: WebDAV's engine, with calendars' own reading. */

import { randomUUID } from "node:crypto";
import type { Collection, ItemKey, Page, Position, Read, Sighting } from "groupstream";
import {
  type DavCollection,
  type DavReading,
  davChanges,
  davFetch,
  readCalendars,
  type Zone,
  zoneOf,
} from "groupstream/protocol";
import type { Account } from "./account.ts";
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

const readingOf = (calendar: DavCollection): DavReading => {
  const floating = zoneOfCalendar(calendar);
  return { mint: randomUUID, sightingOf: (resource, read) => sightingOf(resource, read, floating) };
};

export const changesOf = async function* (
  account: Account,
  { id }: Collection,
  since: Position | undefined,
  read: Read,
  signal: AbortSignal,
): AsyncGenerator<Page> {
  const calendar = await account.collection(id, signal);
  yield* davChanges(account.dav, calendar, since, readingOf(calendar), read, signal);
};

export const fetchOf = async function* (
  account: Account,
  { id }: Collection,
  keys: readonly ItemKey[],
  read: Read,
  signal: AbortSignal,
): AsyncGenerator<Sighting> {
  const calendar = await account.collection(id, signal);
  yield* davFetch(account.dav, calendar, keys, readingOf(calendar), read, signal);
};
