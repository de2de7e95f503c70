/**
 * Answers of an event: each comes from the attendee's own view. While that lags behind the newest, the answer stays as told;
 * once it has vanished, it stays until a newer view than the one it was told with says otherwise.
 */

import type { Answer, Attendee, EventView, View } from "../activity/view.ts";
import type { ActorId } from "../words.ts";
import type { OwnView, Refinement } from "./index.ts";
import type { Memory } from "./memory.ts";

const answersOf = (view: View | undefined): Map<ActorId, Answer> =>
  new Map(view?.type === "Event" ? view.attendees?.map((attendee) => [attendee.id, attendee.answer]) : []);

/** The newest of the attendee's own views that has an answer of theirs; of equal ones that which says what was told. */
const ownAnswer = (
  views: readonly OwnView[],
  id: ActorId,
  told: Answer | undefined,
): { readonly edition: string; readonly answer: Answer } | undefined =>
  views
    .filter((view) => view.owner === id)
    .flatMap(({ view, item }) => {
      const answer = answersOf(view).get(id);
      return answer === undefined ? [] : [{ edition: view.edition ?? "", answer, item }];
    })
    .sort((a, b) => {
      if (a.edition !== b.edition) return a.edition < b.edition ? 1 : -1;
      return Number(b.answer === told) - Number(a.answer === told) || a.item - b.item;
    })[0];

/** The shared view with each attendee's answer. */
export const foldAnswers: Refinement = (shared, views, told, memory) => {
  const event = shared as EventView;
  if (!event.attendees) return { view: event };
  const before = answersOf(told?.view);
  const edition = event.edition ?? "";
  const own: Record<ActorId, string> = {};
  const kept: Record<ActorId, NonNullable<Memory["answers"]>[string]> = {};

  const answerOf = ({ id, answer }: Attendee): Answer => {
    const asTold = before.get(id) ?? memory?.answers?.[id]?.answer;
    const mine = ownAnswer(views, id, asTold);
    if (mine && mine.edition >= edition) {
      own[id] = mine.edition;
      return mine.answer;
    }
    if (mine) {
      kept[id] = { answer: asTold ?? mine.answer, edition: mine.edition };
      return kept[id].answer;
    }
    const vanished = told?.own?.[id] ?? memory?.answers?.[id]?.edition;
    if (vanished === undefined || asTold === undefined || edition > vanished) return answer;
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
