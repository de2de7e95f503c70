/**
 * reconcile: what is stored and what a page shows → what changes. Pure: it decides, commit.ts acts. One file, since the numbered
 * cases lean on each other.
 *
 * The cases. Rows: what is known of the key. Columns: what is sighted.
 *
 *            whole            patch           reference       here        gone             out
 *  unknown   1 new            2 fetch         2 fetch         2 fetch     3 order kept     4 nothing
 *  gone      1 new, if later  2 fetch         2 fetch         2 fetch     3 order kept     4 nothing
 *  here      5 seen | 6 reuse 7 patched       8 same | fetch  9 seen      10 marked        11 out
 *  missing   5 mark falls     7 mark falls    8 fetch         9 falls     12 stays         11 | 12 stays
 *  out       5 here again     7 here again    8 fetch         9 again     10 marked        12 stays
 *
 *  13 A sighting whose order is older than the stored one tells nothing (5, 7, 10); for a gone key also an equal one.
 *  14 `final`, and anything gone in a system that cannot be looked at, settles at once.
 *  15 The end of an unbroken listing marks what it never showed: here → missing; out, or seen since → asked for by key.
 *  16 A new own item of an object replaces its oldest marked item in another collection of the system: Move.
 *  17 A new item with a partner by hint alone: both are read with digest before anything is written.
 *  18 A new item that a delivery of ours made is a rendering of what was delivered; it closes the delivery, and tells nothing.
 */

import type { Gone, Patch, Sighting, Whole } from "../../contract/adapter.ts";
import { carrierOf, isCarried } from "../../contract/scheduling.ts";
import { type ItemKey, systemOf } from "../../contract/words.ts";
import type { Changes, Item, ObjectRecord, QuarantineRecord, RowNo } from "../../store/contract.ts";
import { assign, partnersOf, rememberThread, threadOf } from "./assign.ts";
import { quietly } from "./baseline.ts";
import { goneKey, goneNow, hasDigest, hereAgain, itemOf, quarantined, sameButSeen, still, waits } from "./item-rows.ts";
import type { LoadedPage, Sighted, TextLevel } from "./load.ts";
import { creatingVerbs, isWhole } from "./load.ts";
import { implausible } from "./plausible.ts";
import { type TouchedObject, UnitOfWork } from "./unit-of-work.ts";
import { keepingText, normalise, patched } from "./views.ts";

/** What must be fetched before this page can be decided. */
export interface Needs {
  readonly keys: readonly ItemKey[];
  /** New keys to read with digest. */
  readonly digests: readonly ItemKey[];
  /** Partners by hint to read with digest. */
  readonly partners: readonly Item[];
}

/** What a page changes. */
export interface Decided {
  readonly changes: Changes;
  readonly touched: readonly TouchedObject[];
  /** The listing just ended is held: nothing was marked. */
  readonly held: boolean;
  /** It left out what is there, or marks rest on it alone: another listing is due. */
  readonly unsure: boolean;
}

/** Absent items that are asked for one by one; of more the listing is made again. */
const checkedAtMost = 500;

