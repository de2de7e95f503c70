/**
 * Changing and deleting. What changes is written onto the object as it stands, fact by fact: everything else in it stays, whoever wrote it. What
 * somebody else changed meanwhile stays as well, unless the wish changes the same.
 */

import { hash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Command, Receipt } from "groupstream";
import { type Refused, refused, unwrittenBy } from "groupstream/protocol/dav";
import {
  changedPlanned,
  factsOf,
  fieldOfFact,
  isAnswerFact,
  markIn,
  type Planned,
  readCalendars,
  relatedIn,
} from "groupstream/protocol/icalendar";
import {
  baseCarried,
  baseOfFacts,
  conflictText,
  type FactConflict,
  type FactsBase,
  factsDigest,
  mergedFacts,
} from "groupstream/protocol/merge";
import type { Account } from "./account.ts";
import { doneAt, insists, type StoredObject, schedules, standingOf, unasked } from "./acting.ts";
import { type Composed, composed, isForeign, isPlanned, marksOf, withoutPeople } from "./compose.ts";
import { putFollowing, telling } from "./creating.ts";
import { isPart, keyOf, marks, type Ours, oursOf, uidOf } from "./own.ts";

/** Its text is read as far as policy allows: what was not seen was not changed. */
const asSeen = (base: Planned, now: Planned): Planned => {
  const { content: _content, ...seen } = base;
  const whole = now.text ?? "";
  return whole.startsWith(base.text ?? "") ? { ...seen, ...(now.text !== undefined && { text: now.text }) } : base;
};

/** The wish of somebody who saw as much of the text. */
const asWished = (wish: Planned, base: Planned, seen: Planned): Planned => {
  if (wish.text !== base.text) return wish;
  const { content: _content, text: _text, ...rest } = wish;
  return { ...rest, ...(seen.text !== undefined && { text: seen.text }) };
};

/** Somebody there is told of a change by a server that schedules, whoever makes it, where the account organises it. */
const tellsOthers = ({ resource }: StoredObject, insisting: boolean): boolean => {
  const [calendar] = readCalendars(resource.data).calendars;
  return (calendar?.getAllSubcomponents() ?? [])
    .flatMap((component) => component.getAllProperties("attendee"))
    .some((attendee) => insisting || /^server$/i.test(attendee.getFirstParameter("schedule-agent") || "server"));
};

/** What of an item is to be otherwise, by whom it was made. */
interface Wished {
  readonly base: FactsBase;
  readonly parts: Composed["parts"];
  /** The one that stands in this resource; undefined: none does any more. */
  readonly own: Composed["parts"][number] | undefined;
  readonly following: (from: string) => string;
}

/** Of somebody's change: what they saw, and the parts it takes. A part that follows is another series, named by the one it comes from. */
const asked = ({ base }: Command, object: Planned, { view, series }: StoredObject): Wished | Refused | undefined => {
  if (!base || !isPlanned(base)) return undefined;
  const seen = asSeen(base, view);
  const [known, wished] = [composed(seen).parts, composed(asWished(object, base, seen)).parts];
  const digests = (parts: Composed["parts"]) => parts.slice(1).map(({ facts }) => factsDigest(facts));
  const ranged = known.length > 1;
  // Another program wrote it that way; what follows would be said twice.
  if (ranged && !isDeepStrictEqual(digests(known), digests(wished)))
    return refused(
      "The series changes from one occurrence on (THISANDFUTURE): what follows is changed where that was written.",
      "rejected",
    );
  const parts = ranged ? wished.slice(0, 1) : wished;
  const mine = oursOf(series);
  const following = (from: string): string =>
    mine ? uidOf(mine.delivery, from) : `${hash("sha256", `${series.uid} ${from}`, "hex").slice(0, 32)}`;
  return { base: baseOfFacts(known[0]?.facts ?? factsOf(seen)), parts, own: parts[0], following };
};

/** Of what should stand: the part this resource is of what was delivered, and what of it was delivered last. */
const delivered = ({ language }: Command, object: Planned, { series }: StoredObject, mine: Ours | undefined): Wished => {
  const wish = markIn(series, marks.people) === undefined ? object : withoutPeople(object, language);
  const { parts } = composed(wish);
  const own = mine ? parts.find(({ from }) => isPart(mine, from)) : parts[0];
  return {
    base: baseCarried(markIn(series, marks.base)),
    parts: mine?.part === undefined ? parts : [],
    own,
    following: (from) => uidOf(mine?.delivery ?? "", from),
  };
};

