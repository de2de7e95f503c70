/** What the socket, the stream and the server say → the error table. No secret and no server prose in messages. */

import { type CollectionId, type ErrorCode, GroupstreamError, isGroupstreamError } from "groupstream";
import type { XmppAccount } from "./options.ts";

/** A stanza that was answered by an error (RFC 6120 section 8.3): certainly not done. */
export class StanzaError extends Error {
  override readonly name = "StanzaError";
  /** `item-not-found`, `forbidden` …; `undefined-condition` where none can be read. */
  readonly condition: string;

  constructor(condition: string) {
    super(`the server answered ${condition}`);
    this.condition = condition;
  }
}

/** The fields @xmpp and Node put on their errors, none believed further than its type. */
interface ErrorFields {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly condition?: unknown;
}

const told = (error: unknown): ErrorFields => (typeof error === "object" && error !== null ? error : {});
const word = (value: unknown): string => (typeof value === "string" && /^[\w-]{1,60}$/.test(value) ? value : "");

const certificate =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+|CERT_\w+|ERR_TLS_CERT_\w+|HOSTNAME_MISMATCH)$/;

/** Refusals of a login that ask for patience, not for a person (RFC 6120 section 6.5). */
const passing = new Set(["temporary-auth-failure", "aborted"]);

const row = ({ id, at, domain }: XmppAccount, error: unknown): [code: ErrorCode, message: string] => {
  const { name, code, condition } = told(error);
  const reason = word(condition) || word(code);
  const because = reason === "" ? "" : ` (${reason})`;
  if (name === "SASLError") {
    if (passing.has(reason)) return ["unreachable", `${id}: ${at} cannot check the login now${because}; it is tried again.`];
    return ["unauthenticated", `${id}: ${at} refused the user name or password${because}; correct them and start again.`];
  }
  if (certificate.test(reason))
    return [
      "unreachable",
      `${id}: the certificate of ${at} is not trusted${because}; check domain and service, or give its authority by NODE_EXTRA_CA_CERTS.`,
    ];
  if (reason === "host-unknown")
    return ["unreachable", `${id}: ${at} does not serve ${domain}${because}; check domain and service.`];
  if (reason === "ENOTFOUND" || reason === "EAI_AGAIN")
    return ["unreachable", `${id}: the host of ${at} is not known${because}; check service and DNS.`];
  if (reason === "ECONNREFUSED") return ["unreachable", `${id}: nothing answers at ${at}${because}; check service.`];
  return ["unreachable", `${id}: the connection to ${at} failed${because}; it is tried again.`];
};

/** Any failure of a connection. Errors of the table pass through. */
export const translate = (account: XmppAccount, error: unknown): GroupstreamError => {
  if (isGroupstreamError(error)) return error;
  const [code, message] = row(account, error);
  return new GroupstreamError(code, message, { system: account.id, cause: error });
};

/** Why a room cannot be entered or read, by condition (XEP-0045 section 7.2), and what to do. */
const closed: Readonly<Record<string, string>> = {
  "item-not-found": "is not there; make it, or take it out of rooms",
  gone: "is not there any more; take it out of rooms",
  "not-authorized": "wants a password, which is not supported; let the account in as a member",
  "registration-required": "lets members in only; make the account a member",
  forbidden: "does not let this account in; lift the ban, or make it a member",
  "not-allowed": "is not there and may not be made by this account; make it, or take it out of rooms",
  conflict: "has somebody else by this nickname; choose another one",
  "not-acceptable": "takes registered nicknames only; register it, or choose another one",
  "feature-not-implemented": "has no archive (XEP-0313); switch it on for the room",
  "service-unavailable": "is full or has no archive (XEP-0313); raise its limit, or switch the archive on",
};

/** Conditions that pass by themselves: the room's server is away or busy. */
const momentary = new Set([
  "remote-server-timeout",
  "remote-server-not-found",
  "resource-constraint",
  "internal-server-error",
  "recipient-unavailable",
]);

/** A room that said no: `forbidden`, it is skipped; `unreachable` where that passes. Other failures as {@link translate}. */
export const translateRoom = (account: XmppAccount, room: CollectionId, error: unknown): GroupstreamError => {
  if (!(error instanceof StanzaError)) return translate(account, error);
  const { condition } = error;
  const details = { system: account.id, collection: room, cause: error };
  if (condition === "policy-violation")
    return new GroupstreamError("throttled", `${account.id}: ${room} asks to be asked less often (${condition}).`, details);
  if (momentary.has(condition))
    return new GroupstreamError(
      "unreachable",
      `${account.id}: ${room} cannot be reached now (${word(condition)}); it is tried again.`,
      details,
    );
  const why = closed[condition] ?? "refused to be read; see the room's settings";
  return new GroupstreamError("forbidden", `${account.id}: ${room} ${why} (${word(condition)}).`, details);
};
