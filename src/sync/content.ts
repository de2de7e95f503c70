/** Bytes on demand: which item of an object can give a part now. */

import type { Adapter } from "../adapter.ts";
import { GroupstreamError } from "../errors.ts";
import type { Store } from "../store/contract.ts";
import type { SystemId } from "../words.ts";
import { collectionOf, systemOf } from "../words.ts";

const pattern = /^groupstream:content\/([0-9a-f-]{36})\/([^/]+)$/;

const unescaped = (part: string): string | undefined => {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
};

/**
 * The bytes behind a content URL, from the first of the object's own items that has them.
 * Fails: `misconfigured` for another URL; `forbidden` where no item has it any more; the system's errors.
 */
export const contentOf = async (
  store: Store,
  adapter: (id: SystemId) => Adapter | undefined,
  url: string,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> => {
  const [, uuid, escaped] = (typeof url === "string" && pattern.exec(url)) || [];
  const part = escaped === undefined ? undefined : unescaped(escaped);
  if (uuid === undefined || part === undefined)
    throw new GroupstreamError(
      "misconfigured",
      `${JSON.stringify(url)} is no content URL; it looks like groupstream:content/<uuid>/<part>`,
    );
  const found = await store.object(uuid);
  const items = (found?.items ?? []).filter(({ role, state }) => role === "own" && (state === "here" || state === "out"));
  let last: unknown;
  for (const item of items) {
    const source = adapter(systemOf(item.place));
    if (!source?.content) continue;
    try {
      return await source.content({ collection: collectionOf(item.place), key: item.key }, part, signal);
    } catch (error) {
      signal.throwIfAborted();
      last = error;
    }
  }
  throw (
    last ??
    new GroupstreamError(
      "forbidden",
      `${url}: nothing that is left of this object can give it; it was deleted or its system is not configured`,
    )
  );
};