export const update = async (account: Account, command: Command, signal: AbortSignal): Promise<Receipt> => {
  const { item, object, preview, base: seen } = command;
  if (!item) return refused("There is no event to change; name one.");
  if (!isPlanned(object)) return refused("There is nothing to change it to; give an event or a task.", "rejected");
  const whole = composed(object);
  const { how, losses } = await telling(account, command, object, signal);
  const told = { digest: whole.digest, losses: [...whole.losses, ...losses] };
  if (preview) return { outcome: "done", native: `PUT ${item.key} (If-Match)`, ...told };
  const [owner, scheduling] = [(await account.principal(signal)).owner, await schedules(account, signal)];
  const insisting = await insists(account, signal);
  return account.change(command, standingOf, signal, async (standing, { key }) => {
    const { calendar, resource, series, view, floating } = standing;
    if (view.type !== object.type) return refused(`It is ${view.type === "Event" ? "an event" : "a task"} there.`, "rejected");
    const mine = oursOf(series);
    const foreign = isForeign(view.attributedTo, owner);
    if (seen && foreign && owner !== undefined)
      return refused(`${view.attributedTo?.id} organises it: answer it, or ask them to change it.`, "forbidden");
    const wished = asked(command, object, standing) ?? delivered(command, object, standing, mine);
    if ("outcome" in wished) return wished;
    if (!wished.own) return takeOut(account, standing, signal);
    const now = factsOf(view);
    const { changes, conflicts } = mergedFacts(wished.base, now, wished.own.facts, isAnswerFact);
    if (conflicts.length > 0)
      return refused(
        `Somebody else changed the same there: ${conflictText(conflicts, fieldOfFact)}; decide which it is, and make both so.`,
        "rejected",
      );
    const carried = seen ? {} : marksOf(command, wished.own.facts);
    const done = async (): Promise<Receipt> => ({
      ...(await doneAt(account, { calendar, key, field: "attendee", losses: told.losses }, signal)),
      digest: told.digest,
    });
    if (changes.size === 0 && wished.parts.length < 2 && (seen || carried[marks.base] === markIn(series, marks.base)))
      return done();
    const named = markIn(series, marks.people) !== undefined;
    const invites = insisting && !named && (object.attendees ?? []).length > 0;
    const tells = scheduling && !command.notify && !foreign && (invites || tellsOthers(standing, insisting));
    if (changes.size > 0 && tells) return unasked("changes");
    const manner = { stamp: account.stamp(), ...how };
    const failed = await putFollowing(
      account,
      calendar,
      { command, parts: wished.parts, uidOf: wished.following, manner },
      series.uid,
      signal,
    );
    if (failed) return failed;
    const all = new Map(now);
    for (const [fact, value] of changes) value === null ? all.delete(fact) : all.set(fact, value);
    const body = changedPlanned(resource.data, changes, all, {
      ...manner,
      organises: mine !== undefined || !foreign,
      marks: carried,
      related: wished.parts.flatMap(({ from }) => (from === undefined ? [] : [wished.following(from)])),
      ...(floating && { floating }),
    });
    const written = await account.put(resource.url, body, { match: resource.revision }, signal);
    if (written.kind === "changed") return undefined;
    return unwrittenBy(written) ?? done();
  });
};

/** Deletes it as it stands; undefined: it is another by now. No answer goes out for an invitation that is taken away. */
const takeOut = async (
  account: Account,
  { calendar, resource }: StoredObject,
  signal: AbortSignal,
  silent = true,
): Promise<Receipt | undefined> => {
  const written = await account.remove(resource.url, resource.revision, signal, silent);
  if (written.kind === "changed") return undefined;
  const gone = { collection: calendar.url, sighting: { key: resource.key, gone: true, final: true } } as const;
  return unwrittenBy(written) ?? { outcome: "done", stands: gone };
};

/** What was split from a series of ours goes with it. */
const takeParts = async (
  account: Account,
  { calendar, series }: StoredObject,
  mine: Ours,
  signal: AbortSignal,
): Promise<void> => {
  const parts = relatedIn(series).filter(
    (uid) => oursOf({ uid })?.delivery === mine.delivery && oursOf({ uid })?.part !== mine.part,
  );
  for (const uid of parts) {
    const resource = await account.resource(calendar, keyOf(uid), signal);
    if (resource && !("outcome" in resource)) await account.remove(resource.url, resource.revision, signal, true);
  }
};

export const remove = async (account: Account, command: Command, signal: AbortSignal): Promise<Receipt> => {
  const { item, base, preview, notify } = command;
  if (!item) return refused("There is no event to delete; name one.");
  if (preview) return { outcome: "done", native: `DELETE ${item.key} (If-Match)` };
  const [owner, scheduling] = [(await account.principal(signal)).owner, await schedules(account, signal)];
  const insisting = await insists(account, signal);
  return account.change(command, standingOf, signal, async (standing) => {
    const { series, view } = standing;
    if (base && isPlanned(base)) {
      const seen = factsOf(asSeen(base, view));
      const { changes } = mergedFacts({ was: () => undefined }, factsOf(view), seen);
      const others = [...changes.keys()].map(
        (fact): FactConflict => ({ fact, theirs: factsOf(view).get(fact), ours: seen.get(fact) }),
      );
      if (others.length > 0)
        return refused(
          `It was changed by somebody else since it was seen: ${conflictText(others, fieldOfFact)}; look at it, then delete it.`,
          "rejected",
        );
    }
    const own = !isForeign(view.attributedTo, owner);
    if (scheduling && !notify && own && tellsOthers(standing, insisting)) return unasked("is cancelled");
    const mine = oursOf(series);
    if (mine && !base) await takeParts(account, standing, mine, signal);
    return takeOut(account, standing, signal, !notify);
  });
};
