/** What a route carries: in full, degraded and how, not at all and why. Pure; as the live systems at both ends say. */

import type { ArrivingField, Level, Manifest } from "../contract/adapter.ts";
import type { ParsedRoute } from "./routes.ts";

/** One thing a route is asked about, and what becomes of it. */
export interface RouteLevel {
  readonly what: string;
  readonly level: Level;
}

/** A route explained. */
export interface Explained {
  readonly route: string;
  /** Why it may reach further than the source. */
  readonly widen?: string;
  /** By type of activity. */
  readonly activities: readonly RouteLevel[];
  /** By field of a message that is made at the target. */
  readonly fields: readonly RouteLevel[];
  /** What the source itself cannot show in full. */
  readonly source: readonly RouteLevel[];
}

const full: Level = { level: "full" };
const none = (why: string, remedy?: string): Level => ({ level: "none", why, ...(remedy !== undefined && { remedy }) });

/** What is told of messages, by what a target that holds them performs for it. */
const told = ["Create", "Update", "Delete", "Like", "EmojiReact", "Undo"] as const;

/** What belongs to the item where it is, and is told to readers and webhooks only. */
const staying = ["Move", "Add", "Remove", "Read"] as const;

const messageFields = [
  "name",
  "text",
  "content",
  "attributedTo",
  "to",
  "cc",
  "published",
  "attachment",
  "inReplyTo",
] as const satisfies readonly ArrivingField[];

const levelOf = (type: (typeof told)[number], target: Manifest, performs: ReadonlySet<string>): Level => {
  const level = target.takes[type];
  if (target.acts?.includes("Create") && (type === "Update" || type === "Delete"))
    return level?.level === "none" ? level : none("What is sent is neither edited nor taken back.");
  if (!performs.has(type)) return level?.level === "none" ? level : none("The target has nothing like it.");
  return level ?? full;
};

/**
 * @param source    what the live system at the beginning says of itself
 * @param target    and the one at the end
 * @param performs  the verbs the target's adapter has
 */
export const explain = (
  { id, route, handsOver }: ParsedRoute,
  source: Manifest,
  target: Manifest,
  performs: ReadonlySet<string>,
): Explained => {
  const wanted = (type: string): boolean => !route.types || route.types.includes(type);
  const narrowed = none("The route does not carry this type.", "Name it in `types`, or leave `types` out.");
  const activities = handsOver
    ? [...told, ...staying].map((what) => ({ what, level: wanted(what) ? (target.takes.Deliver ?? full) : narrowed }))
    : [
        ...told.map((what) => ({ what, level: wanted(what) ? levelOf(what, target, performs) : narrowed })),
        ...staying.map((what) => ({ what, level: none("It belongs to the source; a target that holds things has its own.") })),
      ];
  const fields = handsOver
    ? []
    : messageFields.map((what) => ({ what, level: target.arrives?.[what] ?? none("The target has no place for it.") }));
  const lacking = Object.entries(source.gives).flatMap(([what, level]) => (level.level === "full" ? [] : [{ what, level }]));
  return { route: id, ...(route.widen !== undefined && { widen: route.widen }), activities, fields, source: lacking };
};
