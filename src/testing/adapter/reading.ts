/** What may be read, what is answered by key, and what cannot be read. */

import { strict as assert } from "node:assert";
import type { Read } from "../../contract/adapter.ts";
import { fetched, Mirror, never, plainly, shown } from "../mirror.ts";
import { listsAll } from "./listing.ts";
import { type AdapterCheck, able, lacking, needs, type Stage, unlooked } from "./stage.ts";

export const noText = "gives no text where none may be read";
export const previews = "gives a preview where no more may be read";
export const noBehaviour = "says nothing of who has seen what, unless that may be read";
export const answers = "answers every key it is asked for: whole, gone, out or malformed";
export const jsonPositions = "mints positions that are plain JSON of at most 64 KiB";
export const lostPositions = "says so when a position is lost, or lists again";
export const readsOn = "gives what cannot be read as malformed, and goes on";

/** A preview is about 2,000 characters. */
const previewAtMost = 2_200;

const textOf = async (stage: Stage, read: Read, text: string): Promise<string | undefined> => {
  const content = stage.content(text);
  await stage.world.create(stage.here, content);
  const adapter = stage.open();
  const mirror = new Mirror(stage.here);
  await mirror.look(adapter, { read });
  const [key, { view }] = mirror.named(content.name, stage.nameOf);
  if (!adapter.fetch) return "text" in view ? view.text : undefined;
  const sighting = (await fetched(adapter, await shown(adapter, stage.here), [key], read)).get(key);
  const object = sighting && "object" in sighting ? sighting.object : undefined;
  return object && "text" in object ? object.text : undefined;
};

const long = Array.from({ length: 900 }, (_, line) => `This is line ${line}.`).join("\n");

export const readingChecks: readonly AdapterCheck[] = [
  {
    name: noText,
    after: [listsAll],
    skip: (stage) => unlooked(stage) ?? (stage.world.nameOf ? "the world finds names in texts" : undefined),
    run: async (stage) => {
      const text = await textOf(stage, plainly, "Nobody may read this.");
      assert(!text?.includes("Nobody may"), "read.text is none, and the view holds the text");
    },
  },
  {
    name: previews,
    after: [listsAll],
    skip: unlooked,
    run: async (stage) => {
      const text = (await textOf(stage, { text: "preview", behaviour: false }, long)) ?? "";
      assert(text.length <= previewAtMost, `read.text is preview, and the view holds ${text.length} characters`);
    },
  },
  {
    name: noBehaviour,
    after: [listsAll],
    skip: unlooked,
    run: async (stage) => {
      await stage.fill(stage.here, 3);
      for (const [key, { view }] of (await stage.listed(stage.open())).kept.items)
        assert(view.seen === undefined, `read.behaviour is off, and ${key} says whether it was seen`);
    },
  },
  {
    name: answers,
    after: [listsAll],
    skip: (stage) => unlooked(stage) ?? (stage.open().fetch ? lacking("remove")(stage) : "the adapter has no fetch"),
    run: async (stage) => {
      const contents = [stage.content(), stage.content(), stage.content()];
      const things = [];
      for (const content of contents) things.push(await stage.world.create(stage.here, content));
      const adapter = stage.open();
      const mirror = await stage.listed(adapter);
      const keys = contents.map(({ name }) => mirror.named(name, stage.nameOf)[0]);
      await able(stage.world.remove)(things[1]);
      const asked = [...keys, "no-such-key"];
      const counts = new Map<string, number>();
      for await (const sighting of adapter.fetch!(await shown(adapter, stage.here), asked, plainly, never)) {
        counts.set(sighting.key, (counts.get(sighting.key) ?? 0) + 1);
        const there = sighting.key === keys[0] || sighting.key === keys[2];
        // Of what it never had, a source that forgets cannot say that it is gone.
        const forgotten = sighting.key === "no-such-key" && "out" in sighting;
        const kind = "gone" in sighting || forgotten ? "gone" : "object" in sighting ? "whole" : "something else";
        assert.equal(kind, there ? "whole" : "gone", `${sighting.key} is ${there ? "there" : "not there"}`);
      }
      for (const key of asked) assert.equal(counts.get(key), 1, `${key} was answered ${counts.get(key) ?? 0} times`);
    },
  },
  {
    name: jsonPositions,
    after: [listsAll],
    skip: needs("many"),
    run: async (stage) => {
      await stage.fill(stage.here, stage.many);
      for (const { position } of await new Mirror(stage.here).look(stage.open())) {
        assert.deepEqual(JSON.parse(JSON.stringify(position)), position, "a position is not what JSON makes of it");
        const bytes = Buffer.byteLength(JSON.stringify(position));
        assert(bytes <= 64 * 1024, `a position takes ${bytes} bytes`);
      }
    },
  },
  {
    name: lostPositions,
    after: [listsAll],
    skip: needs("forget"),
    run: async (stage) => {
      const names = await stage.fill(stage.here, 5);
      const mirror = await stage.listed(stage.open());
      await able(stage.world.forget)(stage.here);
      const content = stage.content();
      await stage.world.create(stage.here, content);
      await mirror.look(stage.open());
      stage.shows(mirror, [...names, content.name], "after its position was lost");
    },
  },
  {
    name: readsOn,
    after: [listsAll],
    skip: needs("spoil"),
    run: async (stage) => {
      const [before, after] = [stage.content(), stage.content()];
      await stage.world.create(stage.here, before);
      await able(stage.world.spoil)(stage.here);
      await stage.world.create(stage.here, after);
      const read: Read = { text: "full", behaviour: false };
      const mirror = new Mirror(stage.here);
      await mirror.look(stage.open(), { read });
      stage.shows(mirror, [before.name, after.name], "beside something that cannot be read");
      assert.equal(mirror.kept.malformed.size, 1, "what cannot be read is given as malformed, not left out");
    },
  },
];
