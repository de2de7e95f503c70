/** `groupstream prune`: old entries go, never past somebody who has them still to read without naming them. */

import { type Command, listOf, loaded, reading, textOf } from "../call.ts";
import { exit, Said } from "../failure.ts";

const day = 86_400_000;

/** A date by RFC 3339, or `90d`: so many days ago. Undefined: neither. */
export const timeIn = (text: string, now: number): number | undefined => {
  const days = /^(\d{1,5})d$/.exec(text)?.[1];
  if (days !== undefined) return now - Number(days) * day;
  const at = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?$/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
};

export const prune: Command = async (call) => {
  const { out, words, given } = call;
  const text = textOf(given, "before");
  if (text === undefined) throw new Said(exit.configuration, words.prune.when);
  const before = timeIn(text, Date.now());
  if (before === undefined) throw new Said(exit.configuration, words.prune.badTime(text));
  const { options } = await loaded(call);
  await using hub = await reading(options);
  const pruned = await hub.prune({ before, past: listOf(given, "past") });
  out.record("pruned", pruned);
  out.say(words.prune.removed(pruned.removed, pruned.first));
  for (const { by, name, entries } of pruned.held) out.trouble(`✗ ${words.prune.held[by](name, entries)}`);
  return pruned.held.length > 0 ? exit.person : exit.well;
};
