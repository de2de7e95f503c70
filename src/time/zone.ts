/** A zone's offset as a function of the instant, and what follows from it for local times. */

import { GroupstreamError } from "../contract/errors.ts";
import { DAY, instantText, localText, secondsOf } from "./local.ts";

/** Seconds east of UTC at an instant, seconds since 1970. */
export type OffsetAt = (instant: number) => number;

/** A time zone. Two zones of one name need not agree: an object may define its own. */
export interface Zone {
  /** The IANA zone, if it is one or agrees with it around the event. */
  readonly iana?: string;
  /** Seconds east of UTC at an instant, seconds since 1970. */
  readonly offsetAt: (instant: number) => number;
  /**
   * The instant of a local time, `2026-03-29T02:30:00` → `2026-03-29T01:30:00Z`; of a date, of its midnight. A time ending in `Z`
   * is itself. A time that does not exist has the offset from before the gap, one that occurs twice is the first (RFC 5545 §3.3.5).
   * Fails: `malformed` for what is no time of the years 1900 to 2200.
   */
  toInstant(local: string): string;
  /** What its clocks show at an instant (`…Z`), without `Z`. Fails as above. */
  toLocal(instant: string): string;
}

/** Seconds of a text that a calendar gave. Fails: `malformed`. */
export const secondsIn = (text: string): number => {
  const seconds = secondsOf(text);
  if (seconds === undefined)
    throw new GroupstreamError(
      "malformed",
      "A calendar object holds what is no time of the years 1900 to 2200. Look at its raw form.",
    );
  return seconds;
};

/** Local seconds → instant. */
export const instantAt = (offsetAt: OffsetAt, local: number): number => {
  const before = offsetAt(local - DAY);
  const after = offsetAt(local + DAY);
  if (before === after && offsetAt(local - before) === before) return local - before;
  const candidates = [before, after, offsetAt(local - before)];
  const valid = candidates.filter((offset) => offsetAt(local - offset) === offset);
  // The larger the offset, the earlier the instant: the first of two. In a gap none is valid.
  return local - (valid.length > 0 ? Math.max(...valid) : before);
};

/** A zone of an offset function. */
export const zoneFrom = (offsetAt: OffsetAt, iana?: string): Zone => ({
  ...(iana === undefined ? {} : { iana }),
  offsetAt,
  toInstant: (local) => {
    const seconds = secondsIn(local);
    return instantText(local.endsWith("Z") ? seconds : instantAt(offsetAt, seconds));
  },
  toLocal: (instant) => {
    const seconds = secondsIn(instant);
    return localText(seconds + offsetAt(seconds));
  },
});

/** UTC, and a clock for what names no zone where the caller knows none. */
export const utc: Zone = zoneFrom(() => 0, "UTC");
