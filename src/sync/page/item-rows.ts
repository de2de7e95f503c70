/** Rows as they are made and compared. Pure. */

import { isDeepStrictEqual } from "node:util";
import type { Evidence, Gone, Malformed, Reference, Sighting, Whole } from "../../contract/adapter.ts";
import { isCarried } from "../../contract/scheduling.ts";
import type { ItemKey } from "../../contract/words.ts";
import type { DeliveryRecord, Item, QuarantineRecord, RowNo, Tick } from "../../store/contract.ts";
import type { LoadedPage, TextLevel } from "./load.ts";
import { normalise } from "./views.ts";

export const hasDigest = (whole: { readonly same?: readonly Evidence[] }): boolean =>
  whole.same?.some(({ weight, within }) => weight === "content" && within === "everywhere") ?? false;

/** @param ours  the delivery that made it: it is a rendering */
export const itemOf = (
  loaded: LoadedPage,
  whole: Whole,
  text: TextLevel,
  object: RowNo,
  n: RowNo | undefined,
  ours?: DeliveryRecord,
): Item => {
  const identity = whole.same?.find(({ weight }) => weight === "identity")?.id;
  // Set one by one: a first pass makes 100,000 of these, and spreading takes three times as long.
  const item: { -readonly [field in keyof Item]: Item[field] } = {
    n: n ?? loaded.mint("item"),
    place: loaded.look.collection.place,
    key: whole.key,
    object,
    role: ours ? "rendering" : "own",
    state: "here",
    view: normalise(whole.object),
    revision: whole.revision,
    mapping: loaded.look.mapping,
    text,
    digested: hasDigest(whole) || loaded.fetched.digested.has(whole.key),
    seen: loaded.tick,
    absent: false,
    asked: false,
  };
  if (ours?.digest !== undefined) item.digest = ours.digest;
  if (whole.order !== undefined) item.order = whole.order;
  if (identity !== undefined) item.identity = identity;
  if (loaded.look.listing && !isCarried(item)) item.stamp = loaded.look.listing.id;
  return item;
};

/** Seen again: no mark is left. */
export const hereAgain = (item: Item): Item => {
  const { mark: _mark, markedAt: _markedAt, ...rest } = item;
  return { ...rest, state: "here", absent: false, asked: false };
};

/**
 * Marked missing; an open mark stays as it is. A message about a meeting is merely out: that it was thrown away says nothing of the meeting.
 * @param absent  a listing or discovery did not show it; false: the source said gone
 */
export const markedAt = (item: Item, absent: boolean, { tick, now }: { readonly tick: Tick; readonly now: number }): Item =>
  item.state === "missing"
    ? item
    : isCarried(item)
      ? { ...item, state: "out" }
      : { ...item, state: "missing", mark: tick, markedAt: now, absent, asked: false };

/** What the source said is gone keeps its order; what merely was absent may come back as it was. */
export const goneNow = (item: Item): Item => {
  const { view: _view, mark: _mark, markedAt: _markedAt, order, ...rest } = item;
  return { ...rest, ...(order !== undefined && !item.absent && { order }), state: "gone", absent: false, asked: false };
};

/** 3: a key reported gone keeps its order, also one never seen. */
export const goneKey = (loaded: LoadedPage, sighting: Gone, item: Item | undefined): Item => ({
  n: item?.n ?? loaded.mint("item"),
  place: loaded.look.collection.place,
  key: sighting.key,
  object: item?.object ?? 0,
  role: item?.role ?? "own",
  state: "gone",
  revision: item?.revision ?? "",
  order: sighting.order ?? "",
  mapping: loaded.look.mapping,
  text: "none",
  digested: false,
  seen: loaded.tick,
  absent: false,
  asked: false,
});

export const quarantined = (loaded: LoadedPage, sighting: Malformed): QuarantineRecord => ({
  place: loaded.look.collection.place,
  key: sighting.key,
  revision: sighting.revision,
  reason: sighting.malformed.reason,
  ...(sighting.malformed.part !== undefined && { part: sighting.malformed.part }),
  since: loaded.quarantined.get(sighting.key)?.since ?? loaded.now,
  tries: (loaded.quarantined.get(sighting.key)?.tries ?? 0) + 1,
  mapping: loaded.look.mapping,
  ...(loaded.look.listing && { stamp: loaded.look.listing.id }),
});

/** A quarantined key that was seen again as it was. */
export const still = (loaded: LoadedPage, key: ItemKey): QuarantineRecord => {
  const record = loaded.quarantined.get(key) as QuarantineRecord;
  return loaded.look.listing ? { ...record, stamp: loaded.look.listing.id } : record;
};

/** True if nothing but the stamp would change. */
export const sameButSeen = (a: Item, b: Item): boolean =>
  isDeepStrictEqual({ ...a, seen: 0, stamp: "" }, { ...b, seen: 0, stamp: "" });

/** A key in quarantine is asked for again only when its revision or our mapping has changed. */
export const waits = (
  { quarantined: waiting, look }: LoadedPage,
  sighting: Exclude<Sighting, Whole | Gone | Malformed>,
): boolean => {
  const record = waiting.get(sighting.key);
  return (
    record !== undefined &&
    record.mapping === look.mapping &&
    "revision" in sighting &&
    (sighting as Reference).revision === record.revision
  );
};
