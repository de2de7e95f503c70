/** The account: one access to its server, who it is there, and its calendars as they were found last. */

import { type DavAccount, davAccount } from "groupstream/protocol/dav";
import type { CaldavOptions } from "./options.ts";

/** An account that can be asked. */
export type Account = DavAccount;

export const accountOf = (options: CaldavOptions): Account => davAccount(options, "calendar", options.calendars);
