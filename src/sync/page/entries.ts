/** Stories → log entries, inside the transaction that commits what they tell. */

import { compose, type Naming } from "../../activity/compose.ts";
import type { By } from "../../contract/adapter.ts";
import type { Loss, ThingRef, View } from "../../contract/view.ts";
import type { ActorId, DeliveryId, EvidenceId, Place, SystemId } from "../../contract/words.ts";
import { collectionOf, placeOf } from "../../contract/words.ts";
import type {
  Changes,
  DeliveryRecord,
  EntryRecord,
  EvidenceKey,
  ObjectRecord,
  RowNo,
  Transaction,
} from "../../store/contract.ts";
import { type Draft, tell } from "../../tell/index.ts";
import { evidenceKey, type LoadedPage, refKeys } from "./load.ts";
import type { ObjectChange } from "./reconcile.ts";

/** Who asked for a delivery. */
interface Credit {
  readonly delivery: DeliveryRecord;
  readonly actor: ActorId;
}

/** What a system and its collections are called, and what names ids. */
export interface Telling {
  readonly naming: Naming;
  readonly system: SystemId;
  readonly now: number;
  readonly losses?: readonly Loss[];
  /** Deliveries whose receipt this is: what was asked is credited to who asked. One alone answers for all that is told. */
  readonly receipts?: readonly Credit[];
}

/** The cause of an entry about what our account wrote, where no delivery of ours is known to have made it. */
export const unknownCause = "self";

/** Where an activity happened: what it names, else wherever the object is. */
const placesOf = (draft: Draft, change: ObjectChange, system: SystemId): readonly Place[] => {
  const named = [draft.target, draft.origin].filter((place): place is Place => place !== undefined);
  const all = new Set([...named, ...change.after.at.keys(), ...change.before.at.keys()]);
  return all.size > 0 ? [...all] : [placeOf(system, "")];
};

/** A story with something to tell. */
interface ToldChange {
  readonly change: ObjectChange;
  readonly drafts: readonly Draft[];
  readonly view: View;
}

/** The nearest thing a view says it answers. */
const parentRef = (view: View): ThingRef | undefined => (view.type === "Note" ? view.inReplyTo?.[0] : undefined);

/** What was loaded for a page, with what the page changes: need not be asked for again. */
type Loaded = Pick<LoadedPage, "objects" | "hints" | "mentioned">;

/** The object first known by each hint. */
const hintsOf = async (
  tx: Transaction,
  keys: readonly EvidenceKey[],
  { evidence = [] }: Changes,
  loaded: Loaded | undefined,
): Promise<Map<string, RowNo>> => {
  const hints = new Map<string, RowNo>();
  const first = (name: string, object: RowNo | undefined): void => {
    if (object !== undefined && !hints.has(name)) hints.set(name, object);
  };
  const named = new Map(keys.map((key) => [evidenceKey(key), key]));
  const unasked = [...named].flatMap(([name, key]) => (loaded?.mentioned.has(name) ? [] : [key]));
  for (const name of named.keys()) first(name, loaded?.hints.get(name)?.[0]);
  for (const row of await tx.hints(unasked)) first(evidenceKey(row), row.object);
  if (named.size > hints.size)
    for (const row of evidence) {
      const name = row.strong ? "" : evidenceKey(row);
      if (named.has(name)) first(name, row.object);
    }
  return hints;
};

