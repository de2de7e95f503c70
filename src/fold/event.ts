/** Answers of an event: each comes from the attendee's own view; while that lags behind the newest, it stays as told. */

import type { Answer, Attendee, EventView, View } from "../activity/view.ts";
import type { ActorId } from "../words.ts";
import type { OwnView } from "./index.ts";
import type { Memory } from "./memory.ts";

const answersOf = (view: View | undefined): Map<ActorId, Answer> =>
  new Map(view?.type === "Event" ? view.attendees?.map((attendee) => [attendee.id, attendee.answer]) : []);

/** The shared view with each attendee's answer, and the answers that are remembered because an own view lags. */
export const foldAnswers = (
  shared: View,
  views: readonly OwnView[],
  told: View | undefined,
  memory: Memory | undefined,
): { view: EventView; answers?: Memory["answers"] } => {
  const event = shared as EventView;
  const before = answersOf(told);
  const lagging: Record<ActorId, string> = {};

  const answerOf = (attendee: Attendee): Answer => {
    const own = views
      .filter((view) => view.owner === attendee.id)
      .map((view) => ({ edition: view.view.edition ?? "", answer: answersOf(view.view).get(attendee.id) }))
      .filter((view) => view.answer !== undefined)
      .sort((a, b) => (a.edition < b.edition ? 1 : -1))[0];
    if (!own) return attendee.answer;
    if (own.edition >= (event.edition ?? "")) return own.answer as Answer;
    const stays =
      before.get(attendee.id) ?? (memory?.answers?.[attendee.id] as Answer | undefined) ?? own.answer ?? attendee.answer;
    lagging[attendee.id] = stays;
    return stays;
  };

  if (!event.attendees) return { view: event };
  const attendees = event.attendees.map((attendee) => ({ ...attendee, answer: answerOf(attendee) }));
  return { view: { ...event, attendees }, ...(Object.keys(lagging).length > 0 && { answers: lagging }) };
};
