/** What a person may configure about a calendar account, and every mistake they can make in it. */

import { checkDavOptions, type DavAccountOptions } from "groupstream/protocol/dav";

/** A CalDAV account. */
export interface CaldavOptions extends DavAccountOptions {
  /** Only these calendars, by name; default all. */
  readonly calendars?: readonly string[];
}

/** Refuses wrong options, every mistake at once: `misconfigured`. */
export const check = (options: CaldavOptions): void => checkDavOptions("calendar account", "calendars", options);
