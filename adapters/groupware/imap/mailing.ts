/** Sending: what answers or passes on is read first, the mail is handed in once, its copy is put among the sent. */

import { setTimeout } from "node:timers/promises";
import type { Command, Found, ItemRef, Loss, Receipt } from "groupstream";
import { withoutBcc } from "groupstream/protocol/mail";
import { cleanLine } from "groupstream/protocol/text";
import type { ImapFlow } from "imapflow";
import {
  type Acting,
  answeredIn,
  changing,
  type FoundMessage,
  found,
  foundIfItCan,
  goneThere,
  type MessagePlace,
  pathOf,
  type Refused,
  refusalOf,
  refused,
  searched,
  standing,
  type Unknown,
} from "./acting.ts";
import type { AnsweredMail } from "./answer.ts";
import { without } from "./body.ts";
import { bytesOf, type Original } from "./bytes.ts";
import { composed, digestOf, forwarding, isNoMail, type Mail } from "./compose.ts";
import { largestIn, packed } from "./files.ts";
import type { Nodemailer } from "./nodemailer.ts";
import { messageIdOf } from "./own.ts";
import type { Failed } from "./refusals.ts";
import type { Outgoing, Parcel } from "./send.ts";
import type { Sender } from "./sender.ts";

/** Largest mail that is passed on, bytes: it is held in memory, and hardly a server takes more. */
export const FORWARD_LIMIT = 25 * 1024 * 1024;

/** ms for the copy of a mail that has been taken; an abort waits for it, since the mail would be sent again. */
const SAVING = 30_000;
/** ms before the copy is tried again: a line that Dovecot takes leave of still looks whole for a while. */
const pauses = [50, 250, 1_000];

/** The account with its way out. */
export interface Mailing extends Acting {
  readonly sender: Sender;
  readonly outgoing: Outgoing;
  load(): Promise<Nodemailer>;
}

type NotSent = Refused | Unknown;

export const isFailure = (result: object): result is NotSent => "outcome" in result;

/** A mail that is answered or passed on. */
interface Parent extends FoundMessage {
  readonly answered: AnsweredMail;
}

/** Works with an item in its mailbox, without a trace. */
const reading = async <T extends object>(
  mailing: Mailing,
  item: ItemRef,
  signal: AbortSignal,
  work: (client: ImapFlow, message: FoundMessage) => Promise<T | Refused | undefined>,
): Promise<T | NotSent> => {
  const path = await pathOf(mailing, item.collection, signal);
  if (path === undefined) return goneThere(mailing);
  return changing<T | Refused>(mailing, signal, async (client) => {
    const message = await standing(mailing, client, item, path, true);
    return (message && (await work(client, message))) ?? goneThere(mailing);
  });
};

const parentOf = (mailing: Mailing, item: ItemRef, signal: AbortSignal): Promise<Parent | NotSent> =>
  reading<Parent>(mailing, item, signal, async (client, message) => {
    const answered = await answeredIn(client, message.uid);
    return answered && { ...message, answered };
  });

const sourceOf = (mailing: Mailing, item: ItemRef, signal: AbortSignal): Promise<{ readonly source: Buffer } | NotSent> =>
  reading(mailing, item, signal, async (client, { uid }) => {
    const row = await client.fetchOne(String(uid), { uid: true, source: true }, { uid: true });
    const source = row ? row.source : undefined;
    return source && { source };
  });

/** The mailbox for sent mail, or where its mail is looked for: on Gmail in `\All`, whose items the hub knows. */
const sentPlace = async (
  mailing: Mailing,
  signal: AbortSignal,
  purpose: "keep" | "look",
): Promise<Omit<MessagePlace, "uid"> | undefined> => {
  const { inScope, byRole, gmail, paths } = await mailing.mailboxes(signal);
  const all = gmail && purpose === "look" ? inScope.find(({ collection }) => collection.role === "all") : undefined;
  const path = all?.path ?? byRole.get("sent");
  const id = [...paths].find(([, one]) => one === path)?.[0];
  return path === undefined || id === undefined ? undefined : { collection: id, path };
};

/** A mail of this delivery among the sent; undefined: none is there, or it cannot be seen. */
const sentBefore = async (mailing: Mailing, command: Command, signal: AbortSignal): Promise<MessagePlace | undefined> => {
  const place = await sentPlace(mailing, signal, "look");
  if (!place) return undefined;
  const messageId = `<${messageIdOf(command.id, mailing.sender.from.address)}>`;
  const uid = await mailing.connection.use(signal, ({ client }) => searched(client, place.path, messageId));
  return uid === undefined ? undefined : { ...place, uid };
};

