/** Looks: WebDAV's engine, with address books' own reading. */

import { randomUUID } from "node:crypto";
import type { Collection, ItemKey, Page, Position, Read, Sighting } from "groupstream";
import { type DavReading, davChanges, davFetch } from "groupstream/protocol";
import type { Account } from "./account.ts";
import { sightingOf } from "./map.ts";

const reading: DavReading = { mint: randomUUID, sightingOf };

export const changesOf = async function* (
  account: Account,
  { id }: Collection,
  since: Position | undefined,
  read: Read,
  signal: AbortSignal,
): AsyncGenerator<Page> {
  yield* davChanges(account.dav, await account.collection(id, signal), since, reading, read, signal);
};

export const fetchOf = async function* (
  account: Account,
  { id }: Collection,
  keys: readonly ItemKey[],
  read: Read,
  signal: AbortSignal,
): AsyncGenerator<Sighting> {
  yield* davFetch(account.dav, await account.collection(id, signal), keys, reading, read, signal);
};
