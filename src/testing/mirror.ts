/** The smallest core: believes every page at once, fetches what it is not given whole, and forgets nothing but what is gone. */

import { strict as assert } from "node:assert";
import type { Adapter, Collection, Page, Patch, Position, Read, Reference, Sighting, Whole } from "../contract/adapter.ts";
import { isGroupstreamError } from "../contract/errors.ts";
import type { View } from "../contract/view.ts";
import type { CollectionId, ItemKey, Revision } from "../contract/words.ts";
import { normalise, patched } from "../sync/page/views.ts";

/** One item as it is known. */
export interface MirrorItem {
  readonly view: View;
  readonly revision: Revision;
  readonly order?: string;
  readonly whole: Whole;
}

export const never: AbortSignal = new AbortController().signal;

/** What a mirror of one collection holds: all a restarted process would have. */
export interface MirrorState {
  position?: Position;
  readonly items: Map<ItemKey, MirrorItem>;
  /** Keys that cannot be read. */
  readonly malformed: Set<ItemKey>;
}

const empty = (): MirrorState => ({ items: new Map(), malformed: new Set() });

/** Every element of an async iterable. */
export const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
};

/** The collection of this id, as the adapter shows it now. */
export const shown = async (adapter: Adapter, id: CollectionId): Promise<Collection> => {
  const collection = (await all(adapter.collections(never))).find((one) => one.id === id);
  assert(collection, `collections() does not show ${id}, which the world names`);
  return collection;
};

/** What JSON makes of it: a position lives in a store, and comes back to another process. */
const stored = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** Fetches keys, each answered once. */
export const fetched = async (
  adapter: Adapter,
  collection: Collection,
  keys: readonly ItemKey[],
  read: Read,
): Promise<Map<ItemKey, Sighting>> => {
  assert(adapter.fetch, `${adapter.kind} gave something that is not whole, and has no fetch`);
  const answers = new Map<ItemKey, Sighting>();
  for await (const sighting of adapter.fetch(collection, keys, read, never)) answers.set(sighting.key, sighting);
  return answers;
};

const isPatch = (sighting: Patch | Reference): sighting is Patch =>
  "set" in sighting || "add" in sighting || "remove" in sighting;

/** What is older than what is known tells nothing. */
const isOlder = ({ order }: Pick<Whole, "order">, known: MirrorItem | undefined): boolean =>
  order !== undefined && known?.order !== undefined && order < known.order;

/** Takes one page into what is kept, as a core that commits it. */
const take = async (
  adapter: Adapter,
  collection: Collection,
  kept: MirrorState,
  page: Page,
  read: Read,
  stamps: Stamps,
): Promise<void> => {
  const ask: ItemKey[] = [];
  const accept = (sighting: Sighting): void => {
    const known = kept.items.get(sighting.key);
    if ("malformed" in sighting) kept.malformed.add(sighting.key);
    else if ("gone" in sighting) kept.items.delete(sighting.key);
    else if ("object" in sighting && sighting.object !== undefined) {
      if (isOlder(sighting, known)) return;
      kept.malformed.delete(sighting.key);
      kept.items.set(sighting.key, {
        view: normalise(sighting.object),
        revision: sighting.revision,
        ...(sighting.order !== undefined && { order: sighting.order }),
        whole: sighting,
      });
    } else if ("here" in sighting || "out" in sighting) {
      if (!known && "here" in sighting) ask.push(sighting.key);
    } else if (isPatch(sighting)) {
      if (!known) ask.push(sighting.key);
      else if (!isOlder(sighting, known))
        kept.items.set(sighting.key, {
          ...known,
          view: patched(known.view, sighting),
          revision: sighting.revision,
          ...(sighting.order !== undefined && { order: sighting.order }),
        });
    } else if (known?.revision !== sighting.revision) ask.push(sighting.key);
  };
  for (const sighting of page.sightings) {
    accept(sighting);
    if (page.listing) stamps.seen.add(sighting.key);
  }
  if (page.listing && stamps.listing !== page.listing.id) {
    stamps.listing = page.listing.id;
    stamps.seen = new Set(page.sightings.map(({ key }) => key));
    stamps.before = new Set(kept.items.keys());
  }
  if (page.listing?.last) for (const key of stamps.before) if (!stamps.seen.has(key) && kept.items.has(key)) ask.push(key);
  const lacking = ask.filter((key) => !kept.malformed.has(key));
  if (page.listing?.last && !adapter.fetch) for (const key of lacking) kept.items.delete(key);
  else if (lacking.length > 0)
    for (const sighting of (await fetched(adapter, collection, lacking, read)).values()) accept(sighting);
  kept.position = stored(page.position);
};

/** What a listing has shown so far. */
export interface Stamps {
  listing?: string;
  seen: Set<ItemKey>;
  before: Set<ItemKey>;
}

/** How a look is made. */
export interface Looking {
  readonly read?: Read;
  /** Pages that are committed before the process dies; the next one is received, and lost. */
  readonly dies?: number;
  /** Awaited before each page is committed. */
  readonly between?: (page: Page, index: number) => Promise<void>;
}

export const plainly: Read = { text: "none", behaviour: false };

/** One look; a lost position is answered by a listing, as the core does. Gives its pages. */
const look = async (
  adapter: Adapter,
  id: CollectionId,
  kept: MirrorState,
  stamps: Stamps,
  { read = plainly, dies = Number.POSITIVE_INFINITY, between }: Looking = {},
): Promise<Page[]> => {
  assert(adapter.changes, `${adapter.kind} cannot be looked at`);
  const collection = await shown(adapter, id);
  const pages: Page[] = [];
  try {
    for await (const page of adapter.changes(collection, kept.position, read, never)) {
      if (pages.length === dies) return pages;
      await between?.(page, pages.length);
      await take(adapter, collection, kept, page, read, stamps);
      pages.push(page);
    }
  } catch (error) {
    if (kept.position === undefined || !isGroupstreamError(error) || error.code !== "position-lost") throw error;
    delete kept.position;
    return [...pages, ...(await look(adapter, id, kept, stamps, { read, dies, ...(between && { between }) }))];
  }
  return pages;
};

/** A mirror of one collection: what is kept, and the listing it is in. */
export class Mirror {
  readonly kept: MirrorState;
  readonly stamps: Stamps = { seen: new Set(), before: new Set() };
  readonly id: CollectionId;

  constructor(id: CollectionId, kept: MirrorState = empty()) {
    this.id = id;
    this.kept = kept;
  }

  look(adapter: Adapter, how: Looking = {}): Promise<Page[]> {
    return look(adapter, this.id, this.kept, this.stamps, how);
  }

  /** Names of what stands here, sorted. */
  names(nameOf: (view: View) => string | undefined): string[] {
    return [...this.kept.items.values()].map(({ view }) => nameOf(view) ?? "(no name)").sort();
  }

  /** The item that shows the thing of this name. */
  named(name: string, nameOf: (view: View) => string | undefined): [ItemKey, MirrorItem] {
    const found = [...this.kept.items].find(([, { view }]) => nameOf(view) === name);
    assert(found, `${this.id} does not show “${name}”, which is there; it shows ${this.names(nameOf).join(", ") || "nothing"}`);
    return found;
  }
}
