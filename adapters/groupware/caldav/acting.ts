/** What every verb does alike: the item as it stands, refusals in words, what stands afterwards. */

import {
  type Command,
  type ErrorCode,
  type Found,
  type ItemKey,
  type ItemRef,
  isGroupstreamError,
  type Loss,
  type Obstacle,
  type Receipt,
} from "groupstream";
import {
  type DavCollection,
  type DavResource,
  type DavWritten,
  davItem,
  type Planned,
  plannedView,
  type Series,
  type Zone,
} from "groupstream/protocol";
import type { Account } from "./account.ts";
import { zoneOfCalendar } from "./changes.ts";
import { undoneIn } from "./delivery.ts";
import { plannedIn, sightingOf } from "./map.ts";

/** How often an event that somebody else changes meanwhile is read again. */
const TRIES = 3;

export type Refused = Extract<Receipt, { outcome: "refused" }>;

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

/** A call as a receipt, whatever it throws; aborted it ends with the signal's reason. */
export const asReceipt = async (signal: AbortSignal, act: () => Promise<Receipt>): Promise<Receipt> => {
  signal.throwIfAborted();
  try {
    return await act();
  } catch (error) {
    signal.throwIfAborted();
    return unwritten(error);
  }
};

export const goneThere = refused("gone there: the event is not in the calendar any more.", "gone", { gone: true });

/** The resource of a key; undefined: nothing is there. */
export const resourceOf = async (
  { dav }: Account,
  calendar: DavCollection,
  key: ItemKey,
  signal: AbortSignal,
): Promise<DavResource | Refused | undefined> => {
  const item = await davItem(dav, calendar, key, signal);
  if (item.kind === "there") return item.resource;
  return item.kind === "unreadable" ? refused(item.reason, "rejected") : undefined;
};

/** An item as it stands, and all that is known of it. */
export interface Standing {
  readonly calendar: DavCollection;
  readonly resource: DavResource;
  readonly series: Series;
  readonly view: Planned;
  /** The calendar's zone, for floating times. */
  readonly floating?: Zone;
}

const standingOf = (calendar: DavCollection, resource: DavResource): Standing | Refused => {
  const [series, ...more] = plannedIn(resource.data);
  const floating = zoneOfCalendar(calendar);
  const view = series && plannedView(series, { text: "full", ...(floating && { floating }) });
  if (!series || !view || more.length > 0) return refused("The item is no event or task that can be changed.", "rejected");
  return { calendar, resource, series, view, ...(floating && { floating }) };
};

const foundIn = (calendar: DavCollection, resource: DavResource): Found | undefined => {
  const sighting = sightingOf(resource, { text: "full", behaviour: false }, zoneOfCalendar(calendar));
  return sighting && { collection: calendar.url, sighting };
};

/** What now is at a key, as a look shows it. */
export const foundAt = async (
  account: Account,
  calendar: DavCollection,
  key: ItemKey,
  signal: AbortSignal,
): Promise<Found | undefined> => {
  const resource = await resourceOf(account, calendar, key, signal);
  return resource && !("outcome" in resource) ? foundIn(calendar, resource) : undefined;
};

/**
 * It was done. Servers rewrite what they are given: what stands there is read. What cannot be read stays done.
 * @param field   what a server that schedules tells others: `reply`, `attendee`
 * @param losses  of what was written
 */
export const doneAt = async (
  account: Account,
  {
    calendar,
    key,
    field,
    losses = [],
  }: {
    readonly calendar: DavCollection;
    readonly key: ItemKey;
    readonly field: string;
    readonly losses?: readonly Loss[];
  },
  signal: AbortSignal,
): Promise<Extract<Receipt, { outcome: "done" }>> => {
  const resource = await resourceOf(account, calendar, key, signal).catch(() => undefined);
  signal.throwIfAborted();
  const read = resource && !("outcome" in resource) ? resource : undefined;
  const found = read && foundIn(calendar, read);
  const { partly, losses: untold = [] } = read ? undoneIn(read.data, field) : {};
  return { outcome: "done", ...(found && { stands: found }), losses: [...losses, ...untold], ...(partly && { partly }) };
};

/** What a server that did not do it answers; undefined: it is to be read again, or it was done. */
export const unwrittenBy = (written: DavWritten): Receipt | undefined => {
  if (written.kind === "gone") return goneThere;
  if (written.kind === "unknown") return { outcome: "unknown", reason: written.reason };
  if (written.kind !== "refused") return undefined;
  const { status, precondition, full } = written;
  const why = `The server refused it (${status}${precondition ? `, ${precondition}` : ""})`;
  if (full) return refused(`${why}: the account has no room left; make some.`, "too-large");
  return refused(`${why}.`, status === 403 ? "forbidden" : status === 413 ? "too-large" : "rejected");
};

/**
 * Changes an item as it stands, and again as it stands then while somebody else changes it, three times.
 * @param write  undefined: it is another by now
 */
export const onStanding = async (
  account: Account,
  { item, verb }: Command,
  signal: AbortSignal,
  write: (standing: Standing, item: ItemRef) => Promise<Receipt | undefined>,
): Promise<Receipt> => {
  if (!item) return refused(`There is no event to ${verb}; name one.`);
  const calendar = await account.calendar(item.collection, signal);
  for (let round = 0; round < TRIES; round += 1) {
    const resource = await resourceOf(account, calendar, item.key, signal);
    if (!resource) return goneThere;
    if ("outcome" in resource) return resource;
    const standing = standingOf(calendar, resource);
    if ("outcome" in standing) return standing;
    const receipt = await write(standing, item);
    if (receipt) return receipt;
  }
  return refused("The event was changed by somebody else again and again; it is tried later.", "throttled", { again: true });
};

/** True where the server tells those who are invited by itself (RFC 6638). */
export const schedules = async (account: Account, signal: AbortSignal): Promise<boolean> =>
  (await account.principal(signal)).features.includes("calendar-auto-schedule");
