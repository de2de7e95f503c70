/** The laws: what must hold between the world, the log and the store. */

import { isDeepStrictEqual } from "node:util";
import type { Place } from "groupstream";
import type { Store } from "../../src/store/contract.ts";
import { type Known, keyOfReaction, type Replay } from "./replay.ts";
import type { Fact, Truth } from "./world.ts";

/** A broken law, and on what. */
export type Complain = (law: string, what: string) => void;

const union = (sets: readonly ReadonlySet<string>[]): string[] => [...new Set(sets.flatMap((set) => [...set]))].sort();

const compare = (place: Place, fact: Fact, told: readonly Known[], quiet: boolean, complain: Complain): void => {
  const about = (what: string): void => complain("L1", `${place} ${fact.tag}: ${what}`);
  if (told.length === 0) return about("the log does not have it here");
  // Copies in two accounts that were recorded without their text are two objects for good.
  const most = fact.copies + (quiet ? 1 : 0);
  if (told.length > most) about(`the log has ${told.length} objects of it here, at most ${most} copies differ`);
  const flags = union(told.map((known) => known.at.get(place)?.flags ?? new Set()));
  if (!isDeepStrictEqual(flags, [...fact.flags].sort())) about(`flags are [${fact.flags}], told [${flags}]`);
  const reactions = union(told.map((known) => known.at.get(place)?.reactions ?? new Set()));
  const real = fact.reactions.map(keyOfReaction).sort();
  if (!isDeepStrictEqual(reactions, real)) about(`reactions are [${real}], told [${reactions}]`);
  for (const [name, value] of Object.entries(fact.props)) {
    for (const known of told) {
      // What was recorded without its text says nothing of it.
      const unread = name === "text" && known.props.text === undefined;
      if (!unread && !isDeepStrictEqual(known.props[name], value))
        about(`${name} is ${JSON.stringify(value)}, told ${JSON.stringify(known.props[name])}`);
    }
  }
};

/** L1: replaying the log onto the baseline gives the world's net state, place by place. */
export const sameAsWorld = (truth: Truth, replay: Replay, quiet: ReadonlyMap<string, unknown>, complain: Complain): void => {
  const places = new Set<Place>([...truth.keys(), ...[...replay.objects.values()].flatMap(({ at }) => [...at.keys()])]);
  for (const place of places) {
    const facts = new Map((truth.get(place) ?? []).map((fact) => [fact.tag, fact]));
    const told = Map.groupBy(
      [...replay.objects.values()].filter(({ at }) => at.has(place)),
      ({ tag }) => tag,
    );
    for (const fact of facts.values()) compare(place, fact, told.get(fact.tag) ?? [], quiet.has(fact.tag), complain);
    for (const tag of told.keys())
      if (!facts.has(tag)) complain("L1", `${place} ${tag}: the log still has it here, the world does not`);
  }
  for (const { tag, at } of replay.objects.values()) if (at.size === 0) complain("L1", `${tag}: told of, and nowhere`);
};

/**
 * L4: one thing is one object, if nothing disturbed its reading; more only where a baseline recorded it as more, or where a
 * partner by hint was gone when its text was asked for: in doubt two objects.
 */
export const oneEach = (
  replay: Replay,
  quiet: ReadonlyMap<string, ReadonlySet<string>>,
  unreached: ReadonlyMap<string, number>,
  complain: Complain,
): void => {
  const byTag = Map.groupBy([...replay.objects.values()], ({ tag }) => tag);
  for (const [tag, known] of byTag)
    if (known.length > Math.max(1, quiet.get(tag)?.size ?? 0) + (unreached.get(tag) ?? 0))
      complain("L4", `${tag} is told as ${known.length} objects`);
};

/** Tags of which the log has more objects at one place than its copies there differ. */
export const blurred = (truth: Truth, replay: Replay): ReadonlySet<string> =>
  new Set(
    [...truth].flatMap(([place, facts]) =>
      facts
        .filter(
          ({ tag, copies }) => [...replay.objects.values()].filter((one) => one.tag === tag && one.at.has(place)).length > copies,
        )
        .map(({ tag }) => tag),
    ),
  );

/** L6: what the log says and what the store holds are of one moment. */
export const sameAsStore = async (store: Store, replay: Replay, complain: Complain): Promise<void> => {
  for (const { id, tag, at } of replay.objects.values()) {
    const stored = await store.object(id.replace("urn:uuid:", ""));
    const standing = (stored?.items ?? []).filter(
      ({ state, role, view }) => state !== "gone" && role === "own" && view !== undefined,
    );
    const places = new Map<Place, Set<string>>();
    for (const { place, view } of standing) places.set(place, new Set([...(places.get(place) ?? []), ...(view?.flags ?? [])]));
    const kept = [...places.keys()].sort();
    const told = [...at.keys()].sort();
    if (!isDeepStrictEqual(kept, told)) {
      complain("L6", `${tag}: the store has it in [${kept}], the log in [${told}]`);
      continue;
    }
    for (const [place, flags] of places) {
      const known = at.get(place)?.flags ?? new Set();
      if (!isDeepStrictEqual([...flags].sort(), [...known].sort()))
        complain("L6", `${tag} in ${place}: the store has flags [${[...flags]}], the log [${[...known]}]`);
    }
  }
};
