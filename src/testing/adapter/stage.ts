/** What a check of an adapter has: a world with nothing in it, and adapters on it. */

import { strict as assert } from "node:assert";
import type { Adapter } from "../../contract/adapter.ts";
import type { View } from "../../contract/view.ts";
import type { CollectionId } from "../../contract/words.ts";
import { Mirror } from "../mirror.ts";
import { type Can, type Check, can } from "../runner.ts";
import { type Content, nameIn, type Thing, type World } from "../world.ts";

export class Stage implements AsyncDisposable {
  readonly world: World;
  readonly #make: () => Adapter;
  readonly #adapters: Adapter[] = [];
  #count = 0;

  constructor(world: World, make: () => Adapter) {
    this.world = world;
    this.#make = make;
  }

  /** The adapter a process has that was just started. */
  open(): Adapter {
    const adapter = this.#make();
    this.#adapters.push(adapter);
    return adapter;
  }

  #reader: Adapter | undefined;

  /** Another process, which only looks; the same one each time. */
  get reader(): Adapter {
    this.#reader ??= this.open();
    return this.#reader;
  }

  get here(): CollectionId {
    return this.world.collections[0];
  }

  /** A second collection, for moves. */
  get there(): CollectionId {
    const there = this.world.collections[1];
    assert(there !== undefined, "the world can move things, and has one collection only");
    return there;
  }

  readonly nameOf = (view: View): string | undefined => nameIn(this.world, view);

  content(text = "A line of text.\nAnd another one."): Content {
    this.#count += 1;
    return { name: `thing ${this.#count}`, text };
  }

  /** Puts so many things there; gives their names. */
  async fill(where: CollectionId, count: number): Promise<string[]> {
    const contents = Array.from({ length: count }, () => this.content());
    if (this.world.fill) await this.world.fill(where, contents);
    else for (const content of contents) await this.world.create(where, content);
    return contents.map(({ name }) => name).sort();
  }

  /** So many things need two pages. */
  get many(): number {
    return able(this.world.many ?? 1_100);
  }

  /** Fails unless this is all the mirror shows. */
  shows(mirror: Mirror, names: readonly string[], when: string): void {
    const shown = mirror.names(this.nameOf);
    const missing = names.filter((name) => !shown.includes(name));
    const extra = shown.filter((name, index) => !names.includes(name) || shown.indexOf(name) !== index);
    assert(
      missing.length + extra.length === 0,
      `${when} ${mirror.id} lacks [${missing.slice(0, 5)}] (${missing.length}) and shows [${extra.slice(0, 5)}] (${extra.length}) too much`,
    );
  }

  /** A mirror that has listed the collection, to the end. */
  async listed(adapter: Adapter, id: CollectionId = this.here): Promise<Mirror> {
    const mirror = new Mirror(id);
    await mirror.look(adapter);
    return mirror;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const adapter of this.#adapters) await adapter[Symbol.asyncDispose]();
    await this.world[Symbol.asyncDispose]();
  }
}

/** Abilities of a world that a check may need. */
export type Ability = "many" | "change" | "remove" | "move" | "flag" | "spoil" | "found" | "forget" | "cut" | "slow" | "repeat";

/** Why a check cannot be run: something the world cannot do. */
export const lacking =
  (...abilities: readonly Ability[]) =>
  ({ world }: Stage): string | undefined => {
    for (const name of abilities) {
      const ability: Can<unknown> = world[name];
      if (ability !== undefined && !can(ability)) return (ability as { cannot: string }).cannot;
    }
    return undefined;
  };

/** The ability, which `lacking` has made sure of. */
export const able = <Do>(ability: Can<Do>): Do => {
  assert(can(ability));
  return ability;
};

/** Why nothing can be changed in place: neither flags nor edits. */
export const untouchable = (stage: Stage): string | undefined =>
  unlooked(stage) ?? (lacking("flag")(stage) && lacking("change")(stage));

/** Changes a thing in place: by a flag, or where there are none by an edit that keeps its name. */
export const touch = async ({ world }: Stage, thing: Thing, content: Content, on: boolean): Promise<void> => {
  if (can(world.flag)) await world.flag(thing, on);
  else await able(world.change)(thing, { ...content, text: `${content.text}\nEdited: ${on}.` });
};

/** Why a system that cannot be looked at is not asked to. */
export const unlooked = (stage: Stage): string | undefined =>
  stage.open().changes ? undefined : "the adapter has no changes: it is only called, or only performs";

/** As `lacking`, for checks that look. */
export const needs =
  (...abilities: readonly Ability[]) =>
  (stage: Stage): string | undefined =>
    unlooked(stage) ?? lacking(...abilities)(stage);

export type AdapterCheck = Check<Stage>;
