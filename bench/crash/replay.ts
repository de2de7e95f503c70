/** A reader of the log that believes every word of it: what stands where, by what was told and recorded alone. */

import type { StoredEntry } from "../../src/store/contract.ts";
import type { Trace } from "./store.ts";

/** What the reader knows of one mail: where it is, with its flags there. */
export interface Known {
  readonly name: string;
  readonly at: Map<string, Set<string>>;
}

type Recorded = Extract<Trace, { quiet: unknown }>;

interface Doc {
  readonly id?: string;
  readonly type?: string;
  readonly name?: string;
  readonly context?: string;
  readonly object?: Doc;
  readonly target?: Doc;
  readonly origin?: Doc;
}

const mailboxOf = (iri: string | undefined): string => decodeURIComponent(String(iri).split("/")[2] ?? "");
const isFlag = (doc: Doc | undefined): doc is Doc => doc?.id?.startsWith("groupstream:flag/") === true;

/**
 * Replays the log onto what was recorded without being told.
 * @param complain  called for each word that cannot be true
 */
export const replay = (
  entries: readonly StoredEntry[],
  records: readonly Recorded[],
  complain: (what: string) => void,
): ReadonlyMap<string, Known> => {
  const objects = new Map<string, Known>();
  const record = ({ quiet }: Recorded): void => {
    for (const { object, place, name, flags } of quiet) {
      const id = `urn:uuid:${object}`;
      const known = objects.get(id) ?? { name, at: new Map() };
      objects.set(id, known);
      known.at.set(place.slice(place.indexOf("/") + 1), new Set(flags));
    }
  };
  const waiting = records.toSorted((a, b) => a.after - b.after);
  for (const { seq, activity } of entries) {
    while (waiting[0] && waiting[0].after < seq) record(waiting.shift() as Recorded);
    hear(JSON.parse(activity) as Doc, seq, objects, complain);
  }
  for (const rest of waiting) record(rest);
  return objects;
};

const hear = (doc: Doc, seq: number, objects: Map<string, Known>, complain: (what: string) => void): void => {
  const { type, object, target, origin } = doc;
  const id = object?.id ?? "";
  const wrong = (why: string): void => complain(`entry ${seq}, ${type} ${object?.name ?? id}: ${why}`);
  const known = objects.get(id);
  if (type === "Create") {
    if (known) wrong("it is known already");
    objects.set(id, { name: object?.name ?? "", at: new Map([[mailboxOf(target?.id), new Set()]]) });
    return;
  }
  if (!known) return wrong("it was never told of");
  if (type === "Delete") {
    // From wherever it stood: all of it may have gone between two looks.
    objects.delete(id);
  } else if (type === "Move") {
    const carried = known.at.get(mailboxOf(origin?.id));
    if (!carried) return wrong("it is not in its origin");
    known.at.delete(mailboxOf(origin?.id));
    known.at.set(mailboxOf(target?.id), carried);
  } else if (type === "Add" && isFlag(target)) {
    const there = known.at.get(mailboxOf(target.context));
    if (!there || there.has(target.name ?? "")) return wrong(there ? "it is flagged already" : "it is not there");
    there.add(target.name ?? "");
  } else if (type === "Remove" && isFlag(origin)) {
    if (!known.at.get(mailboxOf(origin.context))?.delete(origin.name ?? "")) wrong("it was not flagged there");
  } else if (type === "Add") {
    if (known.at.has(mailboxOf(target?.id))) wrong("it is there already");
    known.at.set(mailboxOf(target?.id), new Set());
  } else if (type === "Remove") {
    if (!known.at.delete(mailboxOf(origin?.id))) wrong("it is not there");
  } else wrong("no such activity was expected");
};
