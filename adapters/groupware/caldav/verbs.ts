/** Answers to invitations: PARTSTAT of one attendee, in the event as it stands; everything else in it stays as it was. */

import {
  type Command,
  type ErrorCode,
  type ItemRef,
  isGroupstreamError,
  type Loss,
  type Obstacle,
  type Perform,
  type Receipt,
  type Verb,
} from "groupstream";
import {
  type DavCollection,
  type DavResource,
  davItem,
  davPut,
  mailtoOf,
  readCalendars,
  writeCalendar,
} from "groupstream/protocol";
import type ICAL from "ical.js";
import type { Account } from "./account.ts";
import { zoneOfCalendar } from "./changes.ts";
import { undoneIn } from "./delivery.ts";
import { sightingOf } from "./map.ts";

/** How often an event that somebody else changes meanwhile is read again. */
const TRIES = 3;

const answers = { Accept: "ACCEPTED", TentativeAccept: "TENTATIVE", Reject: "DECLINED" } as const satisfies Partial<
  Record<Verb, string>
>;

type Answering = keyof typeof answers;
type Refused = Extract<Receipt, { outcome: "refused" }>;

const refused = (reason: string, obstacle?: Obstacle, rest: Partial<Refused> = {}): Refused => ({
  outcome: "refused",
  reason,
  ...(obstacle && { obstacle }),
  ...rest,
});

const obstacles: { readonly [code in ErrorCode]?: Obstacle } = {
  unreachable: "unreachable",
  throttled: "throttled",
  unauthenticated: "unauthenticated",
  forbidden: "forbidden",
};

/** What failed before anything was written. */
const unwritten = (error: unknown): Refused => {
  if (!isGroupstreamError(error)) throw error;
  const { code, message, retryAfter } = error;
  const again = code === "unreachable" || code === "throttled" || code === "unauthenticated";
  return refused(`Not answered: ${message}`, obstacles[code], {
    ...(again && { again: true }),
    ...(retryAfter !== undefined && { retryAfter }),
  });
};

const goneThere = refused("gone there: the event is not in the calendar any more; there is nothing to answer.", "gone", {
  gone: true,
});

const resourceAt = async (
  account: Account,
  calendar: DavCollection,
  { key }: ItemRef,
  signal: AbortSignal,
): Promise<DavResource | Refused> => {
  const item = await davItem(account.dav, calendar, key, signal);
  if (item.kind === "there") return item.resource;
  return item.kind === "gone" ? goneThere : refused(item.reason, "rejected");
};

const addressOf = (attendee: ICAL.Property): string | undefined => {
  const value = attendee.getFirstValue();
  return typeof value === "string" && /^mailto:/i.test(value) ? mailtoOf(value.slice(7)) : undefined;
};

/** The resource with this answer in every component that invites the person; undefined: none does. */
const answered = (data: string, actor: string, partstat: string): string | undefined => {
  const [calendar] = readCalendars(data).calendars;
  const invited = (calendar?.getAllSubcomponents() ?? [])
    .flatMap((component) => component.getAllProperties("attendee"))
    .filter((attendee) => addressOf(attendee)?.toLowerCase() === actor.toLowerCase());
  if (!calendar || invited.length === 0) return undefined;
  for (const attendee of invited) {
    attendee.setParameter("partstat", partstat);
    // It has been answered (RFC 5545 section 3.2.17).
    attendee.removeParameter("rsvp");
  }
  return writeCalendar(calendar);
};

/** Who tells the organiser: the server where it schedules, else nobody. */
const untold = (features: readonly string[]): readonly Loss[] =>
  features.includes("calendar-auto-schedule")
    ? []
    : [{ field: "reply", reason: "The server does not schedule (RFC 6638): the organiser is not told of the answer." }];

const answerOf = async (account: Account, verb: Answering, command: Command, signal: AbortSignal): Promise<Receipt> => {
  const { item, actor, preview } = command;
  if (!item) return refused("There is no event to answer; name one.");
  const partstat = answers[verb];
  const losses = untold((await account.principal(signal)).features);
  const rest = losses.length > 0 ? { losses } : {};
  if (preview) return { outcome: "done", native: `PUT ${item.key}: PARTSTAT=${partstat} of ${actor}`, ...rest };
  const calendar = await account.calendar(item.collection, signal);
  for (let round = 0; round < TRIES; round += 1) {
    const resource = await resourceAt(account, calendar, item, signal);
    if ("outcome" in resource) return resource;
    const body = answered(resource.data, actor, partstat);
    if (body === undefined) return refused(`${actor} is not among the attendees of this event.`, "rejected");
    // Only the own answer changes: others' that come meanwhile are no reason to read it again (RFC 6638 section 3.2.10).
    const { scheduleTag, revision } = resource;
    const condition = scheduleTag === undefined ? { match: revision } : { scheduleTag };
    const written = await davPut(account.dav, resource.url, body, { kind: "calendar", ...condition }, signal);
    if (written.kind === "changed") continue;
    if (written.kind === "gone") return goneThere;
    if (written.kind === "unknown") return { outcome: "unknown", reason: written.reason };
    if (written.kind === "refused")
      return refused(
        `The server refused the answer (${written.status}${written.precondition ? `, ${written.precondition}` : ""}).`,
        written.status === 403 ? "forbidden" : "rejected",
      );
    // Servers rewrite what they are given: what stands there is read, and an answer that cannot be read stays done.
    const stands = await resourceAt(account, calendar, item, signal).catch(() => undefined);
    signal.throwIfAborted();
    if (!stands || "outcome" in stands) return { outcome: "done", ...rest };
    const sighting = sightingOf(stands, { text: "full", behaviour: false }, zoneOfCalendar(calendar));
    return {
      outcome: "done",
      ...(sighting && { stands: { collection: item.collection, sighting } }),
      ...rest,
      ...undoneIn(stands.data, "reply"),
    };
  }
  return refused("The event was changed by somebody else again and again; the answer is tried later.", "throttled", {
    again: true,
  });
};

/** Answers, in the name of who is invited. Anything else is refused by the core: there is no such verb. */
export const verbsOf = (account: Account): Readonly<Record<Answering, Perform>> => {
  const perform =
    (verb: Answering): Perform =>
    async (command, signal) => {
      signal.throwIfAborted();
      try {
        return await answerOf(account, verb, command, signal);
      } catch (error) {
        signal.throwIfAborted();
        return unwritten(error);
      }
    };
  return { Accept: perform("Accept"), TentativeAccept: perform("TentativeAccept"), Reject: perform("Reject") };
};
