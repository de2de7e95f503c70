/**
 * A reaction to a meeting read as an answer to its invitation: done once, in the calendar of the person who reacted, in no one else's.
 * In the log it stays the reaction that it was; the answer is told by the calendar's receipt. Pure.
 */

import type { Verb } from "../contract/adapter.ts";
import type { Because } from "../contract/because.ts";
import { isCarried } from "../contract/scheduling.ts";
import type { Answer, EventView } from "../contract/view.ts";
import type { ActorId, Place, SystemId } from "../contract/words.ts";
import { systemOf } from "../contract/words.ts";
import type { CollectionRecord, Item, StoredEntry } from "../store/contract.ts";
import { byTelling, takesVerb } from "./invitation-answer.ts";
import { type Named, type ParsedRoute, placesIn } from "./routes.ts";

/** What reactions say where a route has no table of its own. */
const usual: Readonly<Record<string, Exclude<Answer, "none">>> = { "✅": "accepted", "❓": "tentative", "❌": "declined" };

const verbs = { accepted: "Accept", tentative: "TentativeAccept", declined: "Reject" } as const satisfies {
  readonly [answer in Exclude<Answer, "none">]: Verb;
};

/** What a reaction asks for: an answer in this item, in this person's name; or why there is none. */
export type ReactionAnswer =
  | { readonly verb: (typeof verbs)[keyof typeof verbs]; readonly item: Item; readonly actor: ActorId }
  | { readonly because: Because; readonly refused?: true };

/** What it is decided by. */
export interface ReactionContext {
  readonly entry: StoredEntry;
  readonly target: Place;
  readonly routes: readonly ParsedRoute[];
  /** Every item of the object. */
  readonly items: readonly Item[];
  /** Those at the target that are its own and stand. */
  readonly own: readonly Item[];
  readonly records: ReadonlyMap<Place, CollectionRecord>;
  readonly performs: ReadonlySet<string>;
  /** Systems that take answers and do not tell the organiser. */
  readonly mute: ReadonlySet<SystemId>;
  readonly person: (id: ActorId) => ActorId;
}

/** True for what may ask for an answer. */
export const isReaction = ({ type }: StoredEntry): boolean => type === "Like" || type === "EmojiReact";

/** Who reacted with what, as the log tells it. */
const reactionOf = (entry: StoredEntry): { readonly actor: ActorId; readonly emoji: string } | undefined => {
  if (!isReaction(entry)) return undefined;
  const { actor, content } = JSON.parse(entry.activity) as { actor?: { id?: ActorId }; content?: string };
  return actor?.id === undefined ? undefined : { actor: actor.id, emoji: content ?? "👍" };
};

/** Without what only says in which colours it is shown. */
const plain = (emoji: string): string => emoji.replaceAll("\ufe0f", "");

/** undefined: it is no answer, or nothing that is answered stands there. */
export const reactionAnswer = ({
  entry,
  target,
  routes,
  items,
  own,
  records,
  performs,
  mute,
  person,
}: ReactionContext): ReactionAnswer | undefined => {
  const reaction = reactionOf(entry);
  const events = own.filter((item) => item.view?.type === "Event" && (!isCarried(item) || takesVerb(item, "Accept")));
  if (!reaction || events.length === 0) return undefined;
  const named: Named = (place) => records.get(place);
  const routeTo = (system: SystemId): ParsedRoute | undefined =>
    routes.find((one) => one.to === system && placesIn(one, entry.places, named).length > 0);
  const route = routeTo(systemOf(target));
  const answer = (route?.route.answers ?? usual)[plain(reaction.emoji)];
  const verb = answer && verbs[answer];
  if (!verb || !performs.has(verb)) return undefined;
  const stands = items.some(({ view }) =>
    view?.reactions?.some(({ actor, emoji }) => actor === reaction.actor && emoji === reaction.emoji),
  );
  if (!stands) return { because: { code: "taken-back" } };
  const who = person(reaction.actor);
  const theirs = ({ place }: Item): boolean => {
    const owner = records.get(place)?.owner;
    return owner !== undefined && person(owner) === who;
  };
  const item = byTelling(events.filter(theirs), () => ({ level: "full" }))[0];
  if (!item) return { because: { code: "no-calendar", who: reaction.actor }, refused: true };
  // Never both: where a calendar tells the organiser, and the reaction is carried there, it is not sent by mail as well.
  const tells = (system: SystemId): boolean => routeTo(system) !== undefined && !mute.has(system);
  const calendars = items.filter((one) => one.role === "own" && one.state !== "gone" && !isCarried(one) && theirs(one));
  const kept = isCarried(item) && calendars.some(({ place }) => tells(systemOf(place)));
  if (kept) return { because: { code: "in-calendar", who: reaction.actor } };
  const invited = (item.view as EventView).attendees?.find(({ id }) => person(id) === who);
  if (!invited) return { because: { code: "not-invited", who: reaction.actor }, refused: true };
  if (invited.answer === answer) return { because: { code: "said-already" } };
  return { verb, item, actor: invited.id };
};
