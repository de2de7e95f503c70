/** Where an invitation is answered: once, and where the organiser hears of it. Pure. */

import type { Level, Verb } from "../contract/adapter.ts";
import { isCarried, isPlanned } from "../contract/scheduling.ts";
import type { Item } from "../store/contract.ts";

/** The verbs that answer. */
export const answerVerbs: ReadonlySet<string> = new Set<Verb>(["Accept", "TentativeAccept", "Reject"]);

/** A message about a meeting takes nothing but the answer it asks for, while its mail is there. */
export const takesVerb = (item: Item, verb: string): boolean => {
  if (!isCarried(item)) return true;
  return answerVerbs.has(verb) && item.state === "here" && isPlanned(item.view) && item.view.method === "request";
};

/**
 * The calendar whose server tells the organiser, then the mail that does, then a calendar that tells nobody. One that cannot be asked is
 * taken for the first: a mail beside its server's would be a second answer.
 */
const rankOf = (item: Item, level: Level | undefined): number =>
  isCarried(item) ? 1 : (level?.level ?? "full") === "full" ? 0 : 2;

/** @param levels  how well the item's system takes the answer */
export const byTelling = (items: readonly Item[], levels: (item: Item) => Level | undefined): readonly Item[] =>
  [...items].sort((a, b) => rankOf(a, levels(a)) - rankOf(b, levels(b)) || a.n - b.n);

/** After the answer went by mail: the calendars that tell nobody and should show it, too. @param rest  behind it by {@link byTelling} */
export const toKeepBeside = (answered: Item, rest: readonly Item[]): readonly Item[] =>
  isCarried(answered) ? rest.filter((item) => !isCarried(item)) : [];