/** What was sent is the answer to an invitation: that is what stands, not the mail it went in. */
const isAnswer = ({ verb }: Command): boolean => verb === "Accept" || verb === "TentativeAccept" || verb === "Reject";

/** What an earlier attempt left: only a copy among the sent is evidence; without one it may be on its way. */
export const sentFor = async (mailing: Mailing, command: Command, signal: AbortSignal): Promise<Found | undefined> => {
  const place = await sentBefore(mailing, command, signal);
  return place && found(mailing, place, signal, false, isAnswer(command));
};

const unsaved = (why: string): Loss => ({ field: "sent copy", reason: `The mail was sent; ${why}.` });

/** Puts the bytes that were sent into the mailbox for sent mail. Never fails: the mail is out. */
const saved = async (mailing: Mailing, { bytes, mail }: Parcel): Promise<{ stands?: Found; losses: readonly Loss[] }> => {
  const signal = AbortSignal.timeout(SAVING);
  if (!mailing.sender.saveSent) return { losses: [] };
  try {
    // Where it goes is asked of the server, too.
    const place = await sentPlace(mailing, signal, "keep").catch(() => sentPlace(mailing, signal, "keep"));
    if (!place) return { losses: [unsaved("no mailbox for sent mail is there to keep a copy")] };
    const keep = (again: boolean) =>
      changing<{ uid: number | undefined } | Refused>(mailing, signal, async (client, begin) => {
        const there = again ? await searched(client, place.path, `<${mail.messageId}>`) : undefined;
        if (there !== undefined) return { uid: there };
        begin();
        const appended = await client.append(place.path, bytes, ["\\Seen"]);
        if (!appended) return refused(mailing.account.id, "no copy was taken");
        return { uid: appended.uid ?? (await searched(client, place.path, `<${mail.messageId}>`).catch(() => undefined)) };
      });
    let kept = await keep(false);
    // The copy may be there, and can be seen, or kept after all. Whatever it looks like: imapflow has one `false` for a refusal and a lost line.
    for (const pause of pauses) {
      if (!isFailure(kept)) break;
      await setTimeout(pause, undefined, { signal });
      kept = await keep(true);
    }
    if (isFailure(kept)) return { losses: [unsaved("its copy among the sent could not be kept")] };
    const stands =
      kept.uid === undefined
        ? undefined
        : await foundIfItCan(mailing, { ...place, uid: kept.uid }, signal, false, mail.calendar !== undefined);
    return { losses: [], ...(stands && { stands }) };
  } catch {
    return { losses: [unsaved("its copy among the sent could not be kept in time")] };
  }
};

const list = (mail: Mail): string => [...mail.to, ...mail.cc, ...mail.bcc].map(({ address }) => address).join(", ");

const withLosses = (losses: readonly Loss[]) => (losses.length > 0 ? { losses } : {});

const refusedBy = ({ reason, again, obstacle }: Extract<Failed, { readonly outcome: "refused" }>): Refused => ({
  outcome: "refused",
  reason,
  obstacle,
  ...(again && { again }),
});

/** Sends a mail once. @param native  the preview's words @param original  passed on with it */
export const sending = async (
  mailing: Mailing,
  command: Command,
  mail: Mail,
  native: string,
  original: () => Promise<Original | undefined | NotSent>,
  signal: AbortSignal,
): Promise<Receipt> => {
  const digest = digestOf(mail);
  if (command.preview)
    return { outcome: "done", native: `${native} to ${list(mail)}: ${mail.subject}`, digest, ...withLosses(mail.losses) };
  let failed: NotSent | undefined;
  const send = (made: () => Promise<Parcel | undefined>) =>
    mailing.outgoing.send(made, (parcel) => saved(mailing, parcel), signal);
  const make = async (whole: Mail): Promise<Parcel | undefined> => {
    const passed = await original();
    if (passed && isFailure(passed)) {
      failed = passed;
      return undefined;
    }
    const files = await packed(whole, mailing.sender.fileBytes, command.attempt, signal);
    if (!files)
      failed = refused(mailing.account.id, "nothing was sent: a file of it cannot be read now; it is tried again", true);
    return files && { ...files, ...(await bytesOf(await mailing.load(), files.mail, passed, files.contents)) };
  };
  const handed = async (whole: Mail): ReturnType<typeof send> => {
    const sent = await send(() => make(whole));
    const largest = sent?.outcome === "refused" && sent.obstacle === "too-large" && largestIn(sent.parcel);
    return largest ? handed(without(sent.parcel.mail, largest, `${mailing.sender.at} takes no mail so large`)) : sent;
  };
  const sent = await handed(mail);
  if (!sent) return failed ?? refused(mailing.account.id, "there is nothing to send");
  if (sent.outcome === "refused") return refusedBy(sent);
  if (sent.outcome === "unknown") return { outcome: "unknown", reason: sent.reason };
  const { copy } = sent;
  return {
    outcome: "done",
    digest,
    ...(copy.stands && { stands: copy.stands }),
    ...withLosses([...sent.parcel.mail.losses, ...sent.losses, ...copy.losses]),
    ...(sent.losses.length > 0 && {
      partly: { obstacle: "no-recipient" as const, reason: sent.losses.map(({ reason }) => reason).join(" ") },
    }),
  };
};

