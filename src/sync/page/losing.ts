/** What a page would take away, and what it has shown by its end. Pure. */

import { carrierOf, isCarried } from "../../contract/scheduling.ts";
import type { Item } from "../../store/contract.ts";
import type { LoadedPage } from "./load.ts";
import type { UnitOfWork } from "./unit-of-work.ts";

/** How many objects would lose their last item with these. */
export const losingWith = (work: UnitOfWork, items: readonly Item[]): number => {
  const rows = new Set(items.map(({ n }) => n));
  const stays = (item: Item): boolean => item.role === "own" && item.state !== "missing" && !rows.has(item.n);
  return [...new Set(items.map(({ object }) => object))].filter((n) => !work.presentItems(n).some(stays)).length;
};

/** How many items bear the listing's stamp once this page is in. */
export const stampedNow = (loaded: LoadedPage, work: UnitOfWork): number =>
  loaded.counts.stamped +
  work.stampedHere().filter((item) => loaded.items.get(item.key)?.stamp !== loaded.look.listing?.id).length;

/** Messages about meetings whose mail was not shown any more: out, as that goes. A listing need not show them beside it. */
export const leftBehind = ({ absent }: LoadedPage, work: UnitOfWork): readonly Item[] => {
  const unseen = new Set(absent.filter((item) => !isCarried(item)).map(({ key }) => key));
  return absent.flatMap((item) => {
    const key = carrierOf(item.view);
    const left = key !== undefined && unseen.has(key) && ["missing", "gone"].includes(work.item(key)?.state ?? "");
    return left && item.state === "here" ? [{ ...item, state: "out" as const }] : [];
  });
};
