/** Listings: everything, each once, in pages that another process can go on from. */

import { strict as assert } from "node:assert";
import type { Page } from "../../contract/adapter.ts";
import { Mirror } from "../mirror.ts";
import { type AdapterCheck, needs, unlooked } from "./stage.ts";

export const listsAll = "lists everything that is there, and says where the listing ends";
export const smallPages = "keeps a page within 500 sightings and 1 MiB";
export const onceAPage = "gives a key once in a page";
export const goesOn = "goes on with a listing in another process, from each of its pages";
export const sameView = "gives the same view of the same state, in every process";
export const ownEvidence = "gives different things different evidence, and a thing the same each time";

/** Fails unless the pages of a listing are one listing that ends. Sources that never list have no `listing` at all. */
const isOneListing = (pages: readonly Page[]): void => {
  assert(pages.length > 0, "a first look yields at least one page: its position is where the next look begins");
  const ids = new Set(pages.map(({ listing }) => listing?.id));
  assert.equal(ids.size, 1, "every page of a listing bears the same id");
  if (ids.has(undefined)) return;
  assert.equal(pages.at(-1)?.listing?.last, true, "the last page of a listing says so");
  assert(!pages.slice(0, -1).some(({ listing }) => listing?.last), "only the last page of a listing says so");
};

export const listingChecks: readonly AdapterCheck[] = [
  {
    name: listsAll,
    skip: unlooked,
    run: async (stage) => {
      const none = new Mirror(stage.here);
      isOneListing(await none.look(stage.open()));
      stage.shows(none, [], "after a listing of nothing");
      const names = await stage.fill(stage.here, 12);
      const mirror = new Mirror(stage.here);
      const pages = await mirror.look(stage.open());
      isOneListing(pages);
      stage.shows(mirror, names, "after a listing");
      const count = pages.at(-1)?.listing?.count;
      assert(count === undefined || count === 12, `the listing counts ${count}, there are 12`);
    },
  },
  {
    name: onceAPage,
    skip: unlooked,
    run: async (stage) => {
      await stage.fill(stage.here, 12);
      for (const { sightings } of await new Mirror(stage.here).look(stage.open())) {
        const keys = sightings.map(({ key }) => key);
        assert.equal(new Set(keys).size, keys.length, `a page gives ${keys.find((key, at) => keys.indexOf(key) !== at)} twice`);
      }
    },
  },
  {
    name: smallPages,
    after: [listsAll],
    skip: needs("many"),
    run: async (stage) => {
      await stage.fill(stage.here, Math.max(stage.many, 520));
      const pages = await new Mirror(stage.here).look(stage.open());
      for (const { sightings } of pages) {
        assert(sightings.length <= 500, `a page holds ${sightings.length} sightings`);
        const bytes = Buffer.byteLength(JSON.stringify(sightings));
        assert(bytes <= 1024 * 1024 || sightings.length === 1, `a page holds ${bytes} bytes`);
      }
    },
  },
  {
    name: goesOn,
    after: [listsAll, onceAPage],
    skip: needs("many"),
    run: async (stage) => {
      const names = await stage.fill(stage.here, stage.many);
      const pages = (await new Mirror(stage.here).look(stage.open())).length;
      assert(pages > 1, `${stage.many} things came in one page: the world's \`many\` must need two`);
      for (const dies of new Set([1, pages >> 1, pages - 1])) {
        const mirror = new Mirror(stage.here);
        await mirror.look(stage.open(), { dies });
        await mirror.look(stage.open());
        stage.shows(mirror, names, `after a listing that broke off after page ${dies} of ${pages} and went on`);
      }
    },
  },
  {
    name: sameView,
    after: [listsAll],
    skip: unlooked,
    run: async (stage) => {
      await stage.fill(stage.here, 3);
      const [once, again] = [await stage.listed(stage.open()), await stage.listed(stage.open())];
      assert.deepEqual(
        [...again.kept.items].map(([key, { view, revision, order }]) => ({ key, view, revision, order })),
        [...once.kept.items].map(([key, { view, revision, order }]) => ({ key, view, revision, order })),
      );
      for (const [key, { view }] of once.kept.items)
        assert.deepEqual(JSON.parse(JSON.stringify(view)), view, `the view of ${key} is no plain JSON`);
    },
  },
  {
    name: ownEvidence,
    after: [listsAll],
    skip: unlooked,
    run: async (stage) => {
      await stage.fill(stage.here, 4);
      const evidence = async (): Promise<Map<string, string>> => {
        const mirror = await stage.listed(stage.open());
        const of = new Map<string, string>();
        for (const [key, { whole }] of mirror.kept.items)
          for (const { id, within, weight } of whole.same ?? []) {
            const name = `${within} ${weight} ${id}`;
            assert(weight === "hint" || !of.has(name), `${of.get(name)} and ${key} are different things, and share ${name}`);
            of.set(name, key);
          }
        return of;
      };
      assert.deepEqual([...(await evidence()).keys()].sort(), [...(await evidence()).keys()].sort());
    },
  },
];
