/** Which routes an entry concerns. Pure. */

import type { CollectionRecord, StoredEntry } from "../store/contract.ts";
import type { Place, SystemId } from "../words.ts";
import { collectionOf, placeOf, systemOf } from "../words.ts";

/** Carries what happens in a system's collections to a target. Not transitive: A→B and B→C carry nothing from A to C. */
export interface Route {
  /** `system`, or `system/collection` by name or id; `*` stands for any characters of the collection: `mail/Support*`. */
  readonly from: string;
  /** `system`, or `system/collection`. */
  readonly to: string;
  /** Activity types that are carried; default all. */
  readonly types?: readonly string[];
  /** Why this may reach people who could not see it at its source. Without it nothing goes to a wider audience. */
  readonly widen?: string;
  /** Where in the log a new route begins: at its end (default), or with everything. */
  readonly history?: "all";
}

/** A route with its ends taken apart. */
export interface ParsedRoute {
  /** What it says, as a name of its place in the log. */
  readonly id: string;
  readonly route: Route;
  readonly from: SystemId;
  /** Absent: every collection of the system. */
  readonly collection?: string;
  readonly to: SystemId;
  readonly target?: string;
}

const split = (end: string): [SystemId, string | undefined] => {
  const slash = end.indexOf("/");
  return slash < 0 ? [end, undefined] : [end.slice(0, slash), end.slice(slash + 1)];
};

export const parseRoute = (route: Route): ParsedRoute => {
  const [from, collection] = split(route.from);
  const [to, target] = split(route.to);
  return {
    id: `${route.from} → ${route.to}`,
    route,
    from,
    to,
    ...(collection !== undefined && { collection }),
    ...(target !== undefined && { target }),
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

/** Why a route leaves an entry alone: where it happened, or its type. */
export type Unconcerned = "system" | "collection" | "types";

/** Why the entry is none of this route's; undefined: it is. */
export const unconcerned = (
  { route, from, collection }: ParsedRoute,
  entry: Pick<StoredEntry, "type" | "places">,
  nameOf: (place: Place) => string,
): Unconcerned | undefined => {
  const places = entry.places.filter((place) => systemOf(place) === from);
  if (places.length === 0) return "system";
  const within = (place: Place): boolean =>
    collection === undefined || matches(collection, nameOf(place)) || matches(collection, collectionOf(place));
  if (!places.some(within)) return "collection";
  return route.types && !route.types.includes(entry.type) ? "types" : undefined;
};

/** True if the entry happened in the route's `from` and is of a type it carries. */
export const concerns = (parsed: ParsedRoute, entry: StoredEntry, nameOf: (place: Place) => string): boolean =>
  unconcerned(parsed, entry, nameOf) === undefined;

/** The named collection of the target system, or its only one. @param known  that system's collections */
export const targetOf = ({ to, target }: ParsedRoute, known: readonly CollectionRecord[]): Place => {
  const found = target === undefined ? known[0] : known.find(({ name, id }) => name === target || id === target);
  return found?.place ?? placeOf(to, target ?? "");
};
