/** What is private at its source (RFC 5545, CLASS): it goes nowhere, or as nothing but that somebody is busy. Pure. */

import type { EventView, Loss, Occurrence, TaskView, Timed, View } from "../activity/view.ts";
import type { ParsedRoute } from "./routes.ts";

/** True for events and tasks whose source says that not everybody who sees that they are there may see what they are. */
export const isPrivate = (view: View): view is EventView | TaskView =>
  (view.type === "Event" || view.type === "Task") && view.classification !== undefined;

/** Why something private is not carried by this route; undefined: it may be. */
export const withheld = ({ route, handsOver }: ParsedRoute, view: View): string | undefined => {
  if (!isPrivate(view)) return undefined;
  if (handsOver) return `not sent: it is ${view.classification}, and the target takes activities whole`;
  if (view.type === "Task") return `not sent: it is ${view.classification}`;
  return route.busy ? undefined : `not sent: it is ${view.classification}; a route may carry when somebody is busy (busy: true)`;
};

const words = { en: "Busy", de: "Belegt" } as const;

const times = ({ startTime, endTime, start, end, timezone }: Timed): Timed => ({
  ...(startTime !== undefined && { startTime }),
  ...(endTime !== undefined && { endTime }),
  ...(start !== undefined && { start }),
  ...(end !== undefined && { end }),
  ...(timezone !== undefined && { timezone }),
});

const timesOnly = ({ originalTime, future, status, ...occurrence }: Occurrence): Occurrence => ({
  originalTime,
  ...times(occurrence),
  ...(future && { future }),
  ...(status === "cancelled" && { status }),
});

/** When, and nothing else: no title, people, place or text. */
export const busyOf = (
  view: EventView,
  language: "en" | "de" = "en",
): { readonly view: EventView; readonly losses: readonly Loss[] } => {
  const { recurrence, status } = view;
  const { overrides, ...rules } = recurrence ?? {};
  const shown = overrides && Object.fromEntries(Object.entries(overrides).map(([id, one]) => [id, timesOnly(one)]));
  return {
    view: {
      type: "Event",
      name: words[language],
      ...times(view),
      ...(status === "cancelled" && { status }),
      ...(recurrence && { recurrence: { ...rules, ...(shown && { overrides: shown }) } }),
    },
    losses: [{ field: "name", reason: `It is ${view.classification} at its source: only when it is goes out.` }],
  };
};
