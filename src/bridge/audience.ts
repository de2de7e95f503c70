/** May this reach those who see the target? Pure. Nothing reaches an audience wider than its own unless the route says why. */

import type { Audience } from "../contract/adapter.ts";
import type { Because, Reached } from "../contract/because.ts";
import type { View } from "../contract/view.ts";
import type { ActorId } from "../contract/words.ts";

/** Whether something may go, and why or why not. */
export interface Verdict {
  readonly goes: boolean;
  readonly because: Because;
}

/** Who can see an object: the people it names and those who can see a collection it is in. */
export const audienceOf = (views: readonly View[], collections: readonly Audience[]): Audience => {
  if (collections.includes("public")) return "public";
  const named = views.flatMap((view): readonly ActorId[] => {
    if (view.type === "Note")
      return [view.attributedTo, ...(view.to ?? []), ...(view.cc ?? [])].flatMap((party) => (party ? [party.id] : []));
    if (view.type === "Event" || view.type === "Task")
      return [view.attributedTo, ...(view.attendees ?? [])].flatMap((party) => (party ? [party.id] : []));
    return [];
  });
  const readers = collections.flatMap((audience) => (Array.isArray(audience) ? (audience as readonly ActorId[]) : []));
  const all = [...new Set([...named, ...readers])];
  return all.length > 0 ? all : "unknown";
};

/** People named at most. */
const named = 3;

const listed = (people: readonly ActorId[]): Exclude<Reached, "everybody"> => ({
  who: people.slice(0, named),
  more: Math.max(0, people.length - named),
});

/**
 * @param widen   the route's reason for reaching further
 * @param person  one name for all the ids of one person
 */
export const mayReach = (
  own: Audience,
  target: Audience,
  widen: string | undefined,
  person: (id: ActorId) => ActorId = (id) => id,
): Verdict => {
  if (target === "unknown") return { goes: false, because: { code: "audience-unknown" } };
  if (own === "public") return { goes: true, because: { code: "public" } };
  const known = new Set(own === "unknown" ? [] : own.map(person));
  const to: Reached = target === "public" ? "everybody" : listed(target.filter((reader) => !known.has(person(reader))));
  if (to !== "everybody" && to.who.length === 0) return { goes: true, because: { code: "known" } };
  if (widen !== undefined) return { goes: true, because: { code: "widened", to, why: widen } };
  return { goes: false, because: { code: "wider", to } };
};
