/** An account of calendars or address books: one access to its server, who it is there, and its collections as they were found last. */

import type { Collection, Level } from "../../contract/adapter.ts";
import { GroupstreamError } from "../../contract/errors.ts";
import type { ActorId, CollectionId } from "../../contract/words.ts";
import { mailtoOf } from "../text/mailto.ts";
import { type Dav, openDav } from "./client.ts";
import type { DiscoveredCollection } from "./collection.ts";
import { type DiscoveredPrincipal, davCollections, discoverDav } from "./discover.ts";
import type { DavKind } from "./names.ts";
import type { DavAccountOptions } from "./options.ts";

/** What an account is asked through; adapters see it as a `DavAccount`. */
export interface DavAccess extends AsyncDisposable {
  collections(signal: AbortSignal, fresh?: boolean, known?: ReadonlySet<CollectionId>): Promise<readonly DiscoveredCollection[]>;
  collection(id: CollectionId, signal: AbortSignal): Promise<DiscoveredCollection>;
  principal(signal: AbortSignal, fresh?: boolean): Promise<DiscoveredPrincipal>;
  readonly options: DavAccountOptions;
  readonly dav: Dav;
}

/** Rights, zones and reports of collections that are known are asked anew so often, ms. */
const DAY = 24 * 60 * 60 * 1_000;

const nouns: { readonly [kind in DavKind]: string } = { calendar: "calendar", addressbook: "address book" };

/** The first mail address a server knows its account by. */
const addressIn = ({ addresses }: DiscoveredPrincipal): ActorId | undefined => {
  const mail = addresses.find((address) => /^mailto:/i.test(address));
  return mail === undefined ? undefined : mailtoOf(mail.slice(7));
};

/**
 * The account of these options, which are right. Does no I/O before it is asked.
 * @param names  only these collections; default all
 */
export const davAccess = (options: DavAccountOptions, kind: DavKind, names?: readonly string[]): DavAccess => {
  const { id, url, auth, hosts, allow, ca, timeout } = options;
  const dav = openDav({
    system: id,
    url,
    auth,
    ...(hosts && { hosts }),
    ...(allow !== undefined && { allow }),
    ...(ca !== undefined && { ca }),
    ...(timeout !== undefined && { timeout }),
  });
  let known: DiscoveredPrincipal | undefined;
  let found = new Map<CollectionId, DiscoveredCollection>();
  /** All of them, also those that are not configured, and when their rarer properties were asked for last. */
  let all: readonly DiscoveredCollection[] = [];
  let asked = 0;
  const principal: DavAccess["principal"] = async (signal, fresh = false) => {
    if (fresh) known = undefined;
    if (!known) {
      const found = await discoverDav(dav, kind, signal);
      const owner = options.owner ?? addressIn(found);
      known = { ...found, ...(owner !== undefined && { owner }) };
    }
    return known;
  };
  const collections: DavAccess["collections"] = async (signal, fresh, looked) => {
    const due = fresh === true || dav.now() - asked >= DAY || dav.now() < asked;
    // A token of what nobody has looked at saves nothing, and Radicale goes through every item for it.
    const stamps = !due && (!looked || all.some(({ url }) => looked.has(url)));
    if (due) asked = dav.now();
    all = await davCollections(dav, kind, await principal(signal, fresh), signal, stamps ? all : []);
    // In one order: Radicale shows them in another each time, and where something moved from is best looked at in the same turn.
    const shown = all.filter(({ name }) => !names || names.includes(name)).sort((a, b) => (a.url < b.url ? -1 : 1));
    found = new Map(shown.map((one) => [one.url, one]));
    return shown;
  };
  return {
    options,
    dav,
    principal,
    collections,
    async collection(collection, signal) {
      if (!found.has(collection)) await collections(signal);
      const one = found.get(collection);
      if (one) return one;
      const message = `${id}: this ${nouns[kind]} is not there any more; make it again, or let the hub look anew.`;
      throw new GroupstreamError("forbidden", message, { system: id, collection });
    },
    [Symbol.asyncDispose]: () => dav[Symbol.asyncDispose](),
  };
};

/** Somebody else's that is shared with us is not ours, whatever we may do in it. */
const isOurs = ({ url }: DiscoveredPrincipal, { owner }: DiscoveredCollection): boolean =>
  owner === undefined || url === undefined || owner === url;

/**
 * Where something new goes: the collection that is named, if it fits and can be written, else the first that does, what is the account's own
 * first; undefined: none does. Fails: as {@link DavAccess}.
 */
export const davPlace = async (
  account: DavAccess,
  named: { readonly id: CollectionId } | undefined,
  signal: AbortSignal,
  fits: (collection: DiscoveredCollection) => boolean = () => true,
): Promise<DiscoveredCollection | undefined> => {
  const asked = named ? [await account.collection(named.id, signal)] : await account.collections(signal);
  const principal = await account.principal(signal);
  const fitting = asked.filter((one) => one.writable !== false && fits(one));
  // SOGo says of its directory, which nobody can write, that all is allowed.
  return fitting.find((one) => isOurs(principal, one)) ?? fitting[0];
};

/**
 * Its collections for `Adapter.collections`. The revision of one is its sync-token, else its ctag: equal, nothing in it has changed. It has none
 * while its token is a time that is not over.
 */
export const davShown = async function* (
  account: DavAccess,
  signal: AbortSignal,
  fresh?: boolean,
  known?: ReadonlySet<CollectionId>,
): AsyncGenerator<Collection> {
  const principal = await account.principal(signal, fresh);
  const { owner } = principal;
  const { readers = [] } = account.options;
  for (const one of await account.collections(signal, false, known)) {
    const { url, name, syncToken, ctag, unsettled } = one;
    const ours = isOurs(principal, one);
    const people = [...new Set([...(ours && owner !== undefined ? [owner] : []), ...readers])];
    const revision = unsettled ? undefined : (syncToken ?? ctag);
    yield {
      id: url,
      name,
      ...(ours && owner !== undefined && { owner }),
      audience: people.length > 0 ? people : "unknown",
      address: url,
      ...(revision !== undefined && { revision }),
    };
  }
};

/** Now, as what is written says it: RFC 3339, UTC, whole seconds. */
export const davStamp = ({ dav }: DavAccess): string => new Date(dav.now()).toISOString().replace(/\.\d{3}Z$/, "Z");

/** How well an account tells changes, for `Manifest.gives`: what neither syncs nor has a ctag is named. */
export const davChangesLevel = (collections: readonly DiscoveredCollection[]): Level => {
  const blind = collections.filter(({ syncs, ctag }) => !syncs && ctag === undefined).map(({ name }) => name);
  if (blind.length === 0) return { level: "full" };
  return { level: "degraded", lost: `${blind.join(", ")}: neither sync-collection nor ctag, so every look lists everything.` };
};
