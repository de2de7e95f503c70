/**
 * One mail to the submission server (RFC 6409), once. What can go wrong, and what it says about the mail:
 *
 *   before its first byte             certainly not sent
 *   the server answered 4yz or 5yz    certainly not sent, whenever that was (RFC 5321 section 4.2.5)
 *   no answer after its first byte    perhaps
 *
 * One mail at a time, from its connection until its copy is kept: a process that is killed leaves one in doubt, not all that are
 * under way. Behind a server that takes long the next ones go, over at most three connections.
 *
 * A connection is kept for the next mail for a few seconds: servers let a new one wait on purpose
 * (Postfix's postscreen, npm's smtp-server), and its login takes several answers. Where it has ended meanwhile, nothing of the next
 * mail was sent, and a new one is opened.
 */

import { Readable } from "node:stream";
import type { Loss, SystemId } from "groupstream";
import type { NodemailerError } from "nodemailer";
import { connectionSlots } from "./connection-slots.ts";
import type { Packed } from "./files.ts";
import type { Nodemailer } from "./nodemailer.ts";
import { answered, type Failed, notSent, refusedOf } from "./refusals.ts";
import type { Sender } from "./sender.ts";

/** How long a connection is kept after a mail, ms: no server ends it sooner (RFC 5321 section 4.5.3.2.7 says five minutes). */
const KEPT = 10_000;

/** What became of a mail. */
type Sent = { readonly outcome: "sent"; readonly losses: readonly Loss[] } | Failed;

/** A mail that is ready to go. */
export interface Parcel extends Packed {
  readonly bytes: Buffer;
  /** Has octets beyond ASCII (RFC 6152). */
  readonly eightBit: boolean;
}

/** Where mail is handed in. */
export interface Outgoing {
  /**
   * Waits for its turn, makes the mail, sends it, and keeps its copy; undefined where none was made. Rejects only with the signal's
   * reason, or with what `make` throws.
   */
  send<Copy>(
    make: () => Promise<Parcel | undefined>,
    keep: (parcel: Parcel) => Promise<Copy>,
    signal: AbortSignal,
  ): Promise<
    (((Extract<Sent, { outcome: "sent" }> & { readonly copy: Copy }) | Failed) & { readonly parcel: Parcel }) | undefined
  >;
  /** Ends the connections that are kept. */
  close(): void;
}

type Connection = InstanceType<Nodemailer["SMTPConnection"]>;

const connectionOf = ({ SMTPConnection }: Nodemailer, { host, port, secure, startTls, tls }: Sender): Connection =>
  new SMTPConnection({
    host,
    port,
    secure,
    ...(startTls === true && { requireTLS: true }),
    ...(startTls === false && { ignoreTLS: true }),
    ...(startTls === undefined && { opportunisticTLS: true }),
    tls: { minVersion: "TLSv1.2", ...tls },
    // The name of this machine is nobody's business, and recipients would read it in Received.
    name: "[127.0.0.1]",
    connectionTimeout: 30_000,
    greetingTimeout: 30_000,
    // RFC 5321 section 4.5.3.2.6: servers may take ten minutes to answer the end of a mail.
    socketTimeout: 10 * 60 * 1000,
    socketCloseTimeout: 0,
    logger: false,
  });

const connected = (connection: Connection): Promise<void> =>
  new Promise((resolve, reject) => connection.connect((error) => (error ? reject(error) : resolve())));

const loggedIn = async ({ XOAuth2 }: Nodemailer, connection: Connection, { auth }: Sender): Promise<void> => {
  if (!connection.allowsAuth) return;
  const { user } = auth;
  const how =
    "accessToken" in auth
      ? {
          user,
          oauth2: new XOAuth2({
            user,
            provisionCallback: (_, renew, done) =>
              void Promise.resolve()
                .then(() => auth.accessToken(renew))
                .then((token) => done(null, token), done),
          }),
        }
      : { user, pass: typeof auth.pass === "function" ? await auth.pass() : auth.pass };
  await new Promise<void>((resolve, reject) => connection.login(how, (error) => (error ? reject(error) : resolve())));
};

/** RFC 1870: the server is told the size, and refuses before anything is sent. */
const handedIn = (connection: Connection, { mail, bytes, eightBit }: Parcel, body: Readable): Promise<NodemailerError[]> =>
  new Promise((resolve, reject) =>
    connection.send(
      {
        from: mail.from.address,
        to: [...mail.to, ...mail.cc, ...mail.bcc].map(({ address }) => address),
        size: bytes.length,
        use8BitMime: eightBit,
      },
      body,
      (error, info) => (error ? reject(error) : resolve(info?.rejectedErrors ?? [])),
    ),
  );

