/** Stories → log entries, inside the transaction that commits what they tell. */

import type { Loss, ThingRef, View } from "../activity/view.ts";
import type { By } from "../adapter.ts";
import type { DeliveryRecord, EntryRecord, ObjectRecord, RowNo, Transaction } from "../store/contract.ts";
import { type Draft, tell } from "../tell/index.ts";
import type { ActorId, DeliveryId, Place, SystemId } from "../words.ts";
import { collectionOf, placeOf } from "../words.ts";
import { compose, type Naming } from "./compose.ts";
import type { Story } from "./reconcile.ts";
import { evidenceKey, refKeys } from "./scene.ts";

/** What a system and its collections are called, and what names ids. */
export interface Telling {
  readonly naming: Naming;
  readonly system: SystemId;
  readonly now: number;
  readonly losses?: readonly Loss[];
  /** The delivery whose receipt this is: what was asked is credited to who asked. */
  readonly receipt?: { readonly delivery: DeliveryRecord; readonly actor: ActorId };
}

/** The cause of an entry about what our account wrote, where no delivery of ours is known to have made it. */
export const unknownCause = "self";

/** Where an activity happened: what it names, else wherever the object is. */
const placesOf = (draft: Draft, story: Story, system: SystemId): readonly Place[] => {
  const named = [draft.target, draft.origin].filter((place): place is Place => place !== undefined);
  const all = new Set([...named, ...story.after.at.keys(), ...story.before.at.keys()]);
  return all.size > 0 ? [...all] : [placeOf(system, "")];
};

/** A story with something to tell. */
interface Chapter {
  readonly story: Story;
  readonly drafts: readonly Draft[];
  readonly view: View;
}

/** The nearest thing a view says it answers. */
const parentRef = (view: View): ThingRef | undefined => (view.type === "Note" ? view.inReplyTo?.[0] : undefined);

/** Who answers what, as far as it is known: the parent's object by the answering one. Two lookups for all. */
const parentsOf = async (tx: Transaction, chapters: readonly Chapter[], system: SystemId): Promise<Map<RowNo, RowNo>> => {
  const refs = chapters.flatMap(({ story, view }) => {
    const ref = parentRef(view);
    return ref ? [{ n: story.object.n, ref }] : [];
  });
  const hints = new Map<string, RowNo>();
  for (const row of await tx.hints(
    refKeys(
      refs.map(({ ref }) => ref),
      system,
    ),
  )) {
    const name = evidenceKey(row);
    if (!hints.has(name)) hints.set(name, row.object);
  }
  const keyed = Map.groupBy(
    refs.flatMap(({ ref }) => ("collection" in ref ? [ref] : [])),
    ({ collection }) => placeOf(system, collection),
  );
  const items = new Map<string, RowNo>();
  for (const [place, named] of keyed)
    for (const { key, object } of await tx.items(
      place,
      named.map(({ key }) => key),
    ))
      if (object > 0) items.set(`${place} ${key}`, object);

  const parents = new Map<RowNo, RowNo>();
  const parentOf = async (ref: ThingRef): Promise<RowNo | undefined> => {
    if ("marker" in ref) return (await tx.delivery(ref.marker))?.object;
    if ("collection" in ref) return items.get(`${placeOf(system, ref.collection)} ${ref.key}`);
    return refKeys([ref], system)
      .map((key) => hints.get(evidenceKey(key)))
      .find((object) => object !== undefined);
  };
  for (const { n, ref } of refs) {
    const parent = await parentOf(ref);
    if (parent && parent !== n) parents.set(n, parent);
  }
  return parents;
};

const namesOf = async (tx: Transaction, chapters: readonly Chapter[]): Promise<Map<Place, string>> => {
  const places = chapters.flatMap(({ story }) => [...story.before.at.keys(), ...story.after.at.keys()]);
  return new Map((await tx.collectionsAt([...new Set(places)])).map(({ place, name }) => [place, name]));
};

/** Only what was asked for is the asker's: what else the answer shows was done by somebody else. */
const credited = (story: Story, draft: Draft, { receipt }: Telling): { by?: By } => {
  if (receipt && draft.type === receipt.delivery.verb) return { by: { actor: { id: receipt.actor }, from: "server" } };
  return story.attribution.by ? { by: story.attribution.by } : {};
};

const causeOf = (story: Story, { receipt }: Telling): { cause?: DeliveryId } => {
  if (receipt) return { cause: receipt.delivery.id };
  return story.attribution.mine ? { cause: unknownCause } : {};
};

/** The entries of these stories and their objects' new versions. The changes they belong to must be written before. */
export const narrate = async (
  tx: Transaction,
  stories: readonly Story[],
  telling: Telling,
): Promise<{ entries: EntryRecord[]; objects: ObjectRecord[] }> => {
  const chapters = stories.flatMap((story): Chapter[] => {
    const drafts = tell(story.before, story.after);
    const view = (story.after.folded ?? story.before.folded)?.view;
    return drafts.length === 0 || !view ? [] : [{ story, drafts, view }];
  });
  if (chapters.length === 0) return { entries: [], objects: [] };
  const names = await namesOf(tx, chapters);
  const parents = await parentsOf(tx, chapters, telling.system);
  const founders = chapters.map(({ story }) => story.object.thread);
  const uuids = new Map((await tx.objects([...new Set([...founders, ...parents.values()])])).map(({ n, uuid }) => [n, uuid]));

  const entries: EntryRecord[] = [];
  const objects: ObjectRecord[] = [];
  for (const { story, drafts, view } of chapters) {
    const { n, uuid, thread: founder } = story.object;
    const version = story.object.version + 1;
    const thread = founder === n ? uuid : uuids.get(founder);
    const parent = uuids.get(parents.get(n) ?? 0);
    for (const [ordinal, draft] of drafts.entries()) {
      const { id, activity } = compose(draft, {
        naming: telling.naming,
        uuid,
        version,
        ordinal,
        view,
        ...(thread !== undefined && { thread }),
        parents: parent === undefined ? [] : [parent],
        system: telling.system,
        placeName: (place) => names.get(place) ?? collectionOf(place),
        ...credited(story, draft, telling),
        losses: telling.losses ?? [],
      });
      entries.push({
        id,
        object: n,
        type: draft.type,
        facet: draft.facet,
        places: placesOf(draft, story, telling.system),
        thread: founder,
        activity,
        at: telling.now,
        ...causeOf(story, telling),
      });
    }
    objects.push({ ...story.object, version });
  }
  return { entries, objects };
};
