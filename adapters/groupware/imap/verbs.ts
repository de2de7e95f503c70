/** What an account performs, and what an attempt left. Sending is in `mailing.ts`, flags and moving in `filing.ts`. */

import type { Adapter, Command, Found, ItemRef, Perform, Receipt } from "groupstream";
import { type Acting, foundIfItCan, goneFrom, pathOf, refused, standing } from "./acting.ts";
import { alsoIn, deleting, flagging, flagOf, moving, noLongerIn } from "./filing.ts";
import { announcing, asReceipt, creating, type Mailing, sentFor } from "./mailing.ts";
import { isDelivery } from "./own.ts";
import { partStats, replying } from "./replying.ts";

type Act = (command: Command, signal: AbortSignal) => Promise<Receipt>;

/** A verb that needs its item. */
type ActOnItem = (command: Command, item: ItemRef, signal: AbortSignal) => Promise<Receipt>;

const uidIn = ({ key }: ItemRef): string => key.slice(key.lastIndexOf("-") + 1);

/** What would be done, in IMAP's words. */
const nativeOf = ({ verb, flag, undoes, collection }: Command, item: ItemRef): string => {
  const uid = uidIn(item);
  const mailbox = collection?.name ?? "?";
  const stored = flag === undefined ? undefined : (flagOf(flag) ?? flag);
  const what: { readonly [verb: string]: string } = {
    Add: stored === undefined ? `UID COPY ${uid} ${mailbox}` : `UID STORE ${uid} +FLAGS (${stored})`,
    Remove: stored === undefined ? `UID STORE ${uid} -X-GM-LABELS (${mailbox})` : `UID STORE ${uid} -FLAGS (${stored})`,
    Move: `UID MOVE ${uid} ${mailbox}`,
    Delete: `UID MOVE ${uid} to the trash, or UID EXPUNGE ${uid}`,
    Read: `UID STORE ${uid} +FLAGS (\\Seen)`,
    Undo: undoes === "Read" ? `UID STORE ${uid} -FLAGS (\\Seen)` : `nothing undoes ${undoes ?? "that"}`,
  };
  return `IMAP: in ${item.collection}: ${what[verb] ?? verb}`;
};

const SEEN = "\\Seen";

/** @param mailing  with the option `smtp` */
export const performsOf = (acting: Acting, mailing: Mailing | undefined): NonNullable<Adapter["performs"]> => {
  const { id } = acting.account;
  const perform =
    (act: Act): Perform =>
    (command, signal) =>
      asReceipt(acting, signal, async () => {
        signal.throwIfAborted();
        return act(command, signal);
      });
  const onItem = (act: ActOnItem): Perform =>
    perform(async (command, signal) => {
      if (!command.item) return refused(id, `${command.verb} needs the message it is about; name it as the item`);
      if (command.preview) return { outcome: "done", native: nativeOf(command, command.item) };
      return act(command, command.item, signal);
    });
  const flagged =
    (on: boolean, other: ActOnItem): ActOnItem =>
    (command, item, signal) => {
      if (command.flag === undefined) return other(command, item, signal);
      const flag = flagOf(command.flag);
      if (flag !== undefined) return flagging(acting, item, flag, on, signal);
      return Promise.resolve(refused(id, "a flag is one word of ASCII letters without brackets and quotes; use another one"));
    };
  const sent = (act: Act): Perform =>
    perform(async (command, signal) =>
      isDelivery(command.id)
        ? act(command, signal)
        : refused(id, "a delivery's id must be a UUID: the mail is known by it again; give another one"),
    );
  return {
    ...(mailing && {
      Create: sent((command, signal) => creating(mailing, command, signal)),
      Announce: sent((command, signal) => announcing(mailing, command, signal)),
      Accept: sent((command, signal) => replying(mailing, "Accept", command, signal)),
      TentativeAccept: sent((command, signal) => replying(mailing, "TentativeAccept", command, signal)),
      Reject: sent((command, signal) => replying(mailing, "Reject", command, signal)),
    }),
    Add: onItem(flagged(true, (command, item, signal) => alsoIn(acting, command, item, signal))),
    Remove: onItem(flagged(false, (command, item, signal) => noLongerIn(acting, command, item, signal))),
    Move: onItem((command, item, signal) => moving(acting, command, item, signal)),
    Delete: onItem((command, item, signal) => deleting(acting, command, item, signal)),
    Read: onItem((_, item, signal) => flagging(acting, item, SEEN, true, signal)),
    Undo: onItem(async ({ undoes }, item, signal) =>
      undoes === "Read"
        ? flagging(acting, item, SEEN, false, signal)
        : refused(id, `${undoes ?? "that"} cannot be undone by IMAP; only Read can`),
    ),
  };
};

type FindOutcome = Found | "absent" | "unknown";

/** The flag a command sets or takes off. */
const flagAsked = ({ verb, flag, undoes }: Command): { readonly flag: string; readonly on: boolean } | undefined => {
  if (verb === "Read") return { flag: SEEN, on: true };
  if (verb === "Undo" && undoes === "Read") return { flag: SEEN, on: false };
  const named = flag === undefined ? undefined : flagOf(flag);
  return named === undefined ? undefined : { flag: named, on: verb === "Add" };
};

/**
 * What an attempt left. A mail: its copy among the sent, else unknown, since it may be on its way. A flag: the message as it is.
 * Moved or deleted: still there means that nothing was done. Fails: the connection's errors.
 */
export const findOf =
  (acting: Acting, mailing: Mailing | undefined): NonNullable<Adapter["find"]> =>
  async (command, signal): Promise<FindOutcome> => {
    if (command.verb === "Create" || command.verb === "Announce" || command.verb in partStats)
      return (mailing && (await sentFor(mailing, command, signal))) ?? "unknown";
    const { item } = command;
    const path = item && (await pathOf(acting, item.collection, signal));
    if (!item || path === undefined) return "unknown";
    const message = await acting.connection.use(signal, ({ client }) => standing(acting, client, item, path, true));
    if (!message) return command.verb === "Delete" ? goneFrom(item, false) : "unknown";
    const asked = flagAsked(command);
    if (!asked) return command.verb === "Move" || command.verb === "Delete" ? "absent" : "unknown";
    const has = [...message.flags].some((flag) => flag.toLowerCase() === asked.flag.toLowerCase());
    if (has !== asked.on) return "absent";
    return (await foundIfItCan(acting, message, signal, asked.flag === SEEN)) ?? "unknown";
  };
