/** How far a room's archive has been read: what `changes` mints and nobody else parses. */

import type { GroupstreamError, Position } from "groupstream";

/** The id of the last archive entry that was read; undefined: the archive was empty. */
export interface ArchivePosition {
  readonly after?: string;
}

/** Longest archive id that is believed, characters. */
export const ID_LIMIT = 500;

export const positionOf = ({ after }: ArchivePosition): Position => ({ v: 1, ...(after !== undefined && { after }) });

/** The entry a position stands at; undefined where it says none. */
export const entryOf = (position: Position | undefined): string | undefined => {
  const after = typeof position === "object" && position !== null && "after" in position ? position.after : undefined;
  return typeof after === "string" ? after : undefined;
};

/** Reads a position. Fails: `position-lost` for one of another version of this adapter. */
export const placeFrom = (position: Position, lost: (message: string) => GroupstreamError): ArchivePosition => {
  const read = typeof position === "object" && position !== null && !Array.isArray(position) ? position : {};
  const { v, after } = read as { readonly v?: unknown; readonly after?: unknown };
  if (v !== 1 || !(after === undefined || (typeof after === "string" && after !== "")))
    throw lost("has a position of another version of the adapter");
  return after === undefined ? {} : { after };
};
