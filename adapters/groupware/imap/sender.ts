/** The `smtp` option: where mail is handed in, and in whose name. */

import type { ConnectionOptions } from "node:tls";
import type { ActorId } from "groupstream";
import { mailtoOf } from "groupstream/protocol";
import {
  authMistakes,
  booleanMistake,
  type Check,
  contradiction,
  hostMistake,
  insecureMistake,
  isRecord,
  isText,
  mistakesOf,
  portMistake,
  type Secured,
  securedBy,
  tlsMistake,
} from "./checks.ts";
import type { ImapAuth, ImapOptions } from "./options.ts";
import { addressOf } from "./own.ts";

/** A submission server (RFC 6409). */
export interface SmtpOptions {
  readonly host: string;
  /** Default 465 (RFC 8314), or 587 where `secure` is false. */
  readonly port?: number;
  /** TLS from the first byte. Default: true on 465, else false, and then STARTTLS (RFC 3207) is required. */
  readonly secure?: boolean;
  /** Default: as for IMAP. Used where the server offers AUTH. Functions are asked for every mail. */
  readonly auth?: ImapAuth;
  /** In whose name mail is sent; a writer's name goes before it, `Ann via Support`. Default: the owner's address. */
  readonly from?: { readonly name?: string; readonly address: string };
  /** Where answers go. Default: the owner, where mail is sent from another address; else no Reply-To. */
  readonly replyTo?: string;
  /** Whether a copy is put into the mailbox for sent mail. Default true; false where the server does so itself (Gmail). */
  readonly saveSent?: boolean;
  /** Most bytes of the files of one mail, all together; 0 to 100,000,000, default 10,000,000; 0: none is attached. */
  readonly fileBytes?: number;
  /** `"plaintext"` sends password and mail unencrypted where the server has no TLS. Never needed on loopback. */
  readonly insecure?: "plaintext";
  /** `ca`, `servername`, client certificates …, as node:tls takes them. */
  readonly tls?: ConnectionOptions;
}

/** Options with every default filled in. */
export interface Sender extends Secured {
  readonly host: string;
  readonly port: number;
  readonly auth: ImapAuth;
  readonly from: { readonly name?: string; readonly address: string };
  readonly replyTo: string | undefined;
  readonly saveSent: boolean;
  readonly fileBytes: number;
  /** `smtp.example.org:465`, for messages. */
  readonly at: string;
}

/** A bare address that mail can be sent to and from. */
const isAddress = (value: unknown): boolean => {
  const id = isText(value) ? mailtoOf(value) : undefined;
  return id !== undefined && addressOf(id) !== undefined;
};

const checks: { readonly [name in keyof Required<SmtpOptions>]: Check } = {
  host: hostMistake("submission server"),
  port: portMistake,
  secure: booleanMistake("secure"),
  auth: (auth) => (auth === undefined ? undefined : authMistakes(auth)),
  from: (from) => {
    if (from === undefined) return undefined;
    if (!isRecord(from)) return "from: must be { name, address }";
    return [
      ...(isAddress(from.address) ? [] : ["from.address: must be a bare mail address"]),
      ...(from.name === undefined || isText(from.name) ? [] : ["from.name: must be text"]),
    ];
  },
  replyTo: (replyTo) => (replyTo === undefined || isAddress(replyTo) ? undefined : "replyTo: must be a bare mail address"),
  saveSent: booleanMistake("saveSent"),
  fileBytes: (most) =>
    most === undefined || (Number.isInteger(most) && Number(most) >= 0 && Number(most) <= 100_000_000)
      ? undefined
      : "fileBytes: must be a whole number of bytes, 0 to 100000000",
  insecure: insecureMistake,
  tls: tlsMistake,
};

/** Every mistake of the option, each named `smtp.…`. */
export const smtpMistakes: Check = (smtp) => {
  if (smtp === undefined) return undefined;
  if (!isRecord(smtp)) return "smtp: must be an object: at least its host";
  return [...mistakesOf(smtp, checks), ...contradiction(smtp)].map((mistake) => `smtp.${mistake}`);
};

/** Mail needs an address to come from. */
export const senderless = (options: Readonly<Record<string, unknown>>): string[] => {
  const { smtp, owner, auth } = options;
  if (!isRecord(smtp) || smtp.from !== undefined) return [];
  const user = isRecord(auth) ? auth.user : undefined;
  const address = isText(owner) ? addressOf(owner) : isAddress(user) ? user : undefined;
  return address === undefined ? ["smtp.from: give an address: the owner is no mail address, so mail has none to come from"] : [];
};

/** Where and how mail is sent; undefined without the option. @param owner  of the account, defaults filled in */
export const senderOf = (options: ImapOptions, owner: ActorId | undefined): Sender | undefined => {
  const { smtp } = options;
  if (!smtp) return undefined;
  const own = owner === undefined ? undefined : addressOf(owner);
  const from = { ...smtp.from, address: addressOf(mailtoOf(smtp.from?.address ?? "") ?? "") ?? own ?? "" };
  const elsewhere = own !== undefined && own.toLowerCase() !== from.address.toLowerCase();
  const port = smtp.port ?? (smtp.secure === false ? 587 : 465);
  return {
    ...securedBy(smtp, port === 465),
    host: smtp.host.replace(/^\[|\]$/g, ""),
    port,
    auth: smtp.auth ?? options.auth,
    from,
    replyTo: smtp.replyTo ?? (elsewhere ? own : undefined),
    saveSent: smtp.saveSent ?? true,
    fileBytes: smtp.fileBytes ?? 10_000_000,
    at: `${smtp.host}:${port}`,
  };
};
