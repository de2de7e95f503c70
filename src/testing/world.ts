/** The other side of an adapter, as its author can move it: what the conformance kit lets happen at the source. */

import type { View } from "../contract/view.ts";
import type { CollectionId } from "../contract/words.ts";
import type { Can } from "./runner.ts";

/** What the kit puts into things; names are unique, and found again in the views. */
export interface Content {
  /** One line of letters, digits, blanks and hyphens: subject, title, name; or the beginning of the text where there is none. */
  readonly name: string;
  /** Some lines. */
  readonly text: string;
}

/** One thing at the source, named as the world likes: the kit only hands it back. */
export type Thing = unknown;

/**
 * A source that can be moved. Made anew for each check, with nothing in it; every call resolves when the source has done it
 * (a look that begins afterwards can see it). What it cannot do says why: `{ cannot: "IMAP has no edits" }`.
 */
export interface World extends AsyncDisposable {
  /** Where things can be put; at least one. Where things can move, two. The adapter shows them from the beginning. */
  readonly collections: readonly [CollectionId, ...CollectionId[]];
  /** Puts a new thing there. */
  create(where: CollectionId, content: Content): Promise<Thing>;
  /** Puts so many new things there; default: one by one with `create`. */
  readonly fill?: (where: CollectionId, contents: readonly Content[]) => Promise<void>;
  /** Edits a thing. */
  readonly change: Can<(thing: Thing, content: Content) => Promise<void>>;
  /** Removes it for good. */
  readonly remove: Can<(thing: Thing) => Promise<void>>;
  /** Moves it to another collection. */
  readonly move: Can<(thing: Thing, to: CollectionId) => Promise<Thing>>;
  /** Sets or removes a flag that is told, `flagged` where no other is known. */
  readonly flag: Can<(thing: Thing, on: boolean) => Promise<void>>;
  /** Puts something there that cannot be read. */
  readonly spoil: Can<(where: CollectionId) => Promise<void>>;
  /** Makes a new, empty collection that the adapter shows. */
  readonly found: Can<() => Promise<CollectionId>>;
  /** The source honours no position of this collection any more (a changed UIDVALIDITY, an expired token). */
  readonly forget: Can<(where: CollectionId) => Promise<void>>;
  /** Cuts every open connection, now; new ones are accepted again. */
  readonly cut: Can<() => Promise<void>>;
  /** The next answers take so long, ms; 0: as usual. */
  readonly slow: Can<(ms: number) => Promise<void>>;
  /** The source reports again, and in another order, what it reported before. */
  readonly repeat: Can<() => Promise<void>>;
  /** The name a view was given by `create`; default: its `name`, else the first line of its `text`. */
  readonly nameOf?: (view: View) => string | undefined;
  /** So many things need at least two pages; default 1,100. */
  readonly many?: Can<number>;
  /**
   * Where the adapter performs: the object of a `Create` that says this, with whom it goes to where that must be said: a message, a
   * meeting, a task or a contact. Default: a Note of this name and text.
   */
  readonly wish?: (content: Content) => View;
  /** Where the adapter performs: what the target did that no look shows (mails that left, calls that came), as JSON. Default: nothing. */
  readonly effects?: () => Promise<unknown>;
}

/** The name of the thing a view shows. */
export const nameIn = (world: World, view: View): string | undefined =>
  world.nameOf ? world.nameOf(view) : (view.name ?? ("text" in view ? view.text?.split("\n")[0] : undefined));
