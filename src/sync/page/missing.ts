/** Which missing items are proven gone: their marks settle. Pure. */

import type { Loss } from "../../contract/view.ts";
import type { Place } from "../../contract/words.ts";
import type { Changes, CollectionRecord, Item, SystemRecord, Tick } from "../../store/contract.ts";
import type { Rules } from "../rules.ts";
import { goneNow } from "./item-rows.ts";
import type { LoadedPage } from "./load.ts";
import { type TouchedObject, UnitOfWork } from "./unit-of-work.ts";

/** Longest that a collection which cannot be read holds a settlement, ms. */
const waitAtMost = 3_600_000;

/** Up to which tick marks are proven, and what could not be read for it. */
export interface Horizon {
  readonly upTo: Tick;
  readonly unread: readonly Place[];
}

/**
 * A mark below `upTo` is proven: a discovery and a look in every collection it shows have finished that opened after it.
 * @param patient  false: collections that cannot be read are waited for no longer
 */
export const horizonOf = (system: SystemRecord, collections: readonly CollectionRecord[], patient: boolean): Horizon => {
  const shown = collections.filter((collection) => collection.shown);
  const unreadable = shown.filter(
    ({ failing, held }) => failing?.code === "forbidden" || (!patient && (failing !== undefined || held > 0)),
  );
  const ticks = shown.filter((collection) => !unreadable.includes(collection)).map((collection) => collection.opened ?? 0);
  return { upTo: Math.min(system.opened ?? 0, ...ticks), unread: unreadable.map(({ place }) => place) };
};

export interface MissingDecision {
  readonly changes: Changes;
  readonly touched: readonly TouchedObject[];
  readonly losses: readonly Loss[];
  /** Marks that still ask for a discovery and looks. */
  readonly open: number;
}

/** Decides the marks of one system. `loaded.family` holds every item of the objects concerned. */
export const decideMissing = (
  loaded: Pick<LoadedPage, "items" | "family" | "objects" | "strong" | "tick" | "now" | "mint" | "uuid"> & {
    readonly rules: Rules;
  },
  missing: readonly Item[],
  system: SystemRecord,
  collections: readonly CollectionRecord[],
): MissingDecision => {
  const work = new UnitOfWork({ ...loaded, look: { collection: { place: "" } } });
  const patient = horizonOf(system, collections, true);
  const impatient = horizonOf(system, collections, false);
  const unread = new Set<Place>();
  let open = 0;
  for (const item of missing) {
    const waited = loaded.now - (item.markedAt ?? loaded.now) > waitAtMost;
    const horizon = waited ? impatient : patient;
    const own = collections.find(({ place }) => place === item.place);
    const unreadable = own?.shown === true && (own.failing !== undefined || own.held > 0);
    // Its own collection is never left out at once: nobody could look whether it is back.
    if ((item.mark ?? 0) >= horizon.upTo || (unreadable && !waited)) {
      open += 1;
      continue;
    }
    const elsewhere = work.presentItems(item.object).some((one) => one.role === item.role && one.state !== "missing");
    if (!elsewhere && !item.asked && loaded.rules.twice) {
      work.put({ ...item, asked: true, mark: loaded.tick });
      open += 1;
      continue;
    }
    for (const place of horizon.unread) unread.add(place);
    work.put(goneNow(item));
  }
  return {
    ...work.close(),
    losses: [...unread].map((place) => ({ field: "target", reason: `${place} could not be read, so it may be there` })),
    open,
  };
};
