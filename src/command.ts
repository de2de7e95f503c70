/** The contract's performing half: what a target is asked to do, and what it answers. Types only. */

import type { Loss, View } from "./activity/view.ts";
import type { Collection } from "./adapter.ts";
import type { Sighting } from "./sighting.ts";
import type { ActorId, DeliveryId, ItemKey } from "./words.ts";

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
