/**
 * CardDAV (RFC 6352): people, groups and organisations of an address book server, read by sync-collection (RFC 6578), ctag or listings; made, changed
 * and deleted there.
 */

import type { Adapter } from "groupstream";
import { accountOf } from "./account.ts";
import { manifestOf } from "./manifest.ts";
import { sightingOf } from "./map.ts";
import { type CarddavOptions, check } from "./options.ts";
import { findOf, verbsOf } from "./verbs.ts";

export type { CarddavOptions } from "./options.ts";

/**
 * An account of address books as a system. Fails: `misconfigured` with every mistake of the options at once. Does no I/O.
 */
export const carddav = (options: CarddavOptions): Adapter => {
  check(options);
  const account = accountOf(options);
  return {
    contract: 1,
    id: options.id,
    kind: "carddav",
    describe: (signal) => manifestOf(account, signal),
    ...account.reads(() => sightingOf),
    performs: verbsOf(account),
    find: findOf(account),
  };
};
