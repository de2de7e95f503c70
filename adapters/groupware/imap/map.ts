/** What the server says of one message → a sighting. Pure; the same state always gives an equal sighting. */

import { hash } from "node:crypto";
import type { CollectionId, ItemKey, Json, Loss, Malformed, Patch, Read, Revision, ThingRef, Whole } from "groupstream";
import {
  type Believing,
  bareId,
  fileName,
  headerFacts,
  mailEvidence,
  noteOf,
  type PartNode,
  parseHeaders,
  readText,
  type ShownText,
  type TextBytes,
  textWants,
} from "groupstream/protocol/mail";
import type { FetchMessageObject, MessageStructureObject } from "imapflow";
import { mineOf, namingOurs, type Own } from "./own.ts";

/** The version of this mapping; raised when the same message would give another view. */
export const MAPPING = 1;

/** A key names its UIDVALIDITY too: after a change (RFC 9051 section 2.3.1.1) the same UID is another message. */
export const keyOf = (validity: string, uid: number): ItemKey => `${validity}-${uid}`;

/** The UID of a key; undefined for a key of another UIDVALIDITY. */
export const uidOf = (validity: string, key: ItemKey): number | undefined => {
  const dash = key.lastIndexOf("-");
  return key.slice(0, dash) === validity ? Number(key.slice(dash + 1)) : undefined;
};

/** MODSEQ is 63 bits (RFC 7162 section 3.1): as text, padded so that it compares as a string. */
const orderOf = (modseq: bigint): string => modseq.toString().padStart(20, "0");

/** A whole `type/subtype`; servers give half of one as it stands, and RFC 2045 section 5.2 reads it as plain text. */
const mediaType = /^[^/]+\/[^/]+$/;

/** imapflow's BODYSTRUCTURE as the shared code reads it; a message without parts is its own part 1 (RFC 9051 section 6.4.5.1). */
export const structureOf = (node: MessageStructureObject, root = true): PartNode => {
  // imapflow gives parameter names in lower case and joins continuations (RFC 2231).
  const params = node.parameters ?? {};
  const filename = fileName(node.dispositionParameters ?? {}, params);
  const id = bareId(node.id);
  return {
    part: node.part ?? (root && node.childNodes && node.type !== "message/rfc822" ? "" : "1"),
    type: mediaType.test(node.type) ? node.type : "text/plain",
    params,
    ...(node.disposition && { disposition: node.disposition.toLowerCase() }),
    ...(filename !== undefined && { filename }),
    ...(node.encoding && { encoding: node.encoding.toLowerCase() }),
    ...(node.size !== undefined && { size: node.size }),
    ...(id && { id }),
    ...(node.childNodes && { children: node.childNodes.map((child) => structureOf(child, false)) }),
  };
};

/** Keywords about machinery: spam training, receipts, a client's own book-keeping. */
const machinery =
  /^\$?(mdnsent|junk|notjunk|nonjunk|junkrecorded|forwarded|submitpending|submitted|phishing|hasattachment|hasnoattachment)$/;

/** What is told of a message's flags (RFC 9051 section 2.3.2): the star and the people's own keywords. */
const flagsOf = (flags: ReadonlySet<string>): { flags: string[]; seen: boolean } => {
  const kept = new Set<string>();
  let seen = false;
  for (const flag of flags) {
    const name = flag.toLowerCase();
    if (name === "\\seen") seen = true;
    else if (name === "\\flagged") kept.add("flagged");
    else if (!name.startsWith("\\") && !machinery.test(name)) kept.add(name);
  }
  return { flags: [...kept].sort(), seen };
};

/** Turns Gmail's labels into collections; undefined where the server has none. */
type LabelIds = (labels: ReadonlySet<string>) => CollectionId[];

/** What mapping needs to know of the mailbox and of the policy. */
export interface Mapping extends Believing {
  readonly validity: string;
  readonly read: Read;
  readonly labels?: LabelIds;
  /** Whose mail counts as ours; absent: nobody's. */
  readonly own?: Own;
  /** Messages out of scope wherever they are: Gmail keeps drafts in `\\All`. */
  readonly skips?: (row: FlagRow) => boolean;
}

/** A row of flags: what every FETCH and every flags event brings. */
export type FlagRow = Pick<FetchMessageObject, "uid" | "flags" | "modseq" | "labels">;

/** What is read of a message beside its structure and text. */
export type MessageRow = FlagRow & Pick<FetchMessageObject, "headers" | "size" | "internalDate" | "emailId" | "threadId">;

