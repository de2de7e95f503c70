/**
 * Evidence that two items are one message, from native data only.
 *
 * A Message-ID is written by the sender: lists and Sent folders repeat it honestly with other content, broken programs
 * reuse it, and anybody can forge one. So alone it is a hint, and joins only together with the content.
 */

import { hash } from "node:crypto";
import type { Evidence } from "../../contract/adapter.ts";
import type { EvidenceId } from "../../contract/words.ts";
import { readParties } from "./address.ts";
import { mailDate } from "./date.ts";
import type { Headers } from "./headers.ts";
import { messageIds } from "./ids.ts";

/** Longest Message-ID that stands in a hint as it is. */
const HINT_LIMIT = 200;

const short = (prefix: string, ...parts: readonly string[]): EvidenceId =>
  `${prefix}:${hash("sha256", parts.join("\n"), "base64url").slice(0, 22)}`;

/** The hint that names a message by its normalised Message-ID: `mid:a@b`, or of a longer one than 200 characters its hash. */
export const hintOf = (messageId: string): EvidenceId =>
  messageId.length <= HINT_LIMIT ? `mid:${messageId}` : short("mid", messageId);

/** What {@link mailEvidence} is minted from. */
export interface MailFacts {
  /** Normalised, without angle brackets. */
  readonly messageId?: string;
  /** The raw Date field. */
  readonly date?: string;
  /** The raw From field. */
  readonly from?: string;
  /** Bytes of the message as the server counts them. */
  readonly size?: number;
  /** `textDigest` of the whole text. */
  readonly digest?: string;
  /** The system's own id of the content: EMAILID (RFC 8474), X-GM-MSGID. */
  readonly identity?: string;
  /** For a message without Message-ID: its other fields, the first Received line among them. */
  readonly fallback?: string;
}

const squashed = (raw: string): string => (/\s\s|[\t\r\n]/.test(raw) ? raw.replace(/\s+/g, " ") : raw).trim();

// Between accounts: gateways re-encode both fields, so an instant and addresses count, not how they are written.
const dateFact = (raw: string): string => mailDate(raw) ?? squashed(raw);
const fromFact = (raw: string): string => {
  const ids = readParties(raw, "from").parties.map((party) => party.id);
  return ids.length > 0 ? ids.join(" ") : squashed(raw);
};

/**
 * The evidence of one message, strongest first: the system's own id (identity, within the system); Message-ID, Date, From
 * and size (content, within the system); Message-ID, Date, From and digest of the text (content, everywhere); the Message-ID
 * alone (hint, everywhere). Without a Message-ID: the hash of `fallback` and size (content, within the system), and nothing
 * where that is missing too. The same facts always give the same strings.
 */
export const mailEvidence = (facts: MailFacts): Evidence[] => {
  const { messageId, size, digest, identity, fallback } = facts;
  const evidence: Evidence[] = [];
  if (identity !== undefined)
    evidence.push({
      id: identity.length <= HINT_LIMIT ? `i:${identity}` : short("i", identity),
      within: "system",
      weight: "identity",
    });
  if (messageId === undefined) {
    if (fallback !== undefined)
      evidence.push({ id: short("f", fallback, String(size ?? "")), within: "system", weight: "content" });
    return evidence;
  }
  const { date = "", from = "" } = facts;
  if (size !== undefined)
    evidence.push({
      id: short("c", messageId, squashed(date), squashed(from), String(size)),
      within: "system",
      weight: "content",
    });
  if (digest !== undefined)
    evidence.push({ id: short("d", messageId, dateFact(date), fromFact(from), digest), within: "everywhere", weight: "content" });
  evidence.push({ id: hintOf(messageId), within: "everywhere", weight: "hint" });
  return evidence;
};

/** Fields that tell two messages apart where there is no Message-ID. */
const canonical = ["date", "from", "to", "cc", "subject"] as const;

/**
 * The facts of {@link mailEvidence} that the header fields hold. `fallback` only where a Message-ID is missing and a
 * Received line is there: sender, subject and second alone are shared by different mails of one script.
 */
export const headerFacts = (headers: Headers): MailFacts => {
  const raw = headers.get("message-id");
  const messageId = raw === undefined ? undefined : messageIds(raw)[0];
  const date = headers.get("date");
  const from = headers.get("from");
  const received = headers.get("received");
  return {
    ...(messageId !== undefined && { messageId }),
    ...(date !== undefined && { date }),
    ...(from !== undefined && { from }),
    ...(messageId === undefined &&
      received !== undefined && {
        fallback: [...canonical.map((name) => squashed(headers.get(name) ?? "")), squashed(received)].join("\n"),
      }),
  };
};
