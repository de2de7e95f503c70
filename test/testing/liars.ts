/**
 * Adapters that break the contract in reading, each in one way: the honest one with a lie on top. The kit must find each by the check
 * named for it, and by that alone.
 */

import {
  type Adapter,
  type Collection,
  GroupstreamError,
  type MessageView,
  type Page,
  type Position,
  type Read,
  type Sighting,
  type View,
} from "groupstream";
import * as changing from "../../src/testing/adapter/changing.ts";
import * as describing from "../../src/testing/adapter/describing.ts";
import * as listing from "../../src/testing/adapter/listing.ts";
import * as reading from "../../src/testing/adapter/reading.ts";
import * as resuming from "../../src/testing/adapter/resuming.ts";
import * as troubling from "../../src/testing/adapter/troubling.ts";
import type { Shelves } from "./shelf.ts";

/** A lie, and the check that finds it. */
export interface Liar {
  readonly check: string;
  /** On shelves that post. */
  readonly posts?: true;
  /** The lying adapter of a newly started process. */
  readonly make: (source: Shelves) => Adapter;
}

type Changes = NonNullable<Adapter["changes"]>;

/** The honest adapter with some of its methods replaced. */
export const lying = (check: string, lie: (honest: Adapter, source: Shelves) => Partial<Adapter>): Liar => ({
  check,
  make: (source) => {
    const honest = source.adapter();
    return { ...honest, ...lie(honest, source) };
  },
});

/** Its pages made other. */
const paging = (
  check: string,
  lie: (page: Page, at: { since: Position | undefined; read: Read; collection: Collection; source: Shelves }) => Page,
): Liar =>
  lying(check, (honest, source) => ({
    async *changes(collection, since, read, signal) {
      for await (const page of honest.changes!(collection, since, read, signal))
        yield lie(page, { since, read, collection, source });
    },
  }));

/** Its sightings made other, wherever they are given. */
const sighting = (check: string, lie: (sighting: Sighting, read: Read, source: Shelves) => Sighting[]): Liar =>
  lying(check, (honest, source) => ({
    async *changes(collection, since, read, signal) {
      for await (const page of honest.changes!(collection, since, read, signal))
        yield { ...page, sightings: page.sightings.flatMap((one) => lie(one, read, source)) };
    },
    async *fetch(collection, keys, read, signal) {
      for await (const one of honest.fetch!(collection, keys, read, signal)) yield* lie(one, read, source);
    },
  }));

export const viewing = (check: string, lie: (view: View, read: Read) => View): Liar =>
  sighting(check, (one, read) => ("object" in one && one.object ? [{ ...one, object: lie(one.object, read) }] : [one]));

const textOf = (source: Shelves, key: string): string =>
  [...source.collections.keys()].flatMap((id) => (source.get(id, key)?.object as MessageView | undefined)?.text ?? [])[0] ?? "";

/** Pages that are really there, all at once. */
const atOnce = async (honest: Changes, ...how: Parameters<Changes>): Promise<Page[]> => {
  const pages: Page[] = [];
  for await (const page of honest(...how)) pages.push(page);
  return pages;
};

