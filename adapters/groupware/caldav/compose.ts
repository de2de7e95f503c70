/** What should stand → calendar objects of ours, and what is told of them. Pure. */

import type { ActorId, Command, EventView, Loss, Party, TaskView, View } from "groupstream";
import { trailText } from "groupstream/protocol/dav";
import { newPlanned, type Planned, type PlannedObject, type PlannedPart, splitPlanned } from "groupstream/protocol/icalendar";
import { carriedFacts, type Facts, factsDigest } from "groupstream/protocol/merge";
import { marks } from "./own.ts";

export const isPlanned = (view: View | undefined): view is EventView | TaskView =>
  view?.type === "Event" || view?.type === "Task";

/** What is to stand, in the parts it takes, as calendars hold it. */
export interface Composed {
  readonly parts: readonly (PlannedPart & { readonly facts: Facts })[];
  readonly losses: readonly Loss[];
  /** Equal for equal content. */
  readonly digest: string;
}

/** Of what is only composed to be compared. */
const anyTime = "2000-01-01T00:00:00Z";

/** Fails: `malformed` for what no calendar holds. */
export const composed = (view: Planned): Composed => {
  const made = splitPlanned(view).map((part) => ({ ...part, ...newPlanned(part.view, { uid: "compared", stamp: anyTime }) }));
  const losses = new Map(made.flatMap(({ losses }) => losses).map((loss) => [loss.field, loss]));
  return { parts: made, losses: [...losses.values()], digest: made.map(({ facts }) => factsDigest(facts)).join(".") };
};

const words = {
  en: { organises: "Organised by", invited: "Invited" },
  de: { organises: "Organisiert von", invited: "Eingeladen" },
} as const;

const shown = ({ id, name }: Party): string => {
  const address = id.replace(/^mailto:/, "");
  return name === undefined ? address : `${name} (${address})`;
};

/** With its people as words: some servers take nobody but the account as organiser (Google answers 403). */
export const withoutPeople = (view: Planned, language: "en" | "de" = "en"): Planned => {
  const { attributedTo, attendees, content: _content, text, recurrence, ...rest } = view;
  const lines = [
    ...(attributedTo ? [`${words[language].organises}: ${shown(attributedTo)}`] : []),
    ...((attendees ?? []).length > 0 ? [`${words[language].invited}: ${attendees?.map(shown).join(", ")}`] : []),
  ];
  const overrides = Object.entries(recurrence?.overrides ?? {}).map(([id, { attendees: _attendees, ...one }]) => [id, one]);
  const said = [...(text === undefined || text === "" ? [] : [text]), lines.join("\n")].join("\n\n");
  return {
    ...rest,
    ...(said !== "" && { text: said }),
    ...(recurrence && { recurrence: { ...recurrence, overrides: Object.fromEntries(overrides) } }),
  } as Planned;
};

const unpeopled = (why: string): readonly Loss[] =>
  ["attributedTo", "attendees"].map((field) => ({ field, reason: `${why}: its people are named in the text.` }));

/** Why people stand in the text. */
export const inText = {
  foreign: unpeopled("The server takes no event that somebody else organises"),
  unasked: unpeopled("The server would tell everybody who is invited, and that was not asked for (notify)"),
} as const;

/** How a part is written. */
export interface Manner {
  readonly uid: string;
  readonly related: readonly string[];
  /** RFC 3339 UTC. */
  readonly stamp: string;
  /** Nobody is told by the server. */
  readonly silent: boolean;
  /** Those who are invited are asked to answer. */
  readonly asks: boolean;
  /** Its people are in the text. */
  readonly people?: true;
}

/** Our properties of what is delivered. */
export const marksOf = ({ trail }: Command, facts: Facts): Readonly<Record<string, string | undefined>> => ({
  [marks.base]: carriedFacts(facts),
  [marks.trail]: trailText(trail),
});

/** One part as a resource of ours. */
export const resourceFor = (
  command: Command,
  { view, facts }: PlannedPart & { readonly facts: Facts },
  { people, ...manner }: Manner,
): PlannedObject =>
  newPlanned(view, {
    ...manner,
    marks: {
      [marks.delivery]: command.id,
      ...(people && { [marks.people]: "text" }),
      ...marksOf(command, facts),
    },
  });

/** Somebody else organises it. */
export const isForeign = (organiser: Party | undefined, owner: ActorId | undefined): boolean =>
  organiser !== undefined && organiser.id.toLowerCase() !== owner?.toLowerCase();