/** Who answers what, as far as it is known: the parent's object by the answering one. Two lookups for all. */
const parentsOf = async (
  tx: Transaction,
  told: readonly ToldChange[],
  system: SystemId,
  changes: Changes,
  loaded: Loaded | undefined,
): Promise<Map<RowNo, RowNo>> => {
  const refs = told.flatMap(({ change, view }) => {
    const ref = parentRef(view);
    return ref ? [{ n: change.object.n, ref }] : [];
  });
  const keys = refKeys(
    refs.map(({ ref }) => ref),
    system,
  );
  const hints = await hintsOf(tx, keys, changes, loaded);
  const keyed = Map.groupBy(
    refs.flatMap(({ ref }) => ("collection" in ref ? [ref] : [])),
    ({ collection }) => placeOf(system, collection),
  );
  const items = new Map<string, RowNo>();
  for (const [place, named] of keyed)
    for (const { key, object } of await tx.itemHeaders(
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

const namesOf = async (tx: Transaction, told: readonly ToldChange[]): Promise<Map<Place, string>> => {
  const places = told.flatMap(({ change }) => [...change.before.at.keys(), ...change.after.at.keys()]);
  return new Map((await tx.collectionsAt([...new Set(places)])).map(({ place, name }) => [place, name]));
};

/** Members of groups by the names of their own cards, where these are known: a group may name them by a number alone. */
const withNames = async (tx: Transaction, told: readonly ToldChange[], system: SystemId): Promise<readonly ToldChange[]> => {
  const nameless = told.flatMap(({ drafts, view }) =>
    view.type === "Group" ? drafts.flatMap(({ party }) => (party && party.name === undefined ? [party.id] : [])) : [],
  );
  if (nameless.length === 0) return told;
  const cards = await tx.strong([...new Set<string>(nameless)].map((id) => ({ scope: system, id: id as EvidenceId })));
  const items = await tx.itemsOf(cards.map(({ object }) => object));
  const names = new Map(
    cards.flatMap(({ id, object }): [string, string][] => {
      const name = items.find((item) => item.object === object && item.view?.name !== undefined)?.view?.name;
      return name === undefined ? [] : [[id, name]];
    }),
  );
  const named = (draft: Draft): Draft => {
    const name = draft.party && draft.party.name === undefined ? names.get(draft.party.id) : undefined;
    return draft.party && name !== undefined ? { ...draft, party: { ...draft.party, name } } : draft;
  };
  return told.map((one) => ({ ...one, drafts: one.drafts.map(named) }));
};

const creditOf = ({ object }: ObjectChange, { receipts = [] }: Telling): Credit | undefined =>
  receipts.length > 1 ? receipts.find(({ delivery }) => delivery.object === object.n) : receipts[0];

/** Only what was asked for is the asker's: what else the answer shows was done by somebody else. What is made has its labels from who made it. */
const credited = ({ before, attribution }: ObjectChange, { type }: Draft, receipt: Credit | undefined): { by?: By } => {
  const verb = receipt?.delivery.verb;
  const asked = type === verb || (type === "Add" && verb === "Create" && before.folded === undefined);
  if (receipt && asked) return { by: { actor: { id: receipt.actor }, from: "server" } };
  return attribution.by ? { by: attribution.by } : {};
};

const causeOf = ({ attribution }: ObjectChange, receipt: Credit | undefined): { cause?: DeliveryId } => {
  if (receipt) return { cause: receipt.delivery.id };
  return attribution.mine ? { cause: unknownCause } : {};
};

/**
 * Writes what was decided, but for its objects; gives these, told ones with their new version, and the entries of its objectChanges,
 * all yet to be written.
 * @param loaded  for the decision
 */
export const writeEntries = async (
  tx: Transaction,
  { changes, objectChanges }: { readonly changes: Changes; readonly objectChanges: readonly ObjectChange[] },
  telling: Telling,
  loaded?: Loaded,
): Promise<{ entries: readonly EntryRecord[]; objects: readonly ObjectRecord[] }> => {
  const { objects: booked = [], ...rest } = changes;
  await tx.write(rest);
  const plain = objectChanges.flatMap((change): ToldChange[] => {
    const drafts = tell(change.before, change.after);
    const view = (change.after.folded ?? change.before.folded)?.view;
    return drafts.length === 0 || !view ? [] : [{ change, drafts, view }];
  });
  const told = await withNames(tx, plain, telling.system);
  if (told.length === 0) return { entries: [], objects: booked };
  const names = await namesOf(tx, told);
  const parents = await parentsOf(tx, told, telling.system, changes, loaded);
  const founders = told.map(({ change }) => change.object.thread);
  const objects = new Map([...(loaded?.objects ?? []), ...booked.map((object) => [object.n, object] as const)]);
  const unknown = new Set([...founders, ...parents.values()].filter((n) => !objects.has(n)));
  const uuids = new Map((await tx.objects([...unknown])).map(({ n, uuid }) => [n, uuid]));
  const uuidOf = (n: RowNo): string | undefined => objects.get(n)?.uuid ?? uuids.get(n);

  const entries: EntryRecord[] = [];
  const versions = new Map(booked.map((object) => [object.n, object]));
  for (const { change, drafts, view } of told) {
    const { n, uuid, thread: founder } = change.object;
    const version = change.object.version + 1;
    const thread = founder === n ? uuid : uuidOf(founder);
    const parent = uuidOf(parents.get(n) ?? 0);
    const receipt = creditOf(change, telling);
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
        ...credited(change, draft, receipt),
        losses: telling.losses ?? [],
      });
      entries.push({
        id,
        object: n,
        type: draft.type,
        facet: draft.facet,
        places: placesOf(draft, change, telling.system),
        thread: founder,
        activity,
        at: telling.now,
        ...causeOf(change, receipt),
      });
    }
    versions.set(n, { ...change.object, version });
  }
  return { entries, objects: [...versions.values()] };
};
