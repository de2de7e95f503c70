/** The account: one access to its server, who it is there, and its calendars as they were found last. */

import { type ActorId, type CollectionId, GroupstreamError } from "groupstream";
import {
  type Dav,
  type DavCollection,
  type DavPrincipal,
  davCollections,
  discoverDav,
  mailtoOf,
  openDav,
} from "groupstream/protocol";
import type { CaldavOptions } from "./options.ts";

/** An account that can be asked. */
export interface Account extends AsyncDisposable {
  readonly options: CaldavOptions;
  readonly dav: Dav;
  /** @param fresh  found anew, not remembered */
  principal(signal: AbortSignal, fresh?: boolean): Promise<DavPrincipal>;
  /** Its calendars now, those that are configured. */
  calendars(signal: AbortSignal, fresh?: boolean): Promise<readonly DavCollection[]>;
  /** One of them. Fails: `forbidden` where it is not there any more. */
  calendar(id: CollectionId, signal: AbortSignal): Promise<DavCollection>;
  /** Whose they are, where anybody says. */
  owner(principal: DavPrincipal): ActorId | undefined;
}

/** Rights, zones and reports of calendars that are known are asked anew so often, ms. */
const DAY = 24 * 60 * 60 * 1_000;

/** The first mail address a server knows its account by. */
const addressIn = ({ addresses }: DavPrincipal): ActorId | undefined => {
  const mail = addresses.find((address) => /^mailto:/i.test(address));
  return mail === undefined ? undefined : mailtoOf(mail.slice(7));
};

export const accountOf = (options: CaldavOptions): Account => {
  const { id, url, auth, hosts, allow, ca, timeout, calendars: names } = options;
  const dav = openDav({
    system: id,
    url,
    auth,
    ...(hosts && { hosts }),
    ...(allow !== undefined && { allow }),
    ...(ca !== undefined && { ca }),
    ...(timeout !== undefined && { timeout }),
  });
  let known: DavPrincipal | undefined;
  let found = new Map<CollectionId, DavCollection>();
  /** All of them, also those that are not configured, and when their rarer properties were asked for last. */
  let all: readonly DavCollection[] = [];
  let asked = 0;
  const principal: Account["principal"] = async (signal, fresh = false) => {
    if (fresh) known = undefined;
    known ??= await discoverDav(dav, "calendar", signal);
    return known;
  };
  const calendars: Account["calendars"] = async (signal, fresh) => {
    const due = fresh === true || dav.now() - asked >= DAY || dav.now() < asked;
    if (due) asked = dav.now();
    all = await davCollections(dav, "calendar", await principal(signal, fresh), signal, due ? [] : all);
    // In one order: Radicale shows them in another each time, and where something moved from is best looked at in the same turn.
    const shown = all.filter(({ name }) => !names || names.includes(name)).sort((a, b) => (a.url < b.url ? -1 : 1));
    found = new Map(shown.map((one) => [one.url, one]));
    return shown;
  };
  return {
    options,
    dav,
    principal,
    calendars,
    async calendar(collection, signal) {
      if (!found.has(collection)) await calendars(signal);
      const one = found.get(collection);
      if (one) return one;
      throw new GroupstreamError(
        "forbidden",
        `${id}: this calendar is not there any more; make it again, or let the hub look anew.`,
        {
          system: id,
          collection,
        },
      );
    },
    owner: (whose) => options.owner ?? addressIn(whose),
    [Symbol.asyncDispose]: () => dav[Symbol.asyncDispose](),
  };
};
