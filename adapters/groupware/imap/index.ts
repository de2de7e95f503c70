/** IMAP accounts: RFC 9051 and 3501, with RFC 7162 (QRESYNC, CONDSTORE), 5819, 6154, 8474 and Gmail's extensions where they are. */

import { type Adapter, type Collection, type CollectionId, GroupstreamError, type Read } from "groupstream";
import { mailKey } from "groupstream/protocol/mail";
import { mailtoOf } from "groupstream/protocol/text";
import { type Acting, WRITING_IDLE } from "./acting.ts";
import { changesOf, fetchOf, type Look } from "./changes.ts";
import { type KnownIds, listMailboxes, type Mailboxes } from "./collections.ts";
import { reading } from "./connection.ts";
import { contentOf } from "./content.ts";
import { translate } from "./errors.ts";
import { mailboxOf } from "./mailbox.ts";
import type { Mailing } from "./mailing.ts";
import { manifestOf } from "./manifest.ts";
import type { Mapping } from "./map.ts";
import { type Nodemailer, nodemailer } from "./nodemailer.ts";
import { accountOf, type ImapOptions } from "./options.ts";
import { ownOf } from "./own.ts";
import { outgoing } from "./send.ts";
import { senderOf } from "./sender.ts";
import { findOf, performsOf } from "./verbs.ts";
import { watchMailbox } from "./watch.ts";
import { threadOf } from "./worker-host.ts";

export type { Invitations } from "groupstream/protocol/mail";
export type { ImapAuth, ImapOptions } from "./options.ts";
export type { SmtpOptions } from "./sender.ts";

/**
 * An adapter for one IMAP account. It reads without leaving traces: mailboxes are opened by EXAMINE, bodies by PEEK. One
 * connection reads and is kept between looks; `watch`, each open `content` stream, a listing of more than 1,000 messages and
 * what is performed have their own. With `smtp` it sends mail.
 *
 * Fails: `misconfigured` with every mistake of the options at once. Does no I/O.
 */
export const imap = (options: ImapOptions): Adapter => {
  const account = accountOf(options);
  const sender = senderOf(options, account.owner);
  const own = ownOf([account.owner, mailtoOf(account.auth.user), sender && mailtoOf(sender.from.address)]);
  const connection = reading(account);
  const writing = reading(account, WRITING_IDLE);
  const thread = threadOf(account);
  const ids: KnownIds = new Map();
  let mailboxes: Mailboxes | undefined;

  const list = async (signal: AbortSignal): Promise<Mailboxes> => {
    mailboxes = await connection.use(signal, ({ client }) => listMailboxes(client, account, ids));
    return mailboxes;
  };

  const pathOf = async (id: CollectionId, signal: AbortSignal): Promise<string> => {
    const path = mailboxes?.paths.get(id) ?? (await list(signal)).paths.get(id);
    if (path !== undefined) return path;
    throw new GroupstreamError(
      "forbidden",
      `${account.id}: mailbox ${id} is not there any more at ${account.at}; it is skipped.`,
      {
        system: account.id,
        collection: id,
      },
    );
  };

  const mappingOf = (collection: Pick<Collection, "role">, validity: string, read: Read): Mapping => {
    const labels = mailboxes?.labelIds;
    const drafts = account.exclude.some((name) => name.toLowerCase() === "drafts");
    const onGmail = collection.role === "all" && mailboxes?.gmail === true;
    return {
      validity,
      read,
      own,
      invitations: account.invitations,
      ...(collection.role === "sent" && { sent: true as const }),
      ...(labels && mailboxes?.gmail && { labels }),
      ...(onGmail && drafts && { skips: (row) => row.labels?.has("\\Draft") === true }),
    };
  };

  const acting: Acting = {
    account,
    own,
    connection: writing,
    mailboxes: async (signal, fresh = false) => (fresh ? undefined : mailboxes) ?? list(signal),
    mapping: (id, validity, read) =>
      mappingOf(mailboxes?.inScope.find(({ collection }) => collection.id === id)?.collection ?? {}, validity, read),
  };
  const load = (): Promise<Nodemailer> => nodemailer(account.id);
  const mailing: Mailing | undefined = sender && { ...acting, sender, load, outgoing: outgoing(account.id, sender, load) };

  const look = async (collection: Collection, read: Read, signal: AbortSignal): Promise<Look> => {
    const path = await pathOf(collection.id, signal);
    const lost = (message: string): GroupstreamError =>
      new GroupstreamError("position-lost", `${account.id}: mailbox ${collection.id} ${message}; it is listed again.`, {
        system: account.id,
        collection: collection.id,
      });
    return {
      mailbox: mailboxOf(connection, account, collection, path, signal),
      read,
      mapping: (validity) => mappingOf(collection, validity, read),
      lost,
      aside: (validity, uids) => thread.read({ path, collection: collection.id, validity, uids, read }, signal),
    };
  };

  return {
    contract: 1,
    id: account.id,
    kind: "imap",

    describe: async (signal) => {
      if (sender) await load();
      return connection
        .use(signal, async ({ client }) => manifestOf(client, account, sender))
        .catch((error) => {
          signal.throwIfAborted();
          throw translate(account, error);
        });
    },

    async *collections(signal) {
      for (const { collection } of (await list(signal)).inScope) yield collection;
    },

    async *changes(collection, since, read, signal) {
      yield* changesOf(await look(collection, read, signal), since);
    },

    async *fetch(collection, keys, read, signal) {
      yield* fetchOf(await look(collection, read, signal), keys);
    },

    watch: (collections, signal) => watchMailbox(account, collections, ({ id }) => pathOf(id, signal), signal),

    performs: performsOf(acting, mailing),

    find: findOf(acting, mailing),

    async content(item, part, signal) {
      return contentOf(account, { ...item, key: mailKey(item.key) }, await pathOf(item.collection, signal), part, signal);
    },

    [Symbol.asyncDispose]: async () => {
      thread.close();
      mailing?.outgoing.close();
      await Promise.all([connection.close(), writing.close()]);
    },
  };
};
