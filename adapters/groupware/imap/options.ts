/** What a person may configure about an IMAP account, and every mistake they can make in it. */

import type { ConnectionOptions } from "node:tls";
import { type ActorId, checkOptions, optionsOf, type SystemId } from "groupstream";
import type { Invitations } from "groupstream/protocol/mail";
import { sharedOptions } from "groupstream/protocol/options";
import { mailtoOf } from "groupstream/protocol/text";
import * as v from "valibot";
import { auth, flag, hostOf, noContradiction, port, type Secured, securedBy, text, tls } from "./checks.ts";
import { hasSender, type SmtpOptions, smtp } from "./sender.ts";

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
  /**
   * Which messages about meetings in mail count (iMIP, RFC 6047): `"from"` those whose From may say so, unless the server's
   * Authentication-Results say that it is forged (default); `{ verifiedBy: "mx.example.org" }` only those that the server of that name
   * found to be genuine; `"off"` none.
   */
  readonly invitations?: Invitations;
  /** Where mail is sent; default: nowhere, then nothing is sent. Needs the package `nodemailer`. */
  readonly smtp?: SmtpOptions;
}

/** Options with every default filled in. */
export interface ImapAccount extends Secured {
  readonly id: SystemId;
  readonly host: string;
  readonly port: number;
  readonly auth: ImapAuth;
  readonly owner: ActorId | undefined;
  readonly readers: readonly ActorId[];
  readonly mailboxes: readonly string[] | undefined;
  readonly exclude: readonly string[];
  readonly invitations: Invitations;
  /** `imap.example.org:993`, for messages. */
  readonly at: string;
}

const actor = v.message(
  v.pipe(v.string(), v.regex(/^(mailto:|acct:|https?:|urn:)/)),
  "must be a mailto:, acct:, https: or urn: id",
);
const folders = v.array(v.message(text, "must be a name or a role"), "must be a list of names or roles");

const entries: { readonly [option in keyof Required<ImapOptions>]: v.GenericSchema } = {
  id: sharedOptions.id,
  host: hostOf("IMAP server"),
  port,
  secure: flag,
  auth,
  owner: actor,
  readers: v.array(actor, "must be a list of mailto:, acct:, https: or urn: ids"),
  mailboxes: folders,
  exclude: folders,
  insecure: sharedOptions.insecure,
  tls,
  invitations: sharedOptions.invitations,
  smtp,
};
const schema = v.pipe(
  optionsOf(entries, ["id", "host", "auth"], "options are missing: at least id, host and auth"),
  noContradiction,
  v.check(hasSender, "smtp.from: give an address: the owner is no mail address, so mail has none to come from"),
);

/** The account with all defaults. Fails with every mistake at once: `misconfigured`. */
export const accountOf = (options: ImapOptions): ImapAccount => {
  checkOptions(schema, options, "IMAP system");
  const port = options.port ?? (options.secure === false ? 143 : 993);
  return {
    ...securedBy(options, port === 993),
    id: options.id,
    host: options.host.replace(/^\[|\]$/g, ""),
    port,
    auth: options.auth,
    owner: options.owner ?? (options.auth.user.includes("@") ? mailtoOf(options.auth.user) : undefined),
    readers: options.readers ?? [],
    mailboxes: options.mailboxes,
    exclude: options.exclude ?? ["drafts", "junk"],
    invitations: options.invitations ?? "from",
    at: `${options.host}:${port}`,
  };
};
