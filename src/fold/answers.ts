/**
 * Answers of an event: each comes from the attendee's own word, a reply of theirs or their own view. While that lags behind the newest,
 * the answer stays as told; once it has vanished, it stays until a newer view than the one it was told with says otherwise.
 */

import { instanceIn, isPlanned, type Planned } from "../contract/scheduling.ts";
import type { Answer, Attendee, View } from "../contract/view.ts";
import type { ActorId } from "../contract/words.ts";
import type { Folded, OwnView, Refinement } from "./index.ts";
import type { Memory } from "./memory.ts";

/** What one view says of an attendee's answer. */
export interface Word {
  readonly edition: string;
  readonly sequence: number;
  readonly answer: Answer;
}

const answersOf = (view: View | undefined): Map<ActorId, Answer> =>
  new Map(isPlanned(view) ? view.attendees?.map((attendee) => [attendee.id, attendee.answer]) : []);

/** A copy of the meeting, not a message about it. */
const isCopy = (view: View): view is Planned => isPlanned(view) && view.method === undefined && !instanceIn(view);

/** Said by the attendee: a counter proposal has an answer beside it (Outlook: "tentative and propose another time"). */
const isWord = ({ method }: Planned): boolean => method === "reply" || method === "counter";

/** @param wanted  which views count */
const wordsOf = (
  views: readonly OwnView[],
  id: ActorId,
  wanted: (view: Planned, owner: ActorId | undefined) => boolean,
): readonly (Word & { readonly item: number })[] =>
  views.flatMap(({ view, owner, item }) => {
    if (!isPlanned(view) || !wanted(view, owner)) return [];
    const answer = answersOf(view).get(id);
    return answer === undefined ? [] : [{ edition: view.edition ?? "", sequence: view.sequence ?? 0, answer, item }];
  });

/** The newest; of equal ones that which says what was told, then that of the item known longest. */
const newestOf = <W extends Word & { readonly item: number }>(words: readonly W[], told: Answer | undefined): W | undefined =>
  [...words].sort((a, b) => {
    if (a.edition !== b.edition) return a.edition < b.edition ? 1 : -1;
    return Number(b.answer === told) - Number(a.answer === told) || a.item - b.item;
  })[0];

/** The attendee's newest reply, if it counts beside a view of this edition: as new as that, or of the same revision without an answer there. */
export const replyOf = (
  views: readonly OwnView[],
  id: ActorId,
  shown: Word,
  told: Answer | undefined,
  about: (view: Planned) => boolean,
): Word | undefined => {
  const said = wordsOf(views, id, (view) => isWord(view) && about(view)).filter(({ answer }) => answer !== "none");
  const reply = newestOf(said, told);
  if (!reply) return undefined;
  return reply.edition >= shown.edition || (reply.sequence === shown.sequence && shown.answer === "none") ? reply : undefined;
};

/** A reply before the attendee's own copy, where that is no newer or has no answer to the same revision. */
const before = (reply: Word, mine: Word): boolean =>
  reply.edition >= mine.edition || (mine.answer === "none" && mine.sequence === reply.sequence);

/**
 * The shared view with each attendee's answer. What the organiser's own copy says of the same revision counts where an invitation,
 * which asks, has none.
 */
export const withAnswers = (
  event: Planned,
  edition: string,
  views: readonly OwnView[],
  told: Folded | undefined,
  memory: Memory | undefined,
): ReturnType<Refinement["refine"]> & { readonly view: Planned } => {
  if (!event.attendees) return { view: event };
  const asTolds = answersOf(told?.view);
  const sequence = event.sequence ?? 0;
  const own: Record<ActorId, string> = {};
  const kept: Record<ActorId, NonNullable<Memory["answers"]>[string]> = {};

  const shownOf = ({ id, answer }: Attendee, asTold: Answer | undefined): Word => {
    const booked = wordsOf(views, id, (view, owner) => isCopy(view) && owner !== undefined && owner === event.attributedTo?.id);
    const word = newestOf(
      booked.filter((one) => one.sequence === sequence),
      asTold,
    );
    return { edition, sequence, answer: answer === "none" ? (word?.answer ?? answer) : answer };
  };
  const answerOf = (attendee: Attendee): Answer => {
    const { id } = attendee;
    const asTold = asTolds.get(id) ?? memory?.answers?.[id]?.answer;
    const shown = shownOf(attendee, asTold);
    const mine = newestOf(
      wordsOf(views, id, (view, owner) => isCopy(view) && owner === id),
      asTold,
    );
    const reply = replyOf(views, id, shown, asTold, (one) => instanceIn(one) === undefined);
    if (reply && (!mine || before(reply, mine))) {
      own[id] = reply.edition;
      return reply.answer;
    }
    if (mine && mine.edition >= edition) {
      own[id] = mine.edition;
      return mine.answer;
    }
    if (mine) {
      kept[id] = { answer: asTold ?? mine.answer, edition: mine.edition };
      return kept[id].answer;
    }
    const vanished = told?.own?.[id] ?? memory?.answers?.[id]?.edition;
    if (vanished === undefined || asTold === undefined || edition > vanished) return shown.answer;
    kept[id] = { answer: asTold, edition: vanished };
    return asTold;
  };

  const attendees = event.attendees.map((attendee) => ({ ...attendee, answer: answerOf(attendee) }));
  return {
    view: { ...event, attendees },
    ...(Object.keys(own).length > 0 && { own }),
    ...(Object.keys(kept).length > 0 && { answers: kept }),
  };
};
