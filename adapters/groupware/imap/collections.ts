/**
 * Mailboxes: one LIST (with LIST-STATUS, RFC 5819, one round trip for all).
 *
 * Gmail shows labels as mailboxes, so the same mail up to five times: there `\All` is looked at, and `\Trash` and `\Junk`,
 * which are not part of it; the labels are whereabouts in the views.
 */

import type { Collection, CollectionId } from "groupstream";
import type { ImapFlow, ListResponse, StatusObject } from "imapflow";
import { translate } from "./errors.ts";
import type { ImapAccount } from "./options.ts";

type Role = NonNullable<Collection["role"]>;

const roles: { readonly [flag: string]: Role } = {
  "\\Inbox": "inbox",
  "\\Sent": "sent",
  "\\Drafts": "drafts",
  "\\Junk": "junk",
  "\\Trash": "trash",
  "\\Archive": "archive",
  "\\All": "all",
  "\\Flagged": "flagged",
};

/** A mailbox as the server has it, and the collection it is to the hub. */
interface Mailbox {
  readonly path: string;
  readonly collection: Collection;
}

/** All mailboxes of an account, in scope or not. */
export interface Mailboxes {
  readonly inScope: readonly Mailbox[];
  readonly paths: ReadonlyMap<CollectionId, string>;
  /** Where mail of a kind goes, in scope or not. */
  readonly byRole: ReadonlyMap<Role, string>;
  readonly gmail: boolean;
  /** The collection a Gmail label stands for. */
  labelIds(labels: ReadonlySet<string>): CollectionId[];
}

export const isGmail = (client: ImapFlow): boolean => client.capabilities.has("X-GM-EXT-1");

/**
 * True if MODSEQs can be trusted on this connection. A server that honours ENABLE but answers with an empty list (iCloud)
 * is read as one without: imapflow then leaves CHANGEDSINCE out, and everything would look changed.
 */
export const hasModseq = (client: ImapFlow): boolean => client.enabled.has("CONDSTORE") || client.enabled.has("QRESYNC");

/** Names a mailbox's whole state; absent where HIGHESTMODSEQ is, since flag changes would be missed. */
const revisionOf = (status: StatusObject | undefined): string | undefined => {
  const { uidValidity, uidNext, highestModseq, messages } = status ?? {};
  if (!highestModseq || uidValidity === undefined || uidNext === undefined || messages === undefined) return undefined;
  return `${uidValidity}:${uidNext}:${highestModseq}:${messages}`;
};

const addressOf = (account: ImapAccount, path: string, delimiter: string): string => {
  const segments = (delimiter ? path.split(delimiter) : [path]).map(encodeURIComponent);
  return `imap://${account.host.toLowerCase()}/${encodeURIComponent(account.auth.user)}/${segments.join("/")}`;
};

/** MAILBOXIDs by path and UIDVALIDITY, kept between listings: a mailbox made anew under an old name has another one. */
export type KnownIds = Map<string, string>;

/** MAILBOXID (RFC 8474 section 4.1): imapflow's listing asks for none, so a mailbox is opened once to learn it. */
const mailboxIds = async (
  client: ImapFlow,
  listed: readonly ListResponse[],
  known: KnownIds,
): Promise<ReadonlyMap<string, string>> => {
  const ids = new Map<string, string>();
  if (!client.capabilities.has("OBJECTID")) return ids;
  for (const { path, status } of listed) {
    const name = `${status?.uidValidity ?? "?"} ${path}`;
    const id = (status?.uidValidity && known.get(name)) || (await client.mailboxOpen(path, { readOnly: true })).mailboxId;
    if (!id) continue;
    known.set(name, id);
    ids.set(path, id);
  }
  if (client.mailbox) await client.mailboxClose();
  return ids;
};

const named = (list: readonly string[], name: string, role: Role | undefined): boolean =>
  list.some((entry) => entry === name || entry.toLowerCase() === role || (role === "inbox" && entry.toUpperCase() === "INBOX"));

/**
 * Lists the account. A mailbox that was deleted and is only subscribed, or that only holds others, is none.
 * Fails: the table's errors; never answers in part.
 */
export const listMailboxes = async (client: ImapFlow, account: ImapAccount, known: KnownIds): Promise<Mailboxes> => {
  try {
    // STATUS of a selected mailbox may be stale (RFC 9051 section 6.3.11). It was opened read-only: CLOSE expunges nothing.
    if (client.mailbox) await client.mailboxClose();
    const statusQuery = { messages: true, uidNext: true, uidValidity: true, highestModseq: true };
    const wanted = hasModseq(client) || client.capabilities.has("OBJECTID");
    const all = await client.list(wanted ? { statusQuery } : {});
    const listed = all.filter(({ flags }) => ![...flags].some((flag) => /^\\(noselect|nonexistent)$/i.test(flag)));
    const ids = await mailboxIds(client, listed, known);
    const idOf = (path: string): CollectionId => ids.get(path) ?? path;
    const allMail = isGmail(client) && listed.some(({ specialUse }) => specialUse === "\\All");
    const inScope = listed.flatMap((entry): Mailbox[] => {
      const role = roles[entry.specialUse ?? ""];
      const name = entry.delimiter ? entry.path.split(entry.delimiter).join("/") : entry.path;
      if (allMail && role !== "all" && role !== "junk" && role !== "trash") return [];
      if (account.mailboxes && !named(account.mailboxes, name, role)) return [];
      if (named(account.exclude, name, role)) return [];
      const revision = hasModseq(client) ? revisionOf(entry.status) : undefined;
      const collection: Collection = {
        id: idOf(entry.path),
        name,
        ...(role && { role }),
        ...(account.owner !== undefined && { owner: account.owner }),
        audience:
          account.owner === undefined && account.readers.length === 0
            ? "unknown"
            : [...(account.owner ? [account.owner] : []), ...account.readers],
        address: addressOf(account, entry.path, entry.delimiter),
        ...(revision !== undefined && { revision }),
      };
      return [{ path: entry.path, collection }];
    });
    const byRole = new Map(
      listed.flatMap(({ specialUse, path }): [Role, string][] => {
        const role = roles[specialUse ?? ""];
        return role === undefined ? [] : [[role, path]];
      }),
    );
    return {
      inScope,
      gmail: isGmail(client),
      byRole,
      paths: new Map(listed.map(({ path }) => [idOf(path), path])),
      labelIds: (labels) =>
        [...labels].flatMap((label) => {
          // \Inbox and \Sent name mailboxes; \Important, \Starred and \Draft are properties.
          if (!label.startsWith("\\")) return [idOf(label)];
          const path = byRole.get(label.slice(1).toLowerCase() as Role);
          return path !== undefined && /^\\(inbox|sent)$/i.test(label) ? [idOf(path)] : [];
        }),
    };
  } catch (error) {
    throw translate(account, error);
  }
};
