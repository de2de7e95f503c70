/** Facets: for each object type the small functions that tell one kind of change of its shared properties. Pure. */

import { isDeepStrictEqual } from "node:util";
import { isPlanned } from "../contract/scheduling.ts";
import type { ProfileView, View } from "../contract/view.ts";
import type { Folded } from "../fold/index.ts";
import type { Kind } from "../language/kinds.ts";
import { type Draft, update } from "./draft.ts";
import { answered, ofEvent, ofOccurrences, ofTask, proposed, repeated } from "./events.ts";

type Facet<V extends View> = (before: V, after: V) => readonly Draft[];

/** Properties that are the item's, the hub's, or only name other things: never an edit. */
const silent = new Set([
  "type",
  "edition",
  "losses",
  "trail",
  "flags",
  "labels",
  "seen",
  "reactions",
  "bcc",
  "context",
  "inReplyTo",
  "automatic",
  "sequence",
  "method",
  "instance",
  // Told by the instants, and by their own facets.
  "start",
  "end",
  "recurrence",
  "completed",
]);
const textual = new Set(["content", "text"]);

const withoutParts = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map((entry) => (typeof entry === "object" && entry !== null && "part" in entry ? { ...entry, part: "" } : entry))
    : value;

/**
 * The properties that differ, by name. Text is compared only where both sides were read, and equally far: the rest is our
 * reading. Where nothing else shows what a message's new edition (the time of its edit) is about, it is the text that was
 * not read before.
 */
const differences = (before: Folded, after: Folded): readonly string[] => {
  const [a, b] = [before.view as unknown as Record<string, unknown>, after.view as unknown as Record<string, unknown>];
  const fields = [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .filter((field) => !silent.has(field) && !isDeepStrictEqual(withoutParts(a[field]), withoutParts(b[field])))
    // When it was written is known at last (a room's answer to a post does not say): nothing has changed.
    .filter((field) => field !== "published" || a[field] !== undefined)
    .sort();
  if (before.text === after.text && after.text !== "none") return fields;
  const untextual = fields.filter((field) => !textual.has(field));
  const edited =
    after.view.type === "Note" &&
    before.text === "none" &&
    after.text !== "none" &&
    (after.view.edition ?? "") > (before.view.edition ?? "");
  return untextual.length === 0 && edited ? fields : untextual;
};

const members: Facet<ProfileView> = (before, after) => {
  const was = new Set(before.members);
  const now = new Set(after.members);
  return [
    ...[...now]
      .filter((id) => !was.has(id))
      .map((id): Draft => ({ type: "Add", facet: `joined ${id}`, kind: "group.joined", party: { id } })),
    ...[...was]
      .filter((id) => !now.has(id))
      .map((id): Draft => ({ type: "Remove", facet: `left ${id}`, kind: "group.left", party: { id } })),
  ];
};

const edits: { readonly [type in View["type"]]: Kind } = {
  Note: "message.edited",
  Event: "event.edited",
  Task: "task.edited",
  Person: "person.changed",
  Group: "person.changed",
  Organization: "person.changed",
};

/** Profile fields are named one by one: `fields.telephoneNumber`. */
const named = (before: Folded, after: Folded, fields: readonly string[]): readonly string[] =>
  fields.flatMap((field) => {
    if (field !== "fields") return [field];
    const [a, b] = [(before.view as ProfileView).fields ?? {}, (after.view as ProfileView).fields ?? {}];
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => a[name] !== b[name]).sort();
  });

/**
 * The drafts for what changed between two folds of one object.
 * @param comparable  false: another copy took over; then only what persons did in their own views is told
 */
export const facets = (before: Folded, after: Folded, comparable: boolean): readonly Draft[] => {
  const [a, b] = [before.view, after.view];
  if (isPlanned(a) && isPlanned(b) && !comparable) return [...answered(a, b), ...proposed(a, b)];
  if (!comparable) return [];
  const told: Draft[] = [];
  let occurrences: readonly Draft[] = [];
  if (a.type === "Event" && b.type === "Event") {
    told.push(...ofEvent(a, b), ...repeated(a, b));
    occurrences = ofOccurrences(a, b);
  } else if (a.type === "Task" && b.type === "Task") {
    told.push(...ofTask(a, b), ...repeated(a, b));
  } else if (a.type === "Group" && b.type === "Group") {
    told.push(...members(a, b));
  }
  const fields = differences(before, after).filter((field) => field !== "members");
  const rest = b.type === "Group" || told.length === 0 ? fields : [];
  const edited = rest.length > 0 ? [update("edited", edits[b.type], named(before, after, rest))] : [];
  return [...told, ...edited, ...occurrences];
};
