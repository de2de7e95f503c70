/**
 * Views: an item's object as this item shows it, normalised. Adapters make them, the store keeps them, `fold` makes
 * objects of them. Plain JSON without `undefined`, `null` or NUL; the same native state always gives an equal view.
 */

import type { ActorId, CollectionId, DeliveryId, EvidenceId, ItemKey } from "./words.ts";

/** A person, group or service as a source names it. `id` is `mailto:` (lower-case domain), `acct:` or an IRI. */
export interface Party {
  readonly id: ActorId;
  readonly name?: string;
  /** Default `Person`. */
  readonly type?: "Person" | "Group" | "Organization" | "Service" | "Application";
}

/** Another thing, named as the source names it; the core resolves it to a canonical id, now or when the thing turns up. */
export type ThingRef =
  | { readonly evidence: EvidenceId }
  | { readonly collection: CollectionId; readonly key: ItemKey }
  | { readonly marker: DeliveryId }
  | { readonly id: string };

/** A file of an item. Its bytes stay at the source and stream on demand. */
export interface FilePart {
  /** The adapter's name of the part (`2.1`), given back to `Adapter.content`. */
  readonly part: string;
  readonly name?: string;
  /** Lower-case `type/subtype`. */
  readonly mediaType: string;
  /** Bytes, decoded where the source says so, else as transferred. */
  readonly size?: number;
  /**
   * http or https: somebody shared it by this link, and the source has no bytes of it to give. Never asked by the hub: whoever
   * wrote it chose where it leads.
   */
  readonly href?: string;
}

/** What one interface could not carry. */
export interface Loss {
  /** The AS2 or native field, `content`, `attachment`, `published` … */
  readonly field: string;
  /** One English sentence. */
  readonly reason: string;
}

/** One reaction: an emoji by somebody. Compared by both. */
export interface Reaction {
  readonly actor: ActorId;
  /** What people call who reacted. */
  readonly name?: string;
  /** Unicode emoji or `:name:`; `👍` is told as `Like`. */
  readonly emoji: string;
}

/**
 * What every view may have. Flags, `seen`, labels and reactions are the item's, not its object's: they are compared collection by
 * collection, as sets without order and without doubles.
 */
export interface ItemState {
  /**
   * Which of several views of one object is newer, by the standard's own order, comparable as a string in every system
   * (SEQUENCE padded to ten digits + DTSTAMP; an edit's time). Absent where there is none: then no view is newer.
   */
  readonly edition?: string;
  readonly losses?: readonly Loss[];
  /** Addresses of the collections this has been in, as it carries them itself; nothing is delivered to one of them. */
  readonly trail?: readonly string[];
  /** Keywords and stars: `flagged`, `$label1`, `urgent`; never `seen`. */
  readonly flags?: readonly string[];
  /** Only where `Read.behaviour` is on. */
  readonly seen?: boolean;
  /** Collections of the same system the item is in without an item of its own there (Gmail labels). */
  readonly labels?: readonly CollectionId[];
  readonly reactions?: readonly Reaction[];
}

/** Machine-made mail and posts: recognised and marked, so that no bridge answers them. */
export type Automatic = "list" | "bounce" | "auto-reply" | "receipt" | "bot";

/** A mail, a post, a reply. */
export interface MessageView extends ItemState {
  readonly type: "Note";
  /** Subject, decoded, one line. */
  readonly name?: string;
  /** Sanitised HTML. Absent where `Read.text` was `none`. */
  readonly content?: string;
  /** Plain text, `\n` line ends. Absent where `Read.text` was `none`, cut where it was `preview`. */
  readonly text?: string;
  /** RFC 3339 UTC; absent where the source has none that can be read, never invented. */
  readonly published?: string;
  readonly attributedTo?: Party;
  readonly to?: readonly Party[];
  readonly cc?: readonly Party[];
  /** Kept to say who was told; never leaves the hub. */
  readonly bcc?: readonly Party[];
  /** Parents, nearest first. */
  readonly inReplyTo?: readonly ThingRef[];
  /** The conversation, best name first: a thread id, the oldest reference, its own Message-ID. */
  readonly context?: readonly ThingRef[];
  readonly attachment?: readonly FilePart[];
  readonly automatic?: Automatic;
}

/**
 * A time as a calendar keeps it: a day (`2026-11-26`) or a local time (`2026-11-26T10:00:00`), in no zone by itself. RFC 5545
 * sections 3.3.4 and 3.3.5.
 */
export type LocalTime = string;

/** When something is: instants for everybody, and beside them what the source keeps. */
export interface Timed {
  /** RFC 3339 UTC instants. A day begins at midnight UTC; a floating time is taken for the collection's zone, else for UTC. */
  readonly startTime?: string;
  readonly endTime?: string;
  /** As the source keeps it; absent where that is the instant itself. Days: all day, `end` not included (of a task: due on that day). */
  readonly start?: LocalTime;
  readonly end?: LocalTime;
  /** IANA name of the zone of `start`; absent for days and for floating times. */
  readonly timezone?: string;
}

