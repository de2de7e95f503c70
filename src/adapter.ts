/**
 * The contract between the core and every system: types only.
 *
 * An adapter reports states; the core tells the story. It never says "this was updated": it says what an item is now, or
 * that it is gone. A method that exists is an ability; what presence cannot show is in the manifest. An adapter has no
 * store: what it must remember is in the positions it mints. Failures are `GroupstreamError`s of the table in errors.ts;
 * an abort ends what runs with the signal's reason and leaves nothing behind at the source.
 *
 * The smallest full example is `adapters/groupware/maildir`.
 */

import type { Loss, Party, SetField, View } from "./activity/view.ts";
import type { ActorId, CollectionId, DeliveryId, EvidenceId, ItemKey, ListingId, Revision, SystemId } from "./words.ts";

/** One system, on either bank. Made by a factory (`imap({ id, … })`), which only checks its options and does no I/O. */
export interface Adapter extends AsyncDisposable {
  /** The version of this contract. */
  readonly contract: 1;
  readonly id: SystemId;
  /** What it speaks, `imap`; for people and messages, never decided upon. */
  readonly kind: string;

  /**
   * What this live system can give and take. Asks the server; stable while server and configuration are.
   * Fails: `unreachable`, `throttled`, `unauthenticated`, `misconfigured`.
   */
  describe(signal: AbortSignal): Promise<Manifest>;

  /**
   * Every collection there is now, each once, in any order. Ending normally says: these are all; the core takes one that
   * is missing for vanished. Throws rather than answering in part.
   * @param fresh  ask on a new connection: the last answer is in doubt; default false
   */
  collections(signal: AbortSignal, fresh?: boolean): AsyncIterable<Collection>;

  /**
   * One look. Without a position it opens a listing of everything; with one it brings what changed since, or goes on with
   * the listing the position is in. Ending normally says: up to date as of the opening. A page's position is safe to
   * resume from once that page is committed. The next page is asked for only after the last one is committed.
   * Fails: `position-lost` when the server no longer honours it; `forbidden`; the system's errors.
   */
  changes?(collection: Collection, since: Position | undefined, read: Read, signal: AbortSignal): AsyncIterable<Page>;

  /**
   * The items of these keys as they are now: for every key asked exactly one whole or gone sighting, in any order; silence
   * is an error of the adapter. Required of adapters that give patches, references or `here`.
   */
  fetch?(collection: Collection, keys: readonly ItemKey[], read: Read, signal: AbortSignal): AsyncIterable<Sighting>;

  /**
   * A doorbell: the id of a collection that may have changed. Hints only: may repeat, may miss, needs no order. Ends by
   * throwing `unreachable` when the line is cut; the core calls it again after a back-off and polls meanwhile.
   */
  watch?(collections: readonly Collection[], signal: AbortSignal): AsyncIterable<CollectionId>;

  /**
   * A call from outside (webhook, inbox). `ring` asks for a look; `keep` stores sightings durably, without a position, and
   * must be awaited before the sender gets its 2xx. Verifies the sender itself.
   */
  receive?(request: Request, to: Receiving): Promise<Response>;

  /** The verbs this target performs. A verb that is present is an ability. Never rejects for what the target answered. */
  readonly performs?: { readonly [verb in Verb]?: (command: Command, signal: AbortSignal) => Promise<Receipt> };

  /** What a command left at the target: its sighting, `absent` = certainly not there, `unknown` = cannot tell. */
  find?(collection: Collection, command: Command, signal: AbortSignal): Promise<Sighting | "absent" | "unknown">;

