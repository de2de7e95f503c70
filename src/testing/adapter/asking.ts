/** What the kit asks a target to do, and what stands there before and afterwards. */

import { strict as assert } from "node:assert";
import { randomUUID } from "node:crypto";
import type { Adapter, Command, ItemRef, Manifest, Read, Receipt, Verb, Whole } from "../../contract/adapter.ts";
import type { View } from "../../contract/view.ts";
import { all, fetched, Mirror, never, shown } from "../mirror.ts";
import type { Content } from "../world.ts";
import type { Stage } from "./stage.ts";

/** A receipt that is `done`. */
export type Done = Extract<Receipt, { readonly outcome: "done" }>;

/** Verbs that change something that stands there. */
const onItems = ["Update", "Delete", "Move", "Add", "Remove", "Like", "EmojiReact", "Undo", "Read"] as const;

const everything: Read = { text: "full", behaviour: false };

/** Somebody at another system. */
export const ada = { id: "mailto:ada@example.net", name: "Ada" } as const;

/** The words a wish is made of: `name`, and no line that another one has. */
export const wishOf = ({ world }: Stage, content: Content): View =>
  world.wish?.(content) ?? { type: "Note", name: content.name, text: content.text };

/** A command of an id of its own. */
export const commandOf = (verb: Verb, more: Partial<Command> = {}): Command => ({
  id: randomUUID(),
  attempt: 1,
  verb,
  actor: ada.id,
  activity: { "@context": "https://www.w3.org/ns/activitystreams", type: verb, actor: ada.id },
  trail: [],
  ...more,
});

/** To make something in the first collection. */
export const creating = async (stage: Stage, adapter: Adapter, content: Content, more?: Partial<Command>): Promise<Command> =>
  commandOf("Create", { object: wishOf(stage, content), collection: await shown(adapter, stage.here), ...more });

export const perform = (adapter: Adapter, command: Command, signal: AbortSignal = never): Promise<Receipt> => {
  const verb = adapter.performs?.[command.verb];
  assert(verb, `${adapter.kind} performs no ${command.verb}`);
  return verb(command, signal);
};

/** Fails unless it is done. */
export const done = async (adapter: Adapter, command: Command): Promise<Done> => {
  const receipt = await perform(adapter, command);
  assert(receipt.outcome === "done", `${command.verb} is ${receipt.outcome}: ${"reason" in receipt ? receipt.reason : ""}`);
  return receipt;
};

/** Where a thing stands, as one string. */
export const nameOf = ({ collection, key }: ItemRef): string => `${collection} ${key}`;

/** One thing as it stands. */
export interface StandingThing {
  readonly ref: ItemRef;
  readonly whole: Whole;
}

/** All that stands in every collection now, listed in full by another process; nothing where there is no `changes`. */
export const standingNow = async (stage: Stage, adapter: Adapter = stage.reader): Promise<ReadonlyMap<string, StandingThing>> => {
  const standing = new Map<string, StandingThing>();
  if (!adapter.changes) return standing;
  for (const collection of await all(adapter.collections(never))) {
    const mirror = new Mirror(collection.id);
    await mirror.look(adapter, { read: everything });
    const keys = [...mirror.kept.items.keys()];
    const whole = adapter.fetch ? await fetched(adapter, collection, keys, everything) : undefined;
    for (const [key, known] of mirror.kept.items) {
      const ref = { collection: collection.id, key };
      const again = whole?.get(key) ?? known.whole;
      if ("object" in again && again.object) standing.set(nameOf(ref), { ref, whole: again });
    }
  }
  return standing;
};

/** What a target holds and did, to be compared: of what stands there the revisions and views. */
export const stateOf = async (stage: Stage): Promise<unknown> => ({
  standing: [...(await standingNow(stage))].map(([name, { whole }]) => [name, whole.revision, whole.object]),
  effects: await stage.world.effects?.(),
});

/** What stands there by a command: with its marker, or where none is carried with this digest. */
export const madeBy = (
  standing: ReadonlyMap<string, StandingThing>,
  { id }: Pick<Command, "id">,
  digest: string | undefined,
): readonly StandingThing[] =>
  [...standing.values()].filter(({ whole: { mine } }) => {
    if (!mine) return false;
    return mine.marker === undefined ? digest !== undefined && mine.digest === digest : mine.marker === id;
  });