/** QUIT, for a server that answers it soon. */
const farewell = (connection: Connection): void => {
  connection.quit();
  setTimeout(() => connection.close(), 1_000).unref();
};

/** A connection that is logged in. */
interface Line {
  readonly connection: Connection;
  /** Rejects when it has ended, with the error that says more where there is one. */
  readonly broken: Promise<never>;
  readonly ended: () => boolean;
}

const lineOf = (connection: Connection): Line => {
  // nodemailer tells most failures by the callback as well; without a listener the others would end the process.
  const { promise, reject } = Promise.withResolvers<never>();
  let ended = false;
  promise.catch(() => undefined);
  connection.on("error", (error) => {
    ended = true;
    reject(error);
  });
  // Ended after an answer (421): the answer is told by the callback, right after this event.
  connection.on("end", () => {
    ended = true;
    setImmediate(() => reject(Object.assign(new Error("the connection ended"), { code: "ECONNECTION" })));
  });
  return { connection, broken: promise, ended: () => ended };
};

/** Runs until the line has ended or is aborted: then it is closed. */
const on = async <T>({ connection, broken }: Line, signal: AbortSignal, work: Promise<T>): Promise<T> => {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => {
    connection.close();
    aborted.reject(signal.reason);
  };
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work, broken, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
};

interface Sending {
  readonly loaded: Nodemailer;
  readonly system: SystemId;
  readonly sender: Sender;
  readonly signal: AbortSignal;
  /** Lines that were kept, last first. */
  readonly kept: KeptLine;
}

/** Server says that it has closed the line: what was asked on it was not done. */
const farewellCode = 421;

/** @param line  one that was kept; absent: a new one */
const attempt = async (sending: Sending, parcel: Parcel, line?: Line): Promise<Sent> => {
  const { loaded, system, sender, signal, kept } = sending;
  const used = line ?? lineOf(connectionOf(loaded, sender));
  const { connection } = used;
  const body = Readable.from([parcel.bytes], { objectMode: false });
  let stage: "connecting" | "login" | "sending" = "connecting";
  try {
    signal.throwIfAborted();
    if (!line) {
      await on(used, signal, connected(connection));
      stage = "login";
      await on(used, signal, loggedIn(loaded, connection, sender));
    }
    stage = "sending";
    const rejected = await on(used, signal, handedIn(connection, parcel, body));
    kept.keep(used);
    return { outcome: "sent", losses: refusedOf(rejected, parcel.mail) };
  } catch (error) {
    connection.close();
    signal.throwIfAborted();
    // It ended while it was kept.
    if (line && !body.readableDidRead && (!answered(error) || codeOf(error) === farewellCode)) return attempt(sending, parcel);
    return body.readableDidRead && !answered(error)
      ? {
          outcome: "unknown",
          reason: `${system}: the connection to ${sender.at} was lost while the mail was handed in; it may have been taken.`,
        }
      : notSent(system, sender, stage, error);
  }
};

const codeOf = (error: unknown): unknown => (error as { responseCode?: unknown }).responseCode;

interface KeptLine {
  keep(line: Line): void;
  take(): Line | undefined;
  close(): void;
}

const keeping = (): KeptLine => {
  const kept = new Map<Line, NodeJS.Timeout>();
  let closed = false;
  const end = (line: Line): void => {
    clearTimeout(kept.get(line));
    kept.delete(line);
    farewell(line.connection);
  };
  return {
    keep(line) {
      if (closed || line.ended()) farewell(line.connection);
      else kept.set(line, setTimeout(() => end(line), KEPT).unref());
    },
    take() {
      for (const line of [...kept.keys()].reverse()) {
        clearTimeout(kept.get(line));
        kept.delete(line);
        if (!line.ended()) return line;
      }
      return undefined;
    },
    close() {
      closed = true;
      for (const line of [...kept.keys()]) end(line);
    },
  };
};

/** @param load  gives the package; what it throws, `send` throws */
export const outgoing = (system: SystemId, sender: Sender, load: () => Promise<Nodemailer>): Outgoing => {
  const kept = keeping();
  const turns = connectionSlots();
  return {
    async send(make, keep, signal) {
      const loaded = await load();
      using _turn = await turns(signal);
      const parcel = await make();
      if (!parcel) return undefined;
      const sent = await attempt({ loaded, system, sender, signal, kept }, parcel, kept.take());
      return sent.outcome === "sent" ? { ...sent, parcel, copy: await keep(parcel) } : { ...sent, parcel };
    },
    close: kept.close,
  };
};
