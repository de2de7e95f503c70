/**
 * Who answers whom: which objects the references in views name. The one place where a reference becomes an object, for reading
 * (conversations, `inReplyTo` of what is told) and for delivering (what an answer is put beneath).
 *
 * A reference names a delivery of ours by its marker, an item by collection and key, or evidence that several objects may share.
 */

import type { Evidence } from "../contract/adapter.ts";
import type { ThingRef, View } from "../contract/view.ts";
import type { EvidenceId, ItemKey, Place, SystemId } from "../contract/words.ts";
import { placeOf } from "../contract/words.ts";
import type { EvidenceKey, RowNo, Transaction } from "./contract.ts";

/** What resolving references asks of a transaction. */
export type ReferenceLookup = Pick<Transaction, "hints" | "itemHeaders" | "delivery">;

/** The scope an evidence is unique in. */
export const scopeOf = (evidence: Evidence, system: SystemId): EvidenceKey => ({
  scope: evidence.within === "everywhere" ? "*" : system,
  id: evidence.id,
});

export const evidenceKey = ({ scope, id }: EvidenceKey): string => `${scope} ${id}`;

/** An evidence that is good in every system. */
export const everywhere = (id: EvidenceId): EvidenceKey => ({ scope: "*", id });

/** The things a view names as parents and conversation. */
export const refsOf = (view: View): readonly ThingRef[] =>
  view.type === "Note"
    ? [...(view.inReplyTo ?? []), ...(view.context ?? [])]
    : view.type === "Event" || view.type === "Task"
      ? (view.context ?? [])
      : [];

/** The scopes an evidence named in a reference may be unique in, that of all systems first. */
export const refKeys = (refs: readonly ThingRef[], system: SystemId): readonly EvidenceKey[] => {
  const keys: EvidenceKey[] = [];
  for (const ref of refs) if ("evidence" in ref) keys.push(everywhere(ref.evidence), { scope: system, id: ref.evidence });
  return keys;
};

/** The same as names. */
export const refNames = (refs: readonly ThingRef[], system: SystemId): readonly string[] =>
  refKeys(refs, system).map(evidenceKey);

/** The name of the one thing a marker or a key stands for; undefined for evidence. */
export const directName = (ref: ThingRef, system: SystemId): string | undefined => {
  if ("marker" in ref) return `* ${ref.marker}`;
  return "collection" in ref ? `${placeOf(system, ref.collection)} ${ref.key}` : undefined;
};

/** Objects by what names them. */
export interface NamedObjects {
  /** By marker, or by collection and key: see {@link directName}. */
  readonly direct: ReadonlyMap<string, RowNo>;
  /** By evidence: the object that was first known by this name. */
  readonly hinted: (name: string) => RowNo | undefined;
}

/** The object a reference names; undefined where none is known. Pure. */
export const objectNamed = (ref: ThingRef, system: SystemId, { direct, hinted }: NamedObjects): RowNo | undefined => {
  const name = directName(ref, system);
  if (name !== undefined) return direct.get(name);
  return refNames([ref], system)
    .map(hinted)
    .find((object) => object !== undefined);
};

/** Objects named by marker or by key. One lookup a collection. */
export const directlyNamed = async (
  tx: Pick<ReferenceLookup, "itemHeaders" | "delivery">,
  refs: readonly ThingRef[],
  system: SystemId,
): Promise<Map<string, RowNo>> => {
  const named = new Map<string, RowNo>();
  const keyed = new Map<Place, Set<ItemKey>>();
  for (const ref of refs) {
    if ("marker" in ref) {
      const object = (await tx.delivery(ref.marker))?.object ?? 0;
      if (object > 0) named.set(directName(ref, system) ?? "", object);
    } else if ("collection" in ref) {
      const there = placeOf(system, ref.collection);
      keyed.set(there, (keyed.get(there) ?? new Set()).add(ref.key));
    }
  }
  for (const [there, keys] of keyed)
    for (const { key, object } of await tx.itemHeaders(there, [...keys])) if (object > 0) named.set(`${there} ${key}`, object);
  return named;
};

/** The objects this view says it answers, nearest first, as far as they are known. */
export const parentsOf = async (tx: ReferenceLookup, view: View, system: SystemId): Promise<readonly RowNo[]> => {
  const refs = view.type === "Note" ? (view.inReplyTo ?? []) : [];
  const direct = await directlyNamed(tx, refs, system);
  const hints = new Map<string, RowNo>();
  for (const row of await tx.hints(refKeys(refs, system)))
    if (!hints.has(evidenceKey(row))) hints.set(evidenceKey(row), row.object);
  const named: NamedObjects = { direct, hinted: (name) => hints.get(name) };
  return [...new Set(refs.flatMap((ref) => objectNamed(ref, system, named) ?? []))];
};