/** Equal for equal state: MODSEQ, or where the mailbox has none the flags themselves. */
const revisionOf = (row: FlagRow): Revision => {
  if (row.modseq !== undefined) return row.modseq.toString();
  // \Recent (RFC 3501 section 2.3.2) is a property of the session that asks, not of the message.
  const state = [...(row.flags ?? [])]
    .map((flag) => flag.toLowerCase())
    .filter((flag) => flag !== "\\recent")
    .sort();
  const labels = [...(row.labels ?? [])].sort();
  return hash("sha256", JSON.stringify([state, labels]), "base64url").slice(0, 16);
};

/** A message whose flags are now so. Empty sets are named: a patch has no other way to say that the last flag went. */
export const patchOf = (row: FlagRow, { validity, read, labels }: Mapping): Patch => {
  const { flags, seen } = flagsOf(row.flags ?? new Set());
  const set: Record<string, Json> = { flags };
  if (read.behaviour) set.seen = seen;
  if (labels && row.labels) set.labels = labels(row.labels);
  return {
    key: keyOf(validity, row.uid),
    revision: revisionOf(row),
    set,
    ...(row.modseq !== undefined && { order: orderOf(row.modseq) }),
  };
};

/** imapflow gives no BODYSTRUCTURE where a sender nested about 100 parts: the parser could not follow. */
const unstructured: readonly Loss[] = [
  { field: "content", reason: "The server's answer about the parts cannot be read: text and files are left out." },
];

/** A multipart whose delimiter never comes is to a server one empty part (Dovecot): what is there is in no part of it. */
const emptied: readonly Loss[] = [{ field: "content", reason: "The server shows the only part of the message as empty." }];

const isEmptied = ({ children }: PartNode): boolean => children?.length === 1 && children[0]?.size === 0;

const malformed = (validity: string, row: FlagRow, reason: string): Malformed => ({
  key: keyOf(validity, row.uid),
  revision: revisionOf(row),
  malformed: { reason, part: "raw" },
});

/** A message the server lists and does not give, or gives so that it cannot be read. */
export const unreadable = (validity: string, uid: number, reason: string): Malformed => malformed(validity, { uid }, reason);

/**
 * The text of a message, read; undefined where it cannot be. A wanted part that did not come is a text that was not read: none
 * is not the same as an empty one.
 *
 * @param texts  what came of {@link textWants}
 */
export const shownIn = (structure: PartNode | undefined, texts: TextBytes, read: Read): ShownText | undefined => {
  if (textWants(structure, read).some(({ node }) => !texts.has(node.part))) return undefined;
  try {
    return readText(structure, texts, read);
  } catch {
    return undefined;
  }
};

/**
 * A message with all that was read of it. A message that cannot be mapped is given as malformed, never left out.
 *
 * @param text  of {@link shownIn}; undefined: it could not be read
 */
export const wholeOf = (
  row: MessageRow,
  structure: PartNode | undefined,
  text: ShownText | undefined,
  mapping: Mapping,
): Whole | Malformed => {
  const { validity, read, labels, own } = mapping;
  if (!row.headers) return malformed(validity, row, "The server gave no header.");
  if (!text) return malformed(validity, row, "The server gave no text.");
  try {
    const headers = parseHeaders(row.headers);
    const { shown, digest } = text;
    const { flags, seen } = flagsOf(row.flags ?? new Set());
    const contextIds: ThingRef[] = row.threadId ? [{ evidence: `t:${row.threadId}` }] : [];
    const bare = noteOf({
      headers,
      flags,
      contextIds,
      ...(structure && { structure }),
      ...(shown && { text: shown }),
      ...(read.behaviour && { seen }),
      ...(labels && row.labels && { labels: labels(row.labels) }),
    });
    const note = own ? namingOurs(bare, own) : bare;
    const facts = headerFacts(headers);
    const mine = own && mineOf(facts.messageId, note, own);
    const left = !structure ? unstructured : shown && isEmptied(structure) ? emptied : [];
    const object = left.length > 0 ? { ...note, losses: [...(note.losses ?? []), ...left] } : note;
    const came = row.internalDate instanceof Date ? row.internalDate.toISOString() : undefined;
    return {
      key: keyOf(validity, row.uid),
      revision: revisionOf(row),
      object,
      same: mailEvidence({
        ...facts,
        ...(row.size !== undefined && { size: row.size }),
        ...(row.emailId && { identity: row.emailId }),
        ...(digest !== undefined && { digest }),
      }),
      ...(mine && { mine }),
      ...(came !== undefined && { came }),
      ...(row.modseq !== undefined && { order: orderOf(row.modseq) }),
    };
  } catch {
    return malformed(validity, row, "The message could not be mapped.");
  }
};
