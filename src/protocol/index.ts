/**
 * The families of protocols in one piece.
 *
 * @deprecated Import the family: `groupstream/protocol/mail`, `/icalendar`, `/vcard`, `/dav`, `/http`, `/text` or `/merge`. Goes with 0.2.
 */

export * from "./dav/index.ts";
export * from "./http/index.ts";
export * from "./icalendar/index.ts";
export * from "./mail/index.ts";
export * from "./merge/index.ts";
export * from "./options/index.ts";
export * from "./text/index.ts";
export * from "./vcard/index.ts";
