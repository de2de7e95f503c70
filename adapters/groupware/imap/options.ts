/** What a person may configure about an IMAP account, and every mistake they can make in it. */

import type { ConnectionOptions } from "node:tls";
import { type ActorId, refuseMistakes, type SystemId } from "groupstream";
import { mailtoOf } from "groupstream/protocol";

/** How to log in. Functions are asked at every new connection, so that nothing secret need stay in memory. */
export type ImapAuth =
  | {
      readonly user: string;
      /** The password, or a function that is asked at every new connection. */
      readonly pass: string | (() => string | Promise<string>);
    }
  | {
      readonly user: string;
      /**
       * An OAuth 2 access token (OAUTHBEARER, RFC 7628, or XOAUTH2). After the server refused one it is asked once more with
       * `again` true, and should then not answer from its cache.
       */
      readonly accessToken: (again: boolean) => string | Promise<string>;
    };

/** An IMAP account. */
export interface ImapOptions {
  /** Unique in the hub, stable over its life. */
  readonly id: SystemId;
  readonly host: string;
  /** Default 993, or 143 where `secure` is false. */
  readonly port?: number;
  /** TLS from the first byte. Default: true on 993, else false, and then STARTTLS (RFC 3501 section 6.2.1) is required. */
  readonly secure?: boolean;
  readonly auth: ImapAuth;
  /** Whose mailbox this is; default `mailto:` of the user where that is an address. */
  readonly owner?: ActorId;
  /** Who else reads this mailbox; with the owner the audience of what is in it. */
  readonly readers?: readonly ActorId[];
  /** Only these mailboxes, by name or role; default all. */
  readonly mailboxes?: readonly string[];
  /** Not these, by name or role; default `["drafts", "junk"]`. */
  readonly exclude?: readonly string[];
  /** `"plaintext"` sends password and mail unencrypted where the server has no TLS. Never needed on loopback. */
  readonly insecure?: "plaintext";
  /** `ca`, `servername`, client certificates …, as node:tls takes them. */
  readonly tls?: ConnectionOptions;
}

/** Options with every default filled in. */
export interface ImapAccount {
  readonly id: SystemId;
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  /** True: STARTTLS or no connection. False: none. Undefined: where the server offers it. */
  readonly startTls: boolean | undefined;
  readonly auth: ImapAuth;
  readonly owner: ActorId | undefined;
  readonly readers: readonly ActorId[];
  readonly mailboxes: readonly string[] | undefined;
  readonly exclude: readonly string[];
  readonly tls: ConnectionOptions;
  /** `imap.example.org:993`, for messages. */
  readonly at: string;
}

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);

const names = (list: unknown): boolean => Array.isArray(list) && list.every((name) => typeof name === "string" && name !== "");

const mistakesIn = (options: ImapOptions): string[] => {
  if (typeof options !== "object" || options === null) return ["options are missing: at least id, host and auth."];
  const mistakes: string[] = [];
  const { id, host, port, auth } = options;
  if (typeof id !== "string" || !/^[a-z0-9][a-z0-9-]*$/.test(id))
    mistakes.push("id must be lower-case letters, digits and dashes.");
  if (typeof host !== "string" || host.trim() === "") mistakes.push("host is missing: the name of the IMAP server.");
  else if (/[\s/@]/.test(host)) mistakes.push(`host must be a bare host name without scheme, path or user: ${host.trim()}.`);
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65_536))
    mistakes.push("port must be between 1 and 65535.");
  if (typeof auth !== "object" || auth === null) mistakes.push("auth is missing: user and pass, or user and accessToken.");
  else {
    if (typeof auth.user !== "string" || auth.user === "") mistakes.push("auth.user is missing.");
    const pass = "pass" in auth ? typeof auth.pass === "function" || (typeof auth.pass === "string" && auth.pass !== "") : false;
    const token = "accessToken" in auth ? typeof auth.accessToken === "function" : false;
    if (!pass && !token) mistakes.push("auth needs pass (a string or a function) or accessToken (a function).");
    if (pass && token) mistakes.push("auth has both pass and accessToken: keep one.");
  }
  if (options.owner !== undefined && !/^(mailto:|acct:|https?:|urn:)/.test(options.owner))
    mistakes.push("owner must be mailto:, acct: or an IRI.");
  for (const reader of options.readers ?? [])
    if (!/^(mailto:|acct:|https?:|urn:)/.test(reader)) mistakes.push(`readers must be mailto:, acct: or IRIs: ${reader}.`);
  if (options.mailboxes !== undefined && !names(options.mailboxes)) mistakes.push("mailboxes must be a list of names or roles.");
  if (options.exclude !== undefined && !names(options.exclude)) mistakes.push("exclude must be a list of names or roles.");
  if (options.insecure !== undefined && options.insecure !== "plaintext") mistakes.push('insecure can only be "plaintext".');
  if (options.insecure === "plaintext" && options.secure === true)
    mistakes.push('secure: true and insecure: "plaintext" exclude each other.');
  return mistakes;
};

/** The account with all defaults. Fails with every mistake at once: `misconfigured`. */
export const accountOf = (options: ImapOptions): ImapAccount => {
  refuseMistakes(`IMAP system ${String(options?.id)}`, mistakesIn(options));
  const port = options.port ?? (options.secure === false ? 143 : 993);
  const secure = options.secure ?? port === 993;
  const local = isLoopback(options.host) && options.tls === undefined;
  return {
    id: options.id,
    host: options.host.replace(/^\[|\]$/g, ""),
    port,
    secure,
    startTls: secure || local ? false : options.insecure === "plaintext" ? undefined : true,
    auth: options.auth,
    owner: options.owner ?? (options.auth.user.includes("@") ? mailtoOf(options.auth.user) : undefined),
    readers: options.readers ?? [],
    mailboxes: options.mailboxes,
    exclude: options.exclude ?? ["drafts", "junk"],
    tls: options.tls ?? {},
    at: `${options.host}:${port}`,
  };
};
