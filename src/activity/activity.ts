/**
 * Activities as they stand in the log: AS2 documents, told apart by `type`. Types only. Every reader must expect fields that are
 * not named here (AS2 is open). An erased entry has a `Tombstone` for its object, and neither `origin` nor `target`: only for that
 * are they optional where a type always has them.
 */

import type { Answer, Automatic, Loss } from "../contract/view.ts";
import type { ActivityId, ActorId, ObjectId } from "../contract/words.ts";

/** An AS2 document whatever it is, plain JSON. */
export type Document = Readonly<Record<string, unknown>>;

/** A person, group or service that acted or is addressed. */
export interface ActorDocument {
  readonly type: "Person" | "Group" | "Organization" | "Service" | "Application";
  readonly id: ActorId;
  readonly name?: string;
}

/** A collection, or a flag in one: `groupstream:collection/…`, `groupstream:flag/…`. */
export interface PlaceDocument {
  readonly type: "Collection";
  readonly id: string;
  readonly name: string;
  /** Of a flag: the collection it is in. */
  readonly context?: string;
}

/** A file; its bytes by `hub.content(url)`, or where somebody shared it by a link. */
export interface FileDocument {
  readonly type: "Document";
  readonly name?: string;
  readonly mediaType: string;
  /** `groupstream:content/…`, or the http or https link it was shared by, which the hub never asks. */
  readonly url: string;
  /** Bytes. */
  readonly "groupstream:size"?: number;
}

/** A mail, a post, a reply, in full. Never has `bcc`. */
export interface NoteDocument {
  readonly type: "Note";
  readonly id: ObjectId;
  /** Subject. */
  readonly name?: string;
  /** Sanitised HTML, as far as the policy lets it be read. */
  readonly content?: string;
  /** The same as plain text. */
  readonly source?: { readonly content: string; readonly mediaType: "text/plain" };
  readonly published?: string;
  readonly attributedTo?: ActorDocument;
  readonly to?: readonly ActorDocument[];
  readonly cc?: readonly ActorDocument[];
  readonly inReplyTo?: readonly ObjectId[];
  /** The conversation. */
  readonly context?: string;
  readonly attachment?: readonly FileDocument[];
  readonly "groupstream:automatic"?: Automatic;
}

/** When: instants, and beside them what the calendar keeps. */
interface TimedDocument {
  /** RFC 3339 UTC. */
  readonly startTime?: string;
  readonly endTime?: string;
  /** IANA name of the zone of `ical:dtstart` (FEP-8a8e); absent for days and floating times. */
  readonly timezone?: string;
  /** A day (`2026-11-26`) or a local time (`2026-11-26T10:00:00`); absent where the calendar keeps the instant. */
  readonly "ical:dtstart"?: string;
  /** A day is not included. */
  readonly "ical:dtend"?: string;
}

type EventStatus = "EventScheduled" | "EventTentative" | "EventCancelled";
type AttendeeDocument = ActorDocument & { readonly "groupstream:answer": Answer };

/** One occurrence that differs from its series: what differs, and its times. */
export interface OccurrenceDocument extends TimedDocument {
  readonly type: "Event";
  /** The time it would have had. */
  readonly "ical:recurrence-id": string;
  readonly "ical:range"?: "THISANDFUTURE";
  readonly name?: string;
  readonly content?: string;
  readonly location?: { readonly type: "Place"; readonly name: string };
  readonly eventStatus?: EventStatus;
  readonly "groupstream:attendees"?: readonly AttendeeDocument[];
}

/** What a meeting and a task have in common. */
interface PlannedDocument extends TimedDocument {
  readonly id: ObjectId;
  readonly name?: string;
  readonly content?: string;
  readonly location?: { readonly type: "Place"; readonly name: string };
  readonly attributedTo?: ActorDocument;
  readonly "ical:sequence"?: number;
  readonly "ical:class"?: "PRIVATE" | "CONFIDENTIAL";
  /** A series, in the words of RFC 5545. */
  readonly "ical:rrule"?: readonly string[];
  readonly "ical:rdate"?: readonly string[];
  readonly "ical:exdate"?: readonly string[];
  readonly "groupstream:occurrences"?: readonly OccurrenceDocument[];
  readonly "groupstream:attendees"?: readonly AttendeeDocument[];
}

