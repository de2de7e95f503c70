/**
 * The doorbell: IDLE (RFC 2177) on one mailbox, on a connection of its own. imapflow has no NOTIFY (RFC 5465), so only one
 * mailbox rings; the others are found by polling. Without IDLE it asks by NOOP every two minutes.
 */

import { type Collection, type CollectionId, GroupstreamError } from "groupstream";
import { connect } from "./connection.ts";
import { translate, translateOpening } from "./errors.ts";
import type { ImapAccount } from "./options.ts";

/** RFC 2177 allows 29 minutes; routers forget a silent connection much sooner. */
const IDLE_TIME = 4 * 60 * 1000;

/** Where new mail turns up first. */
const doorOf = (collections: readonly Collection[]): Collection | undefined =>
  collections.find(({ role }) => role === "all") ?? collections.find(({ role }) => role === "inbox") ?? collections[0];

/** Rings for the inbox, or Gmail's `\All`. Fails: `unreachable` when the line is cut; the signal's reason within a second. */
export async function* watchMailbox(
  account: ImapAccount,
  collections: readonly Collection[],
  pathOf: (collection: Collection) => Promise<string>,
  signal: AbortSignal,
): AsyncGenerator<CollectionId> {
  const door = doorOf(collections);
  if (!door) return;
  const path = await pathOf(door);
  const { client } = await connect(account, signal, IDLE_TIME);
  let rung = false;
  let ended: GroupstreamError | undefined;
  let wake = (): void => undefined;
  const ring = (): void => {
    rung = true;
    wake();
  };
  const end = (cause?: unknown): void => {
    ended ??= new GroupstreamError(
      "unreachable",
      `${account.id}: the watching connection to ${account.at} ended; it is opened again.`,
      {
        system: account.id,
        cause,
      },
    );
    wake();
  };
  const abort = (): void => {
    client.close();
    end();
  };
  signal.addEventListener("abort", abort, { once: true });
  client.on("exists", ring).on("expunge", ring).on("flags", ring).on("mailboxOpen", ring);
  client.on("error", end).on("close", () => end());
  try {
    await client.mailboxOpen(path, { readOnly: true }).catch((error) => {
      signal.throwIfAborted();
      throw translateOpening(account, door.id, error);
    });
    // IDLE returns when the server refuses it or the line is cut; imapflow renews it by itself.
    void (async () => {
      while (client.usable && (await client.idle()) !== false);
      end();
    })().catch(end);
    for (;;) {
      signal.throwIfAborted();
      if (ended) throw ended;
      if (rung) {
        rung = false;
        yield door.id;
        continue;
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (rung || ended) resolve();
      });
    }
  } catch (error) {
    signal.throwIfAborted();
    throw translate(account, error);
  } finally {
    signal.removeEventListener("abort", abort);
    client.close();
  }
}
