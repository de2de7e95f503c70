/**
 * A system in memory, read and written: for tests of what is built on a hub, without a server. What a test does to it by hand is what
 * people do there; what a hub performs stands there. It lasts as long as its process.
 */

import { randomUUID } from "node:crypto";
import { EventEmitter, on } from "node:events";
import type { Adapter, Collection, Manifest, Page, Read, Sighting, Whole } from "../../contract/adapter.ts";
import { GroupstreamError } from "../../contract/errors.ts";
import type { MessageView, View } from "../../contract/view.ts";
import type { CollectionId, ItemKey, ListingId, SystemId } from "../../contract/words.ts";
import { digestOf, madeFor, manifestOf, perform, verbs } from "./performing.ts";

/** A collection in memory. Whatever is changed here is shown by the next discovery or look. */
export type MemoryCollection = { -readonly [Field in keyof Collection]: Collection[Field] } & {
  /** What stands there. What is changed here, past the system's methods, only listings and `fetch` show: its changes are missed. */
  items: Map<ItemKey, Sighting>;
  /** What looks from a position bring, oldest first. */
  readonly journal: Sighting[];
  /** Positions of another generation are lost: the next look lists. */
  generation: string;
};

/** Up to where the journal was read; in a listing also the last key that was shown. */
type Place = {
  readonly generation: string;
  readonly at: number;
  readonly listing?: { readonly id: ListingId; readonly after: ItemKey };
};

const isWhole = (sighting: Sighting | undefined): sighting is Whole =>
  sighting !== undefined && "object" in sighting && sighting.object !== undefined;

/** Characters of a text that are read. */
const most: Readonly<Record<Read["text"], number>> = { none: -1, preview: 2_000, full: 1_048_576 };

const asRead = (sighting: Sighting, { text: how, behaviour }: Read): Sighting => {
  if (!isWhole(sighting)) return sighting;
  const { content, text, seen, ...bare } = sighting.object as MessageView;
  const object = {
    ...bare,
    ...(content !== undefined && content.length <= most[how] && { content }),
    ...(text !== undefined && how !== "none" && { text: text.slice(0, most[how]).toWellFormed() }),
    ...(seen !== undefined && behaviour && { seen }),
  };
  return { ...sighting, object };
};

/** As many of the first as a page may hold. */
const firstOf = (all: readonly Sighting[], count: number): readonly Sighting[] => {
  let bytes = 2;
  const fits = (one: Sighting): boolean => (bytes += Buffer.byteLength(JSON.stringify(one)) + 1) <= 1_048_576;
  const beyond = all.findIndex((one, n) => n === count || (!fits(one) && n > 0));
  return beyond < 0 ? all : all.slice(0, beyond);
};

/**
 * One system. All its adapters are on the same items, as processes are that follow each other. An item is given to every look as it was put;
 * what a hub makes stands as the hub wished it, beneath what it answers, with its delivery's id.
 *
 * Where a collection is named that is not open, every method fails: `misconfigured`.
 */
export class MemorySystem {
  readonly id: SystemId;
  /** By their ids, in the order they were opened; without the entry it is gone. */
  readonly collections = new Map<CollectionId, MemoryCollection>();
  /** What its adapters say of themselves. */
  manifest: Manifest;
  /** Sightings on a page, 1 to 500. */
  pageSize = 500;
  /** False: what is made is known again by a digest of what it says, not by its delivery's id. */
  markers = true;
  /**
   * Awaited before each answer: `describe`, `collections`, `page INBOX`, `fetch INBOX`, `find`, or a verb. May wait, and may throw what the adapter
   * is to fail with: nothing is done then.
   */
  before: (what: string, signal: AbortSignal) => unknown = () => undefined;
  readonly #bell = new EventEmitter().setMaxListeners(0);
  #keys = 0;

  /** @param collections  a mere name is the id, too; its audience is `unknown`, so no route leads there */
  constructor(id: SystemId, ...collections: readonly (CollectionId | Collection)[]) {
    this.id = id;
    this.manifest = manifestOf(`acct:hub@${id}`);
    for (const one of collections) this.open(one);
  }

  /** A new collection, with nothing in it. */
  open(collection: CollectionId | Collection): MemoryCollection {
    const shown: Collection =
      typeof collection === "string" ? { id: collection, name: collection, audience: "unknown" } : (collection as Collection);
    const made: MemoryCollection = { ...shown, items: new Map(), journal: [], generation: randomUUID() };
    this.collections.set(made.id, made);
    return made;
  }

  /** The collection of this id. */
  at(collection: CollectionId): MemoryCollection {
    const found = this.collections.get(collection);
    if (!found) throw new GroupstreamError("misconfigured", `${this.id}: there is no collection ${collection}; open it`);
    return found;
  }

  /** What stands there under this key, whole; undefined where nothing does. */
  get(collection: CollectionId, key: ItemKey): Whole | undefined {
    const found = this.at(collection).items.get(key);
    return isWhole(found) ? found : undefined;
  }

  /** All that stands there whole, in the order it came. */
  standing(collection: CollectionId): readonly Whole[] {
    return [...this.at(collection).items.values()].filter(isWhole);
  }

