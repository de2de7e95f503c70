/** May this reach those who see the target? Pure. Nothing reaches an audience wider than its own unless the route says why. */

import type { View } from "../activity/view.ts";
import type { Audience } from "../adapter.ts";
import type { ActorId } from "../words.ts";

/** Whether something may go, and why or why not, in one sentence. */
export interface Verdict {
  readonly goes: boolean;
  readonly reason: string;
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

const listed = (people: readonly ActorId[]): string =>
  people.length > 3 ? `${people.slice(0, 3).join(", ")} and ${people.length - 3} more` : people.join(", ");

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
  if (target === "unknown") return { goes: false, reason: "not sent: who can see the target is unknown; declare its audience" };
  if (own === "public") return { goes: true, reason: "it is public" };
  const known = new Set(own === "unknown" ? [] : own.map(person));
  const wider = target === "public" ? "everybody" : listed(target.filter((reader) => !known.has(person(reader))));
  if (target !== "public" && wider === "") return { goes: true, reason: "all who can see the target could see it already" };
  if (widen !== undefined) return { goes: true, reason: `widened to ${wider}: ${widen}` };
  return { goes: false, reason: `not sent: ${wider} could not see it at its source; a route may widen with a reason` };
};
