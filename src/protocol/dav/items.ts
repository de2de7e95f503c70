/** The resources of a collection whole: by multiget in batches, one by one where a server does not answer for one. */

import { hash } from "node:crypto";
import type { ItemKey, Revision } from "../../contract/words.ts";
import { breathing } from "./breathing.ts";
import { type Dav, type DavAnswer, type DavRequest, namingOf, readMultistatus } from "./client.ts";
import type { DiscoveredCollection } from "./collection.ts";
import { opaqueEtag } from "./etag.ts";
import { hrefOfKey, isElsewhere, keyOfHref, pathOfKey } from "./href.ts";
import { type DavResponse, textOfProp } from "./multistatus.ts";
import { dav as davName, kinds, multiget } from "./names.ts";
import { davError } from "./refusals.ts";

/** One resource as it is now. */
export interface DavResource {
  readonly key: ItemKey;
  /** Where it is, normalised. */
  readonly url: string;
  /** The opaque part of its ETag; where the server gives none a hash of `data`. */
  readonly revision: Revision;
  /** Its text, as the server gave it. */
  readonly data: string;
}

/** What is at a key. */
export type DavItem =
  | { readonly kind: "there"; readonly resource: DavResource }
  | { readonly kind: "gone"; readonly key: ItemKey }
  /** There, and not to be had: too large, or refused. */
  | { readonly kind: "unreadable"; readonly key: ItemKey; readonly revision: Revision; readonly reason: string };

/** Servers (iCloud, Zimbra) run out of time beyond a hundred; those that answer quickly are asked for more. */
const batchSize = 100;
const largestBatch = 400;
/** What was answered within this is quick, milliseconds. */
const quick = 1_000;
/** Bytes of one item. */
const itemBytes = 16 * 1024 * 1024;

type KnownRevisions = ReadonlyMap<ItemKey, { readonly revision?: Revision }>;

const there = (
  url: string,
  key: ItemKey,
  etag: string | undefined,
  known: KnownRevisions | undefined,
  data: string,
): DavItem => ({
  kind: "there",
  resource: {
    key,
    url,
    revision: opaqueEtag(etag) ?? known?.get(key)?.revision ?? `sha256:${hash("sha256", data)}`,
    data,
  },
});

/** One item by GET. Fails: the system's errors. */
const getItem = async (
  dav: Dav,
  collection: DiscoveredCollection,
  key: ItemKey,
  known: KnownRevisions | undefined,
  signal: AbortSignal,
): Promise<DavItem> => {
  const url = hrefOfKey(key, collection.url);
  const request = { method: "GET", url, maxBytes: itemBytes };
  const answer = await dav.ask(request, signal);
  const { status, headers } = answer;
  const unreadable = (reason: string): DavItem => ({
    kind: "unreadable",
    key,
    revision: opaqueEtag(headers.etag) ?? known?.get(key)?.revision ?? "unreadable",
    reason,
  });
  if (status === 404 || status === 410) return { kind: "gone", key };
  if (answer.cut === "size") return unreadable("The item is larger than 16 MiB.");
  if (status === 200) return there(url, key, headers.etag, known, new TextDecoder().decode(answer.body));
  const error = davError(dav.system, namingOf(request), answer, dav.now());
  if (error.code === "forbidden") return unreadable(`The server does not give the item (${status}).`);
  throw error;
};

/** What is at one key now: by GET. Fails: the system's errors. */
export const davItem = (dav: Dav, collection: DiscoveredCollection, key: ItemKey, signal: AbortSignal): Promise<DavItem> =>
  getItem(dav, collection, key, undefined, signal);

/** What a row of a report says of a key; one without data says nothing. */
export const rowItem = (
  response: DavResponse,
  key: ItemKey,
  { url, kind }: DiscoveredCollection,
  known: KnownRevisions | undefined,
): DavItem | undefined => {
  if (response.status === 404 || response.status === 410) return { kind: "gone", key };
  const data = textOfProp(response, kinds[kind].data);
  return data === undefined ? undefined : there(hrefOfKey(key, url), key, textOfProp(response, davName("getetag")), known, data);
};

