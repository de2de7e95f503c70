/** A command → the mail that is sent for it. Pure: the same command gives the same mail, to the last byte. */

import { hash } from "node:crypto";
import type { Command, CommandFile, Loss, MessageView, Party } from "groupstream";
import { trailField } from "groupstream/protocol/mail";
import { cleanLine } from "groupstream/protocol/text";
import { type AnsweredMail, forwardSubject, reached, replySubject, threading, unanswerable } from "./answer.ts";
import { bodyOf, filesOf } from "./body.ts";
import { addressOf, messageIdOf, type Own } from "./own.ts";
import type { Sender } from "./sender.ts";

/** A name and an address for an address field. */
interface MailAddress {
  readonly name?: string;
  readonly address: string;
}

/** A mail, before it is bytes. */
export interface Mail {
  /** Without angle brackets. */
  readonly messageId: string;
  readonly from: MailAddress;
  readonly replyTo?: string;
  readonly to: readonly MailAddress[];
  readonly cc: readonly MailAddress[];
  /** In the envelope only. */
  readonly bcc: readonly MailAddress[];
  readonly subject: string;
  /** With angle brackets. */
  readonly inReplyTo?: string;
  readonly references: readonly string[];
  /** As it was written; what is said of files stands below it, by {@link finished}. */
  readonly text: string;
  readonly html?: string;
  /** A message about a meeting (RFC 6047), as a form of the text. */
  readonly calendar?: { readonly method: string; readonly text: string };
  readonly files: readonly CommandFile[];
  readonly named: readonly string[];
  /** All files of the object, attached or not: what of them counts as content. */
  readonly listed: readonly string[];
  readonly date: Date;
  /** The field X-Groupstream-Trail; absent where nothing is to be said. */
  readonly trail?: string;
  readonly losses: readonly Loss[];
}

/** Why there is no mail. */
export interface NoMail {
  readonly refused: string;
}

export const isNoMail = (mail: Mail | NoMail): mail is NoMail => "refused" in mail;

/** An RFC 5322 field takes more; a name or subject beyond that is no line that people read. */
const LINE_LIMIT = 250;
const NAME_LIMIT = 80;
/** What a new mail without a subject is called by: the beginning of its text. */
const TITLE_LIMIT = 70;
/** A wish that waited longer is dated by its sending, or it would turn up below what was read long ago. */
const DATED_WITHIN = 7 * 24 * 60 * 60 * 1000;

