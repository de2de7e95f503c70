/**
 * Flags, labels, moving and deleting: STORE, COPY, MOVE (RFC 6851), UID EXPUNGE (RFC 4315).
 *
 * A plain EXPUNGE is never sent: it would remove whatever anybody marked in that mailbox. Without UIDPLUS a message that was
 * copied or deleted stays marked `\Deleted`, with a loss that says so.
 */

import type { Command, ItemRef, Loss, Receipt } from "groupstream";
import type { ImapFlow } from "imapflow";
import {
  type Acting,
  changing,
  type FoundMessage,
  foundIfItCan,
  goneFrom,
  goneThere,
  type MessagePlace,
  pathOf,
  type Refused,
  refused,
  searched,
  standing,
} from "./acting.ts";
import { isGmail } from "./collections.ts";

/** What a verb does in the open mailbox. */
interface Step {
  readonly client: ImapFlow;
  readonly message: FoundMessage;
  /** Called before the first change. */
  begin(): void;
}

/** What was done: where the message is now, or that it is gone. */
interface Done {
  readonly stands?: MessagePlace;
  readonly gone?: "moved" | "final";
  readonly losses?: readonly Loss[];
}

const isReceipt = (result: Done | Receipt): result is Receipt => "outcome" in result;

const no = ({ account }: Acting, what: string): Refused =>
  refused(account.id, `${account.at} refused to ${what}; check the account's rights and quota`, true, "forbidden");

/** Runs a step on the command's item and says what stands. @param gone  the answer where it is not there any more */
const onItem = async (
  acting: Acting,
  item: ItemRef,
  signal: AbortSignal,
  work: (step: Step) => Promise<Done | Refused>,
  { behaviour = false, gone = goneThere(acting) }: { readonly behaviour?: boolean; readonly gone?: Receipt } = {},
): Promise<Receipt> => {
  const path = await pathOf(acting, item.collection, signal);
  if (path === undefined) return gone;
  const result = await changing<Done | Receipt>(acting, signal, async (client, begin) => {
    const message = await standing(acting, client, item, path, false);
    if (!message) return gone;
    const { mailbox } = client;
    if (mailbox !== false && mailbox.readOnly)
      return refused(
        acting.account.id,
        `mailbox ${item.collection} may only be read; give the account the right to write`,
        false,
        "forbidden",
      );
    return work({ client, message, begin });
  });
  if (isReceipt(result)) return result;
  const stands = result.gone
    ? goneFrom(item, result.gone === "final")
    : result.stands && (await foundIfItCan(acting, result.stands, signal, behaviour));
  return { outcome: "done", ...(stands && { stands }), ...(result.losses?.length && { losses: result.losses }) };
};

