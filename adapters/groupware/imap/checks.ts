/** What the options of reading and of sending share, as schemas. No message repeats a value: a host may hold a password. */

import { type ConnectionOptions, createSecureContext } from "node:tls";
import * as v from "valibot";

export type Fields = Readonly<Record<string, unknown>>;
export const isRecord = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

export const text = v.pipe(v.string(), v.nonEmpty());
export const flag = v.boolean("must be true or false");

/** @param server  `IMAP server` */
export const hostOf = (server: string): v.GenericSchema =>
  v.config(v.pipe(v.string(), v.regex(/\S/), v.regex(/^[^\s/@]+$/, "must be a bare host name without scheme, path or user")), {
    message: `give the name of the ${server}`,
    abortPipeEarly: true,
  });

export const port = v.message(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)), "must be between 1 and 65535");

const hasPass = ({ pass }: Fields): boolean => typeof pass === "function" || isText(pass);
const hasToken = ({ accessToken }: Fields): boolean => typeof accessToken === "function";
export const auth = v.pipe(
  v.custom<Fields>(isRecord, "give user and pass, or user and accessToken"),
  v.forward(
    v.check(({ user }) => isText(user), "give the name of the user"),
    ["user"],
  ),
  v.check((given) => hasPass(given) || hasToken(given), "give pass (a string or a function) or accessToken (a function)"),
  v.check((given) => !(hasPass(given) && hasToken(given)), "has both pass and accessToken; keep one"),
);

const canBeUsed = (tls: Fields): boolean => {
  try {
    createSecureContext(tls);
    return true;
  } catch {
    return false;
  }
};
export const tls = v.pipe(
  v.custom<Fields>(isRecord, "must be an object of options, as node:tls takes them"),
  v.check(canBeUsed, "node:tls cannot use its certificates, keys or ciphers"),
);

/** `secure: true` and `insecure` in one. */
export const noContradiction = v.forward(
  v.check<Fields, string>(
    ({ secure, insecure }) => !(insecure === "plaintext" && secure === true),
    'true and insecure: "plaintext" exclude each other',
  ),
  ["secure"],
);

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
