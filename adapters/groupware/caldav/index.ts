/**
 * CalDAV (RFC 4791): events and tasks of a calendar server, read by sync-collection (RFC 6578), ctag or listings; made, changed and
 * deleted there, and answered.
 */

import type { Adapter } from "groupstream";
import { accountOf } from "./account.ts";
import { changesOf, fetchOf } from "./changes.ts";
import { collectionsOf } from "./collections.ts";
import { contentOf } from "./content.ts";
import { manifestOf } from "./manifest.ts";
import { type CaldavOptions, check } from "./options.ts";
import { findOf, verbsOf } from "./verbs.ts";

export type { DavAccountOptions, DavAuth } from "groupstream/protocol";
export type { CaldavOptions } from "./options.ts";

/**
 * A calendar account as a system. Fails: `misconfigured` with every mistake of the options at once. Does no I/O.
 */
export const caldav = (options: CaldavOptions): Adapter => {
  check(options);
  const account = accountOf(options);
  return {
    contract: 1,
    id: options.id,
    kind: "caldav",
    describe: (signal) => manifestOf(account, signal),
    collections: (signal, fresh, known) => collectionsOf(account, signal, fresh, known),
    changes: (collection, since, read, signal) => changesOf(account, collection, since, read, signal),
    fetch: (collection, keys, read, signal) => fetchOf(account, collection, keys, read, signal),
    performs: verbsOf(account),
    find: findOf(account),
    content: (item, part, signal) => contentOf(account, item, part, signal),
    [Symbol.asyncDispose]: () => account[Symbol.asyncDispose](),
  };
};
