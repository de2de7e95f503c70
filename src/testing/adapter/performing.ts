/** Performing: previews, what stands afterwards, and how it is known again. */

import { strict as assert } from "node:assert";
import type { Adapter, Command, Whole } from "../../contract/adapter.ts";
import { normalise } from "../../sync/page/views.ts";
import { never } from "../mirror.ts";
import {
  commandOf,
  creating,
  done,
  isAct,
  type Made,
  made,
  nameOf,
  perform,
  put,
  samples,
  standingNow,
  stateOf,
  unable,
  wishOf,
} from "./asking.ts";
import { type AdapterCheck, type Stage, unlooked } from "./stage.ts";

export const takes = "performs what its manifest says it takes, and nothing else";
export const previews = "previews in words, and does nothing";
export const digests = "gives equal content the same digest, previewed or done, and other content another";
export const stands = "shows what it made by the key, revision and view it answered";
export const ours = "knows again what it made";
export const edits = "edits what it made where it stands, and takes it back, as often as it is asked";
export const reacts = "shows a reaction it made as ours, and takes it back";

/** Why nothing can be performed. */
export const idle = (stage: Stage): string | undefined => {
  const { performs } = stage.open();
  return performs && Object.keys(performs).length > 0 ? undefined : "the adapter performs nothing";
};

/** Why nothing is made that is seen afterwards. */
export const makesNone = (stage: Stage): string | undefined => unable("Create")(stage) ?? unlooked(stage);

/** Why nothing is made that can be changed afterwards. */
const makesActs = async (stage: Stage): Promise<string | undefined> =>
  makesNone(stage) ??
  (isAct(await stage.open().describe(never), "Create") ? "what is made there is an act: nothing changes it" : undefined);

const wholeOf = (sighting: unknown): Whole => {
  assert(sighting && typeof sighting === "object" && "object" in sighting && sighting.object, "what stands is not given whole");
  return sighting as Whole;
};

/** Fails unless what was answered is what is read: a field that was not answered comes with the next look, silently. */
const isReadBack = (answered: Whole, read: Whole, what: string): void => {
  assert.equal(read.key, answered.key, `${what}: the key that was answered is not the one that is shown`);
  assert.equal(read.revision, answered.revision, `${what}: the revision that was answered is not the one that is shown`);
  const [said, seen] = [normalise(answered.object), normalise(read.object)] as unknown as Record<string, unknown>[];
  for (const [field, value] of Object.entries(said ?? {}))
    assert.deepEqual(seen?.[field], value, `${what}: ${field} is not shown as it was answered`);
};

/** Fails unless it is known by the delivery's id, or where that cannot be carried by the digest the preview gave. */
const isOurs = ({ mine }: Whole, { id }: Pick<Command, "id">, digest: string | undefined, where: string): void => {
  assert(mine, `${where} does not say that it is ours (mine)`);
  assert(mine.marker !== undefined || mine.digest !== undefined, `${where} is ours, and bears neither marker nor digest`);
  if (mine.marker !== undefined) assert.equal(mine.marker, id, `${where} bears another marker than the delivery's id`);
  else assert.equal(mine.digest, digest, `${where} bears another digest than its preview`);
};

const preview = async (adapter: Adapter, command: Command) => done(adapter, { ...command, preview: true });

/** What stands by the key of something that was made, now. */
const again = async (stage: Stage, { ref }: Made): Promise<Whole | undefined> =>
  (await standingNow(stage)).get(nameOf(ref))?.whole;

