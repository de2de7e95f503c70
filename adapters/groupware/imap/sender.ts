/** The `smtp` option: where mail is handed in, and in whose name. */

import type { ConnectionOptions } from "node:tls";
import { type ActorId, optionsOf } from "groupstream";
import { sharedOptions } from "groupstream/protocol/options";
import { mailtoOf } from "groupstream/protocol/text";
import * as v from "valibot";
import {
  auth,
  type Fields,
  flag,
  hostOf,
  isRecord,
  noContradiction,
  port,
  type Secured,
  securedBy,
  text,
  tls,
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
const isAddress = (value: string): boolean => {
  const id = mailtoOf(value);
  return id !== undefined && addressOf(id) !== undefined;
};
const address = v.message(v.pipe(text, v.check(isAddress)), "must be a bare mail address");

const entries: { readonly [option in keyof Required<SmtpOptions>]: v.GenericSchema } = {
  host: hostOf("submission server"),
  port,
  secure: flag,
  auth: auth,
  from: v.pipe(
    v.custom(isRecord, "must be { name, address }"),
    v.object({ address, name: v.optional(v.message(text, "must be text")) }, "must be { name, address }"),
  ),
  replyTo: address,
  saveSent: flag,
  fileBytes: sharedOptions.bytes(100_000_000),
  insecure: sharedOptions.insecure,
  tls,
};
export const smtp = v.pipe(optionsOf(entries, ["host"], "must be an object: at least its host"), noContradiction);

/** Mail needs an address to come from. */
export const hasSender = ({ smtp, owner, auth }: Fields): boolean => {
  if (!isRecord(smtp) || smtp.from !== undefined) return true;
  const user = isRecord(auth) ? auth.user : undefined;
  return v.is(text, owner) ? addressOf(owner) !== undefined : v.is(address, user);
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