  /** Something comes, or under a known key is another. Gives its key. @param more  default: a key, an identity, a revision by what it says */
  add(collection: CollectionId, object: View, more: Partial<Omit<Whole, "object">> = {}): ItemKey {
    const key = more.key ?? String((this.#keys += 1));
    const same = [{ id: `memory:${randomUUID()}`, within: "system", weight: "identity" } as const];
    this.put(collection, { revision: digestOf(object), same, ...more, key, object });
    return key;
  }

  /** These fields of what stands there are others now. Fails: `misconfigured` where nothing does. */
  change(collection: CollectionId, key: ItemKey, fields: Partial<View>): void {
    const { object, revision: _revision, ...known } = this.#known(collection, key);
    this.add(collection, { ...object, ...fields } as View, known);
  }

  /** What stands there goes to another collection, and is the same there. Fails: as `change`. */
  move(collection: CollectionId, key: ItemKey, to: CollectionId, as = key): void {
    const known = this.#known(collection, key);
    this.at(to);
    this.remove(collection, key);
    this.put(to, { ...known, key: as });
  }

  /** What stands there is deleted. */
  remove(collection: CollectionId, key: ItemKey, more: { readonly final?: true; readonly order?: string } = {}): void {
    this.put(collection, { key, gone: true, ...more });
  }

  /** What looks are given under this key from now on, whatever it is: malformed, a patch, gone. Rings. */
  put(collection: CollectionId, sighting: Sighting): void {
    const { items, journal } = this.at(collection);
    if ("gone" in sighting) items.delete(sighting.key);
    else items.set(sighting.key, sighting);
    journal.push(sighting);
    this.ring(collection);
  }

  /** Rings the doorbell of all who watch. */
  ring(collection: CollectionId): void {
    this.#bell.emit("ring", collection);
  }

  /** The adapter of a newly started process. */
  adapter(): Adapter {
    const system = this;
    const answer = async (what: string, signal: AbortSignal): Promise<void> => {
      signal.throwIfAborted();
      await this.before(what, signal);
      signal.throwIfAborted();
    };
    return {
      contract: 1,
      id: this.id,
      kind: "memory",
      describe: async (signal) => {
        await answer("describe", signal);
        return this.manifest;
      },
      async *collections(signal) {
        await answer("collections", signal);
        for (const { items: _items, journal: _journal, generation: _generation, ...shown } of system.collections.values())
          yield shown;
      },
      changes: ({ id }, since, read, signal) =>
        this.#changes(id, since as Place | undefined, read, () => answer(`page ${id}`, signal)),
      async *fetch({ id }, keys, read, signal) {
        for (const key of keys) {
          await answer(`fetch ${id}`, signal);
          yield asRead(system.at(id).items.get(key) ?? { key, gone: true }, read);
        }
      },
      async *watch(collections, signal) {
        const ids = new Set(collections.map(({ id }) => id));
        try {
          for await (const [id] of on(system.#bell, "ring", { signal })) if (ids.has(id)) yield id;
        } finally {
          signal.throwIfAborted();
        }
      },
      performs: Object.fromEntries(
        verbs.map((verb) => [verb, (command, signal) => answer(verb, signal).then(() => perform(this, verb, command))]),
      ),
      find: async (command, signal) => {
        await answer("find", signal);
        // What else was done shows in the item it is about.
        return command.verb === "Create" ? (madeFor(this, command) ?? "absent") : "unknown";
      },
      [Symbol.asyncDispose]: async () => undefined,
    };
  }

  #known(collection: CollectionId, key: ItemKey): Whole {
    const known = this.get(collection, key);
    if (!known) throw new GroupstreamError("misconfigured", `${this.id}/${collection}: there is no ${key}; add it`);
    return known;
  }

  async *#changes(id: CollectionId, since: Place | undefined, read: Read, answer: () => Promise<void>): AsyncGenerator<Page> {
    const { generation, journal } = this.at(id);
    if (since && since.generation !== generation)
      throw new GroupstreamError("position-lost", `${this.id}/${id}: the position is lost; it is listed again`);
    let at = since?.at ?? journal.length;
    let listing: { id: ListingId; after?: ItemKey } | undefined = since ? since.listing : { id: randomUUID() };
    while (listing) {
      await answer();
      const { id: name, after = "" }: { id: ListingId; after?: ItemKey } = listing;
      const keysOf = (some: readonly Sighting[]) => new Set(some.map(({ key }) => key));
      // What came since it opened is brought after it.
      const late = keysOf(journal.slice(at)).difference(keysOf(journal.slice(0, at)));
      const left = [...this.at(id).items.values()].filter(({ key }) => key > after && !late.has(key));
      left.sort((a, b) => (a.key < b.key ? -1 : 1));
      const sightings = firstOf(
        left.map((one) => asRead(one, read)),
        this.pageSize,
      );
      const last = sightings.length === left.length;
      listing = last ? undefined : { id: name, after: (sightings.at(-1) as Sighting).key };
      yield {
        sightings,
        position: { generation, at, ...(listing && { listing }) },
        listing: { id: name, ...(last && { last }) },
      };
    }
    while (at < journal.length) {
      await answer();
      // As it is now, in the order in which it first changed.
      const latest = new Map(journal.map((one) => [one.key, one]));
      const some = firstOf(
        journal.slice(at).map(({ key }) => asRead(latest.get(key) as Sighting, read)),
        this.pageSize,
      );
      at += some.length;
      yield { sightings: [...new Map(some.map((one) => [one.key, one])).values()], position: { generation, at } };
    }
  }
}
