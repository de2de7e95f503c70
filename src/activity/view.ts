/**
 * Views: an item's object as this item shows it, normalised. Adapters make them, the store keeps them, `fold` makes
 * objects of them. Plain JSON without `undefined`, `null` or NUL; the same native state always gives an equal view.
 */

import type { ActorId, CollectionId, DeliveryId, EvidenceId, ItemKey } from "../words.ts";

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
  /** Unicode emoji or `:name:`; `👍` is told as `Like`. */
  readonly emoji: string;
}

/** What every view may have. */
export interface ViewBase {
  /**
   * Which of several views of one object is newer, by the standard's own order, comparable as a string in every system
   * (SEQUENCE padded to ten digits + DTSTAMP; an edit's time). Absent where there is none: then no view is newer.
   */
  readonly edition?: string;
  readonly losses?: readonly Loss[];
  /** Addresses of the collections this has been in, as it carries them itself; nothing is delivered to one of them. */
  readonly trail?: readonly string[];
}

/** What an item, not its object, owns: compared collection by collection. Sets without order and without doubles. */
export interface ItemState extends ViewBase {
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

/** An attendee's answer, RFC 5545 PARTSTAT in words of this house. */
export type Answer = "none" | "accepted" | "tentative" | "declined";

/** Somebody invited, and what they answered. */
export interface Attendee extends Party {
  readonly answer: Answer;
}

/** A meeting: one object with its overrides inside. */
export interface EventView extends ItemState {
  readonly type: "Event";
  readonly name?: string;
  readonly content?: string;
  readonly text?: string;
  /** RFC 3339 UTC instants. */
  readonly startTime?: string;
  readonly endTime?: string;
  readonly location?: string;
  readonly attributedTo?: Party;
  readonly attendees?: readonly Attendee[];
  readonly status?: "confirmed" | "tentative" | "cancelled";
  readonly context?: readonly ThingRef[];
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
}

/** What an item shows, by the type of its object. */
export type View = MessageView | EventView | ProfileView;

/** The object types the core can fold and tell. */
export type ObjectType = View["type"];

/** Fields whose values are sets: a patch adds to them and removes from them. */
export type SetField = "flags" | "labels" | "reactions" | "members" | "attendees";
