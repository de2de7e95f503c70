/** Changing what others change too: an object as single facts, compared one by one. Pure. */

export {
  baseCarried,
  baseOfFacts,
  carriedFacts,
  conflictText,
  type FactChanges,
  type FactConflict,
  type Facts,
  type FactsBase,
  factsDigest,
  mergedFacts,
} from "./facts.ts";
