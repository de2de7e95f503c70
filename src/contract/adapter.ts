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

import type { Command, Found, Receipt, Verb } from "./command.ts";
import type { Page, Position, Sighting } from "./sighting.ts";
import type { ActorId, CollectionId, ItemKey, SystemId } from "./words.ts";

export type * from "./command.ts";
export type * from "./sighting.ts";

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
   * @param known  those the hub has looked at before: the revision of any other saves it nothing, and may be left out where it
   *               is dear to ask for; default: it may know them all
   */
  collections(signal: AbortSignal, fresh?: boolean, known?: ReadonlySet<CollectionId>): AsyncIterable<Collection>;

  /**
   * One look. Without a position it opens a listing of everything; with one it brings what changed since, or goes on with
   * the listing the position is in. Ending normally says: up to date as of the opening. A page's position is safe to
   * resume from once that page is committed. The next page is asked for only after the last one is committed.
   * Fails: `position-lost` when the server no longer honours it; `forbidden`; the system's errors.
   */
  changes?(collection: Collection, since: Position | undefined, read: Read, signal: AbortSignal): AsyncIterable<Page>;

  /**
   * The items of these keys as they are now: for every key asked exactly one sighting, in any order: whole, gone, malformed, or
   * out where the source cannot say what became of it (an archive that forgot it). Out is never told as a deletion. Silence is
   * an error of the adapter. Of a mail also, whole, what it carries (`EventView.carrier`): nobody could ask for that by a key. Required
   * of adapters that give patches, references or `here`.
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
  readonly performs?: Readonly<Partial<Record<Verb, Perform>>>;

  /**
   * What an attempt of this command left at the target: what stands there whole, `absent` = certainly not there, `unknown` =
   * cannot tell. Looks by marker, else by digest among what is not `taken`. Fails: the system's errors.
   */
  find?(command: Command, signal: AbortSignal): Promise<Found | "absent" | "unknown">;

  /** The bytes of a part of an item, decoded, streamed as read. Cancelling the stream frees the connection. */
  content?(item: ItemRef, part: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
}

/** Performs one command; aborted, it may or may not have been done. Never rejects for what the target answered. */
export type Perform = (command: Command, signal: AbortSignal) => Promise<Receipt>;

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
  /** Nothing of this collection is stored: what a listing does not give whole is fetched, every item of it. */
  readonly whole?: true;
}

/** One item of one collection. */
export interface ItemRef {
  readonly collection: CollectionId;
  readonly key: ItemKey;
}

/** Where `receive` puts what it got. */
export interface Receiving {
  /** Asks for a look at this collection; a hint. */
  ring(collection: CollectionId): void;
  /** Resolves once these are committed. Fails: `store`; `misconfigured` for a collection the adapter does not show. */
  keep(collection: CollectionId, sightings: readonly Sighting[]): Promise<void>;
}

/** How well something is carried. */
export type Level =
  | { readonly level: "full" }
  | { readonly level: "degraded"; readonly lost: string }
  | { readonly level: "none"; readonly why: string; readonly remedy?: string };

/** Fields of views that people see. */
export type ArrivingField =
  | "name"
  | "text"
  | "content"
  | "attributedTo"
  | "to"
  | "cc"
  | "published"
  | "attachment"
  | "inReplyTo"
  | "reactions"
  | "startTime"
  | "endTime"
  | "location"
  | "attendees"
  | "status"
  | "address"
  | "fields"
  | "members"
  | "labels";

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
  /**
   * What arrives of an object that is made here, by the fields of its view; a field that is not named does not arrive. Full: what
   * then stands here shows it unchanged. Anything less that an object has is among the losses of its delivery.
   */
  readonly arrives?: Readonly<Partial<Record<ArrivingField, Level>>>;
  /** What is performed once here, and never edited or taken back: a sent mail (`Create`). Default none. */
  readonly acts?: readonly Verb[];
  /** From which share of a collection on a loss is implausible, 0–1; default 0.5. */
  readonly plausible?: number;
  /** Readable abilities by name: `changes`, `text`, `moves` … */
  readonly gives: Readonly<Record<string, Level>>;
  /** Performable verbs by name. */
  readonly takes: Readonly<Record<string, Level>>;
  readonly limits?: Readonly<Record<string, string | number>>;
}
