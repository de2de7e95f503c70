/**
 * What must hold at the end of a week, between what people wrote, what stands on the servers, and what was told. Not the laws of the simulated
 * worlds: there a thing is known by a name that never changes; here people rename things, and what stands is read from iCalendar itself.
 */

import type { StoredEntry } from "../../src/store/contract.ts";
import type { Write } from "./script.ts";
import { numberIn, type Place } from "./things.ts";

/** One thing that was told: its sentence, and all of it that is alike wherever and whenever it happens. */
export interface Told {
  readonly sentence: string;
  readonly content: string;
  /** It is about a thing that went to another calendar, told by activities of these types. */
  readonly moved?: string;
}

/** What was told of each thing, by its number, in order. */
export type Stories = ReadonlyMap<number, readonly Told[]>;

/** Everything known of one history when it is over. */
export interface Evidence {
  readonly entries: readonly StoredEntry[];
  /** What stood there before the hub was first started: recorded, not told. */
  readonly first: readonly Write[];
  /** The servers' own answer. */
  readonly standing: ReadonlyMap<Place, readonly string[]>;
}

type Complain = (what: string) => void;

interface Doc {
  readonly id?: string;
  readonly type?: string;
  readonly name?: string;
  readonly startTime?: string;
  readonly endTime?: string;
  readonly "ical:dtstart"?: string;
  readonly "ical:status"?: string;
  readonly eventStatus?: string;
  readonly location?: { readonly name?: string };
}

interface Act extends Doc {
  readonly object?: Doc;
  readonly target?: Doc;
  readonly origin?: Doc;
  readonly summaryMap: { readonly en: string };
}

export const sentenceOf = (activity: string): string => (JSON.parse(activity) as Act).summaryMap.en;

/** What a reader of the log believes of a thing. */
interface Believed {
  at: Set<Place>;
  facts?: string;
}

const placeOf = (collection: Doc | undefined): Place => `${collection?.id?.split("/")[1]}/${collection?.name}`;

/** Name, time, room and state of the thing in a resource; undefined where it cannot be read. */
const factsIn = (text: string): string | undefined => {
  const components = text.split(/BEGIN:(?=VEVENT|VTODO)/).slice(1);
  const master = components.find((one) => !one.includes("RECURRENCE-ID")) ?? "";
  const value = (name: string): string | undefined => new RegExp(`^${name}(?:;[^:\\r\\n]*)?:([^\\r\\n]*)`, "m").exec(master)?.[1];
  const time = value("DTSTART") ?? value("DUE") ?? "";
  if (time.startsWith("1700")) return undefined;
  return JSON.stringify([value("SUMMARY"), time, value("LOCATION") ?? "", value("STATUS")?.replace(/^(?!CAN|COM).*/, "") ?? ""]);
};

const factsTold = (doc: Doc): string => {
  const time = (doc["ical:dtstart"] ?? doc.startTime ?? doc.endTime ?? "").replace(/[-:]/g, "");
  const state = doc.eventStatus === "EventCancelled" ? "CANCELLED" : doc["ical:status"] === "COMPLETED" ? "COMPLETED" : "";
  return JSON.stringify([doc.name, time, doc.location?.name ?? "", state]);
};

const numberOf = (text: string): number => Number(/^UID:matter-(\d+)/m.exec(text)?.[1]);

/** What a resource's copy of a meeting is newer by: its SEQUENCE, then its DTSTAMP. */
const editionOf = (text: string): string =>
  `${(/^SEQUENCE:(\d+)/m.exec(text)?.[1] ?? "0").padStart(6, "0")} ${/^DTSTAMP:(\w+)/m.exec(text)?.[1]}`;

/** An activity without what differs from history to history: ids, ports, moments. */
const contentOf = ({ object = {}, target, origin, ...act }: Act): string => {
  const { id: _id, object: _object, ...rest } = { ...act, object };
  const { "@context": _context, published: _published, updated: _updated, ...kept } = rest as Record<string, unknown>;
  const { id: _own, published: _made, updated: _changed, ...shown } = object as Record<string, unknown>;
  return JSON.stringify({ ...kept, object: shown, target: target?.name, origin: origin?.name });
};

const hear = (act: Act, believed: Map<number, Believed>, n: number, complain: Complain): void => {
  const { type, object, target, origin, summaryMap } = act;
  const wrong = (why: string): void => complain(`${summaryMap.en}: ${why}`);
  const known = believed.get(n);
  if (type === "Create") {
    if (known) wrong("it is known already");
    believed.set(n, { at: new Set([placeOf(target)]), ...(object && { facts: factsTold(object) }) });
    return;
  }
  if (!known) return wrong("it was never told of");
  if (type === "Delete") believed.delete(n);
  else if (type === "Update" && object) known.facts = factsTold(object);
  else if (type === "Move" || type === "Add" || type === "Remove") {
    if (origin && !known.at.delete(placeOf(origin))) wrong("it is not there");
    if (target && known.at.has(placeOf(target))) wrong("it is there already");
    if (target) known.at.add(placeOf(target));
  }
};

