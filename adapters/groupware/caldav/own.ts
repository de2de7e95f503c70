/**
 * What is ours in a calendar. An event we make is named by its delivery: so is its resource, and each attempt makes the same one. Pure.
 *
 * The UID of a part of a series that was split goes on with the instant it begins at: `gs.<delivery>.20261210T090000Z`.
 */

import type { DeliveryId, ItemKey } from "groupstream";
import { davMarks, trailOfText, UUID } from "groupstream/protocol/dav";
import { markIn, type Series } from "groupstream/protocol/icalendar";

const named = new RegExp(`^gs\\.(${UUID})(?:\\.(\\d{8}T\\d{6}Z))?$`, "i");

/** Properties of ours, of a master. */
export const marks = {
  ...davMarks,
  /** The server takes no strangers as organisers: its people are in the text. */
  people: "x-groupstream-people",
} as const;

const compact = (instant: string): string => instant.replace(/[-:]/g, "");

/** @param from  the instant a part of a series begins at, RFC 3339; absent for the whole or its first part */
export const uidOf = (delivery: DeliveryId, from?: string): string =>
  `gs.${delivery.toLowerCase()}${from === undefined ? "" : `.${compact(from)}`}`;

/** The resource of a UID of ours. */
export const keyOf = (uid: string): ItemKey => `${uid}.ics`;

/** An object of ours: its delivery, and which part of the series that was delivered it is. */
export interface Ours {
  readonly delivery: DeliveryId;
  /** Compact; absent for the whole or its first part. */
  readonly part?: string;
}

/**
 * Undefined for what others made. The UID alone says it: a copy that somebody makes has another, though it may keep our properties; a server
 * may drop these.
 */
export const oursOf = ({ uid }: Pick<Series, "uid">): Ours | undefined => {
  const [, delivery, part] = named.exec(uid) ?? [];
  return delivery === undefined ? undefined : { delivery: delivery.toLowerCase(), ...(part !== undefined && { part }) };
};

/** True for the part of a series that begins at this instant. */
export const isPart = ({ part }: Ours, from: string | undefined): boolean =>
  part === (from === undefined ? undefined : compact(from));

/** Where it has been, as it says itself. */
export const trailOf = (series: Series): readonly string[] | undefined => trailOfText(markIn(series, marks.trail));
