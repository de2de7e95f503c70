/** An account of calendars or address books as its adapter has it: what is read of it, and every step of writing to it. */

import type { Adapter, ItemRef, Level } from "../../contract/adapter.ts";
import type { Command, Found, Receipt } from "../../contract/command.ts";
import type { CollectionId, ItemKey, Revision } from "../../contract/words.ts";
import { davAccess, davChangesLevel, davPlace, davStamp } from "./access.ts";
import { changeItem, findMade, foundAt, type Refused, resourceAt, type Showing } from "./acting.ts";
import type { DavReading } from "./changes.ts";
import type { DavCollection, DiscoveredCollection } from "./collection.ts";
import type { DavPrincipal } from "./discover.ts";
import type { DavResource } from "./items.ts";
import type { DavKind } from "./names.ts";
import type { DavAccountOptions } from "./options.ts";
import { davReads } from "./reads.ts";
import { type DavCondition, type DavWritten, davPut, davRemove } from "./write.ts";

/** An account that can be asked. Methods fail with the system's errors unless they say otherwise. */
export interface DavAccount extends AsyncDisposable {
  /**
   * Who it is there.
   * @param fresh  found anew, not remembered
   */
  principal(signal: AbortSignal, fresh?: boolean): Promise<DavPrincipal>;
  /**
   * Its collections now, those that are configured.
   * @param known  as `Adapter.collections` has it: where none of them is, no token is asked for
   */
  collections(signal: AbortSignal, fresh?: boolean, known?: ReadonlySet<CollectionId>): Promise<readonly DavCollection[]>;
  /** One of them. Fails: `forbidden` where it is not there any more. */
  collection(id: CollectionId, signal: AbortSignal): Promise<DavCollection>;
  /**
   * What its adapter gives of it, and its end: collections, looks, items by key, and their raw forms.
   * @param shownIn  how resources of a collection are shown, asked anew for each look
   */
  reads(
    shownIn: (collection: DavCollection) => DavReading["sightingOf"],
  ): Required<Pick<Adapter, "collections" | "changes" | "fetch" | "content" | typeof Symbol.asyncDispose>>;
  /** How well it tells changes, for `Manifest.gives`. */
  changesLevel(signal: AbortSignal): Promise<Level>;
  /**
   * Where something new goes: the collection that is named, if it fits and can be written, else the first that does, what is the
   * account's own first; undefined: none does.
   */
  place(
    named: { readonly id: CollectionId } | undefined,
    signal: AbortSignal,
    fits?: (collection: DavCollection) => boolean,
  ): Promise<DavCollection | undefined>;
  /** The resource of a key; undefined: nothing is there; refused: it cannot be read. */
  resource(collection: DavCollection, key: ItemKey, signal: AbortSignal): Promise<DavResource | Refused | undefined>;
  /** What now is at a key, as a look shows it; undefined: nothing that is shown. */
  found(collection: DavCollection, key: ItemKey, show: Showing, signal: AbortSignal): Promise<Found | undefined>;
  /**
   * What an attempt left, for `Adapter.find`: of a `Create` the resource of this key; of what changes an item nothing can be told.
   */
  find(command: Command, made: ItemKey, show: Showing, signal: AbortSignal): Promise<Found | "absent" | "unknown">;
  /**
   * Changes an item as it stands, and again as it stands then while somebody else changes it, three times.
   * @param readOf  what is known of a resource, or why it cannot be changed
   * @param write   undefined: it is another by now
   */
  change<Stored extends object>(
    command: Command,
    readOf: (collection: DavCollection, resource: DavResource) => Stored | Refused,
    signal: AbortSignal,
    write: (stored: Stored, item: ItemRef) => Promise<Receipt | undefined>,
  ): Promise<Receipt>;
  /**
   * Writes a resource, once. Throws only where it was certainly not done: `unreachable` (nothing was sent), `throttled`,
   * `unauthenticated`.
   * @param body  iCalendar or vCard
   */
  put(url: string, body: string, condition: DavCondition, signal: AbortSignal): Promise<DavWritten>;
  /**
   * Deletes a resource that is as it was read. Throws as `put`.
   * @param silent  an invitation that goes is not answered by it (RFC 6638 section 8.1); default: by the server's own rules
   */
  remove(url: string, match: Revision, signal: AbortSignal, silent?: boolean): Promise<DavWritten>;
  /** Now, as what is written says it: RFC 3339, UTC, whole seconds. */
  stamp(): string;
}

/** An adapter gives back what it was given. */
const discovered = (collection: DavCollection): DiscoveredCollection => collection as DiscoveredCollection;

/**
 * The account of these options, which are right. Does no I/O before it is asked.
 * @param names  only these collections; default all
 */
export const davAccount = (options: DavAccountOptions, kind: DavKind, names?: readonly string[]): DavAccount => {
  const access = davAccess(options, kind, names);
  const { principal, collections, collection } = access;
  return {
    principal,
    collections,
    collection,
    reads: (shownIn) => davReads(access, shownIn),
    changesLevel: async (signal) => davChangesLevel(await collections(signal)),
    place: (named, signal, fits) => davPlace(access, named, signal, fits),
    resource: (where, key, signal) => resourceAt(access, discovered(where), key, signal),
    found: (where, key, show, signal) => foundAt(access, discovered(where), key, show, signal),
    find: (command, made, show, signal) => findMade(access, command, made, show, signal),
    change: (command, readOf, signal, write) => changeItem(access, command, readOf, signal, write),
    put: (url, body, condition, signal) => davPut(access.dav, url, body, { kind, ...condition }, signal),
    remove: (url, match, signal, silent) => davRemove(access.dav, url, match, signal, silent),
    stamp: () => davStamp(access),
    [Symbol.asyncDispose]: () => access[Symbol.asyncDispose](),
  };
};
