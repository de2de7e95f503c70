/**
 * fold: the views of an object's own items → what the object is. Pure.
 *
 * Whereabouts, flags, labels and reactions belong to the items and are not folded. Shared properties come from the newest
 * view by the standard's order. Fold never goes back: what the object was told with is remembered where no item shows it
 * any more, so that an older view that resurfaces tells nothing.
 */

import type { ObjectType, View } from "../activity/view.ts";
import type { ActorId } from "../words.ts";
import { foldAnswers } from "./event.ts";
import type { Memory } from "./memory.ts";

/** A view that counts: of an own item that is here, missing or out. */
export interface OwnView {
  /** The row number of the item; lower = known longer. */
  readonly item: number;
  readonly owner?: ActorId;
  readonly view: View;
  readonly text: "none" | "preview" | "full";
}

/** An object as folded. */
export interface Folded {
  readonly view: View;
  /** The item whose view won; 0: the memory. */
  readonly from: number;
  readonly text: "none" | "preview" | "full";
  /** The edition of each attendee's own view that gave their answer. */
  readonly own?: Readonly<Record<ActorId, string>>;
  readonly memory?: Memory;
}

/** What a type makes of the newest view and of what was told. */
export type Refinement = (
  shared: View,
  views: readonly OwnView[],
  told: Folded | undefined,
  memory: Memory | undefined,
) => { readonly view: View; readonly own?: Folded["own"]; readonly answers?: Memory["answers"] };

const richness = { none: 0, preview: 1, full: 2 } as const;

const edition = (view: View): string => view.edition ?? "";

/** Newest edition; then the one with more text; then the one that won before; then the item known longest. */
const newer = (a: OwnView, b: OwnView, before: number | undefined): boolean => {
  const [left, right] = [edition(a.view), edition(b.view)];
  if (left !== right) return left > right;
  if (richness[a.text] !== richness[b.text]) return richness[a.text] > richness[b.text];
  if (a.item === before || b.item === before) return a.item === before;
  return a.item < b.item;
};

/** What a type adds to "the newest view wins". A type without a row does not compile. */
const refinements: { readonly [type in ObjectType]?: Refinement } = { Event: foldAnswers };

/**
 * @param views   the own views that count; none: the object does not stand, `undefined`
 * @param memory  what the object remembers
 * @param told    the object as told last; absent for the fold of that state itself
 */
export const fold = (views: readonly OwnView[], memory?: Memory, told?: Folded): Folded | undefined => {
  let winner: OwnView | undefined;
  for (const view of views) if (!winner || newer(view, winner, told?.from)) winner = view;
  if (!winner) return undefined;

  const newest = told && (!memory?.view || edition(told.view) > edition(memory.view)) ? told : memory;
  const kept = newest?.view;
  const remembers = kept !== undefined && kept.type === winner.view.type && edition(kept) > edition(winner.view);
  const shared = remembers ? kept : winner.view;
  // How far the view that counts was read, wherever it comes from.
  const text = (remembers && newest?.text) || winner.text;
  const refined = refinements[shared.type]?.(shared, views, told, memory) ?? { view: shared };
  const remembered: Memory = {
    ...(remembers && { view: kept, text }),
    ...(refined.answers && { answers: refined.answers }),
  };
  return {
    view: refined.view,
    from: remembers ? 0 : winner.item,
    text,
    ...(refined.own && { own: refined.own }),
    ...(Object.keys(remembered).length > 0 && { memory: remembered }),
  };
};
