/**
 * The bytes of a part, decoded, on a connection of their own: a slow reader holds nobody up. imapflow fetches them in pieces
 * as they are read, so a mail of any size takes a few hundred KiB.
 */

import { GroupstreamError, type ItemRef } from "groupstream";
import type { PartNode } from "groupstream/protocol/mail";
import { connect } from "./connection.ts";
import { translate, translateOpening } from "./errors.ts";
import { structureOf, uidOf } from "./map.ts";
import type { ImapAccount } from "./options.ts";

/** The whole message, as the server has it. */
const RAW = "raw";

/** Each piece is a round trip and is held in memory whole. */
const PIECE_BYTES = 512 * 1024;

const hasPart = (node: PartNode, part: string): boolean =>
  node.part === part || (node.children?.some((child) => hasPart(child, part)) ?? false);

/**
 * Opens the stream. Ended, cancelled, failed or aborted: the connection is closed.
 * Fails: `position-lost` for a key of another UIDVALIDITY; `malformed` where message or part are not there.
 *
 * @param part  a number of the view's files (`2.1`), or `raw` for the whole message
 */
export const contentOf = async (
  account: ImapAccount,
  { collection, key }: ItemRef,
  path: string,
  part: string,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> => {
  const where = { system: account.id, collection, key };
  if (part !== RAW && !/^\d+(\.\d+)*$/.test(part))
    throw new GroupstreamError(
      "malformed",
      `${account.id}: a message has no such part; take one of the view's files, or raw.`,
      where,
    );
  const { client } = await connect(account, signal);
  const abort = (): void => client.close();
  signal.addEventListener("abort", abort, { once: true });
  const end = (): void => {
    signal.removeEventListener("abort", abort);
    client.close();
  };
  try {
    const box = await client.mailboxOpen(path, { readOnly: true }).catch((error) => {
      signal.throwIfAborted();
      throw translateOpening(account, collection, error);
    });
    const uid = uidOf(String(box.uidValidity ?? 0), key);
    if (uid === undefined)
      throw new GroupstreamError(
        "position-lost",
        `${account.id}: mailbox ${collection} was made anew; its items have new keys after the next look.`,
        where,
      );
    const gone = (): GroupstreamError =>
      new GroupstreamError(
        "malformed",
        `${account.id}: the message or its part ${part} is not there any more; look at the mailbox again.`,
        where,
      );
    // For a part that does not exist a server may answer with an empty one: the structure says which there are.
    const row = await client.fetchOne(String(uid), { uid: true, bodyStructure: true }, { uid: true });
    if (!row || (part !== RAW && !(row.bodyStructure && hasPart(structureOf(row.bodyStructure), part)))) throw gone();
    const { content } = await client.download(String(uid), part === RAW ? undefined : part, {
      uid: true,
      decodeText: false,
      chunkSize: PIECE_BYTES,
    });
    if (!content) throw gone();
    const pieces = content[Symbol.asyncIterator]();
    return new ReadableStream<Uint8Array>({
      async pull(controller) {
        try {
          const { done, value } = await pieces.next();
          signal.throwIfAborted();
          if (!done) return controller.enqueue(new Uint8Array(value));
          end();
          controller.close();
        } catch (error) {
          end();
          controller.error(signal.aborted ? signal.reason : translate(account, error));
        }
      },
      cancel() {
        content.destroy();
        end();
      },
    });
  } catch (error) {
    end();
    signal.throwIfAborted();
    throw translate(account, error);
  }
};