/** An attendee's answer, RFC 5545 PARTSTAT in words of this house. */
export type Answer = "none" | "accepted" | "tentative" | "declined";

/** Somebody invited, and what they answered. */
export interface Attendee extends Party {
  readonly answer: Answer;
  /** When they would have it instead (RFC 5546 section 3.2.7); folded from their proposal while it is open. */
  readonly proposes?: Timed;
}

/** What a message about a meeting is (RFC 5546 section 1.4), as far as it is read. */
export type SchedulingMethod = "publish" | "request" | "add" | "reply" | "cancel" | "counter" | "decline-counter";

/** Who may know more than that somebody is busy, RFC 5545 section 3.8.1.3; absent: whoever sees the calendar. */
export type Classification = "private" | "confidential";

/**
 * What one occurrence of a series shows otherwise than the series: only that, but for its times, which are always given. An empty
 * name, text or location: the series has one, the occurrence has none.
 */
export interface Occurrence extends Timed {
  /** The instant it would have had. */
  readonly originalTime: string;
  /** It and all that follow (RFC 5545 section 3.2.13, THISANDFUTURE). */
  readonly future?: true;
  readonly name?: string;
  readonly content?: string;
  readonly text?: string;
  readonly location?: string;
  readonly attendees?: readonly Attendee[];
  readonly status?: "confirmed" | "tentative" | "cancelled";
}

/** How a series repeats. Occurrences are named by the time they would have had, as `start` is written (RECURRENCE-ID). */
export interface Recurrence {
  /** RRULE values, RFC 5545 section 3.3.10, in one canonical order of their parts. */
  readonly rules?: readonly string[];
  /** Occurrences beside the rules (RDATE), and such as do not take place (EXDATE); ascending. */
  readonly dates?: readonly LocalTime[];
  readonly excluded?: readonly LocalTime[];
  readonly overrides?: Readonly<Record<LocalTime, Occurrence>>;
}

/** What is planned may be shown by a copy of it, or by a message about it (RFC 5546), as mails bring them. */
export interface SchedulingState {
  /**
   * No copy but a message about it, from who may say that: of a request and a publication the organiser's view, with nobody's own answer;
   * of an addition one further occurrence, as `instance`; of a reply and a counter only the attendee who wrote it is among the attendees.
   * Absent: a copy.
   */
  readonly method?: SchedulingMethod;
  /** Of such a message: the item of the same collection that brought it. Where that goes, the message is `out`, never gone. */
  readonly carrier?: ItemKey;
}

/** A meeting: one object with its overrides inside. The times of a series are those of its first occurrence. */
export interface EventView extends ItemState, Timed, SchedulingState {
  readonly type: "Event";
  /** Only this occurrence of a series is known here (RECURRENCE-ID without the series, or METHOD:ADD). */
  readonly instance?: { readonly id: LocalTime; readonly originalTime: string };
  readonly name?: string;
  readonly content?: string;
  readonly text?: string;
  readonly location?: string;
  readonly attributedTo?: Party;
  readonly attendees?: readonly Attendee[];
  readonly status?: "confirmed" | "tentative" | "cancelled";
  readonly context?: readonly ThingRef[];
  readonly recurrence?: Recurrence;
  readonly classification?: Classification;
  /** RFC 5545 section 3.8.7.4; absent: 0. */
  readonly sequence?: number;
}

/** Something to be done (RFC 5545 section 3.6.2). `endTime` is when it is due; attendees are those it is assigned to. */
export interface TaskView extends ItemState, Timed, SchedulingState {
  readonly type: "Task";
  readonly name?: string;
  readonly content?: string;
  readonly text?: string;
  readonly location?: string;
  readonly attributedTo?: Party;
  readonly attendees?: readonly Attendee[];
  /** Absent: nothing is said, it is to be done. */
  readonly status?: "needs-action" | "in-process" | "completed" | "cancelled";
  /** RFC 3339 UTC. */
  readonly completed?: string;
  /** Percent. */
  readonly progress?: number;
  /** 1 (highest) to 9. */
  readonly priority?: number;
  readonly context?: readonly ThingRef[];
  readonly recurrence?: Recurrence;
  readonly classification?: Classification;
  readonly sequence?: number;
}

/** A person, group or organisation of an address book or directory. */
export interface ProfileView extends ItemState {
  readonly type: "Person" | "Group" | "Organization";
  readonly name?: string;
  /** Addresses that name this party elsewhere. */
  readonly address?: readonly ActorId[];
  /** Single-valued fields by vCard or LDAP name. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Groups: who belongs to it. */
  readonly members?: readonly ActorId[];
  /** RFC 2426 section 3.7.1. */
  readonly classification?: Classification;
}

/** What an item shows, by the type of its object. */
export type View = MessageView | EventView | TaskView | ProfileView;

/** The object types the core can fold and tell. */
export type ObjectType = View["type"];

/** Fields whose values are sets: a patch adds to them and removes from them. */
export type SetField = "flags" | "labels" | "reactions" | "members" | "attendees";
