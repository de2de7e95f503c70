/** A reader of the log that believes every word of it, and complains when a word cannot be true. */

import { collectionOf, type Place, placeOf, type Reaction, type View } from "groupstream";
import type { StoredEntry } from "../../src/store/contract.ts";
import { type Doc, propsOfDocument, propsOfView, sorted } from "./props.ts";

/** What a transaction left behind, as far as a reader of the log is to know it. */
export interface Heard {
  /** Recorded without being told. */
  readonly quiet: readonly { readonly object: string; readonly place: Place; readonly view: View }[];
  readonly entries: readonly Pick<StoredEntry, "seq" | "id" | "object" | "facet" | "activity">[];
  readonly objects: readonly { readonly n: number; readonly uuid: string; readonly version: number }[];
  readonly items: readonly { readonly object: number; readonly state: string; readonly view?: View }[];
}

/** What the reader knows of one object. */
export interface Known {
  readonly id: string;
  tag: string;
  props: Record<string, unknown>;
  /** Where it is, with its flags and reactions there. */
  readonly at: Map<Place, { readonly flags: Set<string>; readonly reactions: Set<string> }>;
  /** Some item of it was recorded without being told. */
  quiet: boolean;
}

const reactionKey = (actor: unknown, emoji: unknown): string => `${String(actor)} ${String(emoji)}`;

export const keyOfReaction = ({ actor, emoji }: Reaction): string => reactionKey(actor, emoji);

const placeFrom = (iri: unknown): Place => {
  const [system = "", collection = ""] = String(iri).replace("groupstream:collection/", "").split("/");
  return placeOf(decodeURIComponent(system), decodeURIComponent(collection));
};

const answerOf: Readonly<Record<string, string>> = { Accept: "accepted", TentativeAccept: "tentative", Reject: "declined" };

export class Replay {
  readonly objects = new Map<string, Known>();
  readonly #editions = new Map<string, string>();
  readonly #ids = new Set<string>();
  readonly #complain: (law: string, what: string) => void;
  readonly #base: (place: Place, tag: string) => boolean;
  /** Where a thing was once told to have left: under a lying source it may be told to come back. */
  readonly #left = new Set<string>();
  /** Every tag that was ever told or recorded. */
  readonly heard = new Set<string>();
  /** Where a missing item of the object was replaced in this transaction: what it is added to, it was moved to. */
  #replaced: ReadonlySet<string> = new Set();
  readonly #facets = new Set<string>();
  seq = 0;

  /**
   * @param complain  called for each broken law
   * @param baseline  true if the thing has stood there since before the place was first listed
   */
  constructor(complain: (law: string, what: string) => void, baseline: (place: Place, tag: string) => boolean) {
    this.#complain = complain;
    this.#base = baseline;
  }

