/**
 * A collection's resources all at once, before anybody knows which there are: what a first look reads while the server gathers its
 * listing. Only a faster way: what this does not bring, or brings in another state than the listing names, is asked for by multiget.
 * Radicale takes half a second for 5,000 events in one query, and two for sync-collection and multigets.
 */

import { isGroupstreamError } from "../../contract/errors.ts";
import type { Dav, DavAnswer } from "./client.ts";
import type { DiscoveredCollection } from "./collection.ts";
import { opaqueEtag } from "./etag.ts";
import { keyOfHref } from "./href.ts";
import { type DavResource, rowItem } from "./items.ts";
import { eachResponse, textOfProp } from "./multistatus.ts";
import { dav as davName, kinds, queryAll } from "./names.ts";

/** Bytes of the one answer; a larger collection is read ahead so far. Some 15,000 events. */
const most = 16 * 1024 * 1024;

/** Longest to wait for it, milliseconds: iCloud and Zimbra run out of time with much less. */
const longest = 20_000;

/** Servers that were asked once and gave nothing: their other collections are not read ahead. */
const unwilling = new WeakSet<Dav>();

const resourcesIn = function* (collection: DiscoveredCollection, answer: DavAnswer): Generator<DavResource> {
  try {
    for (const response of eachResponse(answer.body)) {
      const key = keyOfHref(response.href, collection.url);
      // Without an ETag nobody can say whether it is what the listing names.
      if (key === undefined || opaqueEtag(textOfProp(response, davName("getetag"))) === undefined) continue;
      const item = rowItem(response, key, collection, undefined);
      if (item?.kind === "there") yield item.resource;
    }
  } catch (error) {
    if (!isGroupstreamError(error) || error.code !== "malformed") throw error;
  }
};

/**
 * Asks for everything in one query (RFC 4791 section 7.8, RFC 6352 section 8.6); of a calendar for its events, or what else it is for. Gives
 * resources in the server's order, as they are read; none where the server does not answer, or did not before. Aborted: the signal's reason is
 * thrown.
 */
export const readAhead = async (
  dav: Dav,
  collection: DiscoveredCollection,
  signal: AbortSignal,
): Promise<Iterable<DavResource>> => {
  if (unwilling.has(dav)) return [];
  const { url, kind, components } = collection;
  // What there is most of; the rest is asked for by multiget.
  const [component = "VEVENT"] = components.includes("VEVENT") ? [] : components;
  const body = queryAll(kind, [davName("getetag"), kinds[kind].data], component);
  const request = { method: "REPORT", url, depth: "1", body, maxBytes: most, timeout: longest } as const;
  const answer = await dav.ask(request, signal).catch((error: unknown): undefined => {
    signal.throwIfAborted();
    // The listing meets the same trouble, or none.
    if (!isGroupstreamError(error)) throw error;
  });
  if (answer?.status === 207) return resourcesIn(collection, answer);
  unwilling.add(dav);
  return [];
};
