/**
 * A submission server on loopback that speaks real SMTP: with STARTTLS or TLS, AUTH, SIZE and PIPELINING. What it takes it files
 * into the inboxes of a Dovecot, one copy for each recipient there, with the fields a server adds. It can refuse, tarry and
 * hang up as a test asks.
 */

import type { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { SMTPServer, type SMTPServerSession } from "smtp-server";
import type { Dovecot } from "./dovecot.ts";

/** A mail as it was taken. */
export interface Taken {
  readonly from: string;
  readonly to: readonly string[];
  /** Exactly what came between DATA and its dot. */
  readonly raw: Buffer;
  /** Who had logged in, and how. */
  readonly user: string | undefined;
  readonly method: string | undefined;
  readonly secure: boolean;
  /** What the client called itself by EHLO. */
  readonly hello: string;
}

/** Where the line is cut: at the login, at a recipient, in the middle of the mail, behind its dot, or instead of the answer to it. */
export type Cut = "login" | "recipient" | "data" | "taken" | "answer";

export interface SmtpOptions {
  /** Where mail to `@example.org` goes; default: it is only kept in `taken`. */
  readonly dovecot?: Dovecot;
  readonly tls?: { readonly cert: string; readonly key: string; readonly implicit?: boolean };
  /** Largest mail in bytes, announced by SIZE; default: none. */
  readonly size?: number;
  /** Announce no SIZE, and refuse a larger mail behind its dot. */
  readonly hideSize?: boolean;
  readonly hidePipelining?: boolean;
  /** Who may log in, user to password or token; default: everybody may send without. */
  readonly users?: Readonly<Record<string, string>>;
}

/** A running server. */
export interface SmtpLab extends AsyncDisposable {
  readonly host: "127.0.0.1";
  readonly port: number;
  /** What was taken, in order. */
  readonly taken: Taken[];
  /** Recipients that are refused, by address: `550 5.1.1 no such user`. */
  readonly refused: Map<string, string>;
  /** How many connections were made. */
  readonly connections: () => number;
  /** Ends every connection, as servers do with idle ones: with a word (421) or without. */
  hangUp(how: "421" | "silently"): void;
  /** How often a mail was begun. */
  readonly begun: () => number;
  /** Answers that are given instead, each until it is unset. */
  readonly instead: { sender?: string; data?: string };
  /** Cuts the next connection there, once. */
  cut: Cut | undefined;
  /** ms before the answer to a mail. */
  delay: number;
  readonly users: Map<string, string>;
}

/** `550 5.1.1 no such user` as smtp-server wants it. */
const answer = (text: string): Error => Object.assign(new Error(text.slice(4)), { responseCode: Number(text.slice(0, 3)) });

const bytesIn = async (stream: Readable, first?: () => boolean): Promise<Buffer | undefined> => {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
    if (first?.()) return undefined;
  }
  return Buffer.concat(chunks);
};

export const startSmtp = async (options: SmtpOptions = {}): Promise<SmtpLab> => {
  const { dovecot, tls, size, hideSize = false, hidePipelining = false, users } = options;
  let begun = 0;
  let connections = 0;
  const hangUp = (session: SMTPServerSession): void => {
    for (const connection of server.connections) if (connection.id === session.id) connection._socket.destroy();
  };
  const cuts = (where: Cut, session: SMTPServerSession): boolean => {
    if (lab.cut !== where) return false;
    lab.cut = undefined;
    hangUp(session);
    return true;
  };
  const deliver = async ({ from, to, raw }: Taken): Promise<void> => {
    const head = `Return-Path: <${from}>\r\nReceived: from [127.0.0.1] by lab.example.org; ${new Date().toUTCString()}\r\n`;
    for (const address of to)
      if (dovecot && address.endsWith("@example.org"))
        await dovecot.append(address, "INBOX", [Buffer.concat([Buffer.from(head), raw])]);
  };
  const server = new SMTPServer({
    name: "lab.example.org",
    ...(tls && { cert: tls.cert, key: tls.key, secure: tls.implicit === true }),
    disabledCommands: [...(tls ? [] : ["STARTTLS"]), ...(users ? [] : ["AUTH"])],
    authOptional: users === undefined,
    allowInsecureAuth: tls === undefined,
    authMethods: ["PLAIN", "LOGIN", "XOAUTH2"],
    ...(size !== undefined && !hideSize && { size }),
    hideSize,
    hidePIPELINING: hidePipelining,
    logger: false,
    disableReverseLookup: true,
    closeTimeout: 200,
    onConnect(_, done) {
      connections++;
      done();
    },
    onAuth({ username = "", password, accessToken, method }, session, done) {
      if (cuts("login", session)) return;
      const given = accessToken ?? password;
      if (given !== undefined && lab.users.get(username) === given) return done(null, { user: `${method} ${username}` });
      if (accessToken !== undefined) return done(null, { data: { status: "401", schemes: "bearer" } });
      done(answer("535 5.7.8 wrong"));
    },
    onMailFrom(_, __, done) {
      done(lab.instead.sender === undefined ? null : answer(lab.instead.sender));
    },
    onRcptTo({ address }, session, done) {
      if (cuts("recipient", session)) return;
      const refusal = lab.refused.get(address.toLowerCase());
      done(refusal === undefined ? null : answer(refusal));
    },
    onData(stream, session, done) {
      begun++;
      const take = async (): Promise<void> => {
        const raw = await bytesIn(stream, () => cuts("data", session));
        if (!raw || cuts("taken", session)) return;
        if (lab.delay > 0) await pause(lab.delay);
        if (lab.instead.data !== undefined) return done(answer(lab.instead.data));
        if (size !== undefined && raw.length > size) return done(answer("552 5.3.4 too large"));
        const [method, user] = typeof session.user === "string" ? session.user.split(" ") : [];
        const { mailFrom, rcptTo } = session.envelope;
        const mail: Taken = {
          from: mailFrom ? mailFrom.address : "",
          to: rcptTo.map(({ address }) => address),
          raw,
          user,
          method,
          secure: session.secure,
          hello: session.hostNameAppearsAs,
        };
        lab.taken.push(mail);
        await deliver(mail);
        if (!cuts("answer", session)) done(null, "queued");
      };
      take().catch((error: Error) => done(error));
    },
  });
  // Lines that are cut are what tests ask for.
  server.on("error", () => undefined);
  const lab: SmtpLab = {
    host: "127.0.0.1",
    port: 0,
    taken: [],
    refused: new Map(),
    connections: () => connections,
    hangUp(how) {
      for (const connection of [...server.connections])
        if (how === "421") connection._socket.end("421 4.4.2 idle for too long\r\n");
        else connection._socket.destroy();
    },
    begun: () => begun,
    instead: {},
    cut: undefined,
    delay: 0,
    users: new Map(Object.entries(users ?? {})),
    [Symbol.asyncDispose]: () => new Promise((closed) => server.close(() => closed())),
  };
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.server.address();
  return Object.assign(lab, { port: typeof address === "object" && address ? address.port : 0 });
};
