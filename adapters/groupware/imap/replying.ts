/**
 * Answers to invitations that came by mail: a reply (iMIP, RFC 6047; RFC 5546 section 3.2.3) to the organiser, in the name of who was
 * invited. Sent like any mail: once, known again by its Message-ID, its copy among the sent.
 */

import type { ActorId, Command, Receipt } from "groupstream";
import { type PartStat, type SchedulingMessage, schedulingReply } from "groupstream/protocol/icalendar";
import { enclosedMessage, isInvitationKey, mailKey, parseHeaders } from "groupstream/protocol/mail";
import { cleanLine } from "groupstream/protocol/text";
import { goneThere, pathOf, type Refused, refused } from "./acting.ts";
import { type AnsweredMail, answeredOf, threading } from "./answer.ts";
import type { Mail } from "./compose.ts";
import { mailboxOf } from "./mailbox.ts";
import { isFailure, type Mailing, sending, sentAlready } from "./mailing.ts";
import { uidOf } from "./map.ts";
import { rawsOf, wholesFrom } from "./messages.ts";
import { addressOf, messageIdOf } from "./own.ts";

/** What each verb answers. */
export const partStats = { Accept: "ACCEPTED", TentativeAccept: "TENTATIVE", Reject: "DECLINED" } as const satisfies Readonly<
  Record<string, PartStat>
>;

export type ReplyVerb = keyof typeof partStats;

const words: { readonly [language in "en" | "de"]: { readonly [verb in ReplyVerb]: readonly [subject: string, text: string] } } =
  {
    en: {
      Accept: ["Accepted", "accepted the invitation"],
      TentativeAccept: ["Tentative", "tentatively accepted the invitation"],
      Reject: ["Declined", "declined the invitation"],
    },
    de: {
      Accept: ["Zugesagt", "hat die Einladung angenommen"],
      TentativeAccept: ["Unter Vorbehalt zugesagt", "hat die Einladung unter Vorbehalt angenommen"],
      Reject: ["Abgelehnt", "hat die Einladung abgelehnt"],
    },
  };

/** An invitation in its mail, which still counts. */
interface AnsweredInvitation {
  readonly message: SchedulingMessage;
  readonly answered: AnsweredMail;
}

const askedIn = async (mailing: Mailing, command: Command, signal: AbortSignal): Promise<AnsweredInvitation | Refused> => {
  const { item } = command;
  const { account, connection } = mailing;
  if (!item || !isInvitationKey(item.key))
    return refused(account.id, "only an invitation that came by mail is answered by mail; name it as the item");
  const path = await pathOf(mailing, item.collection, signal);
  if (path === undefined) return goneThere(mailing);
  const mailbox = mailboxOf(connection, account, { id: item.collection }, path, signal);
  const validity = await mailbox.validity();
  const uid = uidOf(validity, mailKey(item.key));
  if (uid === undefined || !Number.isSafeInteger(uid) || uid < 1) return goneThere(mailing);
  const read = { text: "none", behaviour: false } as const;
  const raws = await rawsOf(mailbox, [uid], read, true);
  const raw = raws.read.get(uid);
  if (!raw) return goneThere(mailing);
  const [, counts] = wholesFrom([uid], raws, mailing.mapping(item.collection, validity, read)).get(uid) ?? [];
  const message = counts && raw.enclosed && enclosedMessage(raw.enclosed);
  if (!message || "reason" in message || message.method !== "request")
    return refused(account.id, "the mail asks for no answer: it holds no invitation, or none that counts", false, "rejected");
  return { message, answered: answeredOf(parseHeaders(raw.row.headers ?? ""), raw.structure) };
};

/** In whose name: who asks, or where they are not invited under that name, the mailbox's owner. */
const namesOf = ({ account, sender }: Mailing, { actor }: Command): readonly ActorId[] => [
  actor,
  ...(account.owner === undefined ? [] : [account.owner]),
  `mailto:${sender.from.address}`,
];

const mailOf = (
  mailing: Mailing,
  command: Command,
  verb: ReplyVerb,
  { message, answered }: AnsweredInvitation,
  now: Date,
): Mail | Refused => {
  const { account, sender } = mailing;
  const names = namesOf(mailing, command);
  const reply = names
    .map((name) => schedulingReply(message, name, partStats[verb], { at: now.toISOString(), by: sender.from.address }))
    .find((one) => one !== undefined);
  if (!reply) return refused(account.id, `${command.actor} is not among those invited, or nobody invites`, false, "rejected");
  const address = addressOf(reply.to);
  if (address === undefined) return refused(account.id, "the organiser has no mail address", false, "no-recipient");
  const [subject, said] = words[command.language ?? "en"][verb];
  const thread = threading(answered);
  const title = cleanLine(reply.summary, 200);
  return {
    messageId: messageIdOf(command.id, sender.from.address),
    from: sender.from,
    to: [{ address }],
    cc: [],
    bcc: [],
    subject: title === "" ? subject : `${subject}: ${title}`,
    ...(thread.inReplyTo !== undefined && { inReplyTo: thread.inReplyTo }),
    references: thread.references,
    text: `${sender.from.name ?? sender.from.address} ${said}${title === "" ? "" : `: ${title}`}.\n`,
    calendar: { method: "REPLY", text: reply.text },
    files: [],
    named: [],
    listed: [],
    date: now,
    losses: [],
  };
};

/** Answers an invitation by mail. */
export const replying = async (mailing: Mailing, verb: ReplyVerb, command: Command, signal: AbortSignal): Promise<Receipt> => {
  const already = await sentAlready(mailing, command, signal);
  if (already) return already;
  const asked = await askedIn(mailing, command, signal);
  if (isFailure(asked)) return asked;
  const mail = mailOf(mailing, command, verb, asked, new Date());
  if (isFailure(mail)) return mail;
  return sending(mailing, command, mail, `SMTP: METHOD:REPLY, PARTSTAT=${partStats[verb]}`, async () => undefined, signal);
};