/** What an earlier attempt sent is not sent again: asked first, since by now other things may be gone. */
export const sentAlready = async (mailing: Mailing, command: Command, signal: AbortSignal): Promise<Receipt | undefined> => {
  if (command.attempt === 1 || command.preview) return undefined;
  const before = await sentBefore(mailing, command, signal);
  const stands = before && (await foundIfItCan(mailing, before, signal, false, isAnswer(command)));
  return before && { outcome: "done", ...(stands && { stands }) };
};

/** A new mail, or the answer to `item`, or beneath `root`. */
export const creating = async (mailing: Mailing, command: Command, signal: AbortSignal): Promise<Receipt> => {
  const already = await sentAlready(mailing, command, signal);
  if (already) return already;
  const asked = command.item ?? command.root;
  const parent = asked && (await parentOf(mailing, asked, signal));
  const rootless = parent !== undefined && isFailure(parent) && command.item === undefined && parent.outcome === "refused";
  if (parent && isFailure(parent) && !(rootless && parent.again !== true)) return parent;
  const answered = parent && !isFailure(parent) ? parent.answered : undefined;
  const mail = composed(command, answered, mailing.sender, mailing.own, new Date());
  if (isNoMail(mail)) return refused(mailing.account.id, `nothing was sent: ${mail.refused}`);
  const gone: Loss[] = rootless ? [{ field: "inReplyTo", reason: "The thread's first mail is gone: this one begins anew." }] : [];
  const native = answered ? `SMTP: answer ${answered.messageId ?? "a mail without Message-ID"}` : "SMTP: new mail";
  const whole = { ...mail, losses: [...gone, ...mail.losses] };
  return sending(mailing, command, whole, native, async () => undefined, signal);
};

/** Passes `item` on, whole and attached, to those the object names. */
export const announcing = async (mailing: Mailing, command: Command, signal: AbortSignal): Promise<Receipt> => {
  const { item } = command;
  if (!item) return refused(mailing.account.id, "only a mail of this account is passed on; name it as the item");
  const already = await sentAlready(mailing, command, signal);
  if (already) return already;
  const passed = await parentOf(mailing, item, signal);
  if (isFailure(passed)) return passed;
  if (passed.size > FORWARD_LIMIT)
    return refused(
      mailing.account.id,
      `the message is larger than ${FORWARD_LIMIT} bytes; pass on a link instead`,
      false,
      "too-large",
    );
  const { answered } = passed;
  const mail = forwarding(command, answered, mailing.sender, mailing.own, new Date());
  if (isNoMail(mail)) return refused(mailing.account.id, `nothing was sent: ${mail.refused}`);
  const title = cleanLine(answered.subject.replace(/[\\/:*?"<>|]/g, " "), 60);
  const original = async (): Promise<Original | NotSent> => {
    const read = await sourceOf(mailing, item, signal);
    return isFailure(read) ? read : { name: `${title === "" ? "message" : title}.eml`, bytes: withoutBcc(read.source) };
  };
  return sending(mailing, command, mail, `SMTP: pass on ${answered.messageId ?? "a mail without Message-ID"}`, original, signal);
};

/** As a receipt, whatever else went wrong. Rejects only with the signal's reason. */
export const asReceipt = async (acting: Acting, signal: AbortSignal, work: () => Promise<Receipt>): Promise<Receipt> => {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    return refusalOf(acting, error);
  }
};
