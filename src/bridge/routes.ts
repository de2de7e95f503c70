/** Routes, and which of them an entry concerns. Pure. */

import type { Because } from "../contract/because.ts";
import type { MessageView, View } from "../contract/view.ts";
import type { ActorId, Place, SystemId } from "../contract/words.ts";
import { collectionOf, placeOf, systemOf } from "../contract/words.ts";
import type { CollectionRecord, StoredEntry } from "../store/contract.ts";

/**
 * Where a route begins or ends: `system`, or `system/collection` by name or id; in `from`, `*` stands for any characters of the
 * collection (`mail/Support*`). As an object where a name holds `*` itself, or is called differently in every language: then by role.
 */
export type RouteEnd =
  | string
  | { readonly system: SystemId; readonly collection: string }
  | { readonly system: SystemId; readonly role: NonNullable<CollectionRecord["role"]> };

/** Carries what happens in a system's collections to a target. Not transitive: A→B and B→C carry nothing from A to C. */
export interface Route {
  readonly from: RouteEnd;
  readonly to: RouteEnd;
  /** Activity types that are carried; default all. */
  readonly types?: readonly string[];
  /** Only what one of these people wrote, organises or is; default everybody. */
  readonly people?: readonly ActorId[];
  /** Only what bears one of these flags or labels; default any. */
  readonly labels?: readonly string[];
  /** Only objects this says yes to; as their source shows them. Must be quick, and give the same answer to the same view. */
  readonly where?: (view: View) => boolean;
  /** `replies`: only what answers something that stands at the target. */
  readonly only?: "replies";
  /** Why this may reach people who could not see it at its source. Without it nothing goes to a wider audience. */
  readonly widen?: string;
  /** Whom an answer in somebody else's name reaches, where the target writes to people: its author (default), or everyone it names. */
  readonly reach?: "author" | "everyone";
  /**
   * Into a calendar: which reactions to a meeting answer its invitation, in the name of who reacted, in their own calendar. Default
   * `{ "✅": "accepted", "❓": "tentative", "❌": "declined" }`; `{}`: none.
   */
  readonly answers?: Readonly<Record<string, "accepted" | "tentative" | "declined">>;
  /** Machine-made posts are carried, too; delivery reports, automatic replies and receipts never are. Default false. */
  readonly bots?: boolean;
  /**
   * Private and confidential events (RFC 5545, CLASS) are carried as busy time: when, and nothing else. Without it they are not carried
   * at all; tasks of that kind never are, nor is anything of them to a target that takes whole activities.
   */
  readonly busy?: boolean;
  /** What stands at the target instead of the object as it is; must give the same for the same view. */
  readonly template?: (view: View) => View;
  /** Of what this hub adds in words ("and 300 more characters"). Default `en`. */
  readonly language?: "en" | "de";
  /** Where in the log a new route begins: at its end (default), or with everything. */
  readonly history?: "all";
}

/**
 * Both directions of a bridge: what happens at each end goes to the other; what is answered there comes back. Either may say more,
 * also another end: answers to a mail go to the mailbox as a whole, wherever the mail was filed.
 */
export const bridge = (
  a: RouteEnd,
  b: RouteEnd,
  { there = {}, back = {} }: { readonly there?: Partial<Route>; readonly back?: Partial<Route> } = {},
): readonly [Route, Route] => [
  { from: a, to: b, ...there },
  { from: b, to: a, ...back },
];

/** A route with its ends taken apart. */
export interface ParsedRoute {
  /** What it says, as a name of its place in the log. */
  readonly id: string;
  readonly route: Route;
  readonly from: SystemId;
  /** Absent: every collection of the system. */
  readonly within?: Within;
  readonly to: SystemId;
  /** Absent: the system; it picks the collection. */
  readonly target?: Within;
  /** The target holds nothing: each activity is handed over as it is. */
  readonly handsOver: boolean;
}

/** Which collections of a system. */
export type Within = { readonly name: string; readonly wild?: true } | { readonly role: string };

const split = (end: RouteEnd, wild: boolean): { readonly system: SystemId; readonly within?: Within } => {
  if (typeof end !== "string")
    return { system: end.system, within: "role" in end ? { role: end.role } : { name: end.collection } };
  const slash = end.indexOf("/");
  if (slash < 0) return { system: end };
  return { system: end.slice(0, slash), within: { name: end.slice(slash + 1), ...(wild && { wild }) } };
};

/** The system an end names. */
export const systemAt = (end: RouteEnd): SystemId => split(end, false).system;

/** An end as one word. */
export const endName = (end: RouteEnd): string => {
  const { system, within } = split(end, false);
  if (!within) return system;
  return "role" in within ? `${system}/role:${within.role}` : `${system}/${within.name}`;
};

/** @param handsOver  what the route ends at takes whole activities (`Deliver`) */
export const parseRoute = (route: Route, handsOver = true): ParsedRoute => {
  const [from, to] = [split(route.from, true), split(route.to, false)];
  return {
    id: `${endName(route.from)} → ${endName(route.to)}`,
    route,
    from: from.system,
    to: to.system,
    handsOver,
    ...(from.within && { within: from.within }),
    ...(to.within && { target: to.within }),
  };
};

