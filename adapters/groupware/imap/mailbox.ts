/**
 * One mailbox on the reading connection: opened read-only, read in small steps.
 *
 * Every step takes the connection for itself and gives it back, so that steps of several looks may follow each other; each
 * makes sure first that its mailbox is the open one and still has the same UIDVALIDITY. Rows are collected per step: an
 * imapflow fetch must be drained before the next command, and a generator left half-way is still paid for.
 */

import { type Collection, GroupstreamError } from "groupstream";
import { wantedHeaders } from "groupstream/protocol/mail";
import type { FetchMessageObject, FetchQueryObject, MailboxObject } from "imapflow";
import { hasModseq, isGmail } from "./collections.ts";
import type { Heard, Reading, Session } from "./connection.ts";
import { isCutOff, isOneAnswersFault, translate, translateOpening } from "./errors.ts";
import type { FlagRow } from "./map.ts";
import type { ImapAccount } from "./options.ts";

/** How a mailbox tells what changed: RFC 7162 section 3.2, section 3.1, or not at all. Chosen anew at each opening. */
type Tier = "qresync" | "condstore" | "plain";

/** A mailbox as it was when it was opened. A copy: imapflow raises its own MODSEQ and UIDNEXT with every row it sees. */
export interface Opening {
  readonly tier: Tier;
  readonly validity: string;
  readonly uidNext: number;
  readonly exists: number;
  readonly modseq: bigint | undefined;
  /** With QRESYNC and a known state: what changed since. */
  readonly delta?: { readonly flags: readonly FlagRow[]; readonly vanished: readonly number[] };
}

/** Where a resynchronisation starts. */
interface Since {
  readonly validity: string;
  readonly modseq: string;
}

/** More removals than this are found faster by asking what is still there. */
const VANISHED_LIMIT = 100_000;

const tierOf = (session: Session, box: MailboxObject): Tier => {
  const { client } = session;
  if (!hasModseq(client) || !box.highestModseq || box.noModseq) return "plain";
  return client.enabled.has("QRESYNC") ? "qresync" : "condstore";
};

/**
 * How often a server may hang up while one answer is read. A message it cannot open takes about ten; one that hangs up
 * whatever it is asked is out of order, and its messages are not to blame.
 */
const CUT_OFF_LIMIT = 60;

/** What is asked of a message: twenty header fields as one literal cost half of ENVELOPE, and hold what it lacks. */
const messageQuery = (received: boolean): FetchQueryObject => ({
  headers: [...wantedHeaders, ...(received ? ["received"] : [])],
  bodyStructure: true,
  size: true,
  internalDate: true,
  flags: true,
  threadId: true,
  labels: true,
});

/** The rows that came, and the UIDs whose row cannot be read. UIDs in neither were left out by the server. */
export interface Rows {
  readonly rows: ReadonlyMap<number, FetchMessageObject>;
  readonly broken: readonly number[];
}

/** Reads one mailbox. */
export interface MailboxReader {
  /** Opens the mailbox anew. Fails: `forbidden`; the connection's errors. */
  open(since: Since | undefined, fresh: boolean): Promise<Opening>;
  /** The UIDVALIDITY now; opens the mailbox only where another one is open. */
  validity(): Promise<string>;
  /** Brings the open mailbox up to date: what arrived since it was opened can be read from then on. */
  refresh(): Promise<void>;
  /** The UIDs of a range that are there, ascending. Fails where the server refuses; a refusal is not "none". */
  search(range: string): Promise<number[]>;
  /** Flags of these UIDs, or of a range where they changed since. */
  flags(of: readonly number[]): Promise<Rows>;
  changed(range: string, since: string): Promise<FlagRow[]>;
  /** What is told of these messages. */
  messages(of: readonly number[], received?: boolean): Promise<Rows>;
  /** What the server found out about who sent these (RFC 8601). */
  authentication(of: readonly number[]): Promise<Rows>;
  /** Parts of these messages, as transferred. */
  parts(of: readonly number[], parts: readonly { readonly key: string; readonly maxLength: number }[]): Promise<Rows>;
}

