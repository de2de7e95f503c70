/** From an address to principal, homes and collections, RFC 6764 section 6 with RFC 5397, 4791, 6352 and 6638. */

import { GroupstreamError, isGroupstreamError } from "../../contract/errors.ts";
import type { ActorId } from "../../contract/words.ts";
import { type Dav, type DavRequest, namingOf, readMultistatus } from "./client.ts";
import { type DiscoveredCollection, readCollection, wantedOfCollections, wantedOfKnown } from "./collection.ts";
import { collectionHref } from "./href.ts";
import { type DavResponse, hrefsOfProp, namesOfProp, textOfProp } from "./multistatus.ts";
import { caldav, type DavKind, dav as davName, kinds, propfind } from "./names.ts";

/** Who an account is at its server, and what the server does for it. */
export interface DavPrincipal {
  /** Absent where the server names none. */
  readonly url?: string;
  /** RFC 6638 section 2.1. */
  readonly outbox?: string;
  /** What the `DAV` header names on the first home, lower case: `calendar-auto-schedule`; empty where it is not told. */
  readonly features: readonly string[];
  /** The `Server` header. */
  readonly server?: string;
  /** Whose the collections are: as configured, else the first mail address the server knows the account by. */
  readonly owner?: ActorId;
}

/** What else discovery finds. */
export interface DiscoveredPrincipal extends DavPrincipal {
  readonly name?: string;
  /** `calendar-user-address-set` as written: `mailto:anna@example.net`, paths. */
  readonly addresses: readonly string[];
  /** Where its collections are; at least one, or the collection itself that was asked for. */
  readonly homes: readonly string[];
  /** `homes` is the one collection that was asked for. */
  readonly single?: true;
  /** RFC 6638 section 2.2. */
  readonly inbox?: string;
}

const wantedOfPrincipal = (kind: DavKind): readonly string[] => [
  davName("current-user-principal"),
  davName("principal-URL"),
  davName("resourcetype"),
  davName("displayname"),
  kinds[kind].homes,
  caldav("calendar-user-address-set"),
  caldav("schedule-inbox-URL"),
  caldav("schedule-outbox-URL"),
];

/** One resource at an address, with the address it was found at; undefined where there is none, or none of DAV. */
interface FoundResource {
  readonly url: string;
  readonly response: DavResponse;
  readonly headers: Readonly<Record<string, string>>;
}

/** Errors of one address; those of the whole system end the search. */
const passes = (error: unknown): boolean => isGroupstreamError(error) && ["forbidden", "malformed"].includes(error.code);

const look = async (dav: Dav, url: string, names: readonly string[], signal: AbortSignal): Promise<FoundResource | undefined> => {
  const request: DavRequest = { method: "PROPFIND", url, depth: "0", body: propfind(names) };
  const answer = await dav.ask(request, signal);
  // A host that serves pages answers PROPFIND by one of them, or by its own redirect: not DAV here, perhaps elsewhere.
  if (answer.status >= 200 && answer.status < 400 && answer.status !== 207) return undefined;
  if (answer.status === 501) return undefined;
  try {
    const { responses } = readMultistatus(dav, namingOf(request), answer);
    const response = responses.find(({ href }) => collectionHref(href, answer.url) === collectionHref(answer.url, answer.url));
    const found = response ?? responses[0];
    return found && { url: answer.url, response: found, headers: answer.headers };
  } catch (error) {
    if (passes(error)) return undefined;
    throw error;
  }
};

/** The addresses in a property, normalised. */
const addressesIn = ({ url, response }: FoundResource, name: string): string[] =>
  hrefsOfProp(response, name).flatMap((href) => collectionHref(href, url) ?? []);

const isKind = ({ response }: FoundResource, kind: DavKind): boolean =>
  namesOfProp(response, davName("resourcetype")).includes(kinds[kind].type);

const principalOf = (found: FoundResource, kind: DavKind, homes: readonly string[]): Omit<DiscoveredPrincipal, "features"> => {
  const { url, response, headers } = found;
  const [inbox] = addressesIn(found, caldav("schedule-inbox-URL"));
  const [outbox] = addressesIn(found, caldav("schedule-outbox-URL"));
  const name = textOfProp(response, davName("displayname"))?.trim();
  const isPrincipal = namesOfProp(response, davName("resourcetype")).includes(davName("principal"));
  // As `owner` names it: SOGo writes it with a slash there, and without one elsewhere.
  const at = isPrincipal || addressesIn(found, kinds[kind].homes).length > 0 ? collectionHref(url, url) : undefined;
  return {
    ...(at !== undefined && { url: at }),
    ...(at !== undefined && name !== undefined && { name }),
    addresses: hrefsOfProp(response, caldav("calendar-user-address-set")),
    homes,
    ...(inbox !== undefined && { inbox }),
    ...(outbox !== undefined && { outbox }),
    ...(headers.server !== undefined && { server: headers.server }),
  };
};

/** What the server says it can do there; a server that does not say has no features. */
const featuresOf = async (dav: Dav, url: string, signal: AbortSignal): Promise<readonly string[]> => {
  const { status, headers } = await dav.ask({ method: "OPTIONS", url }, signal);
  const told = status < 300 ? (headers.dav ?? "") : "";
  return [
    ...new Set(
      told
        .toLowerCase()
        .split(",")
        .map((one) => one.trim()),
    ),
  ].filter((one) => one !== "");
};

/** Where to look, in this order: a path that was given is meant; else the well-known address, and the root. */
const startsOf = (dav: Dav, kind: DavKind): readonly string[] => {
  const wellKnown = new URL(`/.well-known/${kinds[kind].wellKnown}`, dav.url).href;
  return new URL(dav.url).pathname === "/" ? [wellKnown, dav.url] : [dav.url, wellKnown];
};