  /** One transaction: first what was recorded without telling, then what was told. */
  read(commit: Heard): void {
    for (const { object, place, view } of commit.quiet) this.#record(object, place, view);
    const before = new Map<string, Known | undefined>();
    const versions = new Map(commit.objects.map(({ n, version }) => [n, version]));
    const replaced = new Set(commit.items.filter(({ state }) => state === "gone").map(({ object }) => object));
    this.#replaced = new Set(commit.objects.filter(({ n }) => replaced.has(n)).map(({ uuid }) => `urn:uuid:${uuid}`));
    for (const { seq, id, object, facet, activity } of commit.entries) {
      if (seq !== this.seq + 1) this.#complain("L6", `entry ${seq} follows ${this.seq}`);
      this.seq = seq;
      if (this.#ids.has(id)) this.#complain("L3", `activity ${id} is told twice`);
      this.#ids.add(id);
      const told = `${object} ${versions.get(object)} ${facet}`;
      if (this.#facets.has(told))
        this.#complain("L3", `object ${object}, version ${versions.get(object)}: ${facet} is told twice`);
      this.#facets.add(told);
      this.#hear(JSON.parse(activity) as Doc, before);
    }
    // What was told is as new as the newest view it was told from.
    for (const { n, uuid } of commit.objects) {
      const id = `urn:uuid:${uuid}`;
      const newest = commit.items.filter(({ object }) => object === n).map(({ view }) => view?.edition ?? "");
      this.#editions.set(id, [...newest, this.#editions.get(id) ?? ""].sort().at(-1) ?? "");
    }
  }

  /** What an activity is about, for the trace. */
  nameOf(activity: string): string {
    const doc = JSON.parse(activity) as Doc;
    const id = this.#subject(String(doc.type), doc.object as Doc, doc.target as Doc | undefined, doc.origin as Doc | undefined);
    return `${this.objects.get(id)?.tag ?? String((doc.object as Doc).name)} ${id.slice(9, 13)}`;
  }

  #record(uuid: string, place: Place, view: View): void {
    const id = `urn:uuid:${uuid}`;
    const known = this.objects.get(id);
    const there = { flags: new Set(view.flags), reactions: new Set((view.reactions ?? []).map(keyOfReaction)) };
    const tag = view.name ?? "";
    this.heard.add(tag);
    const edition = view.edition ?? "";
    const owner: string = collectionOf(place);
    const own = view.type === "Event" ? view.attendees?.find(({ id: attendee }) => String(attendee) === owner) : undefined;
    if (!known) {
      this.#editions.set(id, edition);
      this.objects.set(id, { id, tag, props: propsOfView(view), at: new Map([[place, there]]), quiet: true });
      return;
    }
    if (known.tag !== tag) this.#complain("L4", `${known.tag} and ${tag} are taken for one`);
    known.quiet = true;
    if (edition > (this.#editions.get(id) ?? "")) {
      // While an attendee's own view lags behind, the answer stays as it was.
      const stays = Object.entries((known.props.attendees as Record<string, unknown> | undefined) ?? {}).filter(([attendee]) =>
        [...known.at.keys()].some((at) => collectionOf(at) === attendee),
      );
      const next = propsOfView(view);
      const attendees = next.attendees !== undefined && {
        ...(next.attendees as Record<string, unknown>),
        ...Object.fromEntries(stays.filter(([attendee]) => attendee in (next.attendees as object))),
      };
      known.props = { ...known.props, ...next, ...(attendees && { attendees }) };
      this.#editions.set(id, edition);
    }
    // What an attendee's own calendar says of that attendee counts.
    if (own && edition >= (this.#editions.get(id) ?? "")) {
      known.props = { ...known.props, attendees: { ...(known.props.attendees as Record<string, unknown>), [owner]: own.answer } };
    }
    const here = known.at.get(place);
    if (!here) known.at.set(place, there);
    for (const flag of there.flags) here?.flags.add(flag);
    for (const reaction of there.reactions) here?.reactions.add(reaction);
  }

  #hear(doc: Doc, before: Map<string, Known | undefined>): void {
    const type = String(doc.type);
    const object = doc.object as Doc;
    const target = doc.target as Doc | undefined;
    const origin = doc.origin as Doc | undefined;
    const subject = this.#subject(type, object, target, origin);
    if (!before.has(subject)) before.set(subject, copyOf(this.objects.get(subject)));
    const was = before.get(subject);
    const known = this.objects.get(subject);
    const say = (law: string, what: string): void =>
      this.#complain(law, `${type} of ${known?.tag ?? String(object.name)}: ${what}`);

    if (type === "Create") {
      const place = placeFrom(target?.id);
      const tag = String(object.name);
      if (known) say("L3", "it is there already");
      this.heard.add(tag);
      if (this.#base(place, tag) && !this.#double(place, tag)) say("L5", `it was in ${place} before the first listing`);
      const fresh = {
        id: subject,
        tag,
        props: propsOfDocument(object),
        at: new Map([[place, { flags: new Set<string>(), reactions: new Set<string>() }]]),
        quiet: false,
      };
      this.objects.set(subject, fresh);
      return;
    }
    if (!known) return say("L3", `nobody told of ${subject}`);
    if (object.name !== undefined && subject === object.id && object.name !== known.tag)
      say("L4", `it is now called ${String(object.name)}`);
    if (type === "Delete") {
      for (const place of known.at.keys()) this.#left.add(`${place} ${known.tag}`);
      return void this.objects.delete(subject);
    }
    if (type === "Update") return this.#update(known, was, object, doc, say);
    const answer = answerOf[type];
    if (answer !== undefined) {
      const attendees = { ...(known.props.attendees as Record<string, unknown>) };
      const actor = String((doc.actor as Doc).id);
      if ((was?.props.attendees as Record<string, unknown> | undefined)?.[actor] === answer)
        say("L3", `${actor} had answered so`);
      known.props = { ...known.props, attendees: sorted({ ...attendees, [actor]: answer }) };
      return;
    }
    if (type === "Invite") {
      const attendees = { ...(known.props.attendees as Record<string, unknown>) };
      if ((was?.props.attendees as Record<string, unknown> | undefined)?.[String(object.id)] !== undefined)
        say("L3", "invited already");
      attendees[String(object.id)] ??= "none";
      known.props = { ...known.props, attendees: sorted(attendees) };
      return;
    }
    if (type === "Like" || type === "EmojiReact" || type === "Undo") return this.#react(known, doc, type, say);
    if (type === "Add" || type === "Remove" || type === "Move") return this.#file(known, was, doc, say);
    say("L4", "no reader knows what that means");
  }

  /** It may be told although it was there: it was told to have left, or it is another object. Two copies that no evidence joins are two objects: the other one is what was there. */
  #double(place: Place, tag: string): boolean {
    if (this.#left.has(`${place} ${tag}`)) return true;
    return [...this.objects.values()].some((known) => known.tag === tag && known.at.has(place));
  }

  /** Whose story it is: of a membership the group's, else the object's. */
  #subject(type: string, object: Doc, target: Doc | undefined, origin: Doc | undefined): string {
    const group = type === "Add" ? target : type === "Remove" ? origin : type === "Invite" ? target : undefined;
    if (group && group.type !== "Collection") return String(group.id);
    return type === "Undo" ? String(object.object) : String(object.id);
  }

  #update(known: Known, was: Known | undefined, object: Doc, doc: Doc, say: (law: string, what: string) => void): void {
    const next = propsOfDocument(object);
    const unread = known.props.text === undefined && next.text !== undefined;
    // Copies recorded with several answers of one attendee: which of them counts the reader cannot know.
    const unsure = known.quiet && object.type === "Event" && String(doc["groupstream:changed"]) === "attendees";
    if (was && !unread && !unsure && JSON.stringify({ ...was.props, ...next }) === JSON.stringify(was.props))
      say("L3", `nothing is new (${JSON.stringify(doc["groupstream:changed"])})`);
    if (typeof next.startTime === "string" && typeof was?.props.startTime === "string" && next.startTime < was.props.startTime)
      say("L4", `it goes back from ${was.props.startTime} to ${next.startTime}`);
    known.props = { ...known.props, ...next };
  }

  #react(known: Known, doc: Doc, type: string, say: (law: string, what: string) => void): void {
    const undone = doc.object as Doc;
    const key =
      type === "Undo"
        ? reactionKey((undone.actor as Doc).id, undone.content)
        : reactionKey((doc.actor as Doc).id, doc.content ?? "👍");
    const place = placeFrom(((type === "Undo" ? doc.origin : doc.target) as Doc).id);
    const here = known.at.get(place);
    if (type === "Undo") {
      if (!here?.reactions.delete(key)) say("L3", `${key} was not there`);
      return;
    }
    if (!here) return say("L4", `it is not in ${place}`);
    if (here.reactions.has(key)) say("L3", `${key} was there already`);
    here.reactions.add(key);
  }

