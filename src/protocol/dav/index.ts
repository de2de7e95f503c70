/** DAV for adapters: one access, what it has, how it is read and written. */

export { type DavAccount, davAccount, davChangesLevel, davPlace, davShown, davStamp } from "./account.ts";
export {
  asReceipt,
  foundAt,
  foundBy,
  onStanding,
  RAW_RESOURCE,
  type Refused,
  rawResource,
  refused,
  resourceAt,
  type Showing,
  unwrittenBy,
} from "./acting.ts";
export { type DavReading, davChanges, davFetch } from "./changes.ts";
export {
  type Dav,
  type DavAnswer,
  type DavAuth,
  type DavLost,
  type DavOptions,
  type DavRequest,
  type DavToken,
  openDav,
} from "./client.ts";
export type { DavCollection } from "./collection.ts";
export { type DavPrincipal, davCollections, discoverDav } from "./discover.ts";
export { isStrongEtag, opaqueEtag, quotedEtag } from "./etag.ts";
export { collectionHref, hrefOfKey, keyOfHref, normaliseHref } from "./href.ts";
export { type DavItem, type DavResource, davItem, davItems } from "./items.ts";
export {
  type DavResponse,
  hrefsOfProp,
  type Multistatus,
  type MultistatusLimits,
  namesOfProp,
  parseMultistatus,
  textOfProp,
} from "./multistatus.ts";
export { type DavKind, propfind } from "./names.ts";
export { checkDavOptions, type DavAccountOptions } from "./options.ts";
export { davMarks, isUuid, trailOfText, trailText, UUID } from "./own.ts";
export { davReads } from "./reads.ts";
export { davError } from "./refusals.ts";
export { type DavCondition, type DavWritten, davMake, davPut, davRemove } from "./write.ts";
export type { DavElement, XmlLimits } from "./xml.ts";