/** What is believed is what stands on the servers. */
const sameAsServers = (believed: ReadonlyMap<number, Believed>, { standing }: Evidence, complain: Complain): void => {
  const stands = new Map<number, Map<Place, string>>();
  for (const [place, texts] of standing)
    for (const text of texts) stands.set(numberOf(text), (stands.get(numberOf(text)) ?? new Map()).set(place, text));
  for (const n of new Set([...stands.keys(), ...believed.keys()])) {
    const [real, said] = [stands.get(n) ?? new Map<Place, string>(), believed.get(n)];
    for (const place of new Set([...real.keys(), ...(said?.at ?? [])])) {
      if (!said?.at.has(place) && factsIn(real.get(place) ?? "") !== undefined)
        complain(`${n} is in ${place}, and is not told to be`);
      if (!real.has(place)) complain(`${n} is told to be in ${place}, and is not`);
    }
    const newest = [...real.values()].toSorted((a, b) => (editionOf(a) < editionOf(b) ? 1 : -1))[0];
    const facts = newest === undefined ? undefined : factsIn(newest);
    if (said && facts !== undefined && said.facts !== facts) complain(`${n} is ${facts}, and told to be ${said.facts}`);
  }
};

/**
 * A thing that goes to another calendar is told as a Move, or as an Add and a Remove, by which of the two was looked at first: a line that
 * is cut makes that another one. Both say the same.
 */
const movesAlike = (story: readonly (Told & { readonly act: Act })[]): readonly Told[] => {
  const gone = (from: Act, to: Act, moved: string): Told => {
    const sentence = `moved from ${placeOf(from.origin)} to ${placeOf(to.target)}`;
    return { sentence, content: sentence, moved };
  };
  const alike: Told[] = [];
  for (let at = 0; at < story.length; at += 1) {
    const [one, next] = [story[at] as (typeof story)[number], story[at + 1]];
    if (one.act.type === "Move") alike.push(gone(one.act, one.act, "Move"));
    else if (one.act.type === "Add" && next?.act.type === "Remove" && next.act.origin) {
      alike.push(gone(next.act, one.act, "Add, Remove"));
      at += 1;
    } else alike.push({ sentence: one.sentence, content: one.content });
  }
  return alike;
};

/** What each law says of this history; the stories that were told. */
export const judge = (evidence: Evidence, complain: Complain): Stories => {
  const believed = new Map<number, Believed>();
  for (const write of evidence.first)
    if (write.kind === "put") {
      const facts = factsIn(write.body);
      believed.set(numberOf(write.body), { at: new Set([write.at]), ...(facts !== undefined && { facts }) });
    }
  const objects = new Map<string, number>();
  const told = new Map<number, (Told & { readonly act: Act })[]>();
  const ids = new Set<string>();
  for (const { id, activity } of evidence.entries) {
    const act = JSON.parse(activity) as Act;
    const sentence = act.summaryMap.en;
    const object = act.object?.id ?? "";
    const n = objects.get(object) ?? numberIn(act.object?.name ?? "") ?? numberIn(sentence);
    if (n === undefined) {
      complain(`nobody knows what this is about: ${sentence}`);
      continue;
    }
    if (ids.has(id)) complain(`activity ${id} is told twice: ${sentence}`);
    ids.add(id);
    if (!objects.has(object) && [...objects.values()].includes(n)) complain(`${n} is told as two objects: ${sentence}`);
    objects.set(object, n);
    hear(act, believed, n, complain);
    told.set(n, [...(told.get(n) ?? []), { act, sentence, content: contentOf(act) }]);
  }
  sameAsServers(believed, evidence, complain);
  return new Map([...told].map(([n, story]) => [n, movesAlike(story)]));
};

/** How many things that went to another calendar two histories tell by other activities. */
export const movesOtherwise = (told: Stories, undisturbed: Stories): number =>
  [...told].flatMap(([n, story]) => story.filter(({ moved }, at) => moved !== undisturbed.get(n)?.[at]?.moved)).length;

/** Where two histories of the same week were told otherwise; empty: nowhere. */
export const differences = (told: Stories, undisturbed: Stories): readonly string[] =>
  [...new Set([...told.keys(), ...undisturbed.keys()])]
    .toSorted((a, b) => a - b)
    .flatMap((n) => {
      const [one, other] = [told.get(n) ?? [], undisturbed.get(n) ?? []];
      const at = Array.from({ length: Math.max(one.length, other.length) }, (_, at) => at).find(
        (at) => one[at]?.content !== other[at]?.content,
      );
      if (at === undefined) return [];
      const [here, there] = [one[at], other[at]];
      return here?.sentence === there?.sentence
        ? [`${n}, sentence ${at + 1}: ${here?.content}, undisturbed ${there?.content}`]
        : [`${n}, sentence ${at + 1} is ${here?.sentence ?? "missing"}, undisturbed ${there?.sentence ?? "missing"}`];
    });
