/** How far a mailbox has been read: what `changes` mints and nobody else parses. */

import type { GroupstreamError, Json, ListingId, Position } from "groupstream";
import type { Opening } from "./mailbox.ts";

/** A listing under way. It covers the UIDs below the position's `uidNext`, which is that of its opening. */
export interface Listing {
  readonly id: ListingId;
  /** The first UID not yet shown. */
  readonly next: number;
  /** How many were shown. */
  readonly seen: number;
  /** Below it messages are known and only their flags are read; from it on they are read whole. */
  readonly known: number;
  /** Only what is still there is asked, no flags: they were told by MODSEQ. */
  readonly here?: true;
}

/** All that must be remembered of a mailbox between two looks. */
export interface State {
  readonly validity: string;
  readonly uidNext: number;
  /** How many messages the hub was told of: a smaller EXISTS later means removals (RFC 7162 section 6). */
  readonly exists: number;
  /** HIGHESTMODSEQ of the opening, never of a later row: what changed meanwhile must come again. */
  readonly modseq?: string;
  readonly listing?: Listing;
}

/** The state of an opening. */
export const stateOf = ({ validity, uidNext, exists, modseq }: Opening): State => ({
  validity,
  uidNext,
  exists,
  ...(modseq !== undefined && { modseq: modseq.toString() }),
});

export const positionOf = ({ validity, uidNext, exists, modseq, listing }: State): Position => ({
  v: 1,
  validity,
  uidNext,
  exists,
  ...(modseq !== undefined && { modseq }),
  ...(listing && { listing: { ...listing } }),
});

const isRecord = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isCount = (value: Json | undefined): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0;

const listingFrom = (value: Json): Listing | undefined => {
  if (!isRecord(value)) return undefined;
  const { id, next, seen, known, here } = value;
  if (typeof id !== "string" || !isCount(next) || !isCount(seen) || !isCount(known)) return undefined;
  return { id, next, seen, known, ...(here === true && { here }) };
};

/** Reads a position. Fails: `position-lost` for one of another version of this adapter. */
export const stateFrom = (position: Position, lost: (message: string) => GroupstreamError): State => {
  const other = (): GroupstreamError => lost("was written by another version of the adapter");
  if (!isRecord(position) || position.v !== 1) throw other();
  const { validity, uidNext, exists, modseq, listing } = position;
  if (typeof validity !== "string" || !isCount(uidNext) || !isCount(exists)) throw other();
  if (modseq !== undefined && !(typeof modseq === "string" && /^\d{1,20}$/.test(modseq))) throw other();
  const going = listing === undefined ? undefined : listingFrom(listing);
  if (listing !== undefined && going === undefined) throw other();
  return { validity, uidNext, exists, ...(modseq !== undefined && { modseq }), ...(going && { listing: going }) };
};
