/**
 * tell: an object before and after → what happened, one story of drafts. Pure.
 *
 * Whereabouts, flags and reactions are compared collection by collection; for the rest each type has a table of facets,
 * small functions that tell one kind of change. The story is the net effect between two looks.
 */

import { instanceIn, isPlanned, type Planned } from "../contract/scheduling.ts";
import type { Party, Reaction, View } from "../contract/view.ts";
import type { Place } from "../contract/words.ts";
import { systemOf } from "../contract/words.ts";
import type { Folded } from "../fold/index.ts";
import { type Draft, update } from "./draft.ts";
import { answered, proposed } from "./events.ts";
import { facets } from "./facets.ts";

export type { Draft } from "./draft.ts";

/** What an object's own items show in one collection, taken together. */
export interface PlaceState {
  /** An own item is there; false: only a label names it. */
  readonly item: boolean;
  /** Only a message about it is there: it is not in that collection itself. */
  readonly spoken?: true;
  readonly role?: string;
  readonly flags: ReadonlySet<string>;
  readonly seen?: boolean;
  readonly reactions: readonly Reaction[];
}

/** An object at one moment. */
export interface Snapshot {
  /** Absent: no own item stands. */
  readonly folded?: Folded;
  readonly at: ReadonlyMap<Place, PlaceState>;
  /** Reactions on renderings, by place; nothing else of a rendering is told. */
  readonly rendered: ReadonlyMap<Place, readonly Reaction[]>;
}

/** The story from one snapshot to the other; empty if nothing is to be told. */
export const tell = (before: Snapshot, after: Snapshot): readonly Draft[] => {
  const view = (after.folded ?? before.folded)?.view;
  if (!view) return reactions(before, after);
  if (!after.folded) return before.folded ? [...reactions(before, after), deleted(view, before)] : [];
  const spoken = speaking(before.folded, after.folded, after);
  if (spoken) return spoken;
  if (!before.folded) return [...created(view, after), ...flags(before, after, new Map()), ...reactions(before, after)];
  const { drafts, moves } = filed(before, after);
  return [
    ...drafts,
    ...flags(before, after, moves),
    ...seen(before, after, moves),
    ...reactions(before, after),
    ...changed(before.folded, after.folded),
  ];
};

const nouns = {
  Note: "message",
  Event: "event",
  Task: "task",
  Person: "person",
  Group: "group",
  Organization: "person",
} as const satisfies { readonly [type in View["type"]]: string };

/** What is known of the meeting or the task is only what somebody said about it: an answer, a proposal, that it is cancelled. */
const unseen = (folded: Folded | undefined): Planned | undefined =>
  isPlanned(folded?.view) && folded.view.method !== undefined ? folded.view : undefined;

const said = (before: Planned, after: Planned): readonly Draft[] => {
  const drafts =
    after.method === "cancel"
      ? before.status === "cancelled"
        ? []
        : [update("cancelled", `${nouns[after.type]}.cancelled`, ["status"])]
      : [...answered(before, after), ...proposed(before, after)];
  const instance = instanceIn(after);
  return instance ? drafts.map((draft) => ({ ...draft, occurrence: { id: instance.id } })) : drafts;
};

/** undefined: the meeting itself was seen before, or is all there is now. */
const speaking = (before: Folded | undefined, after: Folded, side: Snapshot): readonly Draft[] | undefined => {
  const [was, is] = [unseen(before), unseen(after)];
  if (is) return said(was ?? { type: is.type }, is);
  if (!was) return undefined;
  // An invitation to what is known to be cancelled, late: no news.
  const late = was.method === "cancel" && (after.view.edition ?? "") <= (was.edition ?? "");
  return late ? [] : created(after.view, side);
};

const deleted = (view: View, before: Snapshot): Draft => {
  const [origin] = before.at.keys();
  const kind =
    view.type === "Note"
      ? "message.deleted"
      : isPlanned(view)
        ? (`${nouns[view.type]}.deleted` as const)
        : view.type === "Person"
          ? "person.left"
          : "generic.deleted";
  return { type: "Delete", facet: "deleted", kind, ...(origin && { origin }) };
};

/** Create names the first collection; each further one is an Add. */
const created = (view: View, after: Snapshot): readonly Draft[] => {
  const all = [...after.at.entries()];
  const shown = all.filter(([, { spoken }]) => !spoken);
  const places = (shown.length > 0 ? shown : all.slice(0, 1)).sort(([, a], [, b]) => Number(b.item) - Number(a.item));
  const first = places[0];
  const kind =
    view.type === "Note"
      ? first?.[1].role === "sent"
        ? "message.sent"
        : view.inReplyTo?.length
          ? "message.replied"
          : "message.arrived"
      : isPlanned(view)
        ? (`${nouns[view.type]}.created` as const)
        : view.type === "Person"
          ? "person.appeared"
          : "generic.created";
  return [
    { type: "Create", facet: "created", kind, ...(first && { target: first[0] }) },
    ...places
      .slice(1)
      .map(([target]): Draft => ({ type: "Add", facet: `added ${target}`, target, kind: `${nouns[view.type]}.added` })),
  ];
};

