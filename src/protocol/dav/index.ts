/** WebDAV for adapters: one account, what it has, how it is read and written (RFC 4918, 4791, 6352, 6578). */

export { type DavAccount, davAccount } from "./account.ts";
export { asReceipt, RAW_RESOURCE, type Refused, refused, type Showing, unwrittenBy } from "./acting.ts";
export type { DavReading } from "./changes.ts";
export type { DavAuth, DavToken } from "./client.ts";
export type { DavCollection } from "./collection.ts";
export type { DavPrincipal } from "./discover.ts";
export { hrefOfKey } from "./href.ts";
export type { DavResource } from "./items.ts";
export type { DavKind } from "./names.ts";
export { checkDavOptions, type DavAccountOptions } from "./options.ts";
export { davMarks, isUuid, trailOfText, trailText, UUID } from "./own.ts";
export type { DavCondition, DavWritten } from "./write.ts";
