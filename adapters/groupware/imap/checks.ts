/** What is wrong with one option, in words. No sentence repeats a value: a host may hold a password. */

import { type ConnectionOptions, createSecureContext } from "node:tls";

export const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
export const isActor = (value: unknown): boolean => isText(value) && /^(mailto:|acct:|https?:|urn:)/.test(value);
export const all = (list: unknown, is: (one: unknown) => boolean): boolean => Array.isArray(list) && list.every(is);

/** What one option's check says: nothing, or what is wrong. */
export type Check = (value: unknown) => string | readonly string[] | undefined;

/** The name of an option nobody knows: at most 40 characters, in one line. */
const nameOf = (name: string): string => (/^\w{1,40}$/.test(name) ? name : JSON.stringify(name.slice(0, 40)));

/** Each mistake of an object of options; one that no check knows is a mistake. */
export const mistakesOf = (options: Readonly<Record<string, unknown>>, checks: Readonly<Record<string, Check>>): string[] => [
  ...Object.entries(checks).flatMap(([name, check]) => check(options[name]) ?? []),
  ...Object.keys(options)
    .filter((name) => !Object.hasOwn(checks, name))
    .map((name) => `${nameOf(name)}: there is no such option; there are ${Object.keys(checks).join(", ")}`),
];

/** @param server  `IMAP server` */
export const hostMistake =
  (server: string): Check =>
  (host) => {
    if (!isText(host) || host.trim() === "") return `host: give the name of the ${server}`;
    return /[\s/@]/.test(host) ? "host: must be a bare host name without scheme, path or user" : undefined;
  };

export const portMistake: Check = (port) =>
  port === undefined || (Number.isInteger(port) && Number(port) > 0 && Number(port) < 65_536)
    ? undefined
    : "port: must be between 1 and 65535";

export const booleanMistake =
  (name: string): Check =>
  (value) =>
    value === undefined || typeof value === "boolean" ? undefined : `${name}: must be true or false`;

export const authMistakes: Check = (auth) => {
  if (!isRecord(auth)) return "auth: give user and pass, or user and accessToken";
  const pass = typeof auth.pass === "function" || isText(auth.pass);
  const token = typeof auth.accessToken === "function";
  return [
    ...(isText(auth.user) ? [] : ["auth.user: give the name of the user"]),
    ...(pass || token ? [] : ["auth: give pass (a string or a function) or accessToken (a function)"]),
    ...(pass && token ? ["auth: has both pass and accessToken; keep one"] : []),
  ];
};

export const insecureMistake: Check = (insecure) =>
  insecure === undefined || insecure === "plaintext" ? undefined : 'insecure: can only be "plaintext"';

export const tlsMistake: Check = (tls) => {
  if (tls === undefined) return undefined;
  if (!isRecord(tls)) return "tls: must be an object of options, as node:tls takes them";
  try {
    createSecureContext(tls);
    return undefined;
  } catch {
    return "tls: node:tls cannot use its certificates, keys or ciphers";
  }
};

/** `secure: true` and `insecure` in one. */
export const contradiction = (options: Readonly<Record<string, unknown>>): string[] =>
  options.insecure === "plaintext" && options.secure === true
    ? ['secure: true and insecure: "plaintext" exclude each other']
    : [];

/** How a connection is secured: by host, port and what the options say. */
export interface Secured {
  readonly secure: boolean;
  /** True: STARTTLS or no connection. False: none. Undefined: where the server offers it. */
  readonly startTls: boolean | undefined;
  readonly tls: ConnectionOptions;
}

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);

export const securedBy = (
  {
    host,
    secure,
    insecure,
    tls,
  }: {
    readonly host: string;
    readonly secure?: boolean;
    readonly insecure?: "plaintext";
    readonly tls?: ConnectionOptions;
  },
  byDefault: boolean,
): Secured => {
  const now = secure ?? byDefault;
  const local = isLoopback(host) && tls === undefined;
  return { secure: now, startTls: now || local ? false : insecure === "plaintext" ? undefined : true, tls: tls ?? {} };
};