/** RFC 9051 section 9, flag-keyword: an atom. */
const keyword = /^[^\s()[\]{}%*"\\\0-\x1f\x7f-\uffff]{1,100}$/;

/** A flag of the views as IMAP has it; undefined: it can be none. */
export const flagOf = (flag: string): string | undefined => {
  if (flag === "flagged") return "\\Flagged";
  return keyword.test(flag) ? flag : undefined;
};

const hasFlag = (flags: ReadonlySet<string>, flag: string): boolean =>
  [...flags].some((one) => one.toLowerCase() === flag.toLowerCase());

/** Sets or takes off one flag. */
export const flagging = (acting: Acting, item: ItemRef, flag: string, on: boolean, signal: AbortSignal): Promise<Receipt> =>
  onItem(
    acting,
    item,
    signal,
    async ({ client, message, begin }) => {
      const { permanentFlags } = client.mailbox || {};
      // What is not among PERMANENTFLAGS (RFC 9051 section 7.1) imapflow leaves out without a word.
      if (on && permanentFlags && !hasFlag(permanentFlags, flag) && !(permanentFlags.has("\\*") && !flag.startsWith("\\")))
        return refused(acting.account.id, `mailbox ${item.collection} keeps no flag of that name; use another one`);
      if (hasFlag(message.flags, flag) !== on) {
        begin();
        const uid = String(message.uid);
        const stored = on
          ? await client.messageFlagsAdd(uid, [flag], { uid: true })
          : await client.messageFlagsRemove(uid, [flag], { uid: true });
        if (!stored) return no(acting, "change a flag");
      }
      return { stands: message };
    },
    { behaviour: flag === "\\Seen" },
  );

/** Gmail's name of a label by its mailbox. */
const labelOf = (path: string): string => (path.toUpperCase() === "INBOX" ? "\\Inbox" : path);

const labelled = async (
  acting: Acting,
  { client, message, begin }: Step,
  path: string,
  on: boolean,
): Promise<Refused | undefined> => {
  begin();
  const options = { uid: true, useLabels: true };
  const uid = String(message.uid);
  const stored = on
    ? await client.messageFlagsAdd(uid, [labelOf(path)], options)
    : await client.messageFlagsRemove(uid, [labelOf(path)], options);
  return stored ? undefined : no(acting, "change a label");
};

/** True where mailboxes are labels of what is in `\All`. */
const areLabels = (client: ImapFlow, inScope: boolean): boolean => isGmail(client) && !inScope;

/** The mailbox a command names, and whether it is one whose messages the hub sees as items. */
const target = async (acting: Acting, { collection }: Command, signal: AbortSignal) => {
  const path = collection && (await pathOf(acting, collection.id, signal));
  if (!collection || path === undefined) return undefined;
  const { inScope } = await acting.mailboxes(signal);
  return { id: collection.id, path, inScope: inScope.some((one) => one.path === path) };
};

const nowhere = (acting: Acting): Refused =>
  refused(acting.account.id, "the mailbox to put it into is not there; name one that is listed", false, "no-place");

/** Puts a message into a further mailbox: a label on Gmail, elsewhere a copy. */
export const alsoIn = async (acting: Acting, command: Command, item: ItemRef, signal: AbortSignal): Promise<Receipt> => {
  const to = await target(acting, command, signal);
  if (!to) return nowhere(acting);
  return onItem(acting, item, signal, async (step) => {
    const { client, message, begin } = step;
    if (areLabels(client, to.inScope)) return (await labelled(acting, step, to.path, true)) ?? { stands: message };
    const copy = await copied(acting, step, to, command.attempt, begin);
    return "outcome" in copy ? copy : { ...(copy.uid !== undefined && { stands: placed(to, copy.uid) }) };
  });
};

/** Takes a label off. Elsewhere a message is taken out of a mailbox by moving or deleting it. */
export const noLongerIn = async (acting: Acting, command: Command, item: ItemRef, signal: AbortSignal): Promise<Receipt> => {
  const to = await target(acting, command, signal);
  if (!to) return nowhere(acting);
  return onItem(acting, item, signal, async (step) => {
    if (!areLabels(step.client, to.inScope))
      return refused(acting.account.id, "only labels are taken off; move or delete the message instead");
    return (await labelled(acting, step, to.path, false)) ?? { stands: step.message };
  });
};

type Target = NonNullable<Awaited<ReturnType<typeof target>>>;

const placed = ({ id, path }: Pick<Target, "id" | "path">, uid: number): MessagePlace => ({ collection: id, path, uid });

/**
 * Copies, unless an earlier attempt did so before its connection was lost. The Message-ID alone would not do: it may be another
 * mail's, and this one would be gone with the original.
 */
const copied = async (
  acting: Acting,
  { client, message }: Step,
  to: Pick<Target, "path">,
  attempt: number,
  begin: () => void,
): Promise<{ readonly uid?: number } | Refused> => {
  if (attempt > 1 && message.messageId !== undefined) {
    const before = await searched(client, to.path, message.messageId);
    const row = before !== undefined && (await client.fetchOne(String(before), { uid: true, size: true }, { uid: true }));
    await client.mailboxOpen(message.path);
    if (before !== undefined && row && row.size === message.size) return { uid: before };
  }
  begin();
  const copy = await client.messageCopy(String(message.uid), to.path, { uid: true });
  if (!copy) return no(acting, "copy the message");
  const uid = copy.uidMap?.get(message.uid);
  return uid === undefined ? {} : { uid };
};

const marked: Loss = {
  field: "deleted",
  reason: "The server has no UID EXPUNGE (RFC 4315): the message stays in its mailbox, marked as deleted.",
};

/** Removes a message for good, or marks it where nothing else can be done without touching others. */
const removed = async (acting: Acting, { client, message, begin }: Step): Promise<readonly Loss[] | Refused> => {
  begin();
  const uid = String(message.uid);
  if (client.capabilities.has("UIDPLUS"))
    return (await client.messageDelete(uid, { uid: true })) ? [] : no(acting, "delete the message");
  return (await client.messageFlagsAdd(uid, ["\\Deleted"], { uid: true })) ? [marked] : no(acting, "delete the message");
};

/** By MOVE where it is; else a copy, and the original removed. Without COPYUID the new UID is asked for by Message-ID. */
const transferred = async (
  acting: Acting,
  step: Step,
  to: Pick<Target, "path">,
  attempt: number,
): Promise<{ readonly uid?: number; readonly losses: readonly Loss[] } | Refused> => {
  const { client, message, begin } = step;
  let uid: number | undefined;
  let losses: readonly Loss[] = [];
  if (client.capabilities.has("MOVE")) {
    begin();
    const move = await client.messageMove(String(message.uid), to.path, { uid: true });
    if (!move) return no(acting, "move the message");
    uid = move.uidMap?.get(message.uid);
  } else {
    const copy = await copied(acting, step, to, attempt, begin);
    if ("outcome" in copy) return copy;
    uid = copy.uid;
    const left = await removed(acting, step);
    if ("outcome" in left) return left;
    losses = left;
  }
  // It is moved, whatever becomes of this question.
  if (uid === undefined && message.messageId !== undefined)
    uid = await searched(client, to.path, message.messageId).catch(() => undefined);
  return { losses, ...(uid !== undefined && { uid }) };
};

/** Moves a message into another mailbox. On Gmail it gets that label and leaves the inbox. */
export const moving = async (acting: Acting, command: Command, item: ItemRef, signal: AbortSignal): Promise<Receipt> => {
  const to = await target(acting, command, signal);
  if (!to) return nowhere(acting);
  return onItem(acting, item, signal, async (step) => {
    const { client, message } = step;
    if (to.path === message.path) return { stands: message };
    if (areLabels(client, to.inScope)) {
      const toInbox = labelOf(to.path) === "\\Inbox";
      const failed =
        (await labelled(acting, step, to.path, true)) ?? (toInbox ? undefined : await labelled(acting, step, "INBOX", false));
      return failed ?? { stands: message };
    }
    const moved = await transferred(acting, step, to, command.attempt);
    if ("outcome" in moved) return moved;
    return { losses: moved.losses, ...(moved.uid !== undefined && { stands: placed(to, moved.uid) }) };
  });
};

/** Moves a message to the trash; from there, or where there is none, it is removed for good. */
export const deleting = async (acting: Acting, command: Command, item: ItemRef, signal: AbortSignal): Promise<Receipt> => {
  const trash = (await acting.mailboxes(signal)).byRole.get("trash");
  // An earlier attempt may have done it before its connection was lost: gone is what was asked for.
  const over: Receipt = { outcome: "done", stands: goneFrom(item, false) };
  const work = async (step: Step): Promise<Done | Refused> => {
    if (trash !== undefined && trash !== step.message.path) {
      const moved = await transferred(acting, step, { path: trash }, command.attempt);
      if ("outcome" in moved) return moved;
      return moved.losses.length > 0 ? { losses: moved.losses, stands: step.message } : { gone: "moved" };
    }
    const left = await removed(acting, step);
    if ("outcome" in left) return left;
    return left.length > 0 ? { losses: left, stands: step.message } : { gone: "final" };
  };
  return onItem(acting, item, signal, work, command.attempt > 1 ? { gone: over } : {});
};
