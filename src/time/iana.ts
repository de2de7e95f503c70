/** Zones of the IANA database, by the data Node brings along (Intl). The process's own zone is never asked. */

import { DAY } from "./local.ts";
import { type OffsetAt, type Zone, zoneFrom } from "./zone.ts";

/** Offsets kept for a zone, one for each day on which it does not change. */
const CACHE_LIMIT = 20_000;
const zones = new Map<string, Zone>();

/** `1970, GMT+01:00`, `1911, GMT-00:44:30`, `2026, GMT`: the form Intl writes quickest, a sixth of the time of single parts. */
const exactOffset = (format: Intl.DateTimeFormat): OffsetAt => {
  return (instant) => {
    const match = /GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/.exec(format.format(instant * 1000));
    const seconds = Number(match?.[2] ?? 0) * 3600 + Number(match?.[3] ?? 0) * 60 + Number(match?.[4] ?? 0);
    return match?.[1] === "-" ? -seconds : seconds;
  };
};

/** Asking Intl takes microseconds; a day that begins and ends with one offset has it throughout. */
const cached = (exact: OffsetAt): OffsetAt => {
  const starts = new Map<number, number>();
  const startOf = (day: number): number => {
    const known = starts.get(day);
    if (known !== undefined) return known;
    if (starts.size >= CACHE_LIMIT) starts.clear();
    const offset = exact(day * DAY);
    starts.set(day, offset);
    return offset;
  };
  return (instant) => {
    const day = Math.floor(instant / DAY);
    const offset = startOf(day);
    return startOf(day + 1) === offset ? offset : exact(instant);
  };
};

/** The zone of an IANA id in any case; undefined if the database has none of this name. Offsets such as `+01:00` are no ids. */
export const ianaZone = (id: string): Zone | undefined => {
  if (!/^[A-Za-z][\w+-]{0,30}(\/[\w+-]{1,40}){0,2}$/.test(id)) return undefined;
  const known = zones.get(id.toLowerCase());
  if (known) return known;
  try {
    const format = new Intl.DateTimeFormat("en-US-u-nu-latn", { timeZone: id, timeZoneName: "longOffset", year: "numeric" });
    // Intl keeps the spelling of an old id or gives the one ICU prefers; both name the same clock.
    const zone = zoneFrom(cached(exactOffset(format)), format.resolvedOptions().timeZone);
    zones.set(id.toLowerCase(), zone);
    return zone;
  } catch {
    return undefined;
  }
};
