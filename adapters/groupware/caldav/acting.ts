/** What every verb does alike: the event as it stands, and what stands afterwards. */

import type { ItemKey, Loss, Receipt } from "groupstream";
import { type DavCollection, type DavResource, type Refused, refused, type Showing } from "groupstream/protocol/dav";
import { type Planned, plannedView, type Series, type Zone } from "groupstream/protocol/icalendar";
import type { Account } from "./account.ts";
import { shownIn, zoneOfCalendar } from "./changes.ts";
import { undoneIn } from "./delivery.ts";
import { plannedIn } from "./map.ts";

/** An item as it stands, and all that is known of it. */
export interface StoredObject {
  readonly calendar: DavCollection;
  readonly resource: DavResource;
  readonly series: Series;
  readonly view: Planned;
  /** The calendar's zone, for floating times. */
  readonly floating?: Zone;
}

export const standingOf = (calendar: DavCollection, resource: DavResource): StoredObject | Refused => {
  const [series, ...more] = plannedIn(resource.data);
  const floating = zoneOfCalendar(calendar);
  const view = series && plannedView(series, { text: "full", ...(floating && { floating }) });
  if (!series || !view || more.length > 0) return refused("The item is no event or task that can be changed.", "rejected");
  return { calendar, resource, series, view, ...(floating && { floating }) };
};

/** As a look shows it. */
export const showing: Showing = (calendar, resource) => shownIn(calendar)(resource, { text: "full", behaviour: false });

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
  const resource = await account.resource(calendar, key, signal).catch(() => undefined);
  signal.throwIfAborted();
  const read = resource && !("outcome" in resource) ? resource : undefined;
  const sighting = read && showing(calendar, read);
  const { partly, losses: untold = [] } = read ? undoneIn(read.data, field) : {};
  const stands = sighting && { collection: calendar.url, sighting };
  return { outcome: "done", ...(stands && { stands }), losses: [...losses, ...untold], ...(partly && { partly }) };
};

/** True where the server tells those who are invited by itself (RFC 6638). */
export const schedules = async (account: Account, signal: AbortSignal): Promise<boolean> =>
  (await account.principal(signal)).features.includes("calendar-auto-schedule");

/** True where it tells them whatever SCHEDULE-AGENT says (RFC 6638 section 7.1): SOGo, known by the one place it is served from. */
export const insists = async (account: Account, signal: AbortSignal): Promise<boolean> =>
  /\/SOGo\/dav\//.test((await account.principal(signal)).outbox ?? "");

/** Nobody asked that people are told, and the server would. */
export const unasked = (what: string): Refused =>
  refused(
    `The server would tell everybody who is invited that it ${what}; ask for that (notify), by whom it is organised.`,
    "rejected",
  );
