/**
 * fold: the views of an object's own items → what the object is. Pure.
 *
 * Whereabouts, flags, labels and reactions belong to the items and are not folded. Shared properties come from the newest
 * view by the standard's order. Fold never goes back: what the object was told with is remembered where no item shows it
 * any more, so that an older view that resurfaces tells nothing.
 */

import type { ObjectType, View } from "../contract/view.ts";
import type { ActorId } from "../contract/words.ts";
import { planned } from "./event.ts";
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
  /** The edition of what stands for it, where something ended it with another one. */
  readonly base?: string;
  /** The edition of each attendee's own view that gave their answer. */
  readonly own?: Readonly<Record<ActorId, string>>;
  readonly memory?: Memory;
}

/** What a type adds to "the newest view wins". */
export interface Refinement {
  /** How much a view shows of the object: of several only those of the highest stand for it, however old. */
  rank(view: View): number;
  /** From this rank on a view shows the object itself; below it merely speaks about it, and lets nothing stand that was shown. */
  readonly shows: number;
  /** Those of the views of one rank that can stand for the object beside each other. */
  alike(views: readonly OwnView[]): readonly OwnView[];
  /** What ends it all, laid over the view that stands for it; raises its edition. */
  over(shared: View, views: readonly OwnView[]): View;
  /** @param edition  of the view that stands for it, before `over` */
  refine(
    shared: View,
    edition: string,
    views: readonly OwnView[],
    told: Folded | undefined,
    memory: Memory | undefined,
  ): { readonly view: View; readonly own?: Folded["own"]; readonly answers?: Memory["answers"] };
}

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

/** Types that have more to say than "the newest view wins". */
const refinements: { readonly [type in ObjectType]?: Refinement } = { Event: planned, Task: planned };

const rankOf = (view: View): number => refinements[view.type]?.rank(view) ?? 0;

/** Shows more, or as much by a newer edition. */
const ahead = (a: View, b: View): boolean => (rankOf(a) !== rankOf(b) ? rankOf(a) > rankOf(b) : edition(a) > edition(b));

/** Views of the highest rank. One of another type than the rest is of its own rank: the newest decides which type it is. */
const foremost = (views: readonly OwnView[]): readonly OwnView[] => {
  const most = Math.max(...views.map(({ view }) => rankOf(view)));
  const top = views.filter(({ view }) => rankOf(view) === most);
  return refinements[top[0]?.view.type ?? "Note"]?.alike(top) ?? top;
};

/**
 * @param own     the own views that count; none, or only such as speak about what was shown: the object does not stand, `undefined`
 * @param memory  what the object remembers
 * @param told    the object as told last; absent for the fold of that state itself
 */
export const fold = (own: readonly OwnView[], memory?: Memory, told?: Folded): Folded | undefined => {
  // Of what is equally new that counts which is known longest, whatever order it comes in.
  const views = own.length > 1 ? [...own].sort((a, b) => a.item - b.item) : own;
  let winner: OwnView | undefined;
  for (const view of views.length > 1 ? foremost(views) : views) if (!winner || newer(view, winner, told?.from)) winner = view;
  if (!winner) return undefined;

  const newest = told && (!memory?.view || ahead(told.view, memory.view)) ? told : memory;
  const kept = newest?.view;
  const refinement = refinements[winner.view.type];
  const shows = (view: View): boolean => !refinement || refinement.rank(view) >= refinement.shows;
  if (kept?.type === winner.view.type && shows(kept) && !shows(winner.view)) return undefined;
  const shown = refinement?.over(winner.view, views) ?? winner.view;
  const remembers = kept !== undefined && kept.type === shown.type && ahead(kept, shown);
  const shared = remembers ? (refinement?.over(kept, views) ?? kept) : shown;
  // How far the view that counts was read, wherever it comes from.
  const text = (remembers && newest?.text) || winner.text;
  const base = remembers ? (newest?.base ?? edition(kept)) : edition(winner.view);
  const refined = refinement?.refine(shared, base, views, told, memory) ?? { view: shared };
  const ended = base !== edition(refined.view) && { base };
  const remembered: Memory = {
    ...(remembers && { view: kept, text, ...ended }),
    ...(refined.answers && { answers: refined.answers }),
  };
  return {
    view: refined.view,
    from: remembers ? 0 : winner.item,
    text,
    ...ended,
    ...(refined.own && { own: refined.own }),
    ...(Object.keys(remembered).length > 0 && { memory: remembered }),
  };
};