  #file(known: Known, was: Known | undefined, doc: Doc, say: (law: string, what: string) => void): void {
    const target = doc.target as Doc | undefined;
    const origin = doc.origin as Doc | undefined;
    const type = String(doc.type);
    const collection = (target ?? origin) as Doc;
    if (collection.type !== "Collection") return this.#member(known, was, doc, say);
    if (String(collection.id).startsWith("groupstream:flag/")) {
      const place = placeFrom(collection.context);
      const flag = decodeURIComponent(String(collection.id).slice("groupstream:flag/".length));
      const here = known.at.get(place);
      if (!here) return say("L4", `flag ${flag}: it is not in ${place}`);
      if (type === "Add" && here.flags.has(flag)) say("L3", `flag ${flag} was there`);
      if (type === "Remove" && !here.flags.has(flag)) say("L3", `flag ${flag} was not there`);
      if (type === "Add") here.flags.add(flag);
      else here.flags.delete(flag);
      return;
    }
    const to = target ? placeFrom(target.id) : undefined;
    const from = origin ? placeFrom(origin.id) : undefined;
    if (to !== undefined && known.at.has(to)) say("L3", `it was in ${to} already`);
    if (from !== undefined && !known.at.has(from)) say("L3", `it was not in ${from}`);
    const news = type === "Add" && !this.#replaced.has(known.id);
    if (to !== undefined && news && this.#base(to, known.tag) && !this.#double(to, known.tag))
      say("L5", `it was in ${to} before the first listing`);
    const moved = type === "Move" && from !== undefined ? known.at.get(from) : undefined;
    if (from !== undefined) {
      known.at.delete(from);
      this.#left.add(`${from} ${known.tag}`);
    }
    if (to !== undefined) known.at.set(to, { flags: new Set(moved?.flags), reactions: new Set() });
  }

  #member(known: Known, was: Known | undefined, doc: Doc, say: (law: string, what: string) => void): void {
    const id = String((doc.object as Doc).id);
    const members = new Set(known.props.members as readonly string[] | undefined);
    const had = (was?.props.members as readonly string[] | undefined)?.includes(id) ?? false;
    if (doc.type === "Add" && had) say("L3", `${id} was a member already`);
    if (doc.type === "Remove" && !had) say("L3", `${id} was no member`);
    if (doc.type === "Add") members.add(id);
    else members.delete(id);
    known.props = { ...known.props, members: [...members].sort() };
  }
}

const copyOf = (known: Known | undefined): Known | undefined =>
  known && { ...known, props: { ...known.props }, at: new Map(known.at) };
