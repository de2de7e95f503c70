/** What a position of a DAV collection holds: how it is known what changed, and the listing that is under way. Pure. */

import { GroupstreamError } from "../../contract/errors.ts";
import type { Position } from "../../contract/sighting.ts";
import type { CollectionId, ItemKey, ListingId, SystemId } from "../../contract/words.ts";
import type { Stamp } from "./members.ts";

/** Version 1. Bounded: a listing resumes after a key, and holds no list of what is left. */
export interface DavPosition extends Stamp {
  readonly v: 1;
  /** When the last listing was opened, milliseconds since 1970. */
  readonly listed: number;
  /** The token may have passed over a change of the same moment: the next look lists. */
  readonly doubt?: true;
  readonly listing?: {
    readonly id: ListingId;
    /** The last key that was given; keys are in the order of their code units. */
    readonly after: ItemKey;
    /** Of references, not whole. */
    readonly quiet?: true;
  };
}

const isText = (value: unknown): value is string => typeof value === "string";
const isTextOrNone = (value: unknown): boolean => value === undefined || isText(value);
const isTrueOrNone = (value: unknown): boolean => value === undefined || value === true;

/** Reads a position. Fails: `position-lost` for one that is not of this form and version. */
export const parsePosition = (position: Position, system: SystemId, collection: CollectionId): DavPosition => {
  const place = position as Partial<DavPosition> | null;
  const listing = place?.listing as Partial<NonNullable<DavPosition["listing"]>> | null | undefined;
  const fits =
    typeof place === "object" &&
    place?.v === 1 &&
    Number.isFinite(place.listed) &&
    isTextOrNone(place.token) &&
    isTextOrNone(place.ctag) &&
    isTrueOrNone(place.doubt) &&
    (listing === undefined ||
      (typeof listing === "object" && isText(listing?.id) && isText(listing.after) && isTrueOrNone(listing.quiet)));
  if (fits) return place as DavPosition;
  throw new GroupstreamError(
    "position-lost",
    `${system}: the position of ${collection} is of another version; it is listed again.`,
    {
      system,
      collection,
    },
  );
};

/** As the core stores it. */
export const mintPosition = (position: DavPosition): Position => JSON.parse(JSON.stringify(position)) as Position;
