/**
 * What every verb needs: a connection that writes, a message in its mailbox, and what a failure says about what was done.
 *
 * The writing connection is not the reading one: mailboxes are selected there, which the reading one never does. It is closed
 * after half a minute without work.
 */

import type { CollectionId, ErrorCode, Found, ItemRef, Obstacle, Read, Receipt, SystemId } from "groupstream";
import { isInvitationKey, parseHeaders } from "groupstream/protocol/mail";
import type { ImapFlow } from "imapflow";
import { type AnsweredMail, answeredHeaders, answeredOf } from "./answer.ts";
import type { Mailboxes } from "./collections.ts";
import type { Reading } from "./connection.ts";
import { translate, translateOpening, wasAnswered } from "./errors.ts";
import { mailboxOf } from "./mailbox.ts";
import { type Mapping, structureOf, uidOf } from "./map.ts";
import { wholesOf } from "./messages.ts";
import type { ImapAccount } from "./options.ts";
import type { Own } from "./own.ts";

/** ms a writing connection is kept without work. */
export const WRITING_IDLE = 30_000;

/** The account as verbs use it. */
export interface Acting {
  readonly account: ImapAccount;
  readonly own: Own;
  /** The writing connection. */
  readonly connection: Reading;
  /** All mailboxes, as of the last listing; with `fresh` of a new one. */
  mailboxes(signal: AbortSignal, fresh?: boolean): Promise<Mailboxes>;
  /** How messages of a collection become sightings. */
  mapping(collection: CollectionId, validity: string, read: Read): Mapping;
}

export type Refused = Extract<Receipt, { readonly outcome: "refused" }>;
export type Unknown = Extract<Receipt, { readonly outcome: "unknown" }>;

/** Certainly not done. @param reason  what and what to do, without full stop */
export const refused = (system: SystemId, reason: string, again = false, obstacle?: Obstacle): Refused => ({
  outcome: "refused",
  reason: `${system}: ${reason}.`,
  ...(again && { again: true }),
  ...(obstacle && { obstacle }),
});

const obstacles: { readonly [code in ErrorCode]?: Obstacle } = {
  unreachable: "unreachable",
  throttled: "throttled",
  unauthenticated: "unauthenticated",
  forbidden: "forbidden",
};

/** A failure before anything was changed. What says that the item or its mailbox is gone is not tried again. */
export const refusalOf = ({ account }: Acting, error: unknown): Refused => {
  const failure = translate(account, error);
  const final = failure.code === "forbidden" || failure.code === "position-lost";
  return {
    outcome: "refused",
    reason: failure.message,
    ...(obstacles[failure.code] && { obstacle: obstacles[failure.code] }),
    ...(!final && { again: true }),
    ...(failure.retryAfter !== undefined && { retryAfter: failure.retryAfter }),
  };
};

/**
 * Runs work that changes something. Before `begin` is called a dead connection is replaced, and a failure is a refusal; after
 * it nothing is repeated, and a failure that is no answer of the server means: perhaps.
 * Rejects only with the signal's reason.
 */
export const changing = async <T>(
  acting: Acting,
  signal: AbortSignal,
  work: (client: ImapFlow, begin: () => void) => Promise<T>,
): Promise<T | Refused | Unknown> => {
  const { account, connection } = acting;
  let begun = false;
  const doubt: Unknown = {
    outcome: "unknown",
    reason: `${account.id}: the connection to ${account.at} was lost before the answer; it may have been done.`,
  };
  try {
    return await connection.use(signal, async ({ client }) => {
      if (begun) return doubt;
      const result = await work(client, () => {
        begun = true;
      });
      // imapflow gives a command that was refused and one whose connection was lost the same `false`.
      return begun && !client.usable ? doubt : result;
    });
  } catch (error) {
    signal.throwIfAborted();
    return begun && !wasAnswered(error) ? doubt : refusalOf(acting, error);
  }
};

/** A message in a mailbox that was selected for it. */
export interface MessagePlace {
  readonly collection: CollectionId;
  readonly path: string;
  readonly uid: number;
}

/** A message that is there, with its Message-ID as written. */
export interface FoundMessage extends MessagePlace {
  readonly messageId: string | undefined;
  readonly flags: ReadonlySet<string>;
  readonly size: number;
}

