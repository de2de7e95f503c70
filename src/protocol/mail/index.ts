/** Mail for adapters: header fields, parts, text, addresses, evidence, and messages about meetings (RFC 5322, 2045, 5546). Pure. */

export { readParties } from "./address.ts";
export type { Believing, Invitations } from "./authenticity.ts";
export { automaticOf } from "./automatic.ts";
export { bccRemoved, withoutBcc } from "./bcc.ts";
export { mailDate } from "./date.ts";
export type { MailFacts } from "./evidence.ts";
export { headerFacts, mailEvidence } from "./evidence.ts";
export { decodeWords, type Headers, parseHeaders } from "./headers.ts";
export { messageIds } from "./ids.ts";
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
} from "./invitation.ts";
export type { NoteSource } from "./note.ts";
export { noteOf, wantedHeaders } from "./note.ts";
export { transferDecoder } from "./part.ts";
export type { MailScan } from "./raw.ts";
export { mailScan, partOf, type RawPart, type ScannedMail } from "./raw.ts";
export { readText, type TextBytes, type TextWant, textWants } from "./read-text.ts";
export { bareId, fileName, type PartNode } from "./structure.ts";
export type { MessageText } from "./text.ts";
export { previewOf, type ShownText, textOf } from "./text.ts";
export { trailField } from "./trail.ts";
