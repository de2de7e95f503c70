/**
 * CalDAV (RFC 4791): events and tasks of a calendar server, read by sync-collection (RFC 6578), ctag or listings; made, changed and
 * deleted there, and answered.
 */

import type { Adapter } from "groupstream";
import { accountOf } from "./account.ts";
import { shownIn } from "./changes.ts";
import { manifestOf } from "./manifest.ts";
import { type CaldavOptions, check } from "./options.ts";
import { findOf, verbsOf } from "./verbs.ts";

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
    ...account.reads(shownIn),
    performs: verbsOf(account),
    find: findOf(account),
  };
};
