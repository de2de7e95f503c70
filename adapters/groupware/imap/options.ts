/** What a person may configure about an IMAP account, and every mistake they can make in it. */

import { type ConnectionOptions, createSecureContext } from "node:tls";
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

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isActor = (value: unknown): boolean => isText(value) && /^(mailto:|acct:|https?:|urn:)/.test(value);
const all = (list: unknown, is: (one: unknown) => boolean): boolean => Array.isArray(list) && list.every(is);

/** Each option, and what is wrong with it. No sentence repeats a value: a host may hold a password. */
const checks: { readonly [name in keyof Required<ImapOptions>]: (value: unknown) => string | readonly string[] | undefined } = {
  id: (id) => (isText(id) && /^[a-z0-9][a-z0-9-]*$/.test(id) ? undefined : "id must be lower-case letters, digits and dashes."),
  host: (host) => {
    if (!isText(host) || host.trim() === "") return "host is missing: the name of the IMAP server.";
    return /[\s/@]/.test(host) ? "host must be a bare host name without scheme, path or user." : undefined;
  },
  port: (port) =>
    port === undefined || (Number.isInteger(port) && Number(port) > 0 && Number(port) < 65_536)
      ? undefined
      : "port must be between 1 and 65535.",
  secure: (secure) => (secure === undefined || typeof secure === "boolean" ? undefined : "secure must be true or false."),
  auth: (auth) => {
    if (!isRecord(auth)) return "auth is missing: user and pass, or user and accessToken.";
    const pass = typeof auth.pass === "function" || isText(auth.pass);
    const token = typeof auth.accessToken === "function";
    return [
      ...(isText(auth.user) ? [] : ["auth.user is missing."]),
      ...(pass || token ? [] : ["auth needs pass (a string or a function) or accessToken (a function)."]),
      ...(pass && token ? ["auth has both pass and accessToken: keep one."] : []),
    ];
  },
  owner: (owner) => (owner === undefined || isActor(owner) ? undefined : "owner must be mailto:, acct: or an IRI."),
  readers: (list) => (list === undefined || all(list, isActor) ? undefined : "readers must be a list of mailto:, acct: or IRIs."),
  mailboxes: (list) => (list === undefined || all(list, isText) ? undefined : "mailboxes must be a list of names or roles."),
  exclude: (list) => (list === undefined || all(list, isText) ? undefined : "exclude must be a list of names or roles."),
  insecure: (insecure) => (insecure === undefined || insecure === "plaintext" ? undefined : 'insecure can only be "plaintext".'),
  tls: (tls) => {
    if (tls === undefined) return undefined;
    if (!isRecord(tls)) return "tls must be an object of options, as node:tls takes them.";
    try {
      createSecureContext(tls);
      return undefined;
    } catch {
      return "tls: node:tls cannot use its certificates, keys or ciphers.";
    }
  },
};

const mistakesIn = (options: unknown): string[] => {
  if (!isRecord(options)) return ["options are missing: at least id, host and auth."];
  const mistakes = Object.entries(checks).flatMap(([name, check]) => check(options[name]) ?? []);
  for (const name of Object.keys(options))
    if (!Object.hasOwn(checks, name)) mistakes.push(`${JSON.stringify(name.slice(0, 40))} is no option.`);
  if (options.insecure === "plaintext" && options.secure === true)
    mistakes.push('secure: true and insecure: "plaintext" exclude each other.');
  return mistakes;
};

const nameOf = (options: unknown): string =>
  isRecord(options) && typeof options.id === "string" ? JSON.stringify(options.id.slice(0, 60)) : "without id";

/** The account with all defaults. Fails with every mistake at once: `misconfigured`. */
export const accountOf = (options: ImapOptions): ImapAccount => {
  refuseMistakes(`The IMAP system ${nameOf(options)} cannot be used`, mistakesIn(options));
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
