/** Bytes on demand: which item of an object, or which item in quarantine, can give a part now. */

import type { Adapter } from "../contract/adapter.ts";
import { type ErrorCode, GroupstreamError, isGroupstreamError } from "../contract/errors.ts";
import type { ItemKey, Place, SystemId } from "../contract/words.ts";
import { collectionOf, systemOf } from "../contract/words.ts";
import type { Store } from "../store/contract.ts";

const ofObject = /^groupstream:content\/([0-9a-f-]{36})\/([^/]+)$/;
const ofQuarantine = /^groupstream:quarantine\/([^/]+)\/([^/]+)\/([^/]+)$/;

const unescaped = (part: string): string | undefined => {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
};

/** A part, and the items that may have it. */
export interface Wanted {
  readonly part: string;
  readonly items: readonly { readonly place: Place; readonly key: ItemKey }[];
}

/** Undefined for what is no such URL. */
const wantedBy = async (store: Store, url: unknown): Promise<Wanted | undefined> => {
  if (typeof url !== "string") return undefined;
  const [uuid, escaped] = ofObject.exec(url)?.slice(1) ?? [];
  if (uuid !== undefined && escaped !== undefined) {
    const part = unescaped(escaped);
    if (part === undefined) return undefined;
    const found = await store.object(uuid);
    const items = (found?.items ?? []).filter(({ role, state }) => role === "own" && (state === "here" || state === "out"));
    return { part, items };
  }
  const [place, key, part] = (ofQuarantine.exec(url)?.slice(1) ?? []).map(unescaped);
  if (place === undefined || key === undefined || part === undefined) return undefined;
  // Only what waits there: what could be read meanwhile has an object, and that a content URL.
  const waiting = (await store.quarantine(systemOf(place))).filter((item) => item.place === place && item.key === key);
  return { part, items: waiting };
};

/** The source has not, or no longer, what was asked for: another item may have it, and later it will be the same. */
const gone: ReadonlySet<ErrorCode> = new Set(["malformed", "position-lost", "forbidden"]);

/**
 * The bytes of a part, from the first of these items that has them.
 * Fails: `forbidden` where none has it any more; the system's errors where it cannot be asked.
 * @param name  of the part, for messages; default its own
 */
export const partOf = async (
  adapter: (id: SystemId) => Adapter | undefined,
  { items, part }: Wanted,
  signal: AbortSignal,
  name = part,
): Promise<ReadableStream<Uint8Array>> => {
  let refused: unknown;
  let unasked: unknown;
  for (const { place, key } of items) {
    const source = adapter(systemOf(place));
    if (!source?.content) continue;
    try {
      return await source.content({ collection: collectionOf(place), key }, part, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (isGroupstreamError(error) && gone.has(error.code)) refused = error;
      else unasked = error;
    }
  }
  throw (
    unasked ??
    new GroupstreamError(
      "forbidden",
      `${name}: nothing that is left can give it; it was deleted, moved or made anew, or its system is not configured; sync and ask again`,
      { ...(refused !== undefined && { cause: refused }) },
    )
  );
};

/**
 * The bytes behind a content URL: from the first of the object's own items that has them, or from the item in quarantine.
 * Fails: `misconfigured` for another URL; `forbidden` where no item has it any more, whether the store knew that or the source
 * says so now; the system's errors where it cannot be asked.
 */
export const contentOf = async (
  store: Store,
  adapter: (id: SystemId) => Adapter | undefined,
  url: string,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> => {
  const wanted = await wantedBy(store, url);
  if (wanted === undefined)
    throw new GroupstreamError(
      "misconfigured",
      `${typeof url === "string" ? JSON.stringify(url) : "This"} is no content URL; it looks like groupstream:content/<uuid>/<part>`,
    );
  return partOf(adapter, wanted, signal, url);
};
