/** wish: what should stand at a target, and what stands there → what is to be done. Pure. */

import type { ItemRef, Verb } from "../contract/adapter.ts";
import type { Because } from "../contract/because.ts";

/** A rendering of ours that stands at the target. */
export interface Rendering {
  readonly item: ItemRef;
  /** Of what it was made with, where that is known. */
  readonly digest?: string;
}

/** All that counts of an object at one target. */
export interface TargetState {
  /** A route into the target concerns the object, and it stands in that route's source. */
  readonly wanted: boolean;
  /** The object is there itself, or one that later evidence says is the same. */
  readonly there: "itself" | "same" | undefined;
  readonly renderings: readonly Rendering[];
  /** A rendering was there and is gone. */
  readonly removed: boolean;
  /** What we did last with it there, of what was done. */
  readonly last: Verb | undefined;
  /** What is made there is an act: done once, never edited or taken back. */
  readonly acts: boolean;
}

/** What is to be done with an object at a target. */
export type Wish =
  | { readonly does: "nothing"; readonly because: Because }
  /** What was sent has not been seen yet: nothing can be decided before. */
  | { readonly does: "wait"; readonly because: Because }
  | { readonly does: "Create" }
  | { readonly does: "Update" | "Delete"; readonly items: readonly Rendering[] };

type Plain = "there-itself" | "there-same" | "sent-for-good" | "not-there" | "removed-there";

const nothing = (code: Plain): Wish => ({ does: "nothing", because: { code } });

/** Decides one wish. */
export const wish = ({ wanted, there, renderings, removed, last, acts }: TargetState): Wish => {
  const stands = renderings.length > 0;
  if (there === "itself") return nothing("there-itself");
  if (acts && (stands || last === "Create")) return nothing("sent-for-good");
  if (!wanted) return stands ? { does: "Delete", items: renderings } : unseen(last, removed, "not-there");
  if (stands) return { does: "Update", items: renderings };
  if (there === "same") return nothing("there-same");
  if (last === "Delete" || (last === undefined && !removed)) return { does: "Create" };
  return unseen(last, removed, "removed-there");
};

/** Made, neither standing nor gone: the target has not shown it yet. */
const unseen = (last: Verb | undefined, removed: boolean, code: Plain): Wish =>
  removed || last === undefined || last === "Delete" ? nothing(code) : { does: "wait", because: { code: "unseen" } };

/** Reactions that should stand at an item on behalf of the other side, against ours that stand there. */
export interface ReactionState {
  /** Emojis somebody on the other side reacts with now. */
  readonly wanted: ReadonlySet<string>;
  /** Emojis our own account reacts with there. */
  readonly ours: ReadonlySet<string>;
}

/** What is to be added and taken back, each once. */
export const reactionWish = ({
  wanted,
  ours,
}: ReactionState): { readonly add: readonly string[]; readonly undo: readonly string[] } => ({
  add: [...wanted].filter((emoji) => !ours.has(emoji)).sort(),
  undo: [...ours].filter((emoji) => !wanted.has(emoji)).sort(),
});
