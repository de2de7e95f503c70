/**
 * An object as single facts, which change one by one: what others change in it meanwhile stays, unless a wish changes the same. Pure.
 *
 * A fact has a name (`location`, `attendee mailto:…`, `tel.work`) and a value.
 */

import { hash } from "node:crypto";
import type { Json } from "../../contract/adapter.ts";

/** Facts by their names. */
export type Facts = ReadonlyMap<string, Json>;

/** Names and values of facts as text: equal for equal facts. */
const factText = (value: Json): string =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? JSON.stringify(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : JSON.stringify(value);

/** Equal values, whatever the order of their names. */
export const isSameFact = (a: Json | undefined, b: Json | undefined): boolean =>
  a === undefined || b === undefined ? a === b : factText(a) === factText(b);

/** Of all facts: equal for equal content. */
export const factsDigest = (facts: Facts): string =>
  hash("sha256", JSON.stringify([...facts].map(([name, value]) => [name, factText(value)]).sort()), "base64url");

/** A short digest of a name and of a value: 36 and 48 bits, in six and eight characters. */
const short = (text: string, characters: number): string => hash("sha256", text, "base64url").slice(0, characters);
const [NAME, VALUE] = [6, 8];
/** More facts than people write; 14 characters each. */
const MOST = 1_000;

/** Facts as an object carries them to be compared with later: digests, nothing that could be read. Undefined: too many. */
export const carriedFacts = (facts: Facts): string | undefined =>
  facts.size > MOST ? undefined : [...facts].map(([name, value]) => short(name, NAME) + short(factText(value), VALUE)).join("");

/** What a wish is a change of: whether a fact was so. */
export interface FactsBase {
  /** True if the fact had this value, or with undefined was none; undefined where nothing is known. */
  was(name: string, value: Json | undefined): boolean | undefined;
}

/** A base that is known. */
export const baseOfFacts = (facts: Facts): FactsBase => ({ was: (name, value) => isSameFact(facts.get(name), value) });

/** A base by what {@link carriedFacts} wrote; of anything else nothing is known. */
export const baseCarried = (text: string | undefined): FactsBase => {
  if (text === undefined || text.length % (NAME + VALUE) !== 0 || !/^[\w-]+$/.test(text)) return { was: () => undefined };
  const known = new Map<string, string>();
  for (let at = 0; at < text.length; at += NAME + VALUE)
    known.set(text.slice(at, at + NAME), text.slice(at + NAME, at + NAME + VALUE));
  return {
    was: (name, value) => known.get(short(name, NAME)) === (value === undefined ? undefined : short(factText(value), VALUE)),
  };
};

/** What is to be written, by the fact's name; null takes it away. */
export type FactChanges = ReadonlyMap<string, Json | null>;

/** A fact that both sides made another. */
export interface FactConflict {
  readonly fact: string;
  readonly theirs: Json | undefined;
  readonly ours: Json | undefined;
}

/**
 * What of a wish is to be written onto what stands now: what differs there and was changed by the wish. What somebody else changed stays; what
 * both changed, each its own way, is a conflict. Without a base the wish counts.
 * @param prevails  facts of which the wish always counts; default none
 */
export const mergedFacts = (
  base: FactsBase,
  now: Facts,
  wish: Facts,
  prevails: (fact: string) => boolean = () => false,
): { readonly changes: FactChanges; readonly conflicts: readonly FactConflict[] } => {
  const changes = new Map<string, Json | null>();
  const conflicts: FactConflict[] = [];
  for (const fact of new Set([...now.keys(), ...wish.keys()])) {
    const [theirs, ours] = [now.get(fact), wish.get(fact)];
    if (isSameFact(theirs, ours) || base.was(fact, ours) === true) continue;
    if (base.was(fact, theirs) === false && !prevails(fact)) conflicts.push({ fact, theirs, ours });
    else changes.set(fact, ours ?? null);
  }
  return { changes, conflicts };
};

const wordOf = (value: Json | undefined): string => {
  if (value === undefined) return "nothing";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return `“${text.length > 100 ? `${text.slice(0, 100).toWellFormed()}…` : text}”`;
};

/**
 * Conflicts in words, the first five: what stands there, and what was wished.
 * @param fieldOf  what people call the fact
 */
export const conflictText = (conflicts: readonly FactConflict[], fieldOf: (fact: string) => string): string =>
  conflicts
    .slice(0, 5)
    .map(({ fact, theirs, ours }) => `${fieldOf(fact)}: ${wordOf(theirs)} there, ${wordOf(ours)} here`)
    .join("; ");
