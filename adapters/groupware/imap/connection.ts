/**
 * Connections to one account.
 *
 * There is one reading connection, used by one piece of work at a time and kept between looks; `watch`, `content` and what
 * is performed have their own. An imapflow client is single-use: a lost connection means a new client. A piece of work may run twice (a kept
 * connection that turns out to be dead is replaced once, silently), so it must only read.
 */

import { GroupstreamError, isGroupstreamError } from "groupstream";
import { type ExpungeEvent, type FlagsEvent, ImapFlow } from "imapflow";
import { isLost, translate, wasAnswered } from "./errors.ts";
import type { ImapAccount } from "./options.ts";

/** What the server tells while a mailbox is opened with QRESYNC (RFC 7162 section 3.2.5): events, before the answer. */
export interface Heard {
  flags(event: FlagsEvent): void;
  vanished(uid: number): void;
}

/** One logged-in client. */
export interface Session {
  readonly client: ImapFlow;
  /** Who listens while a mailbox is opened. */
  readonly ears: { heard: Heard | undefined };
}

/** A byte bound that still takes the largest mail people send; imapflow's own is 1 GiB, really buffered. */
const LITERAL_LIMIT = 100 * 1024 * 1024;

/** What logs in now. @param again  an access token was refused: not from a cache */
export const credentials = async (account: ImapAccount, again: boolean) => {
  const { auth } = account;
  if ("accessToken" in auth) return { user: auth.user, accessToken: await auth.accessToken(again) };
  return { user: auth.user, pass: typeof auth.pass === "function" ? await auth.pass() : auth.pass };
};

const connectOnce = async (account: ImapAccount, signal: AbortSignal, again: boolean, idleTime?: number): Promise<Session> => {
  let auth: Awaited<ReturnType<typeof credentials>>;
  try {
    auth = await credentials(account, again);
  } catch (cause) {
    // It may say itself what is missing: a variable, a file.
    if (isGroupstreamError(cause)) throw cause;
    throw new GroupstreamError(
      "unauthenticated",
      `${account.id}: the function that gives the credentials for ${account.at} failed; see its cause.`,
      {
        system: account.id,
        cause,
      },
    );
  }
  signal.throwIfAborted();
  const ears: Session["ears"] = { heard: undefined };
  const client: ImapFlow = new ImapFlow({
    host: account.host,
    port: account.port,
    secure: account.secure,
    ...(account.startTls === undefined ? {} : { doSTARTTLS: account.startTls }),
    tls: account.tls,
    auth,
    qresync: true,
    logger: false,
    disableAutoIdle: true,
    missingIdleCommand: "NOOP",
    clientInfo: { name: "groupstream" },
    connectionTimeout: 30_000,
    greetingTimeout: 10_000,
    socketTimeout: 120_000,
    maxLiteralSize: LITERAL_LIMIT,
    maxLineLength: LITERAL_LIMIT,
    maxResponseSize: LITERAL_LIMIT + 16 * 1024 * 1024,
    maxResponseTokens: 200_000,
    ...(idleTime === undefined ? {} : { maxIdleTime: idleTime }),
    expungeHandler: (event: ExpungeEvent) => {
      if (ears.heard === undefined) client.emit("expunge", event);
      else if (event.uid !== undefined) ears.heard.vanished(event.uid);
    },
  });
  // Subscriptions are no concern of ours. Where nobody subscribed to anything, imapflow takes a listing that tells so for one
  // that does not, and asks again by LSUB at every round. Untyped; its own latch for servers without that command.
  Object.assign(client, { skipLsub: true });
  // Without a listener an 'error' of a kept connection would end the process.
  client.on("error", () => undefined);
  client.on("flags", (event) => ears.heard?.flags(event));
  const abort = (): void => client.close();
  signal.addEventListener("abort", abort, { once: true });
  try {
    await client.connect();
    signal.throwIfAborted();
    return { client, ears };
  } catch (error) {
    client.close();
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
};

/** A new connection, logged in. Fails with the table's errors, or with the signal's reason, leaving no socket. */
export const connect = async (account: ImapAccount, signal: AbortSignal, idleTime?: number): Promise<Session> => {
  signal.throwIfAborted();
  try {
    return await connectOnce(account, signal, false, idleTime);
  } catch (error) {
    signal.throwIfAborted();
    const failure = translate(account, error);
    if (failure.code !== "unauthenticated" || !("accessToken" in account.auth)) throw failure;
  }
  // A token may have run out since it was cached: once more with a new one (RFC 7628 section 3.2.3).
  return connectOnce(account, signal, true, idleTime).catch((error) => {
    signal.throwIfAborted();
    throw translate(account, error);
  });
};

/** The reading connection of an account. */
export interface Reading {
  /**
   * Runs `work` alone on the connection, connecting first where needed. Work runs in the order it was asked for.
   * Aborted: the socket is dropped and the signal's reason thrown. Fails: what `work` throws, as it is.
   *
   * @param fresh  on a new connection
   */
  use<T>(signal: AbortSignal, work: (session: Session) => Promise<T>, fresh?: boolean): Promise<T>;
  close(): Promise<void>;
}

/** @param idle  ms after which a connection that nobody uses is closed; default: it is kept */
export const reading = (account: ImapAccount, idle?: number): Reading => {
  let rest: NodeJS.Timeout | undefined;
  let session: Session | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;

  const drop = (): void => {
    session?.client.close();
    session = undefined;
  };

  const once = async <T>(signal: AbortSignal, work: (session: Session) => Promise<T>): Promise<T> => {
    if (closed)
      throw new GroupstreamError("unreachable", `${account.id}: the adapter is closed; make a new one.`, { system: account.id });
    if (session && !session.client.usable) drop();
    session ??= await connect(account, signal);
    const used = session;
    const abort = (): void => used.client.close();
    signal.addEventListener("abort", abort, { once: true });
    try {
      return await work(used);
    } catch (error) {
      // Unless the server simply said no, what is left on a connection after a failure is not known: a new one is next.
      if (!wasAnswered(error) || !used.client.usable) drop();
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  };

  const use = async <T>(signal: AbortSignal, work: (session: Session) => Promise<T>, fresh = false): Promise<T> => {
    signal.throwIfAborted();
    if (fresh) drop();
    const kept = session?.client.usable === true;
    try {
      return await once(signal, work);
    } catch (error) {
      // Work that names its mailbox in its errors has translated them: the cause still says what happened to the line.
      if (!kept || !isLost(isGroupstreamError(error) ? error.cause : error)) throw error;
      return once(signal, work);
    }
  };

  const goodbye = async (): Promise<void> => {
    const client = session?.client;
    session = undefined;
    if (client?.usable) await client.logout().catch(() => undefined);
    client?.close();
  };

  return {
    use(signal, work, fresh) {
      clearTimeout(rest);
      const turn = last.then(() => use(signal, work, fresh));
      const ended = turn.then(
        () => undefined,
        () => undefined,
      );
      last = ended;
      if (idle !== undefined)
        void ended.then(() => {
          if (last === ended) rest = setTimeout(() => void goodbye(), idle).unref();
        });
      return turn;
    },
    async close() {
      closed = true;
      clearTimeout(rest);
      await goodbye();
    },
  };
};