/** Brackets and quotes out of a display name: nothing in it may look like an address of its own. */
const shownName = (name: string): string => cleanLine(name.replace(/[<>"\\]/g, " "), NAME_LIMIT);

const localPart = (address: string): string => address.slice(0, address.lastIndexOf("@"));

/** `Ann via Support`, or the mailbox alone where it is the writer itself. The address is always the mailbox's. */
const fromOf = ({ from }: Sender, writer: Party | undefined, own: Own): MailAddress => {
  const mailbox = from.name === undefined ? undefined : shownName(from.name);
  const name = writer?.name === undefined ? "" : shownName(writer.name);
  if (writer === undefined || own.has(writer.id)) {
    const shown = mailbox ?? name;
    return shown === "" ? { address: from.address } : { name: shown, address: from.address };
  }
  // Somebody without a name is called by the last word of their id: `acct:ann@chat.example`.
  const called =
    name === ""
      ? shownName(
          writer.id
            .replace(/^[a-z]+:/, "")
            .split("@")[0]
            ?.split("/")
            .at(-1) ?? "",
        )
      : name;
  return { name: `${called === "" ? "Somebody" : called} via ${mailbox ?? localPart(from.address)}`, address: from.address };
};

/** Those that have a mail address, each once; the rest is a loss. */
const addressed = (people: readonly Party[], field: string, taken: Set<string>, losses: Loss[]): MailAddress[] => {
  let without = 0;
  const mailboxes = people.flatMap(({ id, name }): MailAddress[] => {
    const address = addressOf(id);
    if (address === undefined) without++;
    if (address === undefined || taken.has(id.toLowerCase())) return [];
    taken.add(id.toLowerCase());
    const shown = name === undefined ? "" : shownName(name);
    return [shown === "" ? { address } : { name: shown, address }];
  });
  if (without > 0)
    losses.push({ field, reason: `${without} of those named there ${without === 1 ? "has" : "have"} no mail address.` });
  return mailboxes;
};

const listedOf = ({ attachment = [] }: MessageView): readonly string[] =>
  attachment.map(({ name, mediaType, size, href }) => JSON.stringify([name, mediaType, size, href]));

const titleOf = (text: string): string => {
  const line = cleanLine(text.split("\n").find((one) => one.trim() !== "") ?? "", LINE_LIMIT);
  if (line.length <= TITLE_LIMIT) return line;
  const cut = line.slice(0, TITLE_LIMIT).toWellFormed();
  return `${cut.slice(0, Math.max(cut.lastIndexOf(" "), TITLE_LIMIT / 2)).trim()} …`;
};

const dateOf = ({ published }: MessageView, now: Date): Date => {
  const written = published === undefined ? Number.NaN : Date.parse(published);
  return written <= now.getTime() && written > now.getTime() - DATED_WITHIN ? new Date(written) : now;
};

const nobody = "it names nobody with a mail address; give the object recipients";

/** What every mail has. */
const common = (command: Command, object: MessageView, sender: Sender, own: Own, now: Date) => {
  const trail = trailField(command.trail);
  return {
    messageId: messageIdOf(command.id, sender.from.address),
    from: fromOf(sender, object.attributedTo, own),
    ...(sender.replyTo !== undefined && { replyTo: sender.replyTo }),
    date: dateOf(object, now),
    ...(trail !== undefined && { trail }),
  };
};

/** A new mail, or with `answered` the answer to that one. */
export const composed = (
  command: Command,
  answered: AnsweredMail | undefined,
  sender: Sender,
  own: Own,
  now: Date,
): Mail | NoMail => {
  const { object } = command;
  if (object?.type !== "Note") return { refused: "only messages are sent as mail" };
  const refused = answered && unanswerable(answered);
  if (refused !== undefined) return { refused };
  const { text, html, losses: unclean } = bodyOf(object);
  const { files, named, losses: unattached } = filesOf(command, object, text, sender.fileBytes);
  const empty = text.trim() === "" && files.length + named.length === 0;
  if (empty && (answered || object.name === undefined))
    return { refused: "it has no text; let the policy of its source allow text" };
  const losses: Loss[] = [...unclean, ...unattached];
  const taken = new Set<string>();
  let to = addressed(object.to ?? [], "to", taken, losses);
  let cc = addressed(object.cc ?? [], "cc", taken, losses);
  const bcc = addressed(object.bcc ?? [], "bcc", taken, losses);
  if (answered && to.length + cc.length + bcc.length === 0) {
    const people = reached(answered, command.reach ?? "author", own);
    to = addressed(people.to, "to", taken, losses);
    cc = addressed(people.cc, "cc", taken, losses);
  }
  if (to.length + cc.length + bcc.length === 0) return { refused: nobody };
  const thread = answered ? threading(answered) : { references: [], losses: [] };
  if (object.published !== undefined && dateOf(object, now) === now)
    losses.push({ field: "published", reason: "It is dated by its sending, not by when it was written." });
  const title = object.name === undefined ? titleOf(text) : cleanLine(object.name, LINE_LIMIT);
  return {
    ...common(command, object, sender, own, now),
    to,
    cc,
    bcc,
    subject: answered ? cleanLine(replySubject(answered.subject), LINE_LIMIT) : title,
    ...("inReplyTo" in thread && thread.inReplyTo !== undefined && { inReplyTo: thread.inReplyTo }),
    references: thread.references,
    text,
    ...(html !== undefined && { html }),
    files,
    named,
    listed: listedOf(object),
    losses: [...losses, ...thread.losses],
  };
};

const peopleOf = (people: readonly Party[]): string =>
  people
    .map(({ id, name }) => {
      const address = addressOf(id) ?? id;
      return name === undefined ? address : `${name} <${address}>`;
    })
    .join(", ");

/** A mail that passes another one on, whole and attached; its text says whose that is. */
export const forwarding = (command: Command, passed: AnsweredMail, sender: Sender, own: Own, now: Date): Mail | NoMail => {
  const { object } = command;
  if (object?.type !== "Note") return { refused: "only messages are passed on by mail" };
  const losses: Loss[] = [];
  const taken = new Set<string>();
  const to = addressed(object.to ?? [], "to", taken, losses);
  const cc = addressed(object.cc ?? [], "cc", taken, losses);
  const bcc = addressed(object.bcc ?? [], "bcc", taken, losses);
  if (to.length + cc.length + bcc.length === 0) return { refused: nobody };
  const head = [
    ["From", peopleOf(passed.from)],
    ["Date", cleanLine(passed.date, 100)],
    ["Subject", passed.subject],
    ["To", peopleOf(passed.to)],
  ].flatMap(([field, value]) => (value ? [`${field}: ${value}`] : []));
  return {
    ...common(command, object, sender, own, now),
    // Who passes it on asked for it; the original bears its own writer.
    from: fromOf(sender, undefined, own),
    date: now,
    to,
    cc,
    bcc,
    subject: cleanLine(forwardSubject(passed.subject), LINE_LIMIT),
    references: [],
    text: `---------- Forwarded message ----------\n${head.join("\n")}\n\nThe message is attached.`,
    files: [],
    named: [],
    listed: [],
    losses,
  };
};

/** Equal for equal content: what people see of it, not when it was sent, nor which of its files could be attached. */
export const digestOf = ({ from, to, cc, bcc, subject, text, html, inReplyTo, listed }: Mail): string =>
  hash("sha256", JSON.stringify([from, to, cc, bcc, subject, text, html ?? "", inReplyTo ?? "", listed]), "hex");
