/**
 * The calendar part of a mail → a message about a meeting, by who may say so. Pure: RFC 6047 section 2 for the parts, section 3 and
 * RFC 5546 section 6 for whom to believe.
 */

import { type ActorId, isGroupstreamError, type Loss, type Whole } from "groupstream";
import {
  decodePart,
  type PartNode,
  parseHeaders,
  plannedEvidence,
  type SchedulingMessage,
  schedulingMessage,
  schedulingView,
  speakerOf,
  type TextWant,
} from "groupstream/protocol";
import { doubtAbout } from "./authenticity.ts";
import type { Mapping } from "./map.ts";

/** Behind the key of a mail: the message about a meeting that it brings. */
const PART = "#itip";

export const invitationKey = (mail: string): string => `${mail}${PART}`;

/** The key of the mail itself. */
export const mailKey = (key: string): string => (key.endsWith(PART) ? key.slice(0, -PART.length) : key);

export const isInvitation = (key: string): boolean => key.endsWith(PART);

/** 1 MiB, encoded by base64: an invitation of a meeting has a few KiB. */
const PART_BYTES = 1_440_000;
/** Copies of one message that are looked at: as an alternative text, and attached. */
const COPIES = 3;
const DEPTH = 20;

const isCalendar = ({ type, filename }: PartNode): boolean =>
  type === "text/calendar" ||
  type === "application/ics" ||
  (type === "application/octet-stream" && /\.ics$/i.test(filename ?? ""));

const calendarsIn = (node: PartNode, depth = 0): readonly PartNode[] => {
  if (node.type === "message/rfc822" || depth > DEPTH) return [];
  return node.children ? node.children.flatMap((child) => calendarsIn(child, depth + 1)) : isCalendar(node) ? [node] : [];
};

/** What is read of a mail for the meeting it may be about; nothing of nearly every mail. */
export const calendarWants = (structure: PartNode | undefined): readonly TextWant[] =>
  structure
    ? calendarsIn(structure)
        .slice(0, COPIES)
        .map((node) => ({ node, bytes: PART_BYTES }))
    : [];

/** The calendar parts of a mail as they were read, and what its server found out about who sent it. */
export interface Enclosed {
  readonly parts: readonly { readonly node: PartNode; readonly bytes?: Uint8Array }[];
  /** The block of its Authentication-Results fields. */
  readonly results: string;
}

/** The mail, what it leaves out of it, and the message about a meeting. */
export interface Opened {
  readonly losses: readonly Loss[];
  readonly invitation?: Whole;
}

const lost = (reason: string): Opened => ({ losses: [{ field: "invitation", reason }] });

/** The first part that holds a message about a meeting, or why it cannot be read; `undefined`: none does. */
export const messageIn = ({ parts }: Enclosed): SchedulingMessage | Loss | undefined => {
  let loss: Loss | undefined;
  for (const { node, bytes } of parts) {
    const cut = (node.size ?? 0) > PART_BYTES || (bytes?.length ?? PART_BYTES) >= PART_BYTES;
    if (!bytes || cut) {
      loss ??= {
        field: "invitation",
        reason: bytes ? "It has more than 1 MiB, and is not read." : "The server did not give it.",
      };
      continue;
    }
    try {
      const message = schedulingMessage(decodePart(bytes, node));
      if (message) return message;
    } catch (error) {
      if (!isGroupstreamError(error)) throw error;
      loss ??= { field: "invitation", reason: "Its calendar part cannot be read." };
    }
  }
  return loss;
};

const who = { reply: "the attendee", counter: "the attendee" } as Readonly<Record<string, string>>;

/** @param mail  its sighting */
export const opened = (mail: Whole, enclosed: Enclosed, mapping: Mapping): Opened => {
  const message = messageIn(enclosed);
  if (!message) return { losses: [] };
  if ("reason" in message) return { losses: [message] };
  const { attributedTo } = mail.object as { readonly attributedTo?: { readonly id: ActorId } };
  const speaker = attributedTo && speakerOf(message, attributedTo.id);
  if (speaker === undefined || attributedTo === undefined)
    return lost(`It does not count: ${who[message.method] ?? "the organiser"} is not who sent the mail (RFC 6047 section 3).`);
  const doubt = doubtAbout(parseHeaders(enclosed.results).all("authentication-results"), attributedTo.id, mapping);
  if (doubt !== undefined) return lost(`It does not count: ${doubt}.`);
  const view = schedulingView(message, speaker, { text: mapping.read.text });
  if (!view) return { losses: [] };
  const { key, came, mine } = mail;
  return {
    losses: [],
    invitation: {
      key: invitationKey(key),
      // What a mail holds never changes; its flags are the mail's.
      revision: "1",
      object: { ...view, carrier: key },
      same: plannedEvidence(message.series),
      ...(mine && { mine }),
      ...(came !== undefined && { came }),
    },
  };
};
