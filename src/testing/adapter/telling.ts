/** The whole way: a hub on this adapter tells the story, and the story is true. */

import { strict as assert } from "node:assert";
import { placeIri } from "../../activity/compose.ts";
import type { CollectionId } from "../../contract/words.ts";
import { placeOf } from "../../contract/words.ts";
import { type Hub, openHub } from "../../hub/hub.ts";
import type { Store } from "../../store/contract.ts";
import { sqliteStore } from "../../store/sqlite/index.ts";
import { can } from "../runner.ts";
import type { Content, Thing } from "../world.ts";
import { type AdapterCheck, able, type Stage, unlooked } from "./stage.ts";

const tells = "is told by a hub: what is there silently, then each change once";
const survives = "is told truly by hubs that die and start again";

/** A hub, and what its log says stands where. */
class Telling {
  readonly #stage: Stage;
  readonly store: Store;
  hub: Hub;
  at = 0;
  /** By object: name and places, as the log tells them. */
  readonly objects = new Map<string, { name: string; readonly places: Set<string> }>();

  constructor(stage: Stage, store: Store, hub: Hub) {
    this.#stage = stage;
    this.store = store;
    this.hub = hub;
  }

  static async begin(stage: Stage, history?: "all"): Promise<Telling> {
    const store = await sqliteStore(":memory:");
    return new Telling(stage, store, await Telling.#open(stage, store, history));
  }

  static #open(stage: Stage, store: Store, history?: "all"): Promise<Hub> {
    const adapter = stage.open();
    // The stage disposes of it; the hub may, too.
    return openHub({ store, systems: [adapter], policy: { body: "full", exclude: [] }, ...(history && { history }) });
  }

  async restart(history?: "all"): Promise<void> {
    await this.hub.close();
    this.hub = await Telling.#open(this.#stage, this.store, history);
  }

  /** Syncs; gives what was told, as `Type name`. */
  async sync(): Promise<string[]> {
    for (const { failures } of await this.hub.sync()) assert.deepEqual(failures, [], "a sync of a source without trouble fails");
    return this.#read();
  }

  async #read(): Promise<string[]> {
    const told: string[] = [];
    for await (const { seq, activity } of this.hub.activities({ after: this.at })) {
      this.at = seq;
      const { type, object, target, origin } = activity as unknown as Record<string, unknown> & {
        type: string;
        object: { id?: string; name?: string };
      };
      const id = object.id ?? "";
      const known = this.objects.get(id) ?? { name: object.name ?? "", places: new Set<string>() };
      this.objects.set(id, known);
      if (object.name) known.name = object.name;
      told.push(`${type} ${known.name}`);
      const place = (end: unknown): string | undefined => (end as { id?: string } | undefined)?.id;
      const [to, from] = [place(target), place(origin)];
      if (from?.startsWith("groupstream:collection/")) known.places.delete(from);
      if (to?.startsWith("groupstream:collection/")) known.places.add(to);
      if (type === "Delete") this.objects.delete(id);
    }
    return told;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hub.close();
    await this.store[Symbol.asyncDispose]();
  }
}

/** Numbers that depend on the seed alone (mulberry32). */
const dice = (seed: number): ((below: number) => number) => {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * below);
  };
};

/** @param plainer  names of the checks that say more plainly what is wrong */
export const tellingChecks = (plainer: readonly string[]): readonly AdapterCheck[] => [
  {
    name: tells,
    after: plainer,
    skip: unlooked,
    run: async (stage) => {
      const { world } = stage;
      await world.create(stage.here, stage.content());
      await using telling = await Telling.begin(stage);
      assert.deepEqual(await telling.sync(), [], "what was there before the first look is told");
      assert.deepEqual(await telling.sync(), [], "a second look tells what did not change");
      const content = stage.content();
      let thing = await world.create(stage.here, content);
      assert.deepEqual(await telling.sync(), [`Create ${content.name}`]);
      if (can(world.change)) {
        const edited: Content = { ...content, text: "Another text." };
        await world.change(thing, edited);
        const told = await telling.sync();
        assert(told.length > 0 && told.every((line) => !line.startsWith("Create")), `an edit is told as [${told}]`);
      }
      if (can(world.move)) {
        thing = await world.move(thing, stage.there);
        assert.deepEqual(await telling.sync(), [`Move ${content.name}`]);
      }
      await telling.restart();
      assert.deepEqual(await telling.sync(), [], "a new process tells what did not change");
      if (can(world.remove)) {
        await world.remove(thing);
        assert.deepEqual(await telling.sync(), [`Delete ${content.name}`]);
      }
    },
  },
  {
    name: survives,
    after: [...plainer, tells],
    skip: unlooked,
    run: async (stage) => {
      const { world } = stage;
      const roll = dice(7);
      const things = new Map<string, { thing: Thing; where: CollectionId }>();
      const create = async (): Promise<void> => {
        const [where, content] = [world.collections[roll(world.collections.length)]!, stage.content()];
        things.set(content.name, { thing: await world.create(where, content), where });
      };
      const someone = (): [string, { thing: Thing; where: CollectionId }] | undefined => [...things][roll(things.size || 1)];
      const steps: Readonly<Record<string, () => Promise<void>>> = {
        create,
        ...(can(world.remove) && {
          remove: async () => {
            const one = someone();
            if (!one) return;
            things.delete(one[0]);
            await able(world.remove)(one[1].thing);
          },
        }),
        ...(can(world.move) && {
          move: async () => {
            const one = someone();
            if (!one) return;
            const to = one[1].where === stage.here ? stage.there : stage.here;
            things.set(one[0], { thing: await able(world.move)(one[1].thing, to), where: to });
          },
        }),
        ...(can(world.flag) && {
          flag: async () => void (await able(world.flag)(someone()?.[1].thing ?? (await fresh()), roll(2) === 1)),
        }),
        ...(can(world.forget) && { forget: () => able(world.forget)(stage.here) }),
      };
      const fresh = async (): Promise<Thing> => {
        await create();
        return [...things.values()].at(-1)!.thing;
      };
      await using telling = await Telling.begin(stage, "all");
      for (let step = 0; step < 24; step += 1) {
        const names = Object.keys(steps);
        await steps[names[roll(names.length)]!]!();
        if (roll(3) > 0) continue;
        if (roll(3) === 0) {
          // A process that dies in the middle of a round.
          const abort = new AbortController();
          setTimeout(() => abort.abort(), roll(30));
          await telling.hub.sync({ signal: abort.signal }).catch(() => undefined);
          await telling.restart("all");
        } else await telling.sync();
      }
      await telling.sync();
      const quiet = await telling.sync();
      assert.deepEqual(quiet, [], "a sync of a source at rest tells something");
      const adapter = stage.open();
      const told = [...telling.objects.values()].map(({ name, places }) => `${name} in ${[...places].sort()}`).sort();
      const real = [...things].map(([name, { where }]) => `${name} in ${placeIri(placeOf(adapter.id, where))}`).sort();
      assert.deepEqual(told, real, "the log does not say what is there");
    },
  },
];
