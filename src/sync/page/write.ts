/** write: what was told becomes entries of the log, and everything a page changes is written at once. */

import { compose, type Naming } from "../../activity/compose.ts";
import type { Loss, ThingRef, View } from "../../contract/view.ts";
import type { EvidenceId, Place, SystemId } from "../../contract/words.ts";
import { collectionOf } from "../../contract/words.ts";
import type { Changes, EntryRecord, ObjectRecord, RowNo, Transaction } from "../../store/contract.ts";
import { directlyNamed, evidenceKey, type NamedObjects, objectNamed, refKeys } from "../../store/references.ts";
import type { Draft } from "../../tell/index.ts";
import type { LoadedPage } from "./load.ts";
import { type Pending, pendingOn } from "./pending.ts";
import { type Credit, causeOf, credited, creditOf, placesOf, type ToldChange } from "./tell.ts";

/** What is written of a page. */
export interface PageOutcome {
  /** As reconcile or decideMissing gave them. */
  readonly changes: Changes;
  /** Objects that fold made remember something else. */
  readonly remembering: readonly ObjectRecord[];
  readonly told: readonly ToldChange[];
  /** What else goes with it: collections, deliveries. */
  readonly beside?: Pick<Changes, "collections" | "deliveries">;
  /** What was loaded for the decision: need not be asked for again. */
  readonly loaded?: Pick<LoadedPage, "objects" | "hints" | "mentioned">;
}

/** What entries are written with. */
export interface Telling {
  readonly naming: Naming;
  readonly system: SystemId;
  readonly now: number;
  readonly losses?: readonly Loss[];
  /** Deliveries whose receipt the page is: what was asked is credited to who asked. */
  readonly receipts?: readonly Credit[];
}

/** Writes a page, all of it in one go. Resolves with how many activities were told. */
export const writePage = async (tx: Transaction, outcome: PageOutcome, telling: Telling): Promise<number> => {
  const { changes, remembering, beside = {} } = outcome;
  const objects = new Map([...(changes.objects ?? []), ...remembering].map((object) => [object.n, object]));
  const pending = pendingOn(tx, { ...changes, objects: [...objects.values()] });
  const told = await withNames(pending, outcome.told, telling.system);
  const entries = told.length === 0 ? [] : await entriesOf(pending, told, telling, outcome.loaded);
  for (const { change } of told) objects.set(change.object.n, { ...change.object, version: change.object.version + 1 });
  const deliveries = [...(changes.deliveries ?? []), ...(beside.deliveries ?? [])];
  await tx.write({ ...changes, ...beside, deliveries, objects: [...objects.values()], entries });
  return entries.length;
};

type Loaded = PageOutcome["loaded"];

/** The documents of everything told, in its order. */
const entriesOf = async (
  tx: Pending,
  told: readonly ToldChange[],
  telling: Telling,
  loaded: Loaded,
): Promise<readonly EntryRecord[]> => {
  const { naming, system, now, losses = [], receipts } = telling;
  const names = await namesOf(tx, told);
  const parents = await parentsOfTold(tx, told, system, loaded);
  const founders = told.map(({ change }) => change.object.thread);
  const uuids = await uuidsOf(tx, [...founders, ...parents.values()], loaded);
  const entries: EntryRecord[] = [];
  for (const { change, drafts, view } of told) {
    const { n, uuid, thread: founder } = change.object;
    const version = change.object.version + 1;
    const thread = founder === n ? uuid : uuids(founder);
    const parent = uuids(parents.get(n) ?? 0);
    const receipt = creditOf(change, receipts);
    for (const [ordinal, draft] of drafts.entries()) {
      const { id, activity } = compose(draft, {
        naming,
        uuid,
        version,
        ordinal,
        view,
        ...(thread !== undefined && { thread }),
        parents: parent === undefined ? [] : [parent],
        system,
        placeName: (place) => names.get(place) ?? collectionOf(place),
        ...credited(change, draft, receipt),
        losses,
      });
      entries.push({
        id,
        object: n,
        type: draft.type,
        facet: draft.facet,
        places: placesOf(draft, change, system),
        thread: founder,
        activity,
        at: now,
        ...causeOf(change, receipt),
      });
    }
  }
  return entries;
};

/** The UUIDs of these objects, where they are known. */
const uuidsOf = async (tx: Pending, ns: readonly RowNo[], loaded: Loaded): Promise<(n: RowNo) => string | undefined> => {
  const asked = await tx.objects([...new Set(ns)].filter((n) => !loaded?.objects.has(n)));
  const uuids = new Map(asked.map(({ n, uuid }) => [n, uuid]));
  return (n) => uuids.get(n) ?? loaded?.objects.get(n)?.uuid;
};

/** The nearest thing a view says it answers. */
const parentRef = (view: View): ThingRef | undefined => (view.type === "Note" ? view.inReplyTo?.[0] : undefined);

/** Who answers what, as far as it is known: the parent's object by the answering one. Two lookups for all. */
const parentsOfTold = async (
  tx: Pending,
  told: readonly ToldChange[],
  system: SystemId,
  loaded: Loaded,
): Promise<Map<RowNo, RowNo>> => {
  const refs = told.flatMap(({ change, view }) => {
    const ref = parentRef(view);
    return ref ? [{ n: change.object.n, ref }] : [];
  });
  const all = refs.map(({ ref }) => ref);
  const named: NamedObjects = { direct: await directlyNamed(tx, all, system), hinted: await hintsOf(tx, all, system, loaded) };
  const parents = new Map<RowNo, RowNo>();
  for (const { n, ref } of refs) {
    const parent = objectNamed(ref, system, named);
    if (parent && parent !== n) parents.set(n, parent);
  }
  return parents;
};

/** The object first known by each hint that these references name. */
const hintsOf = async (
  tx: Pending,
  refs: readonly ThingRef[],
  system: SystemId,
  loaded: Loaded,
): Promise<NamedObjects["hinted"]> => {
  const keys = new Map(refKeys(refs, system).map((key) => [evidenceKey(key), key]));
  const hints = new Map<string, RowNo>();
  const first = (name: string, object: RowNo | undefined): void => {
    if (object !== undefined && !hints.has(name)) hints.set(name, object);
  };
  for (const name of keys.keys()) first(name, loaded?.hints.get(name)?.[0]);
  const unasked = [...keys].flatMap(([name, key]) => (loaded?.mentioned.has(name) ? [] : [key]));
  for (const row of await tx.hints(unasked)) first(evidenceKey(row), row.object);
  if (keys.size > hints.size) for (const row of tx.newHints([...keys.keys()])) first(evidenceKey(row), row.object);
  return (name) => hints.get(name);
};

/** What the collections are called in which something is told. */
const namesOf = async (tx: Pending, told: readonly ToldChange[]): Promise<Map<Place, string>> => {
  const places = told.flatMap(({ change }) => [...change.before.at.keys(), ...change.after.at.keys()]);
  return new Map((await tx.collectionsAt([...new Set(places)])).map(({ place, name }) => [place, name]));
};

/** Members of groups by the names of their own cards, where these are known: a group may name them by a number alone. */
const withNames = async (tx: Pending, told: readonly ToldChange[], system: SystemId): Promise<readonly ToldChange[]> => {
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
