/** The other end of `thread.ts`: reads what it is asked for on a connection of its own. */

import { parentPort, workerData } from "node:worker_threads";
import { reading } from "./connection.ts";
import { mailboxOf } from "./mailbox.ts";
import { rawsOf } from "./messages.ts";
import type { ImapAccount } from "./options.ts";
import type { Secret, WorkerAccount, WorkerAnswer, WorkerRequest } from "./worker-host.ts";
import { pack } from "./worker-transfer.ts";

const port = parentPort;
if (!port) throw new Error("worker.ts runs as a thread of the IMAP adapter only");

const never = new AbortController().signal;
let waiting: ((secret: Secret) => void)[] = [];

/** Secrets stay where they are configured: they are asked for at every connection, and kept nowhere. */
const secret = async (again: boolean): Promise<string> => {
  const { promise, resolve } = Promise.withResolvers<Secret>();
  waiting.push(resolve);
  port.postMessage({ credential: again } satisfies WorkerAnswer);
  const told = await promise;
  if (told.secret === undefined) throw new Error("the credentials could not be had");
  return told.secret;
};

const { user, token, ...rest } = workerData as WorkerAccount;
const account: ImapAccount = {
  ...rest,
  auth: token ? { user, accessToken: secret } : { user, pass: () => secret(false) },
};
const connection = reading(account);

const answer = async ({ n, path, collection, validity, uids, read }: WorkerRequest): Promise<void> => {
  try {
    const mailbox = mailboxOf(connection, account, { id: collection }, path, never, validity);
    const packed = pack(await rawsOf(mailbox, uids, read, account.invitations !== "off"));
    port.postMessage({ n, packed } satisfies WorkerAnswer, [packed.bytes]);
  } catch (error) {
    port.postMessage({ n, failed: error instanceof Error ? error.message : String(error) } satisfies WorkerAnswer);
  }
};

port.on("message", (asked: WorkerRequest | Secret) => {
  if ("n" in asked) void answer(asked);
  else {
    const [first, ...others] = waiting;
    waiting = others;
    first?.(asked);
  }
});
