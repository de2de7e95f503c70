/** Changes: each is seen by the next look, and what did not change is not. */

import { strict as assert } from "node:assert";
import type { Adapter, Page } from "../../contract/adapter.ts";
import { fetched, type Mirror, plainly, shown } from "../mirror.ts";
import { listsAll } from "./listing.ts";
import { type AdapterCheck, able, needs, type Stage, touch, unlooked, untouchable } from "./stage.ts";

export const silent = "gives nothing new of what did not change";
export const comes = "shows what is new";
export const ordered = "never orders a later state before an earlier one";
export const edits = "shows an edit, under another revision";
export const goes = "shows that a thing is gone";
export const flags = "shows a flag that is set, and that is removed";
export const moves = "shows a move: gone here, there with the same evidence";

/** Keys whose revision a look gave anew. */
const touched = (pages: readonly Page[], before: ReadonlyMap<string, string>): string[] =>
  pages.flatMap(({ sightings }) =>
    sightings.flatMap((sighting) =>
      "gone" in sighting || ("revision" in sighting && before.get(sighting.key) !== sighting.revision) ? [sighting.key] : [],
    ),
  );

const revisions = (mirror: Mirror): Map<string, string> =>
  new Map([...mirror.kept.items].map(([key, { revision }]) => [key, revision]));

const fetchedWhole = async (adapter: Adapter, stage: Stage, key: string) =>
  adapter.fetch ? [...(await fetched(adapter, await shown(adapter, stage.here), [key], plainly)).values()] : undefined;

export const changingChecks: readonly AdapterCheck[] = [
  {
    name: silent,
    after: [listsAll],
    skip: unlooked,
    run: async (stage) => {
      await stage.fill(stage.here, 5);
      const mirror = await stage.listed(stage.open());
      const before = revisions(mirror);
      for (const adapter of [stage.open(), stage.open()]) {
        const pages = await mirror.look(adapter);
        assert.deepEqual(touched(pages, before), [], "a look gives another revision of what nobody changed");
      }
    },
  },
  {
    name: comes,
    after: [listsAll],
    skip: unlooked,
    run: async (stage) => {
      const names = await stage.fill(stage.here, 3);
      const mirror = await stage.listed(stage.open());
      const content = stage.content();
      await stage.world.create(stage.here, content);
      await mirror.look(stage.open());
      stage.shows(mirror, [...names, content.name], "after something came");
    },
  },
  {
    name: ordered,
    after: [listsAll],
    skip: untouchable,
    run: async (stage) => {
      const content = stage.content();
      const thing = await stage.world.create(stage.here, content);
      const mirror = await stage.listed(stage.open());
      let last = mirror.named(content.name, stage.nameOf)[1].order;
      for (const on of [true, false, true]) {
        await touch(stage, thing, content, on);
        const adapter = stage.open();
        const pages = await mirror.look(adapter);
        const key = mirror.named(content.name, stage.nameOf)[0];
        const whole = (await fetchedWhole(adapter, stage, key)) ?? [];
        const seen = [...pages.flatMap(({ sightings }) => sightings), ...whole].filter((sighting) => sighting.key === key);
        for (const sighting of seen) {
          const order = "order" in sighting ? sighting.order : undefined;
          if (order === undefined) continue;
          assert(last === undefined || order >= last, `a later state is of order ${order}, an earlier one was of ${last}`);
          last = order;
        }
      }
    },
  },
  {
    name: edits,
    after: [comes, ordered],
    skip: needs("change"),
    run: async (stage) => {
      const [content, edited] = [stage.content(), stage.content()];
      const thing = await stage.world.create(stage.here, content);
      const mirror = await stage.listed(stage.open());
      const [key, { revision }] = mirror.named(content.name, stage.nameOf);
      await able(stage.world.change)(thing, edited);
      await mirror.look(stage.open());
      stage.shows(mirror, [edited.name], "after an edit");
      const now = mirror.named(edited.name, stage.nameOf);
      if (now[0] === key) assert.notEqual(now[1].revision, revision, "the edited thing has the revision it had");
    },
  },
  {
    name: goes,
    after: [listsAll],
    skip: needs("remove"),
    run: async (stage) => {
      const content = stage.content();
      const thing = await stage.world.create(stage.here, content);
      const names = await stage.fill(stage.here, 2);
      const mirror = await stage.listed(stage.open());
      await able(stage.world.remove)(thing);
      await mirror.look(stage.open());
      stage.shows(mirror, names, "after something went");
    },
  },
  {
    name: flags,
    after: [ordered],
    skip: needs("flag"),
    run: async (stage) => {
      const content = stage.content();
      const thing = await stage.world.create(stage.here, content);
      const mirror = await stage.listed(stage.open());
      const flagsNow = (): readonly string[] => mirror.named(content.name, stage.nameOf)[1].view.flags ?? [];
      const none = flagsNow();
      await able(stage.world.flag)(thing, true);
      await mirror.look(stage.open());
      assert.equal(flagsNow().length, none.length + 1, "the flag that was set is not shown");
      await able(stage.world.flag)(thing, false);
      await mirror.look(stage.open());
      assert.deepEqual(flagsNow(), none, "the flag that was removed is still shown");
    },
  },
  {
    name: moves,
    after: [comes, goes],
    skip: needs("move"),
    run: async (stage) => {
      const content = stage.content();
      const thing = await stage.world.create(stage.here, content);
      const adapter = stage.open();
      const [here, there] = [await stage.listed(adapter), await stage.listed(adapter, stage.there)];
      const strong = (mirror: Mirror): string[] =>
        (mirror.named(content.name, stage.nameOf)[1].whole.same ?? []).flatMap(({ weight, id }) =>
          weight === "hint" ? [] : [id],
        );
      const before = strong(here);
      await able(stage.world.move)(thing, stage.there);
      await here.look(adapter);
      await there.look(adapter);
      stage.shows(here, [], "after a move");
      stage.shows(there, [content.name], "after a move");
      const after = strong(there);
      assert(
        before.length === 0 || after.some((id) => before.includes(id)),
        "the moved thing shares no identity or content evidence with what it was: the core would tell a deletion and an arrival",
      );
    },
  },
];
