/** XMPP rooms (RFC 6120, XEP-0045) with an archive (XEP-0313): read, and written by corrections, retractions, reactions, replies. */

import type { Adapter, CollectionId } from "groupstream";
import { changesOf, fetchOf } from "./changes.ts";
import { collectionsOf } from "./collections.ts";
import { connectionOf } from "./connection.ts";
import { manifestOf } from "./manifest.ts";
import { accountOf, type XmppOptions } from "./options.ts";
import { type Reading, readingOf } from "./reading.ts";
import { findOf, verbsOf } from "./verbs.ts";
import { watchRooms } from "./watch.ts";

export type { XmppOptions, XmppRoom } from "./options.ts";

/**
 * An adapter for one XMPP account in the rooms that are named. One stream serves everything; it is opened when first needed,
 * and again by the next use after it was lost. Needs the package `@xmpp/client`.
 *
 * Fails: `misconfigured` with every mistake of the options at once. Does no I/O.
 */
export const xmpp = (options: XmppOptions): Adapter => {
  const account = accountOf(options);
  const connection = connectionOf(account);
  const reading = (room: CollectionId, signal: AbortSignal, fresh?: boolean): Promise<Reading> =>
    readingOf(account, connection, room, signal, fresh);
  return {
    contract: 1,
    id: account.id,
    kind: "xmpp",
    describe: (signal) => manifestOf(account, connection, signal),
    async *collections(signal) {
      signal.throwIfAborted();
      yield* collectionsOf(account);
    },
    async *changes(collection, since, read, signal) {
      yield* changesOf(await reading(collection.id, signal, read.fresh), since, read);
    },
    async *fetch(collection, keys, read, signal) {
      yield* fetchOf(await reading(collection.id, signal, read.fresh), keys, read);
    },
    watch: (collections, signal) => watchRooms(account, connection, collections, signal),
    performs: verbsOf(account, connection),
    find: (command, signal) => findOf(account, connection, command, signal),
    [Symbol.asyncDispose]: () => connection.close(),
  };
};