/** Something that was made. */
export interface Made extends StandingThing {
  readonly command: Command;
  readonly receipt: Done;
}

/** Makes something, and sees where it stands. */
export const made = async (stage: Stage, adapter: Adapter, more?: Partial<Command>): Promise<Made> => {
  const command = await creating(stage, adapter, stage.content(), more);
  const receipt = await done(adapter, command);
  const standing = await standingNow(stage);
  const { stands } = receipt;
  const at = stands
    ? standing.get(nameOf({ collection: stands.collection, key: stands.sighting.key }))
    : madeBy(standing, command, receipt.digest)[0];
  assert(at, "a Create is done, and nothing stands there by its key, marker or digest");
  return { ...at, command, receipt };
};

/** A thing somebody else put there, as it stands. */
export const put = async (stage: Stage): Promise<StandingThing & { readonly thing: unknown }> => {
  const content = stage.content();
  const thing = await stage.world.create(stage.here, content);
  const standing = [...(await standingNow(stage)).values()];
  const at = standing.find(({ whole }) => stage.nameOf(whole.object) === content.name);
  assert(at, `“${content.name}” was put there and is not shown`);
  return { ...at, thing };
};

/** True for what is made here, and stays as it is. */
export const isAct = ({ acts }: Manifest, verb: Verb): boolean => acts?.includes(verb) === true;

/** What a verb needs beside its item; undefined: this world has no use for it. */
export const aboutItem = async (stage: Stage, adapter: Adapter, verb: Verb, item: ItemRef): Promise<Command | undefined> => {
  const table = adapter.performs ?? {};
  const second = stage.world.collections[1];
  switch (verb) {
    case "Update":
      return commandOf(verb, { item, object: wishOf(stage, stage.content()) });
    case "Move":
      return second === undefined ? undefined : commandOf(verb, { item, collection: await shown(adapter, second) });
    case "Add":
    case "Remove":
      return commandOf(verb, { item, flag: "flagged" });
    case "Like":
    case "EmojiReact":
      return commandOf(verb, { item, emoji: verb === "Like" ? "👍" : "🎉" });
    case "Undo":
      return commandOf(verb, { item, ...(table.Like ? { undoes: "Like", emoji: "👍" } : { undoes: "Read" }) });
    default:
      return commandOf(verb, { item });
  }
};

/** The verbs of the table that change something that stands there. */
export const itemVerbs = ({ performs }: Adapter): readonly Verb[] => onItems.filter((verb) => performs?.[verb]);

/** A fitting command of every verb the kit can ask for, on something that stands there. */
export const samples = async (stage: Stage, adapter: Adapter): Promise<readonly Command[]> => {
  const table = adapter.performs ?? {};
  const manifest = await adapter.describe(never);
  const asked: (Command | undefined)[] = [];
  if (table.Deliver) asked.push(commandOf("Deliver"));
  if (table.Create) asked.push(await creating(stage, adapter, stage.content()));
  if (!adapter.changes) return asked.filter((one) => one !== undefined);
  const other = await put(stage);
  if (table.Create) asked.push(await creating(stage, adapter, stage.content(), { item: other.ref, root: other.ref }));
  if (table.Announce) asked.push(commandOf("Announce", { item: other.ref, object: wishOf(stage, stage.content()) }));
  const own = table.Create && !isAct(manifest, "Create") ? (await made(stage, adapter)).ref : other.ref;
  for (const verb of itemVerbs(adapter)) asked.push(await aboutItem(stage, adapter, verb, own));
  return asked.filter((one) => one !== undefined);
};

/** Why a check cannot be run: a verb the adapter has not. */
export const unable =
  (...verbs: readonly Verb[]) =>
  (stage: Stage): string | undefined => {
    const { performs } = stage.open();
    const lacking = verbs.find((verb) => !performs?.[verb]);
    return lacking && `the adapter performs no ${lacking}`;
  };
