/** Which resources a collection has: keys and revisions, asked by sync-collection (RFC 6578) or PROPFIND (RFC 4918). */

import { isGroupstreamError } from "../../contract/errors.ts";
import type { ItemKey, Revision } from "../../contract/words.ts";
import { type Dav, type DavRequest, namingOf, scanAnswer } from "./client.ts";
import type { DiscoveredCollection } from "./collection.ts";
import { opaqueEtag } from "./etag.ts";
import { collectionHref, keyOfHref } from "./href.ts";
import { type DavResponse, namesOfProp, textOfProp } from "./multistatus.ts";
import { dav as davName, propfind, queryAll, server, syncCollection } from "./names.ts";
import { ownText } from "./own-text.ts";
import { isUnsettled } from "./times.ts";

/** A resource that is there; without `revision` the server does not say in what state. */
export interface Member {
  readonly key: ItemKey;
  readonly revision?: Revision;
}

/** What a collection says of its state. `doubt`: token or ctag is a time that was not over when it was given; more may come under it. */
export interface Stamp {
  readonly token?: string;
  readonly ctag?: string;
  readonly doubt?: true;
}

/** What one report brought. */
export interface Report {
  readonly members: ReadonlyMap<ItemKey, Member>;
  /** Keys the server says are gone; it may never have shown them. */
  readonly gone: ReadonlySet<ItemKey>;
  readonly token: string;
  /** As a {@link Stamp}'s. */
  readonly doubt: boolean;
}

/** Rounds of one truncated report; a server that never ends is listed instead. */
const mostRounds = 1_000;
/** Longer tokens are not kept: a position has 64 KiB. */
const longestToken = 8_192;

const asked = [davName("getetag"), davName("resourcetype")];

const isMember = (response: DavResponse): boolean =>
  !namesOfProp(response, davName("resourcetype")).includes(davName("collection"));

const memberOf = (response: DavResponse, key: ItemKey): Member => {
  const revision = opaqueEtag(textOfProp(response, davName("getetag")));
  return { key, ...(revision !== undefined && { revision: ownText(revision) }) };
};

/** Token and ctag as they are now. One request. Fails: as {@link Dav.multistatus}. */
export const stampNow = async (dav: Dav, { url }: DiscoveredCollection, signal: AbortSignal): Promise<Stamp> => {
  const body = propfind([davName("sync-token"), server("getctag")]);
  const { responses, answer } = await dav.multistatus({ method: "PROPFIND", url, depth: "0", body }, signal);
  const own = responses.find(({ href }) => collectionHref(href, answer.url) === url) ?? responses[0];
  const token = own && textOfProp(own, davName("sync-token"));
  const ctag = own && textOfProp(own, server("getctag"));
  return {
    ...(token !== undefined && token.length <= longestToken && { token }),
    ...(ctag !== undefined && ctag.length <= longestToken && { ctag }),
    ...(isUnsettled(token ?? ctag, answer.headers.date) && { doubt: true as const }),
  };
};

interface Listed {
  readonly members: ReadonlyMap<ItemKey, Member>;
  /** The server did not say that there is more. */
  readonly complete: boolean;
}

const listedBy = async (dav: Dav, url: string, request: DavRequest, signal: AbortSignal): Promise<Listed> => {
  const members = new Map<ItemKey, Member>();
  let complete = true;
  scanAnswer(dav, namingOf(request), await dav.ask(request, signal), (response) => {
    if (response.status === 507) complete = false;
    const key = keyOfHref(response.href, url);
    if (key === undefined || (response.status !== undefined && response.status >= 300) || !isMember(response)) return;
    const member = memberOf(response, ownText(key));
    members.set(member.key, member);
  });
  return { members, complete };
};

/**
 * Everything there is by PROPFIND of depth 1, or by a query where the server does not come to an end with that: Radicale takes 12 s for 5,000
 * items, and four times that for twice as many. Fails: as {@link Dav.multistatus}.
 */
export const membersNow = async (dav: Dav, { url, kind }: DiscoveredCollection, signal: AbortSignal): Promise<Listed> => {
  try {
    return await listedBy(dav, url, { method: "PROPFIND", url, depth: "1", body: propfind(asked) }, signal);
  } catch (error) {
    if (signal.aborted || !isGroupstreamError(error) || error.code !== "unreachable") throw error;
    const query = { method: "REPORT", url, depth: "1", body: queryAll(kind, asked) } as const;
    const listed = await listedBy(dav, url, query, signal).catch(() => undefined);
    signal.throwIfAborted();
    // SOGo answers with nothing what names no component.
    if (!listed || listed.members.size === 0) throw error;
    return listed;
  }
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
  { url }: DiscoveredCollection,
  token: string,
  signal: AbortSignal,
): Promise<(Report & { readonly truncated: boolean }) | undefined> => {
  const members = new Map<ItemKey, Member>();
  const gone = new Set<ItemKey>();
  let at = token;
  for (let round = 0; round < mostRounds; round += 1) {
    const request = { method: "REPORT", url, depth: "0", body: syncCollection(at, asked) } as const;
    const answer = await dav.ask(request, signal);
    if (isOfToken(answer.status)) return undefined;
    let more = false;
    // One by one: a report names thousands, and what stands in it takes ten times what is kept.
    const syncToken = scanAnswer(dav, namingOf(request), answer, (response) => {
      const written = keyOfHref(response.href, url);
      if (response.status === 507) more = true;
      if (response.status === 507 || written === undefined) return;
      const key = ownText(written);
      if (response.status === 404 || response.status === 410) {
        members.delete(key);
        gone.add(key);
      } else if ((response.status ?? 200) < 300 && isMember(response)) {
        gone.delete(key);
        members.set(key, memberOf(response, key));
      }
    });
    if (syncToken === undefined || syncToken.length > longestToken) return undefined;
    if (!more)
      return { members, gone, token: syncToken, doubt: isUnsettled(syncToken, answer.headers.date), truncated: round > 0 };
    if (syncToken === at) return undefined;
    at = syncToken;
  }
  return undefined;
};
