/** What every verb of calendars and address books does alike: the item as it stands, and what became of it as a receipt. */

import type { ItemRef } from "../../contract/adapter.ts";
import type { Command, Found, Obstacle, Receipt } from "../../contract/command.ts";
import { type ErrorCode, GroupstreamError, isGroupstreamError } from "../../contract/errors.ts";
import type { Sighting } from "../../contract/sighting.ts";
import type { ItemKey } from "../../contract/words.ts";
import type { DavAccess } from "./access.ts";
import type { DavCollection, DiscoveredCollection } from "./collection.ts";
import { type DavResource, davItem } from "./items.ts";
import type { DavWritten } from "./write.ts";

/** How often an item that somebody else changes meanwhile is read again. */
const TRIES = 3;

/** A receipt that says no. */
export type Refused = Extract<Receipt, { outcome: "refused" }>;

/** It was certainly not done, for a reason people can read. */
export const refused = (reason: string, obstacle?: Obstacle, rest: Partial<Refused> = {}): Refused => ({
  outcome: "refused",
  reason,
  ...(obstacle && { obstacle }),
  ...rest,
});

const obstacles: { readonly [code in ErrorCode]?: Obstacle } = {
  unreachable: "unreachable",
  throttled: "throttled",
  unauthenticated: "unauthenticated",
  forbidden: "forbidden",
};

/** What failed before anything was written. */
const unwritten = (error: unknown): Refused => {
  if (!isGroupstreamError(error)) throw error;
  const { code, message, retryAfter } = error;
  const again = code === "unreachable" || code === "throttled" || code === "unauthenticated";
  return refused(`Not written: ${message}`, obstacles[code], {
    ...(again && { again: true }),
    ...(retryAfter !== undefined && { retryAfter }),
  });
};

/** A call as a receipt: errors of the system were met before anything was written. Aborted it ends with the signal's reason. */
export const asReceipt = async (signal: AbortSignal, act: () => Promise<Receipt>): Promise<Receipt> => {
  signal.throwIfAborted();
  try {
    return await act();
  } catch (error) {
    signal.throwIfAborted();
    return unwritten(error);
  }
};

/** A 403 that names a rule is about what was written, not about who may write (Cyrus on an event without an end). RFC 4918 section 16. */
const obstacleOf = ({ status, precondition }: Extract<DavWritten, { kind: "refused" }>): Obstacle => {
  if (status === 413) return "too-large";
  const ruled = precondition !== undefined && precondition !== "{DAV:}need-privileges";
  return status === 403 && !ruled ? "forbidden" : "rejected";
};

const goneThere = refused("gone there: the item is not in its collection any more.", "gone", { gone: true });

/** What a server that did not do it answers; undefined: it is to be read again, or it was done. */
export const unwrittenBy = (written: DavWritten): Receipt | undefined => {
  if (written.kind === "gone") return goneThere;
  if (written.kind === "unknown") return { outcome: "unknown", reason: written.reason };
  if (written.kind !== "refused") return undefined;
  const { status, precondition, full } = written;
  const why = `The server refused it (${status}${precondition ? `, ${precondition}` : ""})`;
  if (full) return refused(`${why}: the account has no room left; make some.`, "too-large");
  return refused(`${why}.`, obstacleOf(written));
};

/** The resource of a key; undefined: nothing is there. Fails: the system's errors. */
export const resourceAt = async (
  { dav }: DavAccess,
  collection: DiscoveredCollection,
  key: ItemKey,
  signal: AbortSignal,
): Promise<DavResource | Refused | undefined> => {
  const item = await davItem(dav, collection, key, signal);
  if (item.kind === "there") return item.resource;
  return item.kind === "unreadable" ? refused(item.reason, "rejected") : undefined;
};

/** How an adapter shows a resource whole. */
export type Showing = (collection: DavCollection, resource: DavResource) => Sighting | undefined;

/** What now is at a key, as a look shows it; undefined: nothing that is shown. Fails: the system's errors. */
export const foundAt = async (
  access: DavAccess,
  collection: DiscoveredCollection,
  key: ItemKey,
  show: Showing,
  signal: AbortSignal,
): Promise<Found | undefined> => {
  const resource = await resourceAt(access, collection, key, signal);
  const sighting = resource && !("outcome" in resource) ? show(collection, resource) : undefined;
  return sighting && { collection: collection.url, sighting };
};

/**
 * Changes an item as it stands, and again as it stands then while somebody else changes it, three times.
 * @param standingOf  what is known of a resource, or why it cannot be changed
 * @param write       undefined: it is another by now
 */
export const changeItem = async <Standing extends object>(
  access: DavAccess,
  { item, verb }: Command,
  standingOf: (collection: DiscoveredCollection, resource: DavResource) => Standing | Refused,
  signal: AbortSignal,
  write: (standing: Standing, item: ItemRef) => Promise<Receipt | undefined>,
): Promise<Receipt> => {
  if (!item) return refused(`There is nothing to ${verb}; name an item.`);
  const collection = await access.collection(item.collection, signal);
  for (let round = 0; round < TRIES; round += 1) {
    const resource = await resourceAt(access, collection, item.key, signal);
    if (!resource) return goneThere;
    if ("outcome" in resource) return resource;
    const standing = standingOf(collection, resource);
    if ("outcome" in standing) return standing;
    const receipt = await write(standing, item);
    if (receipt) return receipt;
  }
  return refused("The item was changed by somebody else again and again; it is tried later.", "throttled", { again: true });
};

/**
 * What an attempt left, for `Adapter.find`: of a `Create` the resource of its name, in the collection it should stand in or in any; `absent`
 * where there is none. Of what changes an item nothing can be told: it is asked for again. Fails: the system's errors.
 */
export const findMade = async (
  access: DavAccess,
  { verb, collection, item }: Command,
  made: ItemKey,
  show: Showing,
  signal: AbortSignal,
): Promise<Found | "absent" | "unknown"> => {
  if (verb === "Create") {
    const places = collection ? [await access.collection(collection.id, signal)] : await access.collections(signal);
    for (const place of places) {
      const found = await foundAt(access, place, made, show, signal);
      if (found) return found;
    }
    return "absent";
  }
  if (verb !== "Delete" || !item) return "unknown";
  const found = await foundAt(access, await access.collection(item.collection, signal), item.key, show, signal);
  return found ? "absent" : { collection: item.collection, sighting: { key: item.key, gone: true } };
};

/** The only part of a resource: itself. */
export const RAW_RESOURCE = "raw";

/** The text of an item, whole, for `Adapter.content`. Fails: `forbidden` where there is no such part, or the item is gone. */
export const rawResource = async (
  access: DavAccess,
  { collection, key }: ItemRef,
  part: string,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> => {
  const { id } = access.options;
  const none = (what: string): GroupstreamError =>
    new GroupstreamError("forbidden", `${id}: ${what}`, { system: id, collection, key });
  if (part !== RAW_RESOURCE) throw none("an item has no such part; ask for its raw form.");
  const item = await davItem(access.dav, await access.collection(collection, signal), key, signal);
  if (item.kind === "there") return new Blob([item.resource.data]).stream();
  throw none("it is not there any more; nothing of it can be read.");
};
