/** Which resources a collection has: keys and revisions, asked by sync-collection (RFC 6578) or PROPFIND (RFC 4918). */

import type { ItemKey, Revision } from "../../words.ts";
import { type Dav, type DavAnswer, namingOf, readMultistatus } from "./client.ts";
import type { DavCollection } from "./collection.ts";
import { opaqueEtag } from "./etag.ts";
import { collectionHref, keyOfHref } from "./href.ts";
import { type DavResponse, type Multistatus, namesOfProp, textOfProp } from "./multistatus.ts";
import { dav as davName, propfind, server, syncCollection } from "./names.ts";

/** A resource that is there; without `revision` the server does not say in what state. */
export interface Member {
  readonly key: ItemKey;
  readonly revision?: Revision;
}

/** What a collection says of its state. */
export interface Stamp {
  readonly token?: string;
  readonly ctag?: string;
}

/** What one report brought. */
export interface Report {
  readonly members: ReadonlyMap<ItemKey, Member>;
  /** Keys the server says are gone; it may never have shown them. */
  readonly gone: ReadonlySet<ItemKey>;
  readonly token: string;
  /** Milliseconds by which the newest change is older than the answer, by the server's clock; Infinity where it does not say. */
  readonly age: number;
}

/** Rounds of one truncated report; a server that never ends is listed instead. */
const mostRounds = 1_000;
/** Longer tokens are not kept: a position has 64 KiB. */
const longestToken = 8_192;

const asked = [davName("getetag"), davName("resourcetype")];
const askedWithTime = [...asked, davName("getlastmodified")];

const isMember = (response: DavResponse): boolean =>
  !namesOfProp(response, davName("resourcetype")).includes(davName("collection"));

/** Milliseconds from a resource's last change to the answer. */
const ageOf = (response: DavResponse, answer: DavAnswer): number => {
  const changed = Date.parse(textOfProp(response, davName("getlastmodified")) ?? "");
  const answered = Date.parse(answer.headers.date ?? "");
  return Number.isNaN(changed) || Number.isNaN(answered) ? Number.POSITIVE_INFINITY : answered - changed;
};

const memberOf = (response: DavResponse, key: ItemKey): Member => {
  const revision = opaqueEtag(textOfProp(response, davName("getetag")));
  return { key, ...(revision !== undefined && { revision }) };
};

/** Token and ctag as they are now. One request. Fails: as {@link Dav.multistatus}. */
export const stampNow = async (dav: Dav, { url }: DavCollection, signal: AbortSignal): Promise<Stamp> => {
  const body = propfind([davName("sync-token"), server("getctag")]);
  const { responses, answer } = await dav.multistatus({ method: "PROPFIND", url, depth: "0", body }, signal);
  const own = responses.find(({ href }) => collectionHref(href, answer.url) === url) ?? responses[0];
  const token = own && textOfProp(own, davName("sync-token"));
  const ctag = own && textOfProp(own, server("getctag"));
  return {
    ...(token !== undefined && token.length <= longestToken && { token }),
    ...(ctag !== undefined && ctag.length <= longestToken && { ctag }),
  };
};

/** Everything there is by PROPFIND of depth 1. `complete`: the server did not say that there is more. One request. */
export const membersNow = async (
  dav: Dav,
  { url }: DavCollection,
  timed: boolean,
  signal: AbortSignal,
): Promise<{ readonly members: ReadonlyMap<ItemKey, Member>; readonly complete: boolean; readonly age: number }> => {
  const body = propfind(timed ? askedWithTime : asked);
  const { responses, answer } = await dav.multistatus({ method: "PROPFIND", url, depth: "1", body }, signal);
  const members = new Map<ItemKey, Member>();
  let complete = true;
  let age = Number.POSITIVE_INFINITY;
  for (const response of responses) {
    if (response.status === 507) complete = false;
    const key = keyOfHref(response.href, url);
    if (key === undefined || (response.status !== undefined && response.status >= 300) || !isMember(response)) continue;
    members.set(key, memberOf(response, key));
    age = Math.min(age, ageOf(response, answer));
  }
  return { members, complete, age };
};

/** True for a refusal that is of this token, and no trouble of the server's: 4xx but those of access and patience; Xandikos fails (500). */
const isOfToken = (status: number): boolean =>
  status === 500 || status === 501 || status === 507 || (status >= 400 && status < 500 && ![401, 423, 429].includes(status));

/**
 * What changed since a token; the empty one asks for everything. A truncated answer (507, RFC 6578 section 3.6) is gone on with at
 * once. Undefined where the server does not take the token, gives none back, or does not come to an end.
 * Fails: as {@link Dav.multistatus}, but for what speaks of the token.
 */
export const changesSince = async (
  dav: Dav,
  { url }: DavCollection,
  token: string,
  timed: boolean,
  signal: AbortSignal,
): Promise<(Report & { readonly truncated: boolean }) | undefined> => {
  const members = new Map<ItemKey, Member>();
  const gone = new Set<ItemKey>();
  let age = Number.POSITIVE_INFINITY;
  let at = token;
  for (let round = 0; round < mostRounds; round += 1) {
    const request = { method: "REPORT", url, depth: "0", body: syncCollection(at, timed ? askedWithTime : asked) } as const;
    const answer = await dav.ask(request, signal);
    if (isOfToken(answer.status)) return undefined;
    const { responses, syncToken }: Multistatus = readMultistatus(dav, namingOf(request), answer);
    let more = false;
    for (const response of responses) {
      const key = keyOfHref(response.href, url);
      if (response.status === 507) more = true;
      else if (key === undefined) continue;
      else if (response.status === 404 || response.status === 410) {
        members.delete(key);
        gone.add(key);
      } else if ((response.status ?? 200) < 300 && isMember(response)) {
        gone.delete(key);
        members.set(key, memberOf(response, key));
        age = Math.min(age, ageOf(response, answer));
      }
    }
    if (syncToken === undefined || syncToken.length > longestToken) return undefined;
    if (!more) return { members, gone, token: syncToken, age, truncated: round > 0 };
    if (syncToken === at) return undefined;
    at = syncToken;
  }
  return undefined;
};