/** Decides one page. */
export const reconcile = (loaded: LoadedPage, page: readonly Sighted[]): Decided | { readonly needs: Needs } => {
  const work = new UnitOfWork(loaded);
  const needs = { keys: new Set<ItemKey>(), digests: new Set<ItemKey>(), partners: new Map<RowNo, Item>() };
  const quarantine: QuarantineRecord[] = [];
  const { look, rules } = loaded;
  const older = (order: string | undefined, item: Item): boolean =>
    rules.order && order !== undefined && item.order !== undefined && order < item.order;

  const vanish = (item: Item, sighting: Gone): void => {
    const order = sighting.order ?? item.order;
    if (sighting.final || !look.looks || !rules.settle) work.put({ ...goneNow(item), ...(order !== undefined && { order }) });
    else work.put({ ...work.marked(item, false), ...(order !== undefined && { order }) });
  };

  const arrive = (whole: Whole, text: TextLevel, known: Item | undefined): void => {
    const gone = known?.state === "gone" ? known : undefined;
    // 13: what is gone comes back only with a greater order.
    if (rules.order && gone?.order !== undefined && (whole.order ?? "") <= gone.order) return;
    const ours = loaded.ours.get(whole.key);
    const made = ours && work.object(ours.object);
    // The mail an answer went in is no meeting.
    const vehicle = made !== undefined && made.type !== whole.object.type;
    const delivered = vehicle && !creatingVerbs.has(ours?.verb ?? "") ? undefined : made;
    if (ours && (vehicle || (made && creatingVerbs.has(ours.verb)))) work.seenOf(ours);
    if (ours && delivered && creatingVerbs.has(ours.verb)) {
      // 18
      work.witness(delivered.n, whole.same ?? []);
      work.put(itemOf(loaded, whole, text, delivered.n, known?.n, ours), { whole });
      return;
    }
    const quiet = quietly(whole, look, rules);
    // What an act of ours moved or labelled is the same thing elsewhere.
    const owner = delivered ?? assign(loaded, work, whole);
    if (text === "none" && look.wants !== "none" && look.fetches && (quiet === "no" || outdates(whole, owner))) {
      // A baseline is read without text; this is news in the middle of it, or another edition of what was read with text.
      needs.keys.add(whole.key);
      return;
    }
    if (owner === undefined && quiet === "no" && rules.hint && look.fetches) {
      // 17
      const { ask, self } = partnersOf(loaded, work, whole);
      for (const partner of ask) needs.partners.set(partner.n, partner);
      if (self) needs.digests.add(whole.key);
      if (self || ask.length > 0) return;
    }
    const object = owner ?? work.newObject(whole.object.type, threadOf(loaded, work, whole));
    const was = work.presentItems(object.n);
    rememberThread(loaded, work, whole, object.thread);
    work.witness(object.n, whole.same ?? []);
    const item = work.put(itemOf(loaded, whole, text, object.n, known?.n), { whole });
    // 16: of a collection the object has left; where another item of it stands there (a flip), it has not.
    const left = (one: Item): boolean => !was.some((other) => other.place === one.place && other.state !== "missing");
    const replaced = was.filter(
      (one) =>
        rules.move &&
        one.state === "missing" &&
        one.role === "own" &&
        one.place !== item.place &&
        systemOf(one.place) === systemOf(item.place) &&
        left(one),
    );
    const oldest = replaced.sort((a, b) => (a.mark ?? 0) - (b.mark ?? 0))[0];
    if (oldest) work.put(goneNow(oldest));
    else if (quiet === "all" || (ours && vehicle) || (quiet === "create" && was.length === 0)) work.quiet(item);
  };

  /** True if the object's text was read, and this view takes its place. */
  const outdates = (whole: Whole, owner: ObjectRecord | undefined): boolean =>
    owner !== undefined &&
    work
      .presentItems(owner.n)
      .some(({ role, text, view }) => role === "own" && text !== "none" && (view?.edition ?? "") < (whole.object.edition ?? ""));

  const see = (item: Item, whole: Whole, text: TextLevel): void => {
    const identity = whole.same?.find(({ weight }) => weight === "identity")?.id;
    const another =
      whole.object.type !== item.view?.type ||
      (identity !== undefined && item.identity !== undefined && identity !== item.identity);
    if (another && rules.reuse) {
      // 6: the old item is gone; its row now holds another object's.
      work.put(goneNow(item));
      const { order: _order, ...row } = item;
      arrive(whole, text, { ...row, state: "gone" });
      return;
    }
    if (older(whole.order, item)) {
      // 13: an old state takes no mark away.
      if (item.state === "here") work.stamp(item);
      return;
    }
    if (whole.revision !== item.revision && text !== item.text && text === "none" && look.fetches) {
      // It may have been edited, and this look reads no text.
      needs.keys.add(item.key);
      return;
    }
    work.link(item.object, whole.same ?? []);
    const changedBy = look.receipts?.get(whole.key)?.delivery;
    const kept = keepingText(normalise(whole.object), text, item);
    const next: Item = {
      ...hereAgain(item),
      ...kept,
      revision: whole.revision,
      ...(whole.order !== undefined && { order: whole.order }),
      mapping: look.mapping,
      digested: item.digested || hasDigest(whole),
      ...(item.role === "rendering" && changedBy?.digest !== undefined && { digest: changedBy.digest }),
    };
    // Our own mapping changed, not the source: replaced silently.
    if (item.mapping !== look.mapping && item.revision === whole.revision) work.amend({ ...item, ...kept });
    if (item.state === "here" && sameButSeen(item, next)) work.stamp(item);
    else work.put(next, { whole });
  };

  const patch = (item: Item, sighting: Patch): void => {
    if (older(sighting.order, item)) {
      if (item.state === "here") work.stamp(item);
      return;
    }
    if (!item.view || item.mapping !== look.mapping) {
      needs.keys.add(item.key);
      return;
    }
    const view = patched(item.view, sighting);
    const textual = sighting.set !== undefined && ("text" in sighting.set || "content" in sighting.set);
    const next: Item = {
      ...hereAgain(item),
      view,
      ...(textual && { text: look.wants }),
      revision: sighting.revision,
      ...(sighting.order !== undefined && { order: sighting.order }),
    };
    if (item.state === "here" && sameButSeen(item, next)) work.stamp(item);
    else work.put(next, { patch: sighting });
  };

  /** Rows "unknown" and "gone". */
  const takeNew = (sighting: Sighting, text: TextLevel, item: Item | undefined): void => {
    if (isWhole(sighting)) arrive(sighting, text, item);
    else if ("gone" in sighting) {
      work.release(sighting.key);
      if (sighting.order !== undefined && sighting.order > (item?.order ?? "")) work.put(goneKey(loaded, sighting, item));
    } else if ("out" in sighting) work.release(sighting.key);
    else {
      const order = "order" in sighting ? sighting.order : undefined;
      const late = rules.order && item?.order !== undefined && order !== undefined && order <= item.order;
      if (waits(loaded, sighting)) quarantine.push(still(loaded, sighting.key));
      else if (!late) needs.keys.add(sighting.key);
    }
  };

  /** Rows "here", "missing" and "out". */
  const takeKnown = (sighting: Sighting, text: TextLevel, item: Item): void => {
    if (isWhole(sighting)) see(item, sighting, text);
    else if ("gone" in sighting) {
      work.release(sighting.key);
      if (item.state !== "missing" && !older(sighting.order, item)) vanish(item, sighting);
    } else if ("out" in sighting) {
      work.release(sighting.key);
      // What merely was not shown, and of which nobody can say where it is, was not said to be gone: its mark falls.
      if (item.state === "here" || (item.state === "missing" && item.absent)) work.put({ ...hereAgain(item), state: "out" }, {});
    } else if ("here" in sighting) work.stamp(item);
    else if ("set" in sighting || "add" in sighting || "remove" in sighting) patch(item, sighting as Patch);
    else if (
      item.state === "here" &&
      sighting.revision === item.revision &&
      item.mapping === look.mapping &&
      !loaded.quarantined.has(item.key)
    )
      work.stamp(item);
    else if (waits(loaded, sighting)) {
      quarantine.push(still(loaded, sighting.key));
      work.stamp(item);
    } else needs.keys.add(sighting.key);
  };

  const take = (sighting: Sighting, text: TextLevel): void => {
    const item = work.item(sighting.key);
    if ("malformed" in sighting) {
      quarantine.push(quarantined(loaded, sighting));
      if (item && item.state !== "gone") work.stamp(item);
    } else if (!item || item.state === "gone") takeNew(sighting, text, item);
    else takeKnown(sighting, text, item);
  };

  for (const { delivery, left } of look.receipts?.values() ?? []) {
    const moved = left && work.presentItems(delivery.object).find(({ place, key }) => place === left.place && key === left.key);
    if (moved) work.put(work.marked(moved, false));
  }
  for (const [n, evidence] of loaded.fetched.partners) work.partner(n, evidence);
  for (const { sighting, text } of page) take(sighting, text);

  // 15
  const absent = loaded.absent
    .map((item) => work.item(item.key) ?? item)
    .filter((item) => !isCarried(item) && item.stamp !== look.listing?.id && (item.state === "here" || item.state === "out"));
  // A listing cannot speak for what is out of scope, nor for what was seen since it opened: that is asked for by key. So are
  // a few that are absent: a server may leave out what is there.
  const proven = (item: Item): boolean => (item.state === "here" ? item.seen <= (look.listing?.opened ?? 0) : !rules.out);
  const missed = absent.filter(proven);
  const checks = rules.check && look.fetches && missed.length <= checkedAtMost;
  const lost: Item[] = checks ? [] : missed;
  // A listing that left out what is there is none: it may have left out more.
  let unmasked = false;
  for (const item of absent) {
    if ((proven(item) && !checks) || !look.fetches) continue;
    const answer = loaded.fetched.absent.get(item.key);
    if (answer && !("gone" in answer) && !("out" in answer) && proven(item) && item.state === "here") unmasked = true;
    if (!answer) needs.keys.add(item.key);
    else if ("gone" in answer && proven(item)) lost.push(item);
    else if ("gone" in answer) vanish(item, answer);
    else if (item.state === "here") take(answer, look.wants);
  }
  if (needs.keys.size + needs.digests.size + needs.partners.size > 0) {
    return { needs: { keys: [...needs.keys], digests: [...needs.digests], partners: [...needs.partners.values()] } };
  }
  if (look.listing?.last) {
    const waiting = new Set(quarantine.map(({ key }) => key));
    for (const [key, { stamp }] of loaded.quarantined) if (stamp !== look.listing.id && !waiting.has(key)) work.release(key);
  }
  // A listing that leaves out what is there agrees with nothing: it is judged by all that it left out.
  const losing = losingWith(work, unmasked ? missed : lost);
  const suspicious = rules.plausible && implausible(losing, loaded.counts.present, look.share);
  const counted = look.listing?.count === undefined || look.listing.count === stampedNow(loaded, work);
  const agreed = look.fresh && look.collection.held > 0 && !unmasked && counted;
  const held = suspicious && !agreed;
  if (!held) for (const item of lost) work.put(rules.settle ? work.marked(item, true) : goneNow(item));
  for (const item of leftBehind(loaded, work)) work.put(item);

  return { ...work.close(quarantine), held, unsure: !held && (unmasked || (!checks && lost.length > 0)) };
};

