/** What a system in memory performs: things made, edited, filed, taken away and reacted to, each as it was asked for. */

import { hash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Command, Found, Manifest, Receipt, Verb, Whole } from "../../contract/adapter.ts";
import type { MessageView, View } from "../../contract/view.ts";
import type { ActorId } from "../../contract/words.ts";
import type { MemorySystem } from "./index.ts";

/** Equal for equal views. */
export const digestOf = (view: View): string => hash("sha256", JSON.stringify(view), "base64url");

/** What is the item's and not its object's: it stays through an edit that does not name it. */
const ofItem = new Set(["flags", "seen", "labels", "reactions", "trail", "inReplyTo", "context"]);

/** As it should stand; of a change, what it left as it was stays as it is. */
const updated = (view: View, { object, base }: Command): View => {
  const [now, wish, was] = [view, { ...object }, base] as unknown as readonly Readonly<Record<string, unknown>>[];
  const stays = (field: string): boolean =>
    was ? isDeepStrictEqual(wish?.[field], was[field]) : ofItem.has(field) && wish?.[field] === undefined;
  const fields = Object.keys({ ...now, ...wish }).map((field) => [field, (stays(field) ? now : wish)?.[field]] as const);
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined)) as unknown as View;
};

type Edit = (view: View, command: Command, self: ActorId) => View;

const reacted =
  (on: boolean): Edit =>
  (view, { emoji = "👍" }, actor) => {
    const others = (view.reactions ?? []).filter((one) => one.actor !== actor || one.emoji !== emoji);
    return { ...view, reactions: on ? [...others, { actor, emoji }] : others };
  };

const flagged =
  (on: boolean): Edit =>
  (view, { flag = "flagged" }) => {
    const others = (view.flags ?? []).filter((one) => one !== flag);
    return { ...view, flags: on ? [...others, flag] : others };
  };

/** What each verb makes of what stands there; the others change where it stands. */
const edits = {
  Update: updated,
  Add: flagged(true),
  Remove: flagged(false),
  Like: reacted(true),
  EmojiReact: reacted(true),
  Undo: reacted(false),
} as const satisfies Partial<Record<Verb, Edit>>;

export const verbs = ["Create", "Delete", "Move", ...(Object.keys(edits) as (keyof typeof edits)[])] as const;

const full = { level: "full" } as const;
const all = <const Name extends string>(...names: readonly Name[]) =>
  Object.fromEntries(names.map((name) => [name, full])) as Record<Name, typeof full>;
const lost = "Files are named; their bytes are not kept.";

/** What is said of a system in memory until somebody says otherwise. */
export const manifestOf = (self: ActorId): Manifest => ({
  server: "memory",
  mapping: 1,
  self,
  gives: all("changes", "text"),
  takes: all(...verbs),
  arrives: {
    ...all("name", "text", "content", "attributedTo", "to", "cc", "published", "inReplyTo", "reactions", "labels"),
    ...all("startTime", "endTime", "location", "attendees", "status", "address", "fields", "members"),
    attachment: { level: "degraded", lost },
  },
});

/** What was made for a delivery: by its marker, else by what it says, among what is not known already. */
export const madeFor = (system: MemorySystem, { id, object, taken }: Command): Found | undefined => {
  const digest = object && digestOf(object);
  const isOurs = ({ key, mine }: Whole): boolean =>
    mine?.digest === undefined ? mine?.marker === id : mine.digest === digest && !taken?.includes(key);
  for (const collection of system.collections.keys()) {
    const sighting = system.standing(collection).find(isOurs);
    if (sighting) return { collection, sighting };
  }
  return undefined;
};

/** Why it cannot be done at all. */
const missing = (system: MemorySystem, verb: Verb, { item, object, collection }: Command, place: string): string | undefined => {
  if (verb !== "Create" && !item) return "there is nothing it is about; name an item";
  if ((verb === "Create" || verb === "Update") && !object) return "there is nothing to write; give an object";
  if (verb === "Move" && !collection) return "there is nowhere to move it to; name a collection";
  const placed = verb === "Create" || verb === "Move";
  return placed && !system.collections.has(place) ? `there is no collection ${place}; name another one` : undefined;
};

/** Does it, all at once; or says why not. */
export const perform = (system: MemorySystem, verb: (typeof verbs)[number], command: Command): Receipt => {
  const { id, object, item, root, trail, attempt, preview } = command;
  const place = command.collection?.id ?? [...system.collections.keys()][0] ?? "";
  const lacking = missing(system, verb, command, place);
  if (lacking !== undefined) return { outcome: "refused", reason: `${system.id}: ${verb}: ${lacking}.` };
  const digest = object && digestOf(object);
  const files = object && "attachment" in object && object.attachment?.length;
  const losses = files ? { losses: [{ field: "attachment", reason: lost }] } : {};
  const told = { outcome: "done", ...(digest !== undefined && { digest }), ...losses } as const;
  if (preview) return { ...told, native: `${verb} ${item?.key ?? object?.type} in ${item?.collection ?? place}` };
  const ours = system.markers ? { marker: id } : { digest: digest ?? "" };
  if (verb === "Create") {
    const before = attempt > 1 && system.markers ? madeFor(system, command) : undefined;
    if (before) return { ...told, stands: before };
    const { inReplyTo: _parents, context: _thread, ...words } = object as MessageView;
    const parent = item ?? root;
    const view = { ...words, ...(parent && { inReplyTo: [parent] }), ...(trail.length > 0 && { trail }) };
    const key = system.add(place, view, { mine: ours });
    return { ...told, stands: { collection: place, sighting: system.get(place, key) as Whole } };
  }
  const { collection, key } = item as NonNullable<typeof item>;
  const known = system.collections.has(collection) ? system.get(collection, key) : undefined;
  if (!known) return { outcome: "refused", reason: `${system.id}: ${verb}: ${collection} has no ${key} any more.`, gone: true };
  if (verb === "Delete") system.remove(collection, key, { final: true });
  else if (verb === "Move") system.move(collection, key, place);
  else {
    const view = edits[verb](known.object, command, system.manifest.self ?? "");
    const mine = known.mine?.digest !== undefined && digest !== undefined ? { mine: { digest } } : {};
    system.add(collection, view, { ...known, ...mine, revision: digestOf(view) });
  }
  const at = verb === "Move" ? place : collection;
  return { ...told, stands: { collection: at, sighting: system.get(at, key) ?? { key, gone: true, final: true } } };
};
