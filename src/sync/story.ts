/** Stories → log entries, inside the transaction that commits what they tell. */

import type { Loss, View } from "../activity/view.ts";
import type { EntryRecord, ObjectRecord, RowNo, Transaction } from "../store/contract.ts";
import { type Draft, tell } from "../tell/index.ts";
import type { Place, SystemId } from "../words.ts";
import { collectionOf, placeOf, systemOf } from "../words.ts";
import { compose, type Naming } from "./compose.ts";
import type { Story } from "./reconcile.ts";
import { evidenceKey, refKeys } from "./scene.ts";

/** What a system and its collections are called, and what names ids. */
export interface Telling {
  readonly naming: Naming;
  readonly system: SystemId;
  readonly now: number;
  readonly losses?: readonly Loss[];
}

/** Where an activity happened: what it names, else wherever the object is. */
const placesOf = (draft: Draft, story: Story, system: SystemId): readonly Place[] => {
  const named = [draft.target, draft.origin].filter((place): place is Place => place !== undefined);
  const all = new Set([...named, ...story.after.at.keys(), ...story.before.at.keys()]);
  return all.size > 0 ? [...all] : [placeOf(system, "")];
};

const parentsOf = async (tx: Transaction, view: View, system: SystemId, self: RowNo): Promise<readonly string[]> => {
  const refs = view.type === "Note" ? (view.inReplyTo ?? []).slice(0, 1) : [];
  const found: RowNo[] = [];
  for (const ref of refs) {
    if ("evidence" in ref) {
      const keys = refKeys([ref], system);
      const rows = new Map((await tx.hints(keys)).map((row) => [evidenceKey(row), row.object]));
      const n = keys.map((key) => rows.get(evidenceKey(key))).find((row) => row !== undefined);
      if (n !== undefined) found.push(n);
    } else if ("collection" in ref) {
      const [item] = await tx.items(placeOf(system, ref.collection), [ref.key]);
      if (item && item.object > 0) found.push(item.object);
    }
  }
  return (await tx.objects(found.filter((n) => n !== self))).map(({ uuid }) => uuid);
};

/** The entries of these stories and their objects' new versions. The changes they belong to must be written before. */
export const narrate = async (
  tx: Transaction,
  stories: readonly Story[],
  telling: Telling,
): Promise<{ entries: EntryRecord[]; objects: ObjectRecord[] }> => {
  const entries: EntryRecord[] = [];
  const objects: ObjectRecord[] = [];
  const names = new Map<Place, string>();
  const named = new Set<SystemId>();
  const learn = async (places: Iterable<Place>): Promise<void> => {
    for (const place of places) {
      const system = systemOf(place);
      if (named.has(system)) continue;
      named.add(system);
      for (const { place: known, name } of await tx.collections(system)) names.set(known, name);
    }
  };
  for (const story of stories) {
    const drafts = tell(story.before, story.after);
    const view = (story.after.folded ?? story.before.folded)?.view;
    if (drafts.length === 0 || !view) continue;
    await learn([...story.before.at.keys(), ...story.after.at.keys()]);
    const version = story.object.version + 1;
    const [founder] = story.object.thread === story.object.n ? [story.object] : await tx.objects([story.object.thread]);
    const parents = await parentsOf(tx, view, telling.system, story.object.n);
    for (const [ordinal, draft] of drafts.entries()) {
      const document = compose(draft, {
        naming: telling.naming,
        uuid: story.object.uuid,
        version,
        ordinal,
        view,
        ...(founder && { thread: founder.uuid }),
        parents,
        system: telling.system,
        placeName: (place) => names.get(place) ?? collectionOf(place),
        ...(story.attribution.by && { by: story.attribution.by }),
        losses: telling.losses ?? [],
      });
      entries.push({
        id: document.id as string,
        object: story.object.n,
        type: draft.type,
        facet: draft.facet,
        places: placesOf(draft, story, telling.system),
        thread: story.object.thread,
        activity: JSON.stringify(document),
        at: telling.now,
      });
    }
    objects.push({ ...story.object, version });
  }
  return { entries, objects };
};
