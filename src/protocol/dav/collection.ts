/** One collection of a DAV server, read from the answer to PROPFIND. Pure. */

import { collectionHref } from "./href.ts";
import { type DavResponse, hrefsOfProp, namesOfProp, textOfProp } from "./multistatus.ts";
import { caldav, type DavKind, dav, kinds, namespaces, server } from "./names.ts";
import { isUnsettled } from "./times.ts";
import { childOf } from "./xml.ts";

/** A calendar or address book, as its adapter has it. */
export interface DavCollection {
  /** Normalised, with a slash at its end: equal = the same collection. */
  readonly url: string;
  /** `displayname`, else the last segment of the path. */
  readonly name: string;
  /** `VEVENT`, `VTODO` …, upper case; empty for address books, and where the server does not say: then everything may be in it. */
  readonly components: readonly string[];
  /** By `current-user-privilege-set`; absent where the server does not say. */
  readonly writable?: boolean;
  /** `calendar-timezone`, a VTIMEZONE in a VCALENDAR (RFC 4791 section 5.2.2). */
  readonly timezone?: string;
}

/** What else discovery finds of it: how it is looked at. */
export interface DiscoveredCollection extends DavCollection {
  readonly kind: DavKind;
  /** The owner's principal, normalised. */
  readonly owner?: string;
  readonly ctag?: string;
  readonly syncToken?: string;
  /** Token or ctag is a time in seconds that is not over yet (SOGo): further changes may leave it as it is. */
  readonly unsettled?: true;
  /** The server answers sync-collection reports here (RFC 6578). */
  readonly syncs: boolean;
}

/** What changes from day to day. */
const passing: readonly string[] = [dav("resourcetype"), dav("displayname")];

/**
 * What is asked of those that are known already: their names, and how each says that something in it changed. Servers go through every
 * item for a token or a ctag (Radicale), so only what is used is asked.
 */
export const wantedOfKnown = (known: readonly DiscoveredCollection[]): readonly string[] => [
  ...passing,
  ...(known.some(({ syncs, ctag }) => syncs || ctag === undefined) ? [dav("sync-token")] : []),
  ...(known.some(({ syncs }) => !syncs) ? [server("getctag")] : []),
];

/** What is asked of each that is not known yet: nothing for which a server goes through its items. */
export const wantedOfCollections: readonly string[] = [
  ...passing,
  dav("current-user-privilege-set"),
  dav("owner"),
  dav("supported-report-set"),
  caldav("supported-calendar-component-set"),
  caldav("calendar-timezone"),
];

/** A calendar or address book by its type that is none to people. SOGo calls everybody's first calendar an outbox, too: it is one to them. */
const hidden = new Set([
  caldav("schedule-inbox"),
  server("notification"),
  `{${namespaces.nextcloud}}trash-bin`,
  `{${namespaces.nextcloud}}deleted-calendar`,
]);

const writes = new Set(["write", "write-content", "bind", "all"].map(dav));

const writableIn = (response: DavResponse): boolean | undefined =>
  response.props
    .get(dav("current-user-privilege-set"))
    ?.children.some(({ children }) => children.some(({ name }) => writes.has(name)));

const syncsIn = (response: DavResponse): boolean => {
  const reports = response.props.get(dav("supported-report-set"));
  if (!reports) return textOfProp(response, dav("sync-token")) !== undefined;
  // Xandikos leaves the report element out.
  return reports.children.some((one) => childOf(childOf(one, dav("report")) ?? one, dav("sync-collection")) !== undefined);
};

const nameOfPath = (url: string): string => {
  const last = new URL(url).pathname.split("/").at(-2) ?? "";
  try {
    return decodeURIComponent(last) || "/";
  } catch {
    return last;
  }
};

/**
 * The collection a response tells of; undefined where it is none of this kind, or hidden from people.
 * @param date  the answer's `Date`
 */
export const readCollection = (
  response: DavResponse,
  { url: base, date }: { readonly url: string; readonly date: string | undefined },
  kind: DavKind,
): DiscoveredCollection | undefined => {
  const types = namesOfProp(response, dav("resourcetype"));
  const url = collectionHref(response.href, base);
  if (url === undefined || !types.includes(kinds[kind].type) || types.some((type) => hidden.has(type))) return undefined;
  const writable = writableIn(response);
  const [owner] = hrefsOfProp(response, dav("owner"));
  const ownerUrl = owner === undefined ? undefined : collectionHref(owner, base);
  const ctag = textOfProp(response, server("getctag"));
  const syncToken = textOfProp(response, dav("sync-token"));
  const timezone = textOfProp(response, caldav("calendar-timezone"));
  // Radicale names components for address books, too.
  const held = kind === "calendar" ? response.props.get(caldav("supported-calendar-component-set")) : undefined;
  const components = (held?.children ?? []).flatMap(({ attributes }) => attributes.name?.toUpperCase() ?? []);
  return {
    url,
    kind,
    name: textOfProp(response, dav("displayname"))?.trim() ?? nameOfPath(url),
    components,
    ...(writable !== undefined && { writable }),
    ...(ownerUrl !== undefined && { owner: ownerUrl }),
    ...(ctag !== undefined && { ctag }),
    ...(syncToken !== undefined && { syncToken }),
    ...((isUnsettled(syncToken, date) || isUnsettled(ctag, date)) && { unsettled: true as const }),
    syncs: syncsIn(response),
    ...(timezone !== undefined && { timezone }),
  };
};