export const liars: Readonly<Record<string, Liar>> = {
  "gives no reason for what it cannot": lying(describing.describes, (honest) => ({
    describe: async (signal) => {
      const manifest = await honest.describe(signal);
      return { ...manifest, takes: { ...manifest.takes, Read: { level: "none", why: "" } } };
    },
  })),
  "shows a collection twice": lying(describing.showsEachOnce, (honest) => ({
    async *collections(signal) {
      for await (const collection of honest.collections(signal)) {
        yield collection;
        if (collection.id === "a") yield collection;
      }
    },
  })),
  "leaves the last one out of a listing": paging(listing.listsAll, (page) =>
    page.listing?.last ? { ...page, sightings: page.sightings.slice(0, -1) } : page,
  ),
  "ends no listing": paging(listing.listsAll, (page) => (page.listing ? { ...page, listing: { id: page.listing.id } } : page)),
  "names a listing anew on each page": paging(listing.listsAll, (page) =>
    page.listing ? { ...page, listing: { ...page.listing, id: crypto.randomUUID() } } : page,
  ),
  "gives a key twice": paging(listing.onceAPage, (page) => ({
    ...page,
    sightings: [...page.sightings.slice(0, 1), ...page.sightings],
  })),
  "puts everything on one page": lying(listing.smallPages, (honest) => ({
    async *changes(collection, since, read, signal) {
      const pages = await atOnce(honest.changes!, collection, since, read, signal);
      // A listing that fits in a few pages is left as it is.
      if (since !== undefined || pages.length < 100) yield* pages;
      else yield { ...pages.at(-1)!, sightings: pages.flatMap(({ sightings }) => sightings) };
    },
  })),
  "forgets where a listing was": lying(listing.goesOn, (honest) => ({
    async *changes(collection, since, read, signal) {
      const place = since as { listing?: { after?: string } } | undefined;
      const after = place?.listing?.after;
      const later = after && {
        ...place,
        listing: { ...place.listing, after: `n${String(Number(after.slice(1)) + 2).padStart(5, "0")}` },
      };
      yield* honest.changes!(collection, (later || since) as Position | undefined, read, signal);
    },
  })),
  "reads a listing's end as of its end": lying(resuming.whilePaged, (honest, source) => ({
    async *changes(collection, since, read, signal) {
      for await (const page of honest.changes!(collection, since, read, signal)) {
        yield page.listing?.last ? { ...page, position: source.end(collection.id) } : page;
        if (page.listing?.last) return;
      }
    },
  })),
  "stamps views with the time": viewing(
    listing.sameView,
    (view) => ({ ...view, published: `2026-01-01T00:00:00.${Math.random()}Z` }) as View,
  ),
  "has one evidence for everything": sighting(listing.ownEvidence, (one) =>
    "object" in one && one.object
      ? [{ ...one, same: [{ id: "note", within: "system", weight: "content" }, ...(one.same ?? [])] }]
      : [one],
  ),
  "bumps revisions": lying(changing.silent, (honest, source) => ({
    async *changes(collection, since, read, signal) {
      const bumped = source
        .standing(collection.id)
        .map(({ key }): Sighting => ({ key, revision: String(Math.random()), set: {} }));
      let first = since !== undefined && !(since as { listing?: string }).listing;
      for await (const page of honest.changes!(collection, since, read, signal)) {
        const given = new Set(page.sightings.map(({ key }) => key));
        yield first ? { ...page, sightings: [...page.sightings, ...bumped.filter(({ key }) => !given.has(key))] } : page;
        first = false;
      }
    },
  })),
  "overlooks what is new": paging(changing.comes, (page, { since, source, collection }) => {
    const { at = 0, listing: lists } = (since ?? {}) as { at?: number; listing?: object };
    if (since === undefined || lists) return page;
    const known = new Set(
      source
        .at(collection.id)
        .journal.slice(0, at)
        .map(({ key }) => key),
    );
    return { ...page, sightings: page.sightings.filter((one) => "gone" in one || known.has(one.key)) };
  }),
  "keeps a revision through an edit": sighting(changing.edits, (one) =>
    "revision" in one && !("malformed" in one) ? [{ ...one, revision: "1" } as Sighting] : [one],
  ),
  "forgets deletions": paging(changing.goes, (page) => ({
    ...page,
    sightings: page.sightings.filter((one) => !("gone" in one)),
  })),
  "drops flags": sighting(changing.flags, (one) => {
    if ("object" in one && one.object) {
      const { flags: _flags, ...view } = one.object;
      return [{ ...one, object: view as View }];
    }
    return "set" in one && one.set ? [{ ...one, set: { ...one.set, flags: [] } }] : [one];
  }),
  "gives what was moved new evidence": sighting(changing.moves, (one) =>
    "object" in one && one.object ? [{ ...one, same: [{ id: String(one.key), within: "system", weight: "identity" }] }] : [one],
  ),
  "uses up positions": (() => {
    const used = new WeakMap<Shelves, Set<string>>();
    return lying(resuming.again, (honest, source) => ({
      async *changes(collection, since, read, signal) {
        const { at, listing: lists } = (since ?? {}) as { at?: number; listing?: object };
        const mine = used.get(source) ?? new Set<string>();
        used.set(source, mine);
        const news =
          source
            .at(collection.id)
            .journal.slice(at)
            .filter((one) => !("gone" in one)).length > 1;
        if (at === undefined || lists || !news) yield* honest.changes!(collection, since, read, signal);
        else if (mine.has(`${collection.id} ${at}`)) yield { sightings: [], position: source.end(collection.id) };
        else {
          mine.add(`${collection.id} ${at}`);
          yield* honest.changes!(collection, since, read, signal);
        }
      },
    }));
  })(),
  "forgets what older positions lack": paging(resuming.olderPosition, (page, { since, source, collection }) => {
    const { at = 0 } = (since ?? {}) as { at?: number };
    return {
      ...page,
      sightings: page.sightings.filter((one) => !("gone" in one) || source.at(collection.id).journal.length - at < 3),
    };
  }),
  "orders backwards": sighting(changing.ordered, (one) =>
    "order" in one && one.order !== undefined ? [{ ...one, order: String(1_000_000 - Number(one.order)) } as Sighting] : [one],
  ),
  "skips what came during a pause": lying(resuming.slowConsumer, (honest, source) => ({
    async *changes(collection, since, read, signal) {
      const lists = since === undefined || (since as { listing?: object }).listing !== undefined;
      const opened = source.at(collection.id).journal.length;
      for await (const page of honest.changes!(collection, since, read, signal)) {
        yield page;
        if (lists || (page.position as { at: number }).at < opened) continue;
        yield { sightings: [], position: source.end(collection.id) };
        return;
      }
    },
  })),
  "repeats old states as new": sighting(resuming.repeats, (one) => {
    if (!("order" in one) || one.order !== "0000000000") return [one];
    const { order: _order, ...rest } = one;
    return [rest as Sighting];
  }),
  "does not know what it showed in part": lying(resuming.partial, (honest) => ({
    async *fetch(collection, keys, read, signal) {
      for await (const one of honest.fetch!(collection, keys, read, signal))
        yield "object" in one && one.object?.flags ? { key: one.key, gone: true } : one;
    },
  })),
  "vouches for what changed": lying(resuming.vouches, (honest, source) => ({
    async *collections(signal) {
      for await (const collection of honest.collections(signal))
        yield { ...collection, revision: `${source.standing(collection.id).length}` };
    },
  })),
  "looks for collections once": (() => {
    const known = new WeakMap<Shelves, readonly Collection[]>();
    return lying(resuming.newCollection, (honest, source) => ({
      async *collections(signal) {
        const ids = known.get(source);
        const all: Collection[] = [];
        for await (const collection of honest.collections(signal)) all.push(collection);
        known.set(source, ids ?? all);
        yield* all.filter(({ id }) => !ids || ids.some((one) => one.id === id));
      },
    }));
  })(),
  "reads texts nobody may read": lying(reading.noText, (honest, source) => ({
    async *changes(collection, since, read, signal) {
      for await (const page of honest.changes!(collection, since, read, signal))
        yield { ...page, sightings: page.sightings.map((one) => withText(one, read, source)) };
    },
    async *fetch(collection, keys, read, signal) {
      for await (const one of honest.fetch!(collection, keys, read, signal)) yield withText(one, read, source);
    },
  })),
  "takes all for a preview": sighting(reading.previews, (one, read, source) =>
    "object" in one && one.object && read.text === "preview"
      ? [{ ...one, object: { ...one.object, text: textOf(source, one.key) } as View }]
      : [one],
  ),
  "tells who has seen": viewing(reading.noBehaviour, (view) => ({ ...view, seen: false })),
  "is silent about what is gone": lying(reading.answers, (honest) => ({
    async *fetch(collection, keys, read, signal) {
      for await (const one of honest.fetch!(collection, keys, read, signal)) if (!("gone" in one)) yield one;
    },
  })),
  "mints positions that are no JSON": paging(reading.jsonPositions, (page) => ({
    ...page,
    position: { ...(page.position as object), when: new Date() } as unknown as Position,
  })),
  "finds nothing at a lost position": lying(reading.lostPositions, (honest, source) => ({
    async *changes(collection, since, read, signal) {
      try {
        yield* honest.changes!(collection, since, read, signal);
      } catch (error) {
        if ((error as { code?: string }).code !== "position-lost") throw error;
        yield { sightings: [], position: source.end(collection.id) };
      }
    },
  })),
  "leaves out what it cannot read": sighting(reading.readsOn, (one) => ("malformed" in one ? [] : [one])),
  "stops at what it cannot read": sighting(reading.readsOn, (one) => {
    if ("malformed" in one) throw new GroupstreamError("malformed", "shelf: a note cannot be read");
    return [one];
  }),
  "ignores aborts": lying(troubling.aborts, (honest) => {
    const never = new AbortController().signal;
    return {
      describe: () => honest.describe(never),
      collections: () => honest.collections(never),
      changes: (collection, since, read) => honest.changes!(collection, since, read, never),
      fetch: (collection, keys, read) => honest.fetch!(collection, keys, read, never),
      watch: (collections) => honest.watch!(collections, never),
    };
  }),
  "ends an abort with an error of its own": lying(troubling.aborts, (honest) => ({
    describe: async (signal) => {
      if (signal.aborted) throw new GroupstreamError("unreachable", "shelf: aborted");
      return honest.describe(signal);
    },
  })),
  "takes a cut line for the end": lying(troubling.cuts, (honest, source) => ({
    async *changes(collection, since, read, signal) {
      try {
        yield* honest.changes!(collection, since, read, signal);
      } catch (error) {
        if ((error as { code?: string }).code !== "unreachable") throw error;
        yield { sightings: [], position: source.end(collection.id) };
      }
    },
  })),
  "loses patience": lying(troubling.waits, (honest, source) => ({
    async *changes(collection, since, read, signal) {
      if (source.delay > 0) throw new GroupstreamError("unreachable", "shelf: no answer");
      yield* honest.changes!(collection, since, read, signal);
    },
  })),
  "rings for what it does not show": lying(troubling.rings, (honest) => ({
    async *watch(collections, signal) {
      for await (const _ of honest.watch!(collections, signal)) yield "nowhere";
    },
  })),
  "cannot be disposed twice": lying(troubling.disposes, () => {
    let disposed = 0;
    return {
      [Symbol.asyncDispose]: async () => {
        // The stage disposes of every adapter once more.
        if (++disposed === 2) throw new Error("disposed already");
      },
    };
  }),
};

const withText = (one: Sighting, read: Read, source: Shelves): Sighting =>
  "object" in one && one.object && read.text === "none"
    ? { ...one, object: { ...one.object, text: textOf(source, one.key) } as View }
    : one;