  /** The bytes of a part of an item, decoded, streamed as read. Cancelling the stream frees the connection. */
  content?(item: ItemRef, part: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
}

/** Where items live. Equal `id` = the same collection, whatever its name. */
export interface Collection {
  readonly id: CollectionId;
  /** For people and routes: `INBOX/Support`. */
  readonly name: string;
  /** What it is for, RFC 6154 words where they fit. */
  readonly role?: "inbox" | "sent" | "drafts" | "junk" | "trash" | "archive" | "all" | "flagged";
  /** Whose mailbox, whose calendar. */
  readonly owner?: ActorId;
  /** Who can see what is put here. */
  readonly audience: Audience;
  /** The same for every hub in the world (`imap://host/user/INBOX`); for trails. */
  readonly address?: string;
  /** Opaque; equal to the one stored at the last finished look = nothing changed, no look. Absent where it would miss a change. */
  readonly revision?: string;
}

/** Who can see something: these people, everybody, or nobody can say. Unknown is never sent to. */
export type Audience = readonly ActorId[] | "public" | "unknown";

/** Opaque JSON of the adapter, at most 64 KiB; carries its own version. The core stores it and never looks inside. */
export type Position = Json;

/** JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** One step of a look: committed whole, or not at all. */
export interface Page {
  /** At most 500 and at most 1 MiB (a single larger item excepted); one per key, the last state wins. */
  readonly sightings: readonly Sighting[];
  /** Safe to resume from once this page has committed, also in mid-listing. */
  readonly position: Position;
  /** Set on every page of a listing. */
  readonly listing?: {
    /** Minted when the listing opens and kept in the position. */
    readonly id: ListingId;
    /** This page ends the listing: what it never showed is absent. */
    readonly last?: true;
    /** With `last`: how many items there are by the server's own count. */
    readonly count?: number;
  };
  /** Sightings still to come, for progress. */
  readonly estimate?: number;
}

/** An item as it is now. */
export type Sighting = Whole | Patch | Reference | Here | Gone | Out | Malformed;

/** An item with all its adapter can read. */
export interface Whole {
  readonly key: ItemKey;
  readonly revision: Revision;
  readonly object: View;
  /** Minted from native data, strongest first. */
  readonly same?: readonly Evidence[];
  /** Written by the account we act with; the delivery's id or our digest where the system can carry or give one. */
  readonly mine?: { readonly marker?: DeliveryId; readonly digest?: string };
  /** When it got here by the source's clock, RFC 3339 (INTERNALDATE). */
  readonly came?: string;
  readonly order?: string;
  readonly by?: By;
}

/** These fields are now so; set-valued fields gained or lost members. */
export interface Patch {
  readonly key: ItemKey;
  readonly revision: Revision;
  readonly set?: Readonly<Partial<Record<string, Json>>>;
  readonly add?: Readonly<Partial<Record<SetField, readonly Json[]>>>;
  readonly remove?: Readonly<Partial<Record<SetField, readonly Json[]>>>;
  readonly order?: string;
  readonly by?: By;
  readonly object?: never;
}

/** There, with this revision: fetched by the core if the revision is new. */
export interface Reference {
  readonly key: ItemKey;
  readonly revision: Revision;
  readonly object?: never;
  readonly set?: never;
  readonly add?: never;
  readonly remove?: never;
}

/** Still there, no more known. */
export interface Here {
  readonly key: ItemKey;
  readonly here: true;
}

/** No longer in this collection. */
export interface Gone {
  readonly key: ItemKey;
  readonly gone: true;
  /** Deleted for good: cannot turn up elsewhere. */
  readonly final?: true;
  readonly order?: string;
}

/** No longer in scope: a window moved on. Says nothing about the item itself. */
export interface Out {
  readonly key: ItemKey;
  readonly out: true;
}

/** Could not be read: kept with its raw form in the quarantine, counted, shown, retried. Given in place of a whole sighting. */
export interface Malformed {
  readonly key: ItemKey;
  readonly revision: Revision;
  readonly malformed: {
    /** What could not be read, one sentence, no content. */
    readonly reason: string;
    /** Where the raw form is: a part for `Adapter.content`. */
    readonly part?: string;
  };
}

/** Who did it and when, as far as the source says. A person or a time is never invented. */
export interface By {
  readonly actor?: Party;
  /** RFC 3339. */
  readonly at?: string;
  /** `item`: the item names them (From); `server`: the server vouches; `guess`: likely. */
  readonly from: "item" | "server" | "guess";
}

/**
 * A string that two items share only if they are about the same object.
 * `identity`: the system's own id; `content`: equal content; both join. `hint`: names partners and parents, joins nothing.
 */
export interface Evidence {
  readonly id: EvidenceId;
  readonly within: "system" | "everywhere";
  readonly weight: "identity" | "content" | "hint";
}

/** What policy lets be read now; nothing more is requested from the server where its protocol allows that. */
export interface Read {
  /** `none` in a baseline; `preview`: about the first 2,000 characters; `full`: at most 1 MiB of text. */
  readonly text: "none" | "preview" | "full";
  /** Seen flags, presence. */
  readonly behaviour: boolean;
  /** The digest of the whole text is needed as evidence, whatever `text` says. */
  readonly digest?: true;
  /** Ask on a new connection: what was answered last is in doubt. */
  readonly fresh?: true;
}

/** One item of one collection. */
export interface ItemRef {
  readonly collection: CollectionId;
  readonly key: ItemKey;
}

/** Where `receive` puts what it got. */
export interface Receiving {
  ring(collection: CollectionId): void;
  keep(collection: CollectionId, sightings: readonly Sighting[]): Promise<void>;
}

/** The AS2 types a target can perform, and `Deliver`: hand over the activity itself. */
export type Verb =
  | "Create"
  | "Update"
  | "Delete"
  | "Move"
  | "Add"
  | "Remove"
  | "Announce"
  | "Like"
  | "EmojiReact"
  | "Undo"
  | "Invite"
  | "Accept"
  | "TentativeAccept"
  | "Reject"
  | "Offer"
  | "Read"
  | "Deliver";

/** A delivery as the adapter sees it. */
export interface Command {
  /** The delivery's id: idempotency key and marker, the same for every attempt. */
  readonly id: DeliveryId;
  /** 1 for the first attempt. */
  readonly attempt: number;
  readonly verb: Verb;
  /** Who asks; for a mailbox's own work the mailbox's owner. */
  readonly actor: ActorId;
  /** The activity, ready to serialise; without `bcc`. */
  readonly activity: Readonly<Record<string, unknown>>;
  /** The object as it should stand; absent for `Delete` and `Deliver`. */
  readonly object?: View;
  readonly collection?: Collection;
  /** The item to change or answer. */
  readonly item?: ItemKey;
  /** The first item of the thread at this target. */
  readonly root?: ItemKey;
  /** Collection addresses this has been in. */
  readonly trail: readonly string[];
  /** Keys already known as renderings; for `find` by digest. */
  readonly taken?: readonly ItemKey[];
  /** Do nothing: answer with the native action, its losses and digest. */
  readonly preview?: true;
}

/** What a target answered. */
export type Receipt =
  | {
      readonly outcome: "done";
      /** What now stands there, where the target can say. */
      readonly sighting?: Sighting;
      readonly losses?: readonly Loss[];
      readonly digest?: string;
      /** With `preview`: the native action, readable. */
      readonly native?: string;
    }
  | {
      readonly outcome: "refused";
      /** Certainly not done, and why; one sentence with a remedy. */
      readonly reason: string;
      /** Worth trying again; after `retryAfter` seconds if given. */
      readonly again?: boolean;
      readonly retryAfter?: number;
    }
  | {
      readonly outcome: "unknown";
      /** It may have been done. */
      readonly reason: string;
      readonly retryAfter?: number;
    };

/** How well something is carried. */
export type Level = { readonly level: "full" } | { readonly level: "degraded"; readonly lost: string } | { readonly level: "none"; readonly why: string; readonly remedy?: string };

/** What one live system can give and take. The conformance kit checks it against what the adapter really does. */
export interface Manifest {
  /** Server and version as it calls itself: `Dovecot 2.3`. */
  readonly server: string;
  /** Version of the mapping native → view; items mapped by another one are fetched again, silently. */
  readonly mapping: number;
  /** Who we are there: what this account did by a delivery is never told as news. */
  readonly self?: ActorId;
  /** `false`: the target keeps nothing that could be edited (webhook, bus). Default true. */
  readonly holds?: boolean;
  /** From which share of a collection on a loss is implausible, 0–1; default 0.5. */
  readonly plausible?: number;
  /** Readable abilities by name: `changes`, `text`, `moves` … */
  readonly gives: Readonly<Record<string, Level>>;
  /** Performable verbs by name. */
  readonly takes: Readonly<Record<string, Level>>;
  readonly limits?: Readonly<Record<string, string | number>>;
}
