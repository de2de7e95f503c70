/** Positions: each that was ever given can be read on from, by any process, at any pace. */

import { strict as assert } from "node:assert";
import type { Adapter } from "../../contract/adapter.ts";
import { Mirror, shown } from "../mirror.ts";
import { can } from "../runner.ts";
import { comes, edits, flags, goes, silent } from "./changing.ts";
import { goesOn, listsAll } from "./listing.ts";
import { type AdapterCheck, able, needs, type Stage, touch, unlooked, untouchable } from "./stage.ts";

export const again = "gives the same from the same position, as often as it is asked";
export const olderPosition = "reads on from an older position";
export const whilePaged = "loses nothing that comes or goes while a listing is paged";
export const slowConsumer = "loses nothing to a consumer that takes its time";
export const repeats = "takes no harm from a source that repeats itself";
export const partial = "answers by key for what it showed in part";
export const vouches = "changes a collection's revision with every change in it";
export const newCollection = "shows a collection that was made later";

const revisionNow = async (adapter: Adapter, stage: Stage): Promise<string | undefined> =>
  (await shown(adapter, stage.here)).revision;

/** The collection's revision, once the source vouches for it: some need a moment of rest. */
const restingRevision = async (adapter: Adapter, stage: Stage): Promise<string | undefined> => {
  for (let attempt = 0; attempt < 25; attempt += 1) {
    const revision = await revisionNow(adapter, stage);
    if (revision !== undefined) return revision;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return undefined;
};

export const resumingChecks: readonly AdapterCheck[] = [
  {
    name: again,
    after: [comes, goes],
    skip: unlooked,
    run: async (stage) => {
      const names = await stage.fill(stage.here, 3);
      const mirror = await stage.listed(stage.open());
      const contents = [stage.content(), stage.content()];
      for (const content of contents) await stage.world.create(stage.here, content);
      const adapter = stage.open();
      // Received, and lost with the process before it was committed: twice.
      await mirror.look(adapter, { dies: 0 });
      await mirror.look(stage.open(), { dies: 0 });
      await mirror.look(adapter);
      stage.shows(
        mirror,
        [...names, ...contents.map(({ name }) => name)],
        "after looks that were lost before they were committed",
      );
    },
  },
  {
    name: olderPosition,
    after: [again],
    skip: needs("remove"),
    run: async (stage) => {
      const content = stage.content();
      const thing = await stage.world.create(stage.here, content);
      const mirror = await stage.listed(stage.open());
      const old = new Mirror(stage.here, { ...mirror.kept, items: new Map(mirror.kept.items) });
      const later = [stage.content(), stage.content()];
      await stage.world.create(stage.here, later[0]!);
      await mirror.look(stage.open());
      await able(stage.world.remove)(thing);
      await stage.world.create(stage.here, later[1]!);
      await mirror.look(stage.open());
      const names = later.map(({ name }) => name);
      stage.shows(mirror, names, "after three looks");
      await old.look(stage.open());
      await old.look(stage.open());
      stage.shows(old, names, "from the first position");
    },
  },
  {
    name: whilePaged,
    after: [goesOn, olderPosition],
    skip: needs("many", "remove"),
    run: async (stage) => {
      const [first, last] = [stage.content(), stage.content()];
      const early = await stage.world.create(stage.here, first);
      const names = await stage.fill(stage.here, stage.many);
      const late = await stage.world.create(stage.here, last);
      const came = stage.content();
      const mirror = new Mirror(stage.here);
      await mirror.look(stage.open(), {
        between: async (_, index) => {
          if (index !== 0) return;
          await able(stage.world.remove)(early);
          await able(stage.world.remove)(late);
          await stage.world.create(stage.here, came);
        },
      });
      await mirror.look(stage.open());
      stage.shows(mirror, [...names, came.name], "after a listing during which things came and went, and another look");
    },
  },
  {
    name: slowConsumer,
    after: [olderPosition],
    skip: needs("remove"),
    run: async (stage) => {
      const content = stage.content();
      const thing = await stage.world.create(stage.here, content);
      const names = await stage.fill(stage.here, 5);
      const mirror = await stage.listed(stage.open());
      const [soon, later] = [stage.content(), stage.content()];
      await stage.world.create(stage.here, soon);
      await mirror.look(stage.open(), {
        between: async (_, index) => {
          await new Promise((resolve) => setTimeout(resolve, 300));
          if (index > 0) return;
          await stage.world.create(stage.here, later);
          await able(stage.world.remove)(thing);
        },
      });
      await mirror.look(stage.open());
      stage.shows(mirror, [...names, soon.name, later.name], "after a look that took its time, and another one");
    },
  },
  {
    name: repeats,
    after: [silent],
    skip: needs("repeat", "flag"),
    run: async (stage) => {
      const content = stage.content();
      const thing = await stage.world.create(stage.here, content);
      const mirror = await stage.listed(stage.open());
      await able(stage.world.flag)(thing, true);
      await mirror.look(stage.open());
      const before = structuredClone(mirror.named(content.name, stage.nameOf)[1].view);
      await able(stage.world.repeat)();
      await mirror.look(stage.open());
      assert.deepEqual(mirror.named(content.name, stage.nameOf)[1].view, before, "what was repeated undid what came after it");
    },
  },
  {
    name: partial,
    after: [flags, edits],
    skip: untouchable,
    run: async (stage) => {
      const content = stage.content();
      const thing = await stage.world.create(stage.here, content);
      const mirror = await stage.listed(stage.open());
      mirror.kept.items.clear();
      await touch(stage, thing, content, true);
      await mirror.look(stage.open());
      stage.shows(mirror, [content.name], "from a position whose items are not known, after it was changed");
    },
  },
  {
    name: vouches,
    after: [comes, flags, goes],
    skip: untouchable,
    run: async (stage) => {
      const adapter = stage.open();
      const content = stage.content();
      const thing = await stage.world.create(stage.here, content);
      let before = await restingRevision(adapter, stage);
      // A collection without a revision is always looked at: nothing to hold.
      if (before === undefined) return;
      assert.equal(await revisionNow(adapter, stage), before, "the revision changes although nothing did");
      const changes: readonly (readonly [string, () => Promise<unknown>])[] = [
        ["something was changed", () => touch(stage, thing, content, true)],
        ["something came", () => stage.world.create(stage.here, stage.content())],
        ...(can(stage.world.remove) ? [["something went", () => able(stage.world.remove)(thing)] as const] : []),
      ];
      for (const [what, change] of changes) {
        await change();
        assert.notEqual(await revisionNow(adapter, stage), before, `the revision is as before although ${what}`);
        before = (await restingRevision(adapter, stage)) ?? before;
      }
    },
  },
  {
    name: newCollection,
    after: [listsAll],
    skip: needs("found"),
    run: async (stage) => {
      const adapter = stage.open();
      await stage.listed(adapter);
      const id = await able(stage.world.found)();
      const content = stage.content();
      await stage.world.create(id, content);
      stage.shows(await stage.listed(adapter, id), [content.name], "after it was made");
    },
  },
];
