/** Making events and tasks: each under the name of its delivery, so that a second attempt finds what the first one made. */

import type { Command, Loss, Receipt } from "groupstream";
import { type DavCollection, type DavWritten, hrefOfKey, isUuid, refused, unwrittenBy } from "groupstream/protocol/dav";
import type { Planned } from "groupstream/protocol/icalendar";
import type { Account } from "./account.ts";
import { doneAt, insists, schedules, showing } from "./acting.ts";
import { type Composed, composed, inText, isForeign, isPlanned, type Manner, resourceFor, withoutPeople } from "./compose.ts";
import { keyOf, uidOf } from "./own.ts";

/** Whoever is invited is told by the server, where it is asked to and can. */
const untold: Loss = {
  field: "attendees",
  reason: "The server does not schedule (RFC 6638): those who are invited are not told.",
};

/** How people are written, what is lost of them, and whether the account invites them. The server tells them only what their organiser asks it to. */
export const telling = async (
  account: Account,
  { notify }: Command,
  view: Planned,
  signal: AbortSignal,
): Promise<{ readonly how: Pick<Manner, "silent" | "asks">; readonly losses: readonly Loss[]; readonly own: boolean }> => {
  const scheduling = await schedules(account, signal);
  const owner = (await account.principal(signal)).owner;
  const invites = (view.attendees ?? []).length > 0;
  const own = invites && !isForeign(view.attributedTo, owner);
  const wanted = notify === true && own;
  return { how: { silent: scheduling && !wanted, asks: wanted }, losses: wanted && !scheduling ? [untold] : [], own };
};

const refusesPeople = (written: DavWritten): boolean =>
  written.kind === "refused" && written.status === 403 && !/no-uid-conflict|need-privileges/.test(written.precondition ?? "");

/** Puts one part where nothing is. What stands there by its name already was made by an attempt before. */
const put = async (
  account: Account,
  calendar: DavCollection,
  text: string,
  uid: string,
  signal: AbortSignal,
): Promise<DavWritten> => {
  const url = hrefOfKey(keyOf(uid), calendar.url);
  const written = await account.put(url, text, { create: true }, signal);
  if (written.kind !== "changed") return written;
  const there = await account.found(calendar, keyOf(uid), showing, signal);
  return there ? { kind: "done", asSent: false } : written;
};

/** A series that begins within another one. */
export interface Following {
  readonly command: Command;
  readonly parts: Composed["parts"];
  readonly uidOf: (from: string) => string;
  readonly manner: Omit<Manner, "uid" | "related">;
}

/** Makes the series that follow where they are not made yet; undefined: they stand there. */
export const putFollowing = async (
  account: Account,
  calendar: DavCollection,
  { command, parts, uidOf: named, manner }: Following,
  before: string,
  signal: AbortSignal,
): Promise<Receipt | undefined> => {
  for (const part of parts) {
    if (part.from === undefined) continue;
    const uid = named(part.from);
    const { text } = resourceFor(command, part, { ...manner, uid, related: [before] });
    const written = await put(account, calendar, text, uid, signal);
    const failed =
      written.kind === "changed" ? refused("Another event stands under its name.", "rejected") : unwrittenBy(written);
    if (failed)
      return failed.outcome === "refused" && failed.gone ? refused("The calendar is not there any more.", "no-place") : failed;
  }
  return undefined;
};

export const create = async (account: Account, command: Command, signal: AbortSignal): Promise<Receipt> => {
  const { id, object, preview, language } = command;
  if (!isPlanned(object)) return refused("Only events and tasks stand in a calendar; give one of these.", "rejected");
  if (!isUuid(id)) return refused("A delivery's id must be a UUID: the event is known by it again; give another one.");
  const whole = composed(object);
  const { digest } = whole;
  const { how, losses, own } = await telling(account, command, object, signal);
  const unasked = how.silent && own && (await insists(account, signal)) ? inText.unasked : [];
  const told = { digest, losses: [...whole.losses, ...losses, ...unasked] };
  const uid = uidOf(id);
  if (preview) return { outcome: "done", native: `PUT ${keyOf(uid)} (If-None-Match: *)`, ...told };
  const component = object.type === "Event" ? "VEVENT" : "VTODO";
  const takes = ({ components }: DavCollection): boolean => components.length === 0 || components.includes(component);
  const calendar = await account.place(command.collection, signal, takes);
  if (!calendar)
    return refused(`No calendar that can be written takes ${object.type === "Event" ? "events" : "tasks"} there.`, "no-place");
  // SOGo writes over what stands there, whatever If-None-Match says.
  const before = command.attempt > 1 ? await account.found(calendar, keyOf(uid), showing, signal) : undefined;
  if (before) return { outcome: "done", ...told, stands: before };
  const attempt = async ({ parts }: Composed, people: readonly Loss[]): Promise<Receipt | "people"> => {
    const named = people.length > 0;
    const manner = { stamp: account.stamp(), ...how, ...(named && { people: true as const }) };
    const following = { command, parts, uidOf: (from: string) => uidOf(id, from), manner };
    const related = parts.flatMap(({ from }) => (from === undefined ? [] : [uidOf(id, from)]));
    const [first] = parts as [Composed["parts"][number]];
    const written = await put(account, calendar, resourceFor(command, first, { ...manner, uid, related }).text, uid, signal);
    if (!named && object.attributedTo && refusesPeople(written)) return "people";
    if (written.kind === "gone") return refused("The calendar is not there any more; name another one.", "no-place");
    if (written.kind === "changed") return refused("Another event stands under its name.", "rejected");
    const failed = unwrittenBy(written) ?? (await putFollowing(account, calendar, following, uid, signal));
    if (failed) return failed;
    const lost = [...whole.losses, ...losses, ...people];
    const standing = { calendar, key: keyOf(uid), field: "attendee", losses: lost };
    return { ...(await doneAt(account, standing, signal)), digest };
  };
  if (unasked.length === 0) {
    const receipt = await attempt(whole, []);
    if (receipt !== "people") return receipt;
  }
  const named = composed(withoutPeople(object, language));
  return (await attempt(named, unasked.length > 0 ? unasked : inText.foreign)) as Receipt;
};
