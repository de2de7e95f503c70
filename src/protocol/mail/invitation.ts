/**
 * The calendar part of a mail → a message about a meeting, by who may say so. Pure: RFC 6047 section 2 for the parts, section 3 and
 * RFC 5546 section 6 for whom to believe.
 */

import type { Read } from "../../contract/adapter.ts";
import { isGroupstreamError } from "../../contract/errors.ts";
import type { Gone, Malformed, Out, Sighting, Whole } from "../../contract/sighting.ts";
import type { Loss } from "../../contract/view.ts";
import type { ActorId, ItemKey } from "../../contract/words.ts";
import { type SchedulingMessage, schedulingMessage, schedulingView, speakerOf } from "../icalendar/itip.ts";
import { plannedEvidence } from "../icalendar/view.ts";
import { type Believing, doubtAbout } from "./authenticity.ts";
import { decodePart } from "./part.ts";
import type { TextWant } from "./read-text.ts";
import type { PartNode } from "./structure.ts";

/** Behind the key of a mail: the message about a meeting that it brings. */
const PART = "#itip";

/** The key of the message about a meeting that a mail brings: `17#itip`. */
export const invitationKey = (mail: ItemKey): ItemKey => `${mail}${PART}`;

/** The key of the mail itself. */
export const mailKey = (key: ItemKey): ItemKey => (isInvitationKey(key) ? key.slice(0, -PART.length) : key);

/** True for the key of a message about a meeting. */
export const isInvitationKey = (key: ItemKey): boolean => key.endsWith(PART);

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
  /** Those of {@link calendarWants}, as transferred. */
  readonly parts: readonly { readonly node: PartNode; readonly bytes?: Uint8Array }[];
  /** Its Authentication-Results fields (RFC 8601), in order. */
  readonly results: readonly string[];
}

/** The first part that holds a message about a meeting, or why it cannot be read; `undefined`: none does. */
export const enclosedMessage = ({ parts }: Enclosed): SchedulingMessage | Loss | undefined => {
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

const unread =
  "An addition without a time, and of tasks all but PUBLISH, REQUEST, REPLY and CANCEL of the whole, are not read (RFC 5546).";

/** A question to the organiser's calendar; of the meeting it says nothing. */
const asked = "It asks the organiser for the meeting as it stands (METHOD:REFRESH); their calendar program answers that.";

/** Why a message does not count, or in whose name it is said. */
const speakerIn = (message: SchedulingMessage, sender: ActorId | undefined, { results }: Enclosed, believing: Believing) => {
  const speaker = sender && speakerOf(message, sender);
  if (speaker === undefined || sender === undefined)
    return { loss: `${who[message.method] ?? "the organiser"} is not who sent the mail (RFC 6047 section 3)` };
  const loss = doubtAbout(results, sender, believing);
  return loss === undefined ? { speaker } : { loss };
};

/** A mail, and behind it the message about a meeting that it brings. */
export type WithInvitation = readonly [mail: Whole, ...invitation: Whole[]];

/**
 * A mail with the message about a meeting in its calendar parts, a sighting of its own. What cannot be read, or does not count, is a loss
 * of the mail.
 */
export const withInvitation = (
  mail: Whole,
  enclosed: Enclosed,
  believing: Believing & { readonly read: Pick<Read, "text"> },
): WithInvitation => {
  const message = enclosedMessage(enclosed);
  if (!message) return [mail];
  const { object, key, came, mine } = mail;
  const losing = (loss: Loss): WithInvitation => [{ ...mail, object: { ...object, losses: [...(object.losses ?? []), loss] } }];
  if ("reason" in message) return losing(message);
  if (message.method === "refresh") return losing({ field: "invitation", reason: asked });
  const sender = object.type === "Note" ? object.attributedTo?.id : undefined;
  const { speaker, loss } = speakerIn(message, sender, enclosed, believing);
  if (speaker === undefined) return losing({ field: "invitation", reason: `It does not count: ${loss}.` });
  const view = schedulingView(message, speaker, { text: believing.read.text });
  if (!view) return losing({ field: "invitation", reason: unread });
  const invitation: Whole = {
    key: invitationKey(key),
    // What a mail holds never changes; its flags are the mail's.
    revision: "1",
    object: { ...view, carrier: key },
    same: plannedEvidence(message.series),
    ...(mine && { mine }),
    ...(came !== undefined && { came }),
  };
  return [mail, invitation];
};

/** A mail that is gone; what it brought is merely out: a deleted invitation deletes no meeting. */
export const goneMail = (key: ItemKey): readonly [Gone, Out] => [
  { key, gone: true },
  { key: invitationKey(key), out: true },
];

/**
 * What `fetch` answers of one mail: each key asked for, and beside the mail what it brings, which nobody can ask for before.
 * @param found  the mail and what it brings; empty where it is gone
 */
export const fetchedMail = (asked: readonly ItemKey[], found: readonly (Whole | Malformed)[]): readonly Sighting[] => {
  const there = new Map<ItemKey, Sighting>(found.map((one) => [one.key, one]));
  const keys = new Set([...asked, ...(asked.every(isInvitationKey) ? [] : there.keys())]);
  return [...keys].map((key) => there.get(key) ?? (isInvitationKey(key) ? { key, out: true } : { key, gone: true }));
};
