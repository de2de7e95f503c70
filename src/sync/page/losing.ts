/** What a page would take away, and what it has shown by its end. Pure. */

import { carrierOf, isCarried } from "../../contract/scheduling.ts";
import type { Item } from "../../store/contract.ts";
import type { Scene } from "./load.ts";
import type { Ledger } from "./unit-of-work.ts";

/** How many objects would lose their last item with these. */
export const losingWith = (ledger: Ledger, items: readonly Item[]): number => {
  const rows = new Set(items.map(({ n }) => n));
  const stays = (item: Item): boolean => item.role === "own" && item.state !== "missing" && !rows.has(item.n);
  return [...new Set(items.map(({ object }) => object))].filter((n) => !ledger.standing(n).some(stays)).length;
};

/** How many items bear the listing's stamp once this page is in. */
export const stampedNow = (scene: Scene, ledger: Ledger): number =>
  scene.standing.stamped +
  ledger.stampedHere().filter((item) => scene.items.get(item.key)?.stamp !== scene.look.listing?.id).length;

/** Messages about meetings whose mail was not shown any more: out, as that goes. A listing need not show them beside it. */
export const leftBehind = ({ absent }: Scene, ledger: Ledger): readonly Item[] => {
  const unseen = new Set(absent.filter((item) => !isCarried(item)).map(({ key }) => key));
  return absent.flatMap((item) => {
    const key = carrierOf(item.view);
    const left = key !== undefined && unseen.has(key) && ["missing", "gone"].includes(ledger.item(key)?.state ?? "");
    return left && item.state === "here" ? [{ ...item, state: "out" as const }] : [];
  });
};