/** What one multiget brings; the rest is asked for when it is wanted. */
interface Batch {
  readonly keys: readonly ItemKey[];
  /** Those on another host, which no report of this one tells. */
  readonly elsewhere: readonly ItemKey[];
  /** Not read yet: the next batch is asked for before. Undefined: nothing was asked. */
  readonly answer: DavAnswer | undefined;
}

const requestOf = ({ kind, url }: DiscoveredCollection, keys: readonly ItemKey[]): DavRequest => ({
  method: "REPORT",
  url,
  depth: "0",
  body: multiget(
    kind,
    keys.map((key) => pathOfKey(key, url)),
  ),
});

const batchOf = async (
  dav: Dav,
  collection: DiscoveredCollection,
  keys: readonly ItemKey[],
  signal: AbortSignal,
): Promise<Batch> => {
  const elsewhere = keys.filter((key) => isElsewhere(key, collection.url));
  const here = elsewhere.length === 0 ? keys : keys.filter((key) => !elsewhere.includes(key));
  return { keys, elsewhere, answer: here.length === 0 ? undefined : await dav.ask(requestOf(collection, here), signal) };
};

/** The rows of one multiget; none where the server refuses the report. */
const rowsOf = (dav: Dav, { url }: DiscoveredCollection, answer: DavAnswer | undefined): readonly DavResponse[] => {
  const { status = 404 } = answer ?? {};
  if (!answer || status === 501 || (status >= 400 && status < 500 && ![401, 423, 429].includes(status))) return [];
  return readMultistatus(dav, namingOf({ method: "REPORT", url }), answer).responses;
};

const itemsIn = async function* (
  dav: Dav,
  collection: DiscoveredCollection,
  { keys, elsewhere, answer }: Batch,
  known: KnownRevisions | undefined,
  signal: AbortSignal,
): AsyncGenerator<DavItem> {
  const here = keys.length - elsewhere.length;
  const tooLarge = answer?.cut === "size";
  if (tooLarge && here > 1) {
    const half = keys.length >> 1;
    for (const part of [keys.slice(0, half), keys.slice(half)])
      yield* itemsIn(dav, collection, await batchOf(dav, collection, part, signal), known, signal);
    return;
  }
  const items = new Map<ItemKey, DavItem>();
  for (const response of tooLarge ? [] : rowsOf(dav, collection, answer)) {
    const key = keyOfHref(response.href, collection.url);
    const item = key === undefined ? undefined : rowItem(response, key, collection, known);
    if (item && key !== undefined) items.set(key, item);
  }
  const breathe = breathing();
  for (const key of keys) {
    yield items.get(key) ?? (await getItem(dav, collection, key, known, signal));
    await breathe();
  }
};

/**
 * What is at these keys now: each asked key once, in the order asked, 100 in one multiget, up to 400 where they are answered quickly. What a multiget does not answer for
 * is asked by GET.
 * Fails: the system's errors.
 * @param known  revisions from a listing, for servers that leave the ETag out of a multiget
 */
export const davItems = async function* (
  dav: Dav,
  collection: DiscoveredCollection,
  keys: readonly ItemKey[],
  signal: AbortSignal,
  known?: KnownRevisions,
): AsyncGenerator<DavItem> {
  const each = [...new Set(keys)];
  const over = new AbortController();
  const until = AbortSignal.any([signal, over.signal]);
  let size = batchSize;
  // The server gathers the next batch while this one is read.
  const asked = (at: number): { readonly end: number; readonly batch: Promise<Batch> } | undefined => {
    if (at >= each.length) return undefined;
    const began = performance.now();
    const keys = each.slice(at, at + size);
    const batch = batchOf(dav, collection, keys, until).then((got) => {
      const much = got.answer?.cut === "size" || performance.now() - began > quick;
      size = much ? batchSize : Math.min(largestBatch, size * 2);
      return got;
    });
    // What becomes of it is asked below, or nobody wants to know any more.
    batch.catch(() => undefined);
    return { end: at + keys.length, batch };
  };
  try {
    signal.throwIfAborted();
    for (let next = asked(0); next; ) {
      const now: Batch = await next.batch;
      next = asked(next.end);
      yield* itemsIn(dav, collection, now, known, signal);
      signal.throwIfAborted();
    }
  } finally {
    over.abort();
  }
};
