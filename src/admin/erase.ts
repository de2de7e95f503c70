/** Erasing: an entry's content goes, its place in the log stays. */

import { GroupstreamError } from "../contract/errors.ts";
import { type ObjectId, systemIri, systemOf, uuidOf } from "../contract/words.ts";
import type { LogStore, PageStore, Store, StoredEntry } from "../store/contract.ts";
import type { AdminContext } from "./index.ts";
import type { HubRequest } from "./requests.ts";

/**
 * What stands where an activity was: that there was one, of what type, and which object it was about. Whoever acted is erased, too:
 * as everywhere where nobody is known the actor is the system.
 */
const erased = (
  { id, type, places: [place = ""] }: Pick<StoredEntry, "id" | "type" | "places">,
  object: ObjectId | undefined,
): string =>
  JSON.stringify({
    "@context": "https://www.w3.org/ns/activitystreams",
    id,
    type,
    actor: { type: "Service", id: systemIri(systemOf(place)), name: systemOf(place) },
    object: { type: "Tombstone", ...(object !== undefined && { id: object }) },
    summaryMap: { en: "Its content was erased", de: "Sein Inhalt wurde gelöscht" },
  });

/** Entries read in one go. */
const atOnce = 1_000;

/** Entries about an object; one whose system was forgotten is known by its entries only. */
const about = async (store: LogStore & PageStore, object: ObjectId): Promise<readonly StoredEntry[]> => {
  const known = await store.object(uuidOf(object));
  if (known) return store.find({ object: known.record.n });
  const named = JSON.stringify(object);
  for (let after = 0; ; ) {
    const entries = await store.entries(after, atOnce);
    const last = entries.at(-1);
    if (!last) return [];
    after = last.seq;
    for (const entry of entries) {
      if (!entry.activity.includes(named)) continue;
      const { object: of } = JSON.parse(entry.activity) as { object?: unknown };
      if ((typeof of === "object" && of !== null && "id" in of ? of.id : of) === object)
        return store.find({ object: entry.object });
    }
  }
};

/** Refusals of what concerned these entries or objects: a target may quote in its reason what stood there, and a ground of ours name who acted. */
const silence = async (store: Store, found: readonly StoredEntry[]): Promise<void> => {
  const objects = new Set(found.map(({ object }) => object));
  const seqs = new Set(found.map(({ seq }) => seq));
  const refusals = await store.deliveries({ states: ["refused", "dead"], limit: Number.MAX_SAFE_INTEGER });
  // What an application asked for has no entry: it is known by its object.
  const quoting = refusals.filter(({ seq, object }) => seqs.has(seq) || (seq < 0 && objects.has(object)));
  const deliveries = quoting.map(({ reason: _reason, because: _because, ...rest }) => rest);
  await store.transaction((tx) => tx.write({ deliveries }));
};

/** Resolves with how many entries were erased. */
export const erase = async (
  { store, objectIri }: AdminContext,
  what: Extract<HubRequest, { what: "erase" }>,
): Promise<number> => {
  const found = "activity" in what ? await store.find({ activity: what.activity }) : await about(store, what.object);
  if (found.length === 0)
    throw new GroupstreamError(
      "misconfigured",
      "activity" in what
        ? `the log holds no activity ${what.activity}; "tail" shows their ids`
        : `the log holds nothing about an object ${what.object}; its id stands in every activity about it`,
    );
  const objects = await store.transaction((tx) => tx.objects([...new Set(found.map(({ object }) => object))]));
  const iris = new Map(objects.map(({ n, uuid }) => [n, objectIri(uuid)]));
  await silence(store, found);
  await store.erase(found.map((entry) => ({ seq: entry.seq, activity: erased(entry, iris.get(entry.object)) })));
  return found.length;
};
