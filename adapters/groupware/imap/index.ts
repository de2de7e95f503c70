/** IMAP accounts: RFC 9051 and 3501, with RFC 7162 (QRESYNC, CONDSTORE), 5819, 6154, 8474 and Gmail's extensions where they are. */

import { type Adapter, type Collection, type CollectionId, GroupstreamError, type Read } from "groupstream";
import { changesOf, fetchOf, type Look } from "./changes.ts";
import { type KnownIds, listMailboxes, type Mailboxes } from "./collections.ts";
import { reading } from "./connection.ts";
import { contentOf } from "./content.ts";
import { translate } from "./errors.ts";
import { mailboxOf } from "./mailbox.ts";
import { manifestOf } from "./manifest.ts";
import type { Mapping } from "./map.ts";
import { accountOf, type ImapOptions } from "./options.ts";
import { threadOf } from "./thread.ts";
import { watchMailbox } from "./watch.ts";

export type { ImapAuth, ImapOptions } from "./options.ts";

/**
 * An adapter for one IMAP account. It only reads, and reads without leaving traces: mailboxes are opened by EXAMINE, bodies
 * by PEEK. One connection reads and is kept between looks; `watch`, each open `content` stream and a listing of more than
 * 1,000 messages have their own.
 *
 * Fails: `misconfigured` with every mistake of the options at once. Does no I/O.
 */
export const imap = (options: ImapOptions): Adapter => {
  const account = accountOf(options);
  const connection = reading(account);
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

  const look = async (collection: Collection, read: Read, signal: AbortSignal): Promise<Look> => {
    const path = await pathOf(collection.id, signal);
    const labels = mailboxes?.labelIds;
    const drafts = account.exclude.some((name) => name.toLowerCase() === "drafts");
    const onGmail = collection.role === "all" && mailboxes?.gmail === true;
    const mapping = (validity: string): Mapping => ({
      validity,
      read,
      ...(labels && mailboxes?.gmail && { labels }),
      ...(onGmail && drafts && { skips: (row) => row.labels?.has("\\Draft") === true }),
    });
    const lost = (message: string): GroupstreamError =>
      new GroupstreamError("position-lost", `${account.id}: mailbox ${collection.id} ${message}; it is listed again.`, {
        system: account.id,
        collection: collection.id,
      });
    return {
      mailbox: mailboxOf(connection, account, collection, path, signal),
      read,
      mapping,
      lost,
      aside: (validity, uids) => thread.read({ path, collection: collection.id, validity, uids, read }, signal),
    };
  };

  return {
    contract: 1,
    id: account.id,
    kind: "imap",

    describe: (signal) =>
      connection
        .use(signal, async ({ client }) => manifestOf(client, account))
        .catch((error) => {
          signal.throwIfAborted();
          throw translate(account, error);
        }),

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

    async content(item, part, signal) {
      return contentOf(account, item, await pathOf(item.collection, signal), part, signal);
    },

    [Symbol.asyncDispose]: async () => {
      thread.close();
      await connection.close();
    },
  };
};
