/**
 * A thread that reads the messages of a large listing, on a connection of its own, and their texts. imapflow takes as long to
 * parse an answer as mapping, core and store take together: a first pass takes half the time where both run side by side.
 *
 * Only a faster way to the same rows: whoever asks falls back to the reading connection when it fails, for whatever reason
 * (a server that allows one connection, TLS options that cannot be handed over, a bundle without the worker's file).
 */

import { existsSync } from "node:fs";
import { Worker } from "node:worker_threads";
import type { CollectionId, Read } from "groupstream";
import { credentials } from "./connection.ts";
import type { Raws } from "./messages.ts";
import type { ImapAccount } from "./options.ts";
import { type Packed, unpack } from "./worker-transfer.ts";

/** The account without its secret. */
export interface WorkerAccount extends Omit<ImapAccount, "auth"> {
  readonly user: string;
  /** The secret is an access token, not a password. */
  readonly token: boolean;
}

/** Messages to read. */
export interface WorkerRequest {
  readonly n: number;
  readonly path: string;
  readonly collection: CollectionId;
  readonly validity: string;
  readonly uids: readonly number[];
  readonly read: Read;
}

/** The answer to a question for the secret; without one it could not be had. */
export interface Secret {
  readonly secret?: string;
}

/** What the thread says. */
export type WorkerAnswer =
  | { readonly n: number; readonly packed: Packed }
  | { readonly n: number; readonly failed: string }
  | { readonly credential: boolean };

/** How long an idle thread is kept, ms: long enough for the next folder of a first pass. */
const keptIdle = 5_000;

/**
 * MB of short-lived objects a thread may gather before they are swept. Rows are dropped as soon as they are packed; by V8's own
 * limit of 192 the process would grow by what is garbage, and read no faster.
 */
const shortLived = 24;

/** The thread of an account; started when it is first asked. */
export interface Thread {
  /**
   * Reads messages of a mailbox. Aborted: the thread is ended, the signal's reason thrown. Fails: any error; nothing is
   * lost but time.
   */
  read(asked: Omit<WorkerRequest, "n">, signal: AbortSignal): Promise<Raws>;
  close(): void;
}

/** The worker: in sources beside this file; in the package beside the adapter, or where a shared chunk sees it. */
const workerFile = (): URL => {
  const files = ["./worker.ts", "./imap-worker.js", "./adapters/imap-worker.js"].map((path) => new URL(path, import.meta.url));
  const file = files.find((url) => existsSync(url));
  if (!file) throw new Error("the file of the reading thread is not there");
  return file;
};

export const threadOf = (account: ImapAccount): Thread => {
  let worker: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  let count = 0;
  const open = new Map<number, PromiseWithResolvers<Packed>>();

  const end = (why: unknown): void => {
    clearTimeout(idle);
    const ended = worker;
    worker = undefined;
    for (const { reject } of open.values()) reject(why);
    open.clear();
    void ended?.terminate();
  };

  const tell = async (to: Worker, again: boolean): Promise<void> => {
    const auth = await credentials(account, again).catch(() => undefined);
    const secret = auth && ("accessToken" in auth ? auth.accessToken : auth.pass);
    to.postMessage({ ...(secret !== undefined && { secret }) } satisfies Secret);
  };

  const start = (): Worker => {
    const { auth, ...rest } = account;
    const workerData: WorkerAccount = { ...rest, user: auth.user, token: "accessToken" in auth };
    const started = new Worker(workerFile(), { workerData, resourceLimits: { maxYoungGenerationSizeMb: shortLived } });
    started.on("message", (answer: WorkerAnswer) => {
      if ("credential" in answer) return void tell(started, answer.credential);
      const asker = open.get(answer.n);
      open.delete(answer.n);
      if ("packed" in answer) asker?.resolve(answer.packed);
      else asker?.reject(new Error(answer.failed));
    });
    const over = (why: unknown): void => {
      if (worker === started) end(why);
    };
    started.on("error", over);
    started.on("exit", () => over(new Error("the reading thread ended")));
    return started;
  };

  return {
    async read(asked, signal) {
      signal.throwIfAborted();
      const n = ++count;
      const answer = Promise.withResolvers<Packed>();
      const abort = (): void => end(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
      try {
        worker ??= start();
        clearTimeout(idle);
        worker.ref();
        open.set(n, answer);
        worker.postMessage({ n, ...asked } satisfies WorkerRequest);
        return unpack(await answer.promise);
      } finally {
        open.delete(n);
        signal.removeEventListener("abort", abort);
        if (open.size === 0) {
          // What nobody waits for must not keep the process.
          worker?.unref();
          clearTimeout(idle);
          idle = setTimeout(() => end(new Error("the reading thread was idle")), keptIdle).unref();
        }
      }
    },
    close: () => end(new Error("the adapter is closed")),
  };
};
