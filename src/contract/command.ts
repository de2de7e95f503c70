/** The contract's performing half: what a target is asked to do, and what it answers. Types, and the list of verbs. */

import type { Collection, ItemRef, Position } from "./adapter.ts";
import type { Sighting } from "./sighting.ts";
import type { verbs } from "./verbs.ts";
import type { Loss, View } from "./view.ts";
import type { ActorId, CollectionId, DeliveryId, ItemKey } from "./words.ts";

/** The AS2 types a target can perform, and `Deliver`: hand over the activity itself. */
export type Verb = (typeof verbs)[number];

/** A file of what is to stand there, whose bytes its source can give. */
export interface CommandFile {
  /** The `part` of the file in `object.attachment`. */
  readonly part: string;
  /** As there: one line, no path, no hidden characters, at most 120 UTF-16 units. */
  readonly name: string;
  /** Lower-case `type/subtype`. */
  readonly mediaType: string;
  /** Bytes as the source says: often as transferred, so about a third too many. Absent where it does not say. */
  readonly size?: number;
  /**
   * The bytes, streamed as read; may be called again for the same bytes. Whoever opens it reads it to its end or cancels it.
   * Fails: `forbidden` where the source has it no more; the system's errors where it cannot be asked now. Never for a `preview`.
   */
  open(signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
}

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
  /**
   * The object as it should stand, text in full where it was read; absent for `Delete` and `Deliver`. Its people are as the
   * source names them; what it answers and belongs to is in `item` and `root`, its references mean nothing at the target.
   */
  readonly object?: View;
  /**
   * `Update`, `Delete` that somebody asks for: the item as they saw it. `object` is a change of it: what is equal in both stays as it is at the
   * target. Absent where the object is what should stand there: then it is a change of what was delivered last.
   */
  readonly base?: View;
  /**
   * `Create`, `Update`, `Delete` of an event by the person whose calendar it is in: the target tells those it invites, where it tells anybody. Absent:
   * nobody is told by what is done.
   */
  readonly notify?: true;
  /** Files of the object whose bytes are to be had, where policy lets its text be read in full. Others are only named. */
  readonly files?: readonly CommandFile[];
  /** https: where the whole object is, for what is too long to stand there. Absent where the hub has no `base`. */
  readonly link?: string;
  /** Of what the adapter adds in words for people (`and 300 more characters`). Default `en`. */
  readonly language?: "en" | "de";
  /** Where it should stand; `Move`: where to. Absent where the route names a system only: the adapter picks. */
  readonly collection?: Collection;
  /** The item at the target to change, to delete, to answer (`Create`), to pass on (`Announce`) or to react to. */
  readonly item?: ItemRef;
  /** `Create`: the first item of the thread at this target, where there is one: what is new goes beneath it. */
  readonly root?: ItemRef;
  /** `Create` that answers: whom the answer reaches where the object names nobody. Default `author`. */
  readonly reach?: "author" | "everyone";
  /** `Add`, `Remove`: the flag, as views name it. */
  readonly flag?: string;
  /** `Like`, `EmojiReact`, and the `Undo` of them. */
  readonly emoji?: string;
  /** `Undo`: what is undone. */
  readonly undoes?: Verb;
  /** Collection addresses this has been in. */
  readonly trail: readonly string[];
  /**
   * `Create`: how far its collection has been read, for `find` and repeated attempts. What an attempt made is not before it, else
   * it would be known. Absent where nothing can be said.
   */
  readonly position?: Position;
  /** Keys already known as renderings; for `find` by digest. */
  readonly taken?: readonly ItemKey[];
  /** Do nothing: answer with the native action, its losses and digest. */
  readonly preview?: true;
}

/** Something that stands at a target, and where. */
export interface Found {
  readonly collection: CollectionId;
  readonly sighting: Sighting;
}

/**
 * What keeps a delivery from its target, by what a person can do about it. People are told it in their language.
 *
 * unreachable      the target does not answer, or fails
 * throttled        it takes nothing for now
 * unauthenticated  it refuses the login
 * forbidden        the account may not do that there
 * no-recipient     it takes nothing for those it is addressed to
 * no-place         the collection it should go to is not there
 * gone             the item it is about is not there any more
 * too-large        it is larger than the target takes
 * rejected         the target's other rules do not allow it
 * unsure           it may have been done, and nobody can tell
 */
export type Obstacle =
  | "unreachable"
  | "throttled"
  | "unauthenticated"
  | "forbidden"
  | "no-recipient"
  | "no-place"
  | "gone"
  | "too-large"
  | "rejected"
  | "unsure";

/** What a target answered. */
export type Receipt =
  | {
      readonly outcome: "done";
      /** What now stands there, where the target can say; whole, or gone after a `Delete`. */
      readonly stands?: Found;
      /** What did not arrive, with `preview` what would not. */
      readonly losses?: readonly Loss[];
      /** Of what was sent: equal for equal content, the one of `mine.digest`. A wish with another one is an `Update`. */
      readonly digest?: string;
      /** With `preview`: the native action, readable. */
      readonly native?: string;
      /** Some of those it was meant for were refused and did not get it; also among the losses. */
      readonly partly?: { readonly obstacle: Obstacle; readonly reason: string };
    }
  | {
      readonly outcome: "refused";
      /** Certainly not done, and why; one sentence with a remedy. */
      readonly reason: string;
      /** What is in the way, where it is one of these. */
      readonly obstacle?: Obstacle;
      /** Worth trying again; after `retryAfter` seconds if given. */
      readonly again?: boolean;
      /** The item it was about is not there any more. */
      readonly gone?: true;
      readonly retryAfter?: number;
    }
  | {
      readonly outcome: "unknown";
      /** It may have been done. */
      readonly reason: string;
      readonly retryAfter?: number;
    };
