/** One activity to be, without ids. */

import type { LocalTime, Party, Timed, View } from "../contract/view.ts";
import type { Place } from "../contract/words.ts";
import type { Kind } from "../language/kinds.ts";

/** What is told, before it has an id. */
export interface Draft {
  readonly type: string;
  /** Which facet spoke; with object and version it is told once. */
  readonly facet: string;
  readonly target?: Place;
  readonly origin?: Place;
  /** Flagging: the flag, in `target` (Add) or `origin` (Remove). */
  readonly flag?: string;
  /** Update: what changed. */
  readonly changed?: readonly string[];
  /** Who did it, if this facet knows better than the sighting (an attendee, a reactor). */
  readonly actor?: Party;
  /** Invite, membership, assignment: the other party. */
  readonly party?: Party;
  readonly emoji?: string;
  /** Offer: when somebody would have it. */
  readonly proposes?: Timed;
  /** Undo: the type undone. */
  readonly undoes?: string;
  /** Of one occurrence of a series; `future`: and of all that follow. */
  readonly occurrence?: { readonly id: LocalTime; readonly future?: true };
  /** What the sentence speaks of where it is not the object as it is: that occurrence. */
  readonly view?: View;
  /** The sentence. */
  readonly kind: Kind;
}

/** An edit by this facet. */
export const update = (facet: string, kind: Kind, changed: readonly string[]): Draft => ({
  type: "Update",
  facet,
  kind,
  changed,
});
