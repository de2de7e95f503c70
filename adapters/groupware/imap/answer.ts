/**
 * Answering and passing on a mail: RFC 5322 section 3.6.4 for the thread, RFC 3834 section 2 for what is never answered. Pure.
 */

import type { Automatic, Loss, Party } from "groupstream";
import {
  automaticOf,
  decodeWords,
  type Headers,
  messageIds,
  type PartNode,
  readParties,
  wantedHeaders,
} from "groupstream/protocol/mail";
import { mailtoOf } from "groupstream/protocol/text";
import type { Own } from "./own.ts";

/** The header fields that {@link answeredOf} reads. */
export const answeredHeaders: readonly string[] = [...wantedHeaders, "reply-to"];

/** What is read of a mail that is answered or passed on. */
export interface AnsweredMail {
  /** Angle brackets and letters as the sender wrote them: programs compare ids character by character. */
  readonly messageId?: string;
  readonly references: readonly string[];
  readonly subject: string;
  /** The Date field as it stands. */
  readonly date: string;
  readonly from: readonly Party[];
  readonly replyTo: readonly Party[];
  readonly to: readonly Party[];
  readonly cc: readonly Party[];
  readonly automatic?: Automatic;
  /** The list's address (RFC 2369 section 3.4). */
  readonly list?: string;
}

/** Longest id that is named again, in characters: it stands in a line of its own, which ends at 998 (RFC 5322 section 2.1.1). */
const ID_LIMIT = 900;

const rawIds = (value: string): string[] => {
  const found = [...value.matchAll(/<[^<>\s\0-\x1f\x7f]+>/g)].map(([id]) => id);
  return (found.length > 0 ? found : messageIds(value).map((id) => `<${id}>`)).filter(({ length }) => length <= ID_LIMIT);
};

export const answeredOf = (headers: Headers, structure: PartNode | undefined): AnsweredMail => {
  const people = (field: string): readonly Party[] => readParties(headers.all(field).join(", "), field).parties;
  const ids = (field: string): string[] => rawIds(headers.all(field).join(" "));
  const [messageId] = ids("message-id");
  const replied = ids("in-reply-to");
  const references = ids("references");
  const automatic = automaticOf(headers, structure);
  const post = /<\s?mailto:([^>?\s]{3,320})/i.exec(headers.get("list-post")?.slice(0, 1_000) ?? "")?.[1];
  const list = post === undefined ? undefined : mailtoOf(post);
  return {
    ...(messageId !== undefined && { messageId }),
    // RFC 5322 section 3.6.4: In-Reply-To stands in where it names one parent.
    references: references.length > 0 ? references : replied.length === 1 ? replied : [],
    subject: decodeWords(headers.get("subject") ?? ""),
    date: headers.get("date") ?? "",
    from: people("from"),
    replyTo: people("reply-to"),
    to: people("to"),
    cc: people("cc"),
    ...(automatic !== undefined && { automatic }),
    ...(list !== undefined && { list }),
  };
};

/** What a machine sent, in words; for `list` where nobody takes answers. */
const made: { readonly [kind in Automatic]: string } = {
  bounce: "a delivery report",
  "auto-reply": "an automatic reply",
  receipt: "a receipt",
  list: "a list's announcement that names nobody to answer to",
  bot: "a machine's mail",
};

/** Why a mail is not answered; undefined: it may be. */
export const unanswerable = ({ automatic, replyTo, list }: AnsweredMail): string | undefined => {
  if (automatic === undefined || (automatic === "list" && (replyTo.length > 0 || list !== undefined))) return undefined;
  return `the mail to answer is ${made[automatic]}; write a new one to a person`;
};

const without = (people: readonly Party[], left: (id: string) => boolean): Party[] => people.filter(({ id }) => !left(id));

/**
 * Whom an answer reaches. `author`: Reply-To, else From; where a list put itself there, From. `everyone`: also To and Cc.
 * Never ourselves; the answer to a mail of our own goes where that went.
 */
export const reached = (
  { from, replyTo, to, cc, list }: AnsweredMail,
  reach: "author" | "everyone",
  own: Own,
): { readonly to: readonly Party[]; readonly cc: readonly Party[] } => {
  const byList = reach === "author" && replyTo.some(({ id }) => id.toLowerCase() === list?.toLowerCase());
  const author = replyTo.length > 0 && !byList ? replyTo : from;
  const others = without(author, own.has);
  const asked = reach === "everyone" ? [...to, ...cc] : [];
  if (others.length === 0) return { to: without(to, own.has), cc: reach === "everyone" ? without(cc, own.has) : [] };
  const taken = new Set(others.map(({ id }) => id.toLowerCase()));
  return { to: others, cc: without(asked, (id) => own.has(id) || taken.has(id.toLowerCase())) };
};

/** About 1 kB (some servers refuse longer fields), of which the first id names the thread and the last ones the parents. */
const REFERENCES_LENGTH = 1_000;
const LAST_REFERENCES = 10;

/** The fields that put an answer beneath this mail; ids with their angle brackets. */
export const threading = ({
  messageId,
  references,
}: AnsweredMail): { readonly inReplyTo?: string; readonly references: readonly string[]; readonly losses: readonly Loss[] } => {
  if (messageId === undefined)
    return { references: [], losses: [{ field: "inReplyTo", reason: "The mail that is answered has no Message-ID to name." }] };
  const all = [...references.filter((id) => id !== messageId), messageId];
  const kept = all.length <= LAST_REFERENCES + 1 ? all : [all[0]!, ...all.slice(-LAST_REFERENCES)];
  while (kept.length > 2 && kept.join(" ").length > REFERENCES_LENGTH) kept.splice(1, 1);
  return { inReplyTo: messageId, references: kept, losses: [] };
};

const replied = /^\s*(?:re|aw|antw|antwort|sv|vs|r|rif|odp|ynt)(?:\[\d{1,3}\]|\(\d{1,3}\))?\s?:\s*/i;
const forwarded = /^\s*(?:fwd?|wg|tr|enc|rv|doorst)\s?:\s*/i;

/** `Re: …`, with one prefix of the same meaning taken off, so that none pile up. */
export const replySubject = (subject: string): string => `Re: ${subject.replace(replied, "")}`.trim();

/** `Fwd: …`, with one prefix of the same meaning taken off. */
export const forwardSubject = (subject: string): string => `Fwd: ${subject.replace(forwarded, "")}`.trim();
