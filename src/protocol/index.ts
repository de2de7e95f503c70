/**
 * What adapters share, public as `groupstream/protocol`: mail as text, HTML of strangers, the dialects of chats, iCalendar and vCards,
 * all pure; WebDAV and fenced HTTP.
 */

export * from "./dav/index.ts";
export * from "./dialects/index.ts";
export {
  baseCarried,
  baseOfFacts,
  carriedFacts,
  conflictText,
  type FactChanges,
  type FactConflict,
  type Facts,
  type FactsBase,
  factsDigest,
  isSameFact,
  mergedFacts,
} from "./facts.ts";
export { escapeHtml } from "./html/escape.ts";
export { textFromHtml } from "./html/plain.ts";
export { htmlFromText, sanitise } from "./html/sanitise.ts";
export * from "./http/index.ts";
export * from "./icalendar/index.ts";
export { parties, readParties } from "./mail/address.ts";
export type { Believing, Invitations } from "./mail/authenticity.ts";
export { automaticOf } from "./mail/automatic.ts";
export { bccRemoved, withoutBcc } from "./mail/bcc.ts";
export { cleanLine, cleanText, decodeCharset } from "./mail/characters.ts";
export { mailDate } from "./mail/date.ts";
export { headerFacts, hintOf, type MailFacts, mailEvidence } from "./mail/evidence.ts";
export { decodeWords, type Headers, parseHeaders } from "./mail/headers.ts";
export { messageIds } from "./mail/ids.ts";
export {
  calendarWants,
  type Enclosed,
  enclosedMessage,
  fetchedMail,
  goneMail,
  invitationKey,
  isInvitationKey,
  mailKey,
  type WithInvitation,
  withInvitation,
} from "./mail/invitation.ts";
export { mailtoOf } from "./mail/mailto.ts";
export { type NoteSource, noteOf, wantedHeaders } from "./mail/note.ts";
export { decodePart, decodeTransfer, transferDecoder } from "./mail/part.ts";
export { type MailScan, mailScan, partBytes, partOf, type RawPart, type ScannedMail, scanMail } from "./mail/raw.ts";
export { readText, type TextBytes, type TextWant, textWants } from "./mail/read-text.ts";
export { bareId, chooseText, fileName, filesOf, type PartNode, structureLosses, type TextParts } from "./mail/structure.ts";
export { type MessageText, previewOf, type ShownText, shownOf, textDigest, textOf } from "./mail/text.ts";
export { TRAIL_FIELD, trailField, trailIn } from "./mail/trail.ts";
export { type SharedOptions, sharedOptions } from "./options.ts";
export * from "./vcard/index.ts";
