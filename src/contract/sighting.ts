/** The contract's reading half: pages of sightings, what an item is now, and what says that two items are one thing. Types only. */

import type { Party, SetField, View } from "./view.ts";
import type { DeliveryId, EvidenceId, ItemKey, ListingId, Revision } from "./words.ts";

/** Opaque JSON of the adapter, at most 64 KiB; carries its own version. The core stores it and never looks inside. */
export type Position = Json;

/** JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** One step of a look: committed whole, or not at all. */
export interface Page {
  /** At most 500 and at most 1 MiB (a single larger item excepted); one per key, the last state wins. */
  readonly sightings: readonly Sighting[];
  /** Safe to resume from once this page has committed, also in mid-listing. */
  readonly position: Position;
  /** Set on every page of a listing. */
  readonly listing?: {
    /** Minted when the listing opens and kept in the position. */
    readonly id: ListingId;
    /** This page ends the listing: what it never showed is absent. */
    readonly last?: true;
    /** With `last`: how many items there are by the server's own count. */
    readonly count?: number;
  };
  /** Sightings still to come, for progress. */
  readonly estimate?: number;
}

/** An item as it is now. */
export type Sighting = Whole | Patch | Reference | Here | Gone | Out | Malformed;

/** An item with all its adapter can read. */
export interface Whole {
  readonly key: ItemKey;
  readonly revision: Revision;
  readonly object: View;
  /** Minted from native data, strongest first. */
  readonly same?: readonly Evidence[];
  /** Written by the account we act with; the delivery's id or our digest where the system can carry or give one. */
  readonly mine?: { readonly marker?: DeliveryId; readonly digest?: string };
  /** When it got here by the source's clock, RFC 3339 (INTERNALDATE). */
  readonly came?: string;
  readonly order?: string;
  readonly by?: By;
}

/** These fields are now so; set-valued fields gained or lost members. */
export interface Patch {
  readonly key: ItemKey;
  readonly revision: Revision;
  readonly set?: Readonly<Partial<Record<string, Json>>>;
  readonly add?: Readonly<Partial<Record<SetField, readonly Json[]>>>;
  readonly remove?: Readonly<Partial<Record<SetField, readonly Json[]>>>;
  readonly order?: string;
  readonly by?: By;
  readonly object?: never;
}

/** There, with this revision: fetched by the core if the revision is new. */
export interface Reference {
  readonly key: ItemKey;
  readonly revision: Revision;
  readonly object?: never;
  readonly set?: never;
  readonly add?: never;
  readonly remove?: never;
}

/** Still there, no more known. */
export interface Here {
  readonly key: ItemKey;
  readonly here: true;
}

/** No longer in this collection. */
export interface Gone {
  readonly key: ItemKey;
  readonly gone: true;
  /** Deleted for good: cannot turn up elsewhere. */
  readonly final?: true;
  readonly order?: string;
}

/** No longer in scope: a window moved on. Says nothing about the item itself. */
export interface Out {
  readonly key: ItemKey;
  readonly out: true;
}

/** Could not be read: kept with its raw form in the quarantine, counted, shown, retried. Given in place of a whole sighting. */
export interface Malformed {
  readonly key: ItemKey;
  readonly revision: Revision;
  readonly malformed: {
    /** What could not be read, one sentence, no content. */
    readonly reason: string;
    /** Where the raw form is: a part for `Adapter.content`. */
    readonly part?: string;
  };
}

/** Who did it and when, as far as the source says. A person or a time is never invented. */
export interface By {
  readonly actor?: Party;
  /** RFC 3339. */
  readonly at?: string;
  /** `item`: the item names them (From); `server`: the server vouches; `guess`: likely. */
  readonly from: "item" | "server" | "guess";
}

/**
 * A string that two items share only if they are about the same object.
 * `identity`: the system's own id; `content`: equal content; both join. `hint`: names partners and parents, joins nothing.
 */
export interface Evidence {
  readonly id: EvidenceId;
  readonly within: "system" | "everywhere";
  readonly weight: "identity" | "content" | "hint";
}