/**
 * Finds the principal and its homes: at most nine requests, five with a server of the book.
 * The address may be the host, a principal, a home, or one collection; the last two need no principal.
 * Fails: the system's errors; `unauthenticated` where the server knows nobody; `misconfigured` where nothing of this kind is found.
 */
export const discoverDav = async (dav: Dav, kind: DavKind, signal: AbortSignal): Promise<DiscoveredPrincipal> => {
  const names = wantedOfPrincipal(kind);
  const withFeatures = async (found: FoundResource, homes: readonly string[]): Promise<DiscoveredPrincipal> => ({
    ...principalOf(found, kind, homes),
    features: await featuresOf(dav, homes[0]!, signal),
  });
  let unauthenticated = false;
  for (const start of startsOf(dav, kind)) {
    const found = await look(dav, start, names, signal);
    if (!found) continue;
    // One collection was asked for, and no more than that is shown.
    if (isKind(found, kind)) return { ...(await withFeatures(found, [collectionHref(found.url, found.url)!])), single: true };
    const own = addressesIn(found, kinds[kind].homes);
    if (own.length > 0) return withFeatures(found, own);
    const current = found.response.props.get(davName("current-user-principal"));
    if (current?.children.some(({ name }) => name === davName("unauthenticated"))) unauthenticated = true;
    const [principal] = [
      ...addressesIn(found, davName("current-user-principal")),
      ...addressesIn(found, davName("principal-URL")),
    ];
    const whose = principal === undefined ? undefined : await look(dav, principal, names, signal);
    const homes = whose ? addressesIn(whose, kinds[kind].homes) : [];
    if (whose && homes.length > 0) return withFeatures(whose, homes);
    // Xandikos and Radicale show collections below what is not called a home; so do homes that were given themselves.
    const at = collectionHref(found.url, found.url)!;
    if ((await collectionsAt(dav, kind, at, signal)).length > 0) return withFeatures(whose ?? found, [at]);
  }
  if (unauthenticated)
    throw new GroupstreamError("unauthenticated", `${dav.system}: ${dav.url} knows nobody by this login; check it.`, {
      system: dav.system,
    });
  const what = kind === "calendar" ? "calendars (CalDAV)" : "address books (CardDAV)";
  throw new GroupstreamError("misconfigured", `${dav.system}: no ${what} are found at ${dav.url}; give the address of a home.`, {
    system: dav.system,
  });
};

const askedAt = async (
  dav: Dav,
  kind: DavKind,
  home: string,
  names: readonly string[],
  depth: "0" | "1",
  signal: AbortSignal,
): Promise<DiscoveredCollection[]> => {
  const { responses, answer } = await dav.multistatus({ method: "PROPFIND", url: home, depth, body: propfind(names) }, signal);
  const shown = { url: answer.url, date: answer.headers.date };
  return responses.flatMap((response) => readCollection(response, shown, kind) ?? []);
};

/** Those that are known, as they are now; undefined: there are others. */
const knownAt = async (
  dav: Dav,
  kind: DavKind,
  home: string,
  known: readonly DiscoveredCollection[],
  depth: "0" | "1",
  signal: AbortSignal,
): Promise<DiscoveredCollection[] | undefined> => {
  if (known.length === 0) return undefined;
  const before = new Map(known.map((one) => [one.url, one]));
  const found: DiscoveredCollection[] = [];
  for (const { url, name, syncToken, ctag, unsettled } of await askedAt(dav, kind, home, wantedOfKnown(known), depth, signal)) {
    const one = before.get(url);
    if (!one) return undefined;
    const { syncToken: _token, ctag: _ctag, unsettled: _unsettled, ...rest } = one;
    // A server that names no reports, and has a token, has the report of it.
    const syncs = one.syncs || syncToken !== undefined;
    const stamp = { ...(syncToken !== undefined && { syncToken }), ...(ctag !== undefined && { ctag }) };
    found.push({ ...rest, name, syncs, ...stamp, ...(unsettled && { unsettled }) });
  }
  return found;
};

const collectionsAt = async (
  dav: Dav,
  kind: DavKind,
  home: string,
  signal: AbortSignal,
  depth: "0" | "1" = "1",
  known: readonly DiscoveredCollection[] = [],
): Promise<DiscoveredCollection[]> => {
  const still = await knownAt(dav, kind, home, known, depth, signal);
  if (still) return still;
  const found = await askedAt(dav, kind, home, wantedOfCollections, depth, signal);
  return found.every(({ syncs }) => syncs) ? found : ((await knownAt(dav, kind, home, found, depth, signal)) ?? found);
};

/**
 * Every collection of this kind in a principal's homes now, each once, in the server's order: one request a home. Of those that
 * are known the sync-token or the ctag of the moment; of others that sync none, servers go through every item for it. Of those that do not sync
 * the ctag (a second request).
 * In- and outboxes of scheduling, notifications and bins are left out, and homes that are gone an error.
 * Fails: the system's errors; `forbidden` for a home that may not be read or is gone (find the principal again).
 * @param known  as they were found before: of those only the name and the token or ctag are asked. Default none
 */
export const davCollections = async (
  dav: Dav,
  kind: DavKind,
  { homes, single }: Pick<DiscoveredPrincipal, "homes" | "single">,
  signal: AbortSignal,
  known: readonly DiscoveredCollection[] = [],
): Promise<readonly DiscoveredCollection[]> => {
  const all = new Map<string, DiscoveredCollection>();
  for (const home of homes) {
    const here = known.filter(({ url }) => (single ? url === home : url.startsWith(home)));
    for (const one of await collectionsAt(dav, kind, home, signal, single ? "0" : "1", here))
      if (!all.has(one.url)) all.set(one.url, one);
  }
  return [...all.values()];
};
