/** What a person may configure about an account of address books, and every mistake they can make in it. */

import { checkDavOptions, type DavAccountOptions } from "groupstream/protocol/dav";

/** A CardDAV account. */
export interface CarddavOptions extends DavAccountOptions {
  /** Only these address books, by name; default all. */
  readonly addressbooks?: readonly string[];
}

/** Refuses wrong options, every mistake at once: `misconfigured`. */
export const check = (options: CarddavOptions): void => checkDavOptions("address book account", "addressbooks", options);
