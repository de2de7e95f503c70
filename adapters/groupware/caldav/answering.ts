/** Answers to invitations: PARTSTAT of one attendee, in the event as it stands; everything else in it stays as it was. */

import type { Command, Loss, Receipt, Verb } from "groupstream";
import { refused, unwrittenBy } from "groupstream/protocol/dav";
import { type PartStat, withAnswer } from "groupstream/protocol/icalendar";
import type { Account } from "./account.ts";
import { doneAt, schedules, standingOf } from "./acting.ts";

const answers = { Accept: "ACCEPTED", TentativeAccept: "TENTATIVE", Reject: "DECLINED" } as const satisfies Partial<
  Record<Verb, PartStat>
>;

/** Verbs that answer. */
export type Answering = keyof typeof answers;

/** Who tells the organiser: the server where it schedules, else nobody. */
const untold: readonly Loss[] = [
  { field: "reply", reason: "The server does not schedule (RFC 6638): the organiser is not told of the answer." },
];

export const answer = async (account: Account, verb: Answering, command: Command, signal: AbortSignal): Promise<Receipt> => {
  const { item, actor, preview } = command;
  if (!item) return refused("There is no event to answer; name one.");
  const partstat = answers[verb];
  const scheduling = await schedules(account, signal);
  const rest = scheduling ? {} : { losses: untold };
  const stamp = scheduling ? undefined : account.stamp();
  if (preview) return { outcome: "done", native: `PUT ${item.key}: PARTSTAT=${partstat} of ${actor}`, ...rest };
  return account.change(command, standingOf, signal, async ({ calendar, resource }) => {
    const body = withAnswer(resource.data, actor, partstat, stamp);
    if (body === undefined) return refused(`${actor} is not among the attendees of this event.`, "rejected");
    // By its ETag, never its Schedule-Tag (RFC 6638 section 3.2.10): Cyrus 3.6 leaves that as it was when the organiser moves the meeting,
    // and the answer would take the copy back to the time before. What others answer meanwhile costs one reading more.
    const condition = { match: resource.revision } as const;
    const written = await account.put(resource.url, body, condition, signal);
    if (written.kind === "changed") return undefined;
    return unwrittenBy(written) ?? doneAt(account, { calendar, key: item.key, field: "reply", ...rest }, signal);
  });
};