/** `*` stands for any characters; everything else for itself. */
const matches = (pattern: string, name: string): boolean => {
  const parts = pattern.split("*");
  if (parts.length === 1) return pattern === name;
  const [head = "", ...rest] = parts;
  if (!name.startsWith(head)) return false;
  let at = head.length;
  for (const [index, part] of rest.entries()) {
    if (index === rest.length - 1) return name.length - at >= part.length && name.endsWith(part);
    const next = name.indexOf(part, at);
    if (next < 0) return false;
    at = next + part.length;
  }
  return true;
};

/** What is known of a collection by its place. */
export type Named = (place: Place) => Pick<CollectionRecord, "name" | "role"> | undefined;

/** True if this place is one a route's end names. */
const isWithin = (within: Within | undefined, place: Place, named: Named): boolean => {
  if (!within) return true;
  const { name, role } = named(place) ?? {};
  if ("role" in within) return role === within.role;
  const fits = (text: string): boolean => (within.wild ? matches(within.name, text) : within.name === text);
  return (name !== undefined && fits(name)) || fits(collectionOf(place));
};

/**
 * Why a route leaves an entry alone: where it happened, its type, whom or what it is about; `own`: it is our own doing there;
 * `slight`: by flags, labels and reactions nothing begins to be carried.
 */
export type Unconcerned = "system" | "collection" | "types" | "people" | "labels" | "where" | "own" | "slight";

/** Why an entry at these places is none of this route's; undefined: it happened in its `from`, and is of a type it carries. */
export const unconcerned = (
  { route, from, within }: ParsedRoute,
  entry: Pick<StoredEntry, "type" | "places">,
  named: Named,
): Unconcerned | undefined => {
  const places = entry.places.filter((place) => systemOf(place) === from);
  if (places.length === 0) return "system";
  if (!places.some((place) => isWithin(within, place, named))) return "collection";
  return route.types && !route.types.includes(entry.type) ? "types" : undefined;
};

/** True if the entry happened in the route's `from` and is of a type it carries. */
export const concerns = (parsed: ParsedRoute, entry: Pick<StoredEntry, "type" | "places">, named: Named): boolean =>
  unconcerned(parsed, entry, named) === undefined;

/**
 * True if by this entry a route begins to concern its object; flags, labels and reactions begin nothing, so that old things are
 * not carried for them. @param places  those of the entry that are in the route's `from`
 */
export const begins = (entry: Pick<StoredEntry, "type" | "facet">, places: readonly Place[]): boolean => {
  if (["Create", "Update", "Accept", "TentativeAccept", "Reject", "Invite", "Offer"].includes(entry.type)) return true;
  // Into one of the route's own collections.
  if (entry.type === "Move") return places.some((place) => entry.facet.endsWith(` ${place}`));
  return entry.type === "Add" && places.some((place) => entry.facet === `added ${place}`);
};

/** The places of an entry that are in the route's `from`. */
export const placesIn = ({ from, within }: ParsedRoute, places: readonly Place[], named: Named): readonly Place[] =>
  places.filter((place) => systemOf(place) === from && isWithin(within, place, named));

const peopleOf = (view: View): readonly ActorId[] => {
  if (view.type === "Note") return view.attributedTo ? [view.attributedTo.id] : [];
  if (view.type === "Event" || view.type === "Task")
    return [view.attributedTo, ...(view.attendees ?? [])].flatMap((party) => (party ? [party.id] : []));
  return view.address ?? [];
};

/** Which of a route's own conditions on the object does not hold; undefined: all do. */
export const unmet = ({ route }: ParsedRoute, view: View): Unconcerned | undefined => {
  if (route.people && !peopleOf(view).some((person) => route.people?.includes(person))) return "people";
  const marks = [...(view.flags ?? []), ...(view.labels ?? [])];
  if (route.labels && !marks.some((mark) => route.labels?.includes(mark))) return "labels";
  return route.where && !route.where(view) ? "where" : undefined;
};

/** Why something a machine wrote is not carried; undefined: it may be. */
export const automatic = ({ route }: ParsedRoute, view: View): Because | undefined => {
  const made = (view as MessageView).automatic;
  if (made === undefined || made === "list") return undefined;
  if (made === "bot") return route.bots ? undefined : { code: "bot" };
  return { code: "automatic", made };
};

/**
 * The named collection of the target system. Where none is named: the only one of a target that hands over, else the system,
 * which picks.
 */
export const targetOf = ({ to, target, handsOver }: ParsedRoute, known: readonly CollectionRecord[]): Place => {
  if (!target) return (handsOver ? known[0]?.place : undefined) ?? placeOf(to, "");
  const named: Named = (place) => known.find((record) => record.place === place);
  const found = known.find(({ place }) => isWithin(target, place, named));
  return found?.place ?? placeOf(to, "role" in target ? `role:${target.role}` : target.name);
};

/** True if this place is the target, or in it where the target is a whole system. */
export const isAt = (target: Place, place: Place): boolean =>
  collectionOf(target) === "" ? systemOf(place) === systemOf(target) : place === target;
