/** The account: one access to its server, who it is there, and its address books as they were found last. */

import { type DavAccount, davAccount } from "groupstream/protocol/dav";
import type { CarddavOptions } from "./options.ts";

/** An account that can be asked. */
export type Account = DavAccount;

export const accountOf = (options: CarddavOptions): Account => davAccount(options, "addressbook", options.addressbooks);
