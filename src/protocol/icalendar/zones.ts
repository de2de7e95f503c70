/** What a TZID means (RFC 5545 §3.2.19, §3.6.5): it names a VTIMEZONE of its own object, and hardly anybody stops there. */

import { findIana } from "windows-iana";
import { ianaZone } from "../../time/iana.ts";
import { DAY, dayNumber, firstYear, lastYear } from "../../time/local.ts";
import { type OffsetAt, type Zone, zoneFrom } from "../../time/zone.ts";
import type { CalendarComponent } from "./component.ts";
import { keeping } from "./keeping.ts";
import { offsetsOf } from "./observances.ts";
import { firstValue } from "./property.ts";

/** Longest TZID, and most VTIMEZONEs, that are looked at. */
const NAME_LIMIT = 255;
const ZONE_LIMIT = 500;

/** Readings of VTIMEZONEs that are kept, and the longest definition that is: a calendar repeats its own in every object. */
const KEPT_LIMIT = 200;
const DEFINITION_LIMIT = 16_384;

/** Evolution and Mozilla write a path of their own before the IANA id, Outlook an address. */
const prefix =
  /^(\/freeassociation\.sourceforge\.net\/(Tzfile\/)?|\/mozilla\.org\/\d{8}_\d\/|\/citadel\.org\/\d{8}_\d\/|\/softwarestudio\.org\/(Tzfile\/)?|tzone:\/\/Microsoft\/)/i;

/** The IANA zone a name stands for: an IANA id, a Windows name, or one of these behind a known prefix. */
export const zoneNamed = (name: string): Zone | undefined => {
  const bare = name.slice(0, NAME_LIMIT).trim().replace(/^"|"$/g, "").replace(prefix, "");
  if (/^(utc|z|gmt|etc\/utc)$/i.test(bare)) return ianaZone("UTC");
  return ianaZone(bare) ?? windowsZone(bare);
};

const windowsZone = (name: string): Zone | undefined => {
  const [iana] = findIana(name);
  return iana === undefined ? undefined : ianaZone(iana);
};

/** True if both have the same offsets from the year before to the year after next: asked every five days and around each change. */
const agree = (a: OffsetAt, b: OffsetAt, year: number): boolean => {
  const [from, to] = [dayNumber(year - 1, 1, 1) * DAY, dayNumber(year + 3, 1, 1) * DAY];
  for (let at = from; at < to; at += 5 * DAY) {
    if (a(at) !== b(at)) return false;
    // A change within these days: both have it, so it has to be the same second.
    if (a(at) !== a(at + 5 * DAY) && changeIn(a, at, at + 5 * DAY) !== changeIn(b, at, at + 5 * DAY)) return false;
  }
  return true;
};

/** The second in which an offset that is another at `to` than at `from` changes. */
export const changeIn = (offsetAt: OffsetAt, from: number, to: number): number => {
  const before = offsetAt(from);
  while (to - from > 1) {
    const middle = Math.floor((from + to) / 2);
    if (offsetAt(middle) === before) from = middle;
    else to = middle;
  }
  return to;
};

const vtimezoneOf = (tzid: string, vtimezones: readonly CalendarComponent[]): CalendarComponent | undefined => {
  const ids = vtimezones.slice(0, ZONE_LIMIT).map((zone) => firstValue(zone, "tzid")?.trim());
  const exact = ids.indexOf(tzid.trim());
  return vtimezones[exact >= 0 ? exact : ids.findIndex((id) => id?.toLowerCase() === tzid.trim().toLowerCase())];
};

const definedAnew = (own: CalendarComponent, named: Zone | undefined, around: number): Zone | undefined => {
  const place = firstValue(own, "x-lic-location");
  const iana = named ?? (place === undefined ? undefined : zoneNamed(place));
  const offsets = offsetsOf(own);
  if (!offsets) return iana;
  return iana && agree(iana.offsetAt, offsets, around) ? iana : zoneFrom(offsets);
};

const kept = keeping<Zone | undefined>(KEPT_LIMIT);

/** Of those that are shared by objects, and so never change. */
const definitions = new WeakMap<object, string>();

const definitionOf = (own: CalendarComponent): string => {
  const jcal = own.toJSON() as object;
  const known = definitions.get(jcal);
  if (known !== undefined) return known;
  const definition = JSON.stringify(jcal);
  if (Object.isFrozen(jcal)) definitions.set(jcal, definition);
  return definition;
};

/** What a VTIMEZONE defines. Kept by its whole text, so that no object's definition counts for another's of the same name. */
const definedZone = (own: CalendarComponent, named: Zone | undefined, around: number): Zone | undefined => {
  const definition = definitionOf(own);
  if (definition.length > DEFINITION_LIMIT) return definedAnew(own, named, around);
  const key = `${around} ${named?.iana ?? ""} ${definition}`;
  return kept(key, () => definedAnew(own, named, around));
};

/**
 * The zone of a TZID, by the first of these that gives one: the VTIMEZONE of its name in the same object; the IANA id, the
 * Windows name, either behind a known prefix; X-LIC-LOCATION of that VTIMEZONE where it defines no offsets; the only VTIMEZONE of
 * an object, whatever its name. Undefined otherwise: the caller takes the calendar's default.
 *
 * A VTIMEZONE that agrees, from the year before `year` to two years after, with the IANA zone of its name or of its
 * X-LIC-LOCATION gives way to it: senders write the rules of today alone. One that does not agree is taken as it stands, for
 * this object alone; nothing is registered anywhere.
 *
 * @param vtimezones  VTIMEZONE components of the object the TZID stands in
 * @param year        of the event; held within 1900 to 2200
 */
export const zoneOf = (tzid: string, vtimezones: readonly CalendarComponent[], year: number): Zone | undefined => {
  const named = zoneNamed(tzid);
  const vtimezone = vtimezoneOf(tzid, vtimezones);
  const own = vtimezone ?? (!named && vtimezones.length === 1 ? vtimezones[0] : undefined);
  if (!own) return named;
  const around = Math.min(Math.max(Math.trunc(year) || firstYear, firstYear + 1), lastYear - 3);
  return definedZone(own, named, around);
};