export const performingChecks: readonly AdapterCheck[] = [
  {
    name: takes,
    run: async (stage) => {
      const adapter = stage.open();
      const manifest = await adapter.describe(never);
      const claimed = Object.entries(manifest.takes).filter(([, { level }]) => level !== "none");
      const performed = Object.keys(adapter.performs ?? {}).sort();
      assert.deepEqual(claimed.map(([verb]) => verb).sort(), performed, "manifest.takes names the verbs of performs");
      for (const verb of manifest.acts ?? []) assert(performed.includes(verb), `${verb} is called an act, and is not performed`);
    },
  },
  {
    name: previews,
    after: [takes],
    skip: idle,
    run: async (stage) => {
      const adapter = stage.open();
      const asked = await samples(stage, adapter);
      const before = await stateOf(stage);
      for (const command of asked) {
        const { native } = await preview(adapter, command);
        assert(native !== undefined && native.trim() !== "", `the preview of ${command.verb} says nothing (native)`);
      }
      assert.deepEqual(await stateOf(stage), before, "something is another since it was previewed");
    },
  },
  {
    name: digests,
    after: [previews],
    skip: (stage) => unable("Create")(stage) && unable("Deliver")(stage),
    run: async (stage) => {
      const adapter = stage.open();
      const deliver = adapter.performs?.Create === undefined;
      const ask = (content: { name: string; text: string }): Promise<Command> =>
        deliver
          ? Promise.resolve(commandOf("Deliver", { activity: { type: "Create", name: content.name } }))
          : creating(stage, adapter, content);
      const content = stage.content();
      const command = await ask(content);
      const first = (await preview(adapter, command)).digest;
      assert.equal((await preview(stage.open(), command)).digest, first, "a second preview gives another digest");
      assert.equal((await preview(adapter, await ask(content))).digest, first, "the same content gives another digest");
      const other = (await preview(adapter, await ask(stage.content("Other words.")))).digest;
      assert(first === undefined || other !== first, "other content gives the same digest");
      const { digest } = await done(adapter, command);
      if (digest !== undefined) assert.equal(digest, first, "what was done has another digest than its preview");
    },
  },
  {
    name: stands,
    after: [previews],
    skip: makesNone,
    run: async (stage) => {
      await stage.fill(stage.here, 2);
      const adapter = stage.open();
      const before = await standingNow(stage);
      const command = await creating(stage, adapter, stage.content());
      const receipt = await done(adapter, command);
      const after = await standingNow(stage);
      const fresh = [...after].filter(([name]) => !before.has(name)).map(([name]) => name);
      assert.equal(fresh.length, 1, `one thing was made, and ${fresh.length} are new: ${fresh}`);
      if (!receipt.stands) return;
      const { collection, sighting } = receipt.stands;
      const at = nameOf({ collection, key: sighting.key });
      assert.equal(at, fresh[0], "it does not stand where the receipt says");
      isReadBack(wholeOf(sighting), after.get(at)!.whole, "after a Create");
    },
  },
  {
    name: ours,
    after: [stands, digests],
    skip: makesNone,
    run: async (stage) => {
      const adapter = stage.open();
      const { command, receipt, whole } = await made(stage, adapter);
      const { digest } = await preview(adapter, command);
      if (receipt.stands) isOurs(wholeOf(receipt.stands.sighting), command, digest, "what the receipt shows");
      isOurs(whole, command, digest, "what a look shows");
      const other = await put(stage);
      assert.equal(other.whole.mine?.marker, undefined, "what somebody else put there bears a marker of ours");
    },
  },
  {
    name: edits,
    after: [ours],
    skip: async (stage) => (await makesActs(stage)) ?? (unable("Update")(stage) && unable("Delete")(stage)),
    run: async (stage) => {
      const adapter = stage.open();
      const one = await made(stage, adapter);
      const count = (await standingNow(stage)).size;
      if (adapter.performs?.Update) {
        const object = wishOf(stage, { name: "thing edited", text: "Edited words." });
        const update = commandOf("Update", {
          item: one.ref,
          object,
          ...(one.command.collection && { collection: one.command.collection }),
        });
        const { digest } = await preview(adapter, update);
        const receipt = await done(adapter, update);
        const edited = await again(stage, one);
        assert(edited, "what was edited does not stand any more");
        assert.notEqual(edited.revision, one.whole.revision, "what was edited has the revision it had");
        assert.notDeepEqual(edited.object, one.whole.object, "what was edited is shown as it was");
        if (receipt.stands) isReadBack(wholeOf(receipt.stands.sighting), edited, "after an Update");
        isOurs(edited, one.command, digest, "what was edited");
        await perform(stage.open(), { ...update, attempt: 2 });
        const twice = await again(stage, one);
        assert.deepEqual(twice?.object, edited.object, "an edit that is asked for again changes something");
        assert.equal((await standingNow(stage)).size, count, "an edit makes something new");
      }
      if (!adapter.performs?.Delete) return;
      const remove = commandOf("Delete", { item: one.ref });
      const { stands: left } = await done(adapter, remove);
      assert(!left || "gone" in left.sighting || (await again(stage, one)), "what was taken back is answered as standing");
      if (left && "gone" in left.sighting) assert.equal(await again(stage, one), undefined, "what was taken back still stands");
      const receipt = await perform(stage.open(), { ...remove, attempt: 2 });
      assert(receipt.outcome === "done" || ("gone" in receipt && receipt.gone), "what was taken back is not taken for gone");
    },
  },
  {
    name: reacts,
    after: [takes],
    skip: (stage) => unable("Like")(stage) ?? unlooked(stage),
    run: async (stage) => {
      const adapter = stage.open();
      const { self } = await adapter.describe(never);
      const { ref } = await put(stage);
      const ownNow = async (): Promise<readonly string[]> => {
        const object = (await standingNow(stage)).get(nameOf(ref))?.whole.object;
        const all = object?.reactions ?? [];
        return all.filter(({ actor }) => actor === self).map(({ emoji }) => emoji);
      };
      await done(adapter, commandOf("Like", { item: ref, emoji: "👍" }));
      assert.deepEqual(await ownNow(), ["👍"], "the reaction is not shown by the account of manifest.self");
      if (!adapter.performs?.Undo) return;
      await done(adapter, commandOf("Undo", { item: ref, emoji: "👍", undoes: "Like" }));
      assert.deepEqual(await ownNow(), [], "the reaction that was taken back is still shown");
    },
  },
];