/** @param validity  the UIDVALIDITY every step insists on; default: that of the first step */
export const mailboxOf = (
  reading: Reading,
  account: ImapAccount,
  collection: Pick<Collection, "id">,
  path: string,
  signal: AbortSignal,
  validity?: string,
): MailboxReader => {
  let expected = validity;

  const select = async (session: Session, since?: Since): Promise<MailboxObject> => {
    try {
      return await session.client.mailboxOpen(path, {
        readOnly: true,
        ...(since && { changedSince: since.modseq, uidValidity: since.validity }),
      });
    } catch (error) {
      signal.throwIfAborted();
      throw translateOpening(account, collection.id, error);
    }
  };

  const insist = (box: MailboxObject): string => {
    const now = String(box.uidValidity ?? 0);
    if (expected !== undefined && now !== expected)
      throw new GroupstreamError("position-lost", `${account.id}: mailbox ${collection.id} was made anew; it is listed again.`, {
        system: account.id,
        collection: collection.id,
      });
    expected = now;
    return now;
  };

  const step = <T>(work: (session: Session, validity: string) => Promise<T>): Promise<T> =>
    reading.use(signal, async (session) => {
      const open = session.client.mailbox;
      return work(session, insist(open && open.path === path ? open : await select(session)));
    });

  const guarded = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      signal.throwIfAborted();
      throw translate(account, error);
    }
  };

  const drain = async (session: Session, range: string | number[], query: FetchQueryObject, changedSince?: bigint) => {
    const rows: FetchMessageObject[] = [];
    const options = { uid: true, ...(changedSince !== undefined && { changedSince }) };
    for await (const row of session.client.fetch(range, query, options)) if (row.uid) rows.push(row);
    return rows;
  };

  // A row that cannot be read (nesting, size, a server's NO for one message of many: seen on Exchange; Dovecot hangs up) fails
  // the whole answer. Halving finds it; all others are read. A line that is simply bad cannot log in again, or not at the same
  // message twice.
  const halving = async (
    uids: readonly number[],
    query: FetchQueryObject,
    left = { cuts: CUT_OFF_LIMIT },
    again = false,
  ): Promise<{ rows: FetchMessageObject[]; broken: number[] }> => {
    if (uids.length === 0) return { rows: [], broken: [] };
    try {
      return { rows: await step((session) => drain(session, [...uids], query)), broken: [] };
    } catch (error) {
      signal.throwIfAborted();
      const cutOff = isCutOff(error);
      if (cutOff ? --left.cuts < 0 : !isOneAnswersFault(error)) throw error;
      if (uids.length === 1 && cutOff && !again) return halving(uids, query, left, true);
      if (uids.length === 1) return { rows: [], broken: [...uids] };
      const middle = uids.length >> 1;
      const first = await halving(uids.slice(0, middle), query, left);
      const second = await halving(uids.slice(middle), query, left);
      return { rows: [...first.rows, ...second.rows], broken: [...first.broken, ...second.broken] };
    }
  };

  const rowsOf = async (uids: readonly number[], query: FetchQueryObject): Promise<Rows> => {
    const { rows, broken } = await guarded(halving(uids, query));
    const asked = new Set(uids);
    return { rows: new Map(rows.filter(({ uid }) => asked.has(uid)).map((row) => [row.uid, row])), broken };
  };

  return {
    open: (since, fresh) =>
      guarded(
        reading.use(
          signal,
          async (session) => {
            const resync = since !== undefined && session.client.enabled.has("QRESYNC");
            const flags: FlagRow[] = [];
            const vanished: number[] = [];
            const heard: Heard = {
              flags: ({ uid, flags: set, modseq }) => {
                if (uid !== undefined) flags.push({ uid, ...(set && { flags: set }), ...(modseq !== undefined && { modseq }) });
              },
              vanished: (uid) => {
                if (vanished.length <= VANISHED_LIMIT) vanished.push(uid);
              },
            };
            session.ears.heard = resync ? heard : undefined;
            try {
              const box = await select(session, resync ? since : undefined);
              const validity = insist(box);
              const { exists, highestModseq } = box;
              // UIDNEXT may be missing (RFC 3501 section 6.3.1): then the newest message tells it.
              const newest = box.uidNext || exists === 0 ? undefined : await session.client.fetchOne("*", { uid: true });
              const uidNext = box.uidNext || (newest ? newest.uid + 1 : 1);
              const tier = tierOf(session, box);
              // imapflow sets this, untyped, to false where the server did not take the offered state.
              const taken = resync && "qresync" in box && box.qresync === true && vanished.length <= VANISHED_LIMIT;
              return {
                tier,
                validity,
                uidNext,
                exists,
                modseq: tier === "plain" ? undefined : highestModseq,
                ...(taken && { delta: { flags, vanished } }),
              };
            } finally {
              session.ears.heard = undefined;
            }
          },
          fresh,
        ),
      ),
    validity: () => guarded(step(async (_, validity) => validity)),
    refresh: () => guarded(step(({ client }) => client.noop())),
    search: (range) =>
      guarded(
        step(async ({ client }) => {
          const found = await client.search({ uid: range }, { uid: true });
          if (!Array.isArray(found))
            throw new GroupstreamError(
              "unreachable",
              `${account.id}: ${account.at} refused to search mailbox ${collection.id}; it is tried again.`,
              {
                system: account.id,
                collection: collection.id,
              },
            );
          return found;
        }),
      ),
    flags: (of) => rowsOf(of, { uid: true, flags: true, labels: true }),
    changed: (range, since) =>
      guarded(
        step((session) => drain(session, range, { uid: true, flags: true, labels: isGmail(session.client) }, BigInt(since))),
      ),
    messages: (of, received = false) => rowsOf(of, messageQuery(received)),
    authentication: (of) => rowsOf(of, { uid: true, headers: ["authentication-results"] }),
    parts: (of, parts) => rowsOf(of, { uid: true, bodyParts: parts.map(({ key, maxLength }) => ({ key, start: 0, maxLength })) }),
  };
};
