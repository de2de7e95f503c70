/** What reconcile asks for before it can decide a page: items by key, digests, partners in other systems. */

import type { Evidence, Read, Sighting } from "../contract/adapter.ts";
import { isGroupstreamError } from "../contract/errors.ts";
import { carrierOf } from "../contract/scheduling.ts";
import type { ItemKey, Place } from "../contract/words.ts";
import { systemOf } from "../contract/words.ts";
import { minimised, readOf } from "../policy/index.ts";
import { collectionFrom } from "../store/collection.ts";
import type { CollectionRecord, Item, PageStore, RowNo } from "../store/contract.ts";
import type { SyncContext } from "./context.ts";
import { type Fetched, isWhole, type Sighted } from "./page/load.ts";
import type { Needs } from "./page/reconcile.ts";

/** Fetches what reconcile asked for. */
export const fetchNeeds = async (
  context: SyncContext,
  place: Place,
  sighted: readonly Sighted[],
  fetched: Fetched,
  needs: Needs,
  signal: AbortSignal,
): Promise<{ sighted: Sighted[]; fetched: Fetched }> => {
  const { policy } = context;
  const read = readOf(policy, false);
  const answers = new Map<ItemKey, Sighting>();
  const ask = async (keys: readonly ItemKey[], how: Read): Promise<void> => {
    for (const [key, sighting] of await answersOf(context, place, keys, how, signal))
      answers.set(key, minimised(sighting, policy));
  };
  if (needs.keys.length > 0) await ask(needs.keys, read);
  if (needs.digests.length > 0) await ask(needs.digests, { ...read, digest: true });
  const paged = new Set(sighted.map(({ sighting }) => sighting.key));
  const asked = new Set([...needs.keys, ...needs.digests]);
  /** A message about a meeting comes beside the mail that was asked for: it becomes part of the page. */
  const isBeside = (sighting: Sighting): boolean =>
    isWhole(sighting) && !paged.has(sighting.key) && asked.has(carrierOf(sighting.object) ?? "");
  const beside = [...answers.values()].filter(isBeside);
  const partners = new Map<RowNo, readonly Evidence[] | undefined>(fetched.partners);
  for (const partner of needs.partners) partners.set(partner.n, await evidenceOf(context, partner, signal));
  return {
    sighted: [
      ...sighted.map((one) => {
        const sighting = answers.get(one.sighting.key);
        return sighting ? { sighting, text: policy.body } : one;
      }),
      ...beside.map((sighting) => ({ sighting, text: policy.body })),
    ],
    fetched: {
      absent: new Map([...fetched.absent, ...[...answers].filter(([key]) => !paged.has(key))]),
      partners,
      digested: new Set([...fetched.digested, ...needs.digests]),
    },
  };
};

const recordAt = async (store: PageStore, place: Place): Promise<CollectionRecord | undefined> =>
  (await store.collections(systemOf(place))).find((record) => record.place === place);

/** Exactly one answer for each key; silence and anything but whole, gone, out and malformed are the adapter's fault. */
const answersOf = async (
  { store, adapter }: SyncContext,
  place: Place,
  keys: readonly ItemKey[],
  read: Read,
  signal: AbortSignal,
): Promise<Map<ItemKey, Sighting>> => {
  const record = await recordAt(store, place);
  const answers = new Map<ItemKey, Sighting>();
  if (record && adapter.fetch) {
    for await (const sighting of adapter.fetch(collectionFrom(record), keys, read, signal)) {
      if (isWhole(sighting) || "gone" in sighting || "out" in sighting || "malformed" in sighting)
        answers.set(sighting.key, sighting);
    }
  }
  for (const key of keys) {
    if (!answers.has(key))
      answers.set(key, { key, revision: "", malformed: { reason: "the adapter gave no answer for this key" } });
  }
  return answers;
};

/** A partner's evidence with digest; undefined where it cannot be had now: then in doubt two objects. */
const evidenceOf = async (context: SyncContext, partner: Item, signal: AbortSignal): Promise<readonly Evidence[] | undefined> => {
  const adapter = context.peer(systemOf(partner.place));
  const record = await recordAt(context.store, partner.place);
  if (!adapter?.fetch || !record) return undefined;
  try {
    for await (const sighting of adapter.fetch(
      collectionFrom(record),
      [partner.key],
      { text: "none", behaviour: false, digest: true },
      signal,
    )) {
      if (isWhole(sighting)) return sighting.same ?? [];
    }
  } catch (error) {
    signal.throwIfAborted();
    if (!isGroupstreamError(error)) throw error;
  }
  return undefined;
};