/** Whereabouts: one gone and one new in the same system is a Move; what else came is added, what else went is removed. */
const filed = (before: Snapshot, after: Snapshot): { drafts: readonly Draft[]; moves: ReadonlyMap<Place, Place> } => {
  const shows = ({ at }: Snapshot, place: Place): boolean => at.has(place) && !at.get(place)?.spoken;
  const gone = [...before.at.keys()].filter((place) => shows(before, place) && !shows(after, place));
  const come = [...after.at.keys()].filter((place) => shows(after, place) && !shows(before, place));
  const noun = nouns[(after.folded ?? before.folded)?.view.type ?? "Note"];
  const moves = new Map<Place, Place>();
  const drafts: Draft[] = [];
  for (const target of come) {
    const origin = gone.find(
      (place) => systemOf(place) === systemOf(target) && before.at.get(place)?.item && after.at.get(target)?.item,
    );
    if (origin === undefined) {
      drafts.push({ type: "Add", facet: `added ${target}`, target, kind: `${noun}.added` });
    } else {
      gone.splice(gone.indexOf(origin), 1);
      moves.set(target, origin);
      drafts.push({ type: "Move", facet: `moved ${origin} ${target}`, origin, target, kind: `${noun}.moved` });
    }
  }
  for (const origin of gone) drafts.push({ type: "Remove", facet: `removed ${origin}`, origin, kind: `${noun}.removed` });
  return { drafts, moves };
};

const flags = (before: Snapshot, after: Snapshot, moves: ReadonlyMap<Place, Place>): readonly Draft[] =>
  [...after.at].flatMap(([place, now]) => {
    const was = before.at.get(moves.get(place) ?? place)?.flags ?? new Set<string>();
    const set = [...now.flags].filter((flag) => !was.has(flag)).sort();
    const unset = [...was].filter((flag) => !now.flags.has(flag)).sort();
    return [
      ...set.map(
        (flag): Draft => ({ type: "Add", facet: `flagged ${place} ${flag}`, flag, target: place, kind: "message.flagged" }),
      ),
      ...unset.map(
        (flag): Draft => ({
          type: "Remove",
          facet: `unflagged ${place} ${flag}`,
          flag,
          origin: place,
          kind: "message.unflagged",
        }),
      ),
    ];
  });

/** Only where the policy turned reading behaviour on does a view know it at all. */
const seen = (before: Snapshot, after: Snapshot, moves: ReadonlyMap<Place, Place>): readonly Draft[] =>
  [...after.at].flatMap(([place, now]): readonly Draft[] => {
    const was = before.at.get(moves.get(place) ?? place)?.seen;
    if (was === undefined || now.seen === undefined || was === now.seen) return [];
    return now.seen
      ? [{ type: "Read", facet: `read ${place}`, target: place, kind: "message.read" }]
      : [{ type: "Undo", undoes: "Read", facet: `unread ${place}`, origin: place, kind: "message.unread" }];
  });

const reactor = ({ actor, name }: Reaction): Party => ({ id: actor, ...(name !== undefined && { name }) });

const reactionKey = (reaction: Reaction): string => `${reaction.actor} ${reaction.emoji}`;

/** Reactions of own items and renderings, collection by collection; an Undo also where what bore it is gone. */
const reactions = (before: Snapshot, after: Snapshot): readonly Draft[] => {
  const gather = (side: Snapshot): Map<Place, Map<string, Reaction>> => {
    const all = new Map<Place, Map<string, Reaction>>();
    const put = (place: Place, list: readonly Reaction[]) => {
      if (list.length === 0) return;
      const here = all.get(place) ?? new Map<string, Reaction>();
      for (const reaction of list) here.set(reactionKey(reaction), reaction);
      all.set(place, here);
    };
    for (const [place, state] of side.at) put(place, state.reactions);
    for (const [place, list] of side.rendered) put(place, list);
    return all;
  };
  const was = gather(before);
  const now = gather(after);
  const drafts: Draft[] = [];
  for (const [place, here] of now) {
    for (const [key, reaction] of here) {
      const { emoji } = reaction;
      if (was.get(place)?.has(key)) continue;
      const like = emoji === "👍";
      drafts.push({
        type: like ? "Like" : "EmojiReact",
        facet: `reacted ${place} ${key}`,
        target: place,
        actor: reactor(reaction),
        emoji,
        kind: like ? "reaction.liked" : "reaction.reacted",
      });
    }
  }
  for (const [place, there] of was) {
    for (const [key, reaction] of there) {
      const { emoji } = reaction;
      if (now.get(place)?.has(key)) continue;
      drafts.push({
        type: "Undo",
        undoes: emoji === "👍" ? "Like" : "EmojiReact",
        facet: `unreacted ${place} ${key}`,
        origin: place,
        actor: reactor(reaction),
        emoji,
        kind: "reaction.undone",
      });
    }
  }
  return drafts;
};

/**
 * Shared properties are compared where the same item shows them before and after, or a newer edition has come. Where
 * merely another copy took over, its small differences (a list's subject prefix) are no news.
 */
const changed = (before: Folded, after: Folded): readonly Draft[] => {
  const comparable = before.from === after.from || (after.view.edition ?? "") > (before.view.edition ?? "");
  return facets(before, after, comparable);
};
