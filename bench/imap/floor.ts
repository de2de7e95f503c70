/**
 * What a first pass costs at least: imapflow reading the same fields as the adapter's first listing, and nothing else. The
 * bars of the product are multiples of these loops, measured in the same run.
 */

import { wantedHeaders } from "groupstream/protocol/mail";
import { type FetchMessageObject, type FetchQueryObject, ImapFlow, type MessageStructureObject } from "imapflow";
import PostalMime from "postal-mime";

/** Where the loops read. */
export interface FloorTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly pass: string;
  /** Mailbox paths, in order. */
  readonly mailboxes: readonly string[];
}

/** What a loop did: messages, and milliseconds from connecting to the last row. */
export interface FloorTime {
  readonly messages: number;
  readonly ms: number;
}

/** The query of the adapter's first listing. */
export const sameFields: FetchQueryObject = {
  headers: [...wantedHeaders],
  bodyStructure: true,
  size: true,
  internalDate: true,
  flags: true,
  threadId: true,
  labels: true,
};

/** What mail clients ask for. */
export const envelopeFields: FetchQueryObject = { envelope: true, bodyStructure: true, headers: ["references"] };

/** Header fields as one literal, no structure. */
export const literalFields: FetchQueryObject = { headers: [...wantedHeaders], flags: true };

/** A client, logged in. */
export const connected = async (target: FloorTarget, options: { readonly qresync?: boolean } = {}): Promise<ImapFlow> => {
  const client = new ImapFlow({
    host: target.host,
    port: target.port,
    secure: false,
    doSTARTTLS: false,
    auth: { user: target.user, pass: target.pass },
    logger: false,
    disableAutoIdle: true,
    ...options,
  });
  client.on("error", () => undefined);
  await client.connect();
  return client;
};

/** Reads each message of the mailboxes by one query. */
export const eachRow = async (
  target: FloorTarget,
  query: FetchQueryObject,
  row: (path: string, message: FetchMessageObject) => void | Promise<void>,
): Promise<FloorTime> => {
  const started = performance.now();
  const client = await connected(target, { qresync: true });
  let messages = 0;
  try {
    for (const path of target.mailboxes) {
      const lock = await client.getMailboxLock(path, { readOnly: true });
      try {
        for await (const message of client.fetch("1:*", query, { uid: true })) {
          messages++;
          await row(path, message);
        }
      } finally {
        lock.release();
      }
    }
    return { messages, ms: performance.now() - started };
  } finally {
    client.close();
  }
};

/** Reads the fields of `query` and drops them. */
export const dropping = (target: FloorTarget, query: FetchQueryObject): Promise<FloorTime> =>
  eachRow(target, query, () => undefined);

const firstText = (node: MessageStructureObject | undefined): MessageStructureObject | undefined =>
  !node?.childNodes ? node : node.childNodes.map(firstText).find((child) => child?.type.startsWith("text/"));

/**
 * Reads the adapter's fields, then the first 8 KiB of every message's first text part, parses header and text with
 * postal-mime and drops them. Messages are asked for in windows of 500, as one command must end before the next begins.
 */
export const previewing = async (target: FloorTarget): Promise<FloorTime> => {
  const started = performance.now();
  const client = await connected(target);
  let messages = 0;
  try {
    for (const path of target.mailboxes) {
      const box = await client.mailboxOpen(path, { readOnly: true });
      for (let first = 1; first < box.uidNext; first += 500) {
        const byPart = new Map<string, { uid: number; head: string }[]>();
        for await (const row of client.fetch(`${first}:${first + 499}`, sameFields, { uid: true })) {
          const text = firstText(row.bodyStructure);
          const charset = text?.parameters?.charset ?? "utf-8";
          const head = `${row.headers?.toString("latin1").trimEnd()}\r\nContent-Type: ${text?.type}; charset=${charset}\r\nContent-Transfer-Encoding: ${text?.encoding}\r\n\r\n`;
          const part = text?.part ?? "1";
          byPart.set(part, [...(byPart.get(part) ?? []), { uid: row.uid, head }]);
          messages++;
        }
        for (const [part, rows] of byPart) {
          const heads = new Map(rows.map(({ uid, head }) => [uid, head]));
          const query = { uid: true, bodyParts: [{ key: part, start: 0, maxLength: 8 * 1024 }] };
          for await (const row of client.fetch(
            rows.map(({ uid }) => uid),
            query,
            { uid: true },
          )) {
            const body = row.bodyParts?.get(part) ?? Buffer.alloc(0);
            await PostalMime.parse(Buffer.concat([Buffer.from(heads.get(row.uid) ?? "", "latin1"), body]));
          }
        }
      }
    }
    return { messages, ms: performance.now() - started };
  } finally {
    client.close();
  }
};
