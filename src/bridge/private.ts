/** What is private at its source (RFC 5545 and RFC 2426, CLASS): it goes nowhere, or as nothing but that somebody is busy. Pure. */

import type { Because } from "../contract/because.ts";
import type { Classification, EventView, Loss, Occurrence, Timed, View } from "../contract/view.ts";
import type { ParsedRoute } from "./routes.ts";

/** True for what its source says of that not everybody who sees that it is there may see what it is. */
export const isPrivate = (view: View): view is Exclude<View, { type: "Note" }> & { readonly classification: Classification } =>
  view.type !== "Note" && view.classification !== undefined;

/** Why something private is not carried by this route; undefined: it may be. */
export const withheld = ({ route, handsOver }: ParsedRoute, view: View): Because | undefined => {
  if (!isPrivate(view)) return undefined;
  const { classification } = view;
  if (handsOver) return { code: "private-whole", classification };
  if (view.type !== "Event") return { code: "private", classification };
  return route.busy ? undefined : { code: "private-busy", classification };
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
export const asBusyTime = (
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