export const goneThere = ({ account }: Acting): Refused => ({
  ...refused(account.id, "gone there: the message is not in that mailbox any more; look at it again", false, "gone"),
  gone: true,
});

/** Opens the message's mailbox and reads what verbs must know of it; undefined: it is not there. */
export const standing = async (
  acting: Acting,
  client: ImapFlow,
  item: ItemRef,
  path: string,
  readOnly: boolean,
): Promise<FoundMessage | undefined> => {
  const box = await client.mailboxOpen(path, { readOnly }).catch((error) => {
    throw translateOpening(acting.account, item.collection, error);
  });
  const uid = uidOf(String(box.uidValidity ?? 0), item.key);
  if (uid === undefined || !Number.isSafeInteger(uid) || uid < 1) return undefined;
  const row = await client.fetchOne(String(uid), { uid: true, flags: true, size: true, headers: ["message-id"] }, { uid: true });
  if (!row || row.uid !== uid) return undefined;
  return {
    collection: item.collection,
    path,
    uid,
    messageId: answeredOf(parseHeaders(row.headers ?? ""), undefined).messageId,
    flags: row.flags ?? new Set(),
    size: row.size ?? 0,
  };
};

/** What an answer needs of a message in the open mailbox; undefined: it went meanwhile. */
export const answeredIn = async (client: ImapFlow, uid: number): Promise<AnsweredMail | undefined> => {
  const query = { uid: true, bodyStructure: true, headers: [...answeredHeaders] };
  const row = await client.fetchOne(String(uid), query, { uid: true });
  return row ? answeredOf(parseHeaders(row.headers ?? ""), row.bodyStructure && structureOf(row.bodyStructure)) : undefined;
};

/** The path of a collection's mailbox; undefined: there is none any more. */
export const pathOf = async (acting: Acting, collection: CollectionId, signal: AbortSignal): Promise<string | undefined> =>
  (await acting.mailboxes(signal)).paths.get(collection) ?? (await acting.mailboxes(signal, true)).paths.get(collection);

/** The newest message with this Message-ID in a mailbox. Fails where the server refuses the search. */
export const searched = async (client: ImapFlow, path: string, messageId: string): Promise<number | undefined> => {
  await client.mailboxOpen(path, { readOnly: true });
  const found = await client.search({ header: { "message-id": messageId } }, { uid: true });
  if (!Array.isArray(found)) throw Object.assign(new Error("the search was refused"), { responseStatus: "NO" });
  return found.length === 0 ? undefined : Math.max(...found);
};

/** What the message is now, whole, or with `answer` the answer to an invitation that it brings; undefined where it cannot be said, or its mailbox is none of the hub's. */
export const found = async (
  acting: Acting,
  { collection, path, uid }: MessagePlace,
  signal: AbortSignal,
  behaviour = false,
  answer = false,
): Promise<Found | undefined> => {
  const { account, connection } = acting;
  const { inScope } = await acting.mailboxes(signal);
  if (!inScope.some((one) => one.collection.id === collection)) return undefined;
  const read: Read = { text: "none", behaviour };
  const mailbox = mailboxOf(connection, account, { id: collection }, path, signal);
  const validity = await mailbox.validity();
  await mailbox.refresh();
  const seen = (await wholesOf(mailbox, [uid], acting.mapping(collection, validity, read))).get(uid);
  const sighting = seen?.find(({ key }) => isInvitationKey(key) === answer);
  return sighting && "object" in sighting ? { collection, sighting } : undefined;
};

/** As {@link found}, where what was asked for is done already: a failure leaves out what stands, and fails nothing. */
export const foundIfItCan = async (
  acting: Acting,
  place: MessagePlace,
  signal: AbortSignal,
  behaviour = false,
  answer = false,
): Promise<Found | undefined> => {
  try {
    return await found(acting, place, signal, behaviour, answer);
  } catch {
    return undefined;
  }
};

/** The key of a message that is gone from its mailbox. */
export const goneFrom = ({ collection, key }: ItemRef, final: boolean): Found => ({
  collection,
  sighting: { key, gone: true, ...(final && { final: true as const }) },
});