/** How many objects would lose their last item with these. */
const losingWith = (work: UnitOfWork, items: readonly Item[]): number => {
  const rows = new Set(items.map(({ n }) => n));
  const stays = (item: Item): boolean => item.role === "own" && item.state !== "missing" && !rows.has(item.n);
  return [...new Set(items.map(({ object }) => object))].filter((n) => !work.presentItems(n).some(stays)).length;
};

/** How many items bear the listing's stamp once this page is in. */
const stampedNow = (loaded: LoadedPage, work: UnitOfWork): number =>
  loaded.counts.stamped +
  work.stampedHere().filter((item) => loaded.items.get(item.key)?.stamp !== loaded.look.listing?.id).length;

/** Messages about meetings whose mail was not shown any more: out, as that goes. A listing need not show them beside it. */
const leftBehind = ({ absent }: LoadedPage, work: UnitOfWork): readonly Item[] => {
  const unseen = new Set(absent.filter((item) => !isCarried(item)).map(({ key }) => key));
  return absent.flatMap((item) => {
    const key = carrierOf(item.view);
    const left = key !== undefined && unseen.has(key) && ["missing", "gone"].includes(work.item(key)?.state ?? "");
    return left && item.state === "here" ? [{ ...item, state: "out" as const }] : [];
  });
};