/** A meeting, in full. */
export interface EventDocument extends PlannedDocument {
  readonly type: "Event";
  readonly eventStatus?: EventStatus;
}

/** A task, in full: of a type of iCalendar, since AS2 has none. */
export interface TaskDocument extends PlannedDocument {
  readonly type: "ical:Vtodo";
  readonly "ical:status"?: "NEEDS-ACTION" | "IN-PROCESS" | "COMPLETED" | "CANCELLED";
  /** RFC 3339 UTC. */
  readonly "ical:completed"?: string;
  /** Percent. */
  readonly "ical:percent-complete"?: number;
  /** 1 (highest) to 9. */
  readonly "ical:priority"?: number;
}

/** A person, group or organisation of an address book or directory, in full. */
export interface ProfileDocument {
  readonly type: "Person" | "Group" | "Organization";
  readonly id: ObjectId;
  readonly name?: string;
  readonly "groupstream:address"?: readonly ActorId[];
  readonly "groupstream:fields"?: readonly { readonly name: string; readonly "groupstream:value": string }[];
  readonly "groupstream:members"?: readonly ActorId[];
}

/** What an activity is about, in full. */
export type ObjectDocument = NoteDocument | EventDocument | TaskDocument | ProfileDocument;

/** The same in brief: where the activity does not change it. */
export interface BriefDocument {
  readonly type: ObjectDocument["type"];
  readonly id: ObjectId;
  readonly name?: string;
}

/** What is no more: deleted at the source, or erased from the log. */
export interface Tombstone {
  readonly type: "Tombstone";
  /** Absent where an erased entry's object is not known any more. */
  readonly id?: ObjectId;
  readonly formerType?: ObjectDocument["type"];
}

interface ActivityOf<Type extends string, Of> {
  readonly "@context": unknown;
  readonly type: Type;
  /** The same for ever: drop a repeat by it. */
  readonly id: ActivityId;
  /** Who acted; the system itself where nobody is known to have. */
  readonly actor: ActorDocument;
  /** When, by the source; never the time it was observed. */
  readonly published?: string;
  readonly object: Of | Tombstone;
  /** One sentence as HTML, by language; see `textOfSummary`. */
  readonly summaryMap: { readonly en: string; readonly de: string };
  /** Of one occurrence of a series: the time it would have had. */
  readonly "groupstream:occurrence"?: string;
  /** What the interface could not carry. */
  readonly "groupstream:losses"?: readonly Loss[];
}

/** An activity of the log. `switch (activity.type)` narrows it. */
export type Activity =
  | (ActivityOf<"Create", ObjectDocument> & { readonly target?: PlaceDocument })
  | (ActivityOf<"Update", ObjectDocument> & {
      /** Names of what changed; fields of a profile one by one. */
      readonly "groupstream:changed"?: readonly string[];
    })
  | (ActivityOf<"Delete", Tombstone> & { readonly origin?: PlaceDocument })
  | (ActivityOf<"Move", BriefDocument> & { readonly origin?: PlaceDocument; readonly target?: PlaceDocument })
  | (ActivityOf<"Add", BriefDocument | ActorDocument> & { readonly target?: PlaceDocument | BriefDocument })
  | (ActivityOf<"Remove", BriefDocument | ActorDocument> & { readonly origin?: PlaceDocument | BriefDocument })
  | (ActivityOf<"Invite", ActorDocument> & { readonly target?: BriefDocument })
  | ActivityOf<"Accept" | "TentativeAccept" | "Reject" | "Offer", BriefDocument>
  | (ActivityOf<"Like" | "EmojiReact", BriefDocument> & { readonly target?: PlaceDocument; readonly content?: string })
  | (ActivityOf<"Read", BriefDocument> & { readonly target?: PlaceDocument })
  | (ActivityOf<
      "Undo",
      {
        readonly type: "Like" | "EmojiReact" | "Read";
        readonly actor: ActorDocument;
        readonly object: ObjectId;
        readonly content?: string;
      }
    > & { readonly origin?: PlaceDocument; readonly content?: string });
