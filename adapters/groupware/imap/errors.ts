/** What imapflow, the socket and the server say → the error table. No secret, no content, no server prose in messages. */

import { type CollectionId, type ErrorCode, GroupstreamError, isGroupstreamError } from "groupstream";
import type { ImapAccount } from "./options.ts";

/** The fields imapflow and Node put on their errors, all optional, none believed further than its type. */
interface ImapErrorFields {
  readonly code?: unknown;
  readonly responseStatus?: unknown;
  readonly serverResponseCode?: unknown;
  readonly response?: unknown;
  readonly authenticationFailed?: unknown;
  readonly mailboxMissing?: unknown;
  readonly throttleReset?: unknown;
  readonly tlsFailed?: unknown;
}

const told = (error: unknown): ImapErrorFields => (typeof error === "object" && error !== null ? error : {});
const word = (value: unknown): string => (typeof value === "string" && /^[\w-]{1,60}$/.test(value) ? value : "");

/** An answer as imapflow parses it: `NO [THROTTLED] …`. */
interface ParsedResponse {
  readonly attributes?: readonly ({ readonly section?: readonly ({ readonly value?: unknown } | null)[] } | null)[];
}

/** The response code of a NO or BAD. For most commands imapflow names it; with a failed FETCH comes the answer alone. */
const responseCode = (error: unknown): string => {
  const { serverResponseCode, response } = told(error);
  if (serverResponseCode !== undefined) return word(serverResponseCode);
  const { attributes }: ParsedResponse = typeof response === "object" && response !== null ? response : {};
  return word(attributes?.[0]?.section?.[0]?.value).toUpperCase();
};

/** Response codes (RFC 5530 section 3) that ask for patience, not for a person. */
const passing = new Set(["THROTTLED", "UNAVAILABLE", "INUSE", "SERVERBUG", "CONTACTADMIN", "LIMIT", "EXPIRED_SESSION"]);

/** Of these, the codes that say nothing about the message that was asked for: a smaller question is refused, too. */
const aboutTheServer = new Set(["THROTTLED", "UNAVAILABLE", "INUSE", "LIMIT", "EXPIRED_SESSION"]);

/** Failures of reading one answer: the message at fault is found by asking for fewer. */
const unreadable =
  /^(MAX_IMAP_NESTING_REACHED|LiteralTooLarge|LineTooLarge|ResponseTooLarge|TooManyTokens|ParserError\w*|ResponseProcessingFailed|InvalidResponse)$/;

/** True if the answer could not be read or the server refused it, so that a smaller question may do. */
export const isOneAnswersFault = (error: unknown): boolean => {
  const { code, responseStatus } = told(error);
  if (code === "ETHROTTLE" || aboutTheServer.has(responseCode(error))) return false;
  return unreadable.test(String(code ?? "")) || responseStatus === "NO" || responseStatus === "BAD";
};

/** True if the server answered in full and the connection is as good as before: a NO or BAD, or what we made of one. */
export const wasAnswered = (error: unknown): boolean => {
  if (isGroupstreamError(error)) return error.code === "forbidden" || error.code === "position-lost";
  const { code, responseStatus } = told(error);
  return code !== "ETHROTTLE" && (responseStatus === "NO" || responseStatus === "BAD");
};

/** True if the connection is gone, whoever ended it. Of an error of the table its cause must be asked. */
export const isLost = (error: unknown): boolean =>
  /^(NoConnection|EConnectionClosed|StateLogout|ECONNRESET|EPIPE|ETIMEOUT|ETIMEDOUT)$/.test(String(told(error).code ?? ""));

/**
 * True if the server ended the connection instead of answering. For a message it cannot open Dovecot does so by default
 * (`imap_fetch_failure = disconnect-immediately`), each time it is asked: without a smaller question the mailbox stays unread.
 */
export const isCutOff = (error: unknown): boolean => isLost(error) && !/TIME/.test(String(told(error).code));

/** Codes of Node's TLS that say: the certificate is not trusted. */
export const certificate =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+|CERT_\w+|ERR_TLS_CERT_\w+|HOSTNAME_MISMATCH)$/;

/**
 * What a live server shows to be wrong is that system's failure and tried again: a certificate that ran out is renewed at the
 * server, and other systems go on. `misconfigured` would stop them all.
 */
const row = (account: ImapAccount, error: unknown): [code: ErrorCode, message: string] => {
  const { code, responseStatus, authenticationFailed, tlsFailed } = told(error);
  const name = word(code);
  const said = responseCode(error);
  const reason = said || name;
  const because = reason === "" ? "" : ` (${reason})`;
  const { id, at } = account;
  if (name === "ETHROTTLE" || said === "THROTTLED")
    return ["throttled", `${id}: ${at} asks to be left alone for a while${because}.`];
  if (authenticationFailed === true) {
    if (passing.has(reason)) return ["unreachable", `${id}: ${at} cannot check the login now${because}; it is tried again.`];
    if (reason === "PRIVACYREQUIRED")
      return ["unreachable", `${id}: ${at} takes no password without TLS; set secure or the TLS port.`];
    const what = "accessToken" in account.auth ? "token" : "user name or password";
    return ["unauthenticated", `${id}: ${at} refused the ${what}${because}; renew it and start again.`];
  }
  if (certificate.test(name))
    return [
      "unreachable",
      `${id}: the certificate of ${at} is not trusted${because}; check the host name, or give its authority by tls.ca.`,
    ];
  if (name === "EPROTO" || name.startsWith("ERR_SSL_"))
    return ["unreachable", `${id}: ${at} does not speak TLS${because}; check the port, or set secure: false for STARTTLS.`];
  if (tlsFailed === true || name === "MissingServerExtension" || name === "STARTTLS_INJECTION" || name === "UPGRADE_TIMEOUT")
    return ["unreachable", `${id}: ${at} offers no TLS${because}; use its TLS port, or allow insecure: "plaintext".`];
  if (name === "ENOTFOUND" || name === "EAI_AGAIN")
    return ["unreachable", `${id}: the host of ${at} is not known${because}; check the host name and DNS.`];
  if (name === "ECONNREFUSED") return ["unreachable", `${id}: nothing answers at ${at}${because}; check host and port.`];
  if (name === "GREETING_TIMEOUT" || name === "InvalidResponse" || name.startsWith("ParserError"))
    return ["unreachable", `${id}: what answers at ${at} does not speak IMAP${because}; check the port.`];
  if (responseStatus === "NO" || responseStatus === "BAD")
    return ["unreachable", `${id}: ${at} refused a command${because}; it is tried again.`];
  return ["unreachable", `${id}: the connection to ${at} failed${because}; it is tried again.`];
};

/** Any failure of a connection or of a command without a mailbox. Its own errors pass through. */
export const translate = (account: ImapAccount, error: unknown): GroupstreamError => {
  if (isGroupstreamError(error)) return error;
  const [code, message] = row(account, error);
  const { throttleReset } = told(error);
  return new GroupstreamError(code, message, {
    system: account.id,
    cause: error,
    ...(typeof throttleReset === "number" && throttleReset > 0 && { retryAfter: Math.ceil(throttleReset / 1000) }),
  });
};

/** A failure of opening a mailbox: gone or not ours to read is `forbidden`, it is skipped; else as {@link translate}. */
export const translateOpening = (account: ImapAccount, collection: CollectionId, error: unknown): GroupstreamError => {
  const { responseStatus, mailboxMissing } = told(error);
  const refused = responseStatus === "NO" && !passing.has(responseCode(error));
  if (!refused) return translate(account, error);
  const why =
    mailboxMissing === true
      ? "is no longer there; it is skipped until it is listed again"
      : "may not be read; give the account permission or exclude it";
  return new GroupstreamError("forbidden", `${account.id}: mailbox ${collection} at ${account.at} ${why}.`, {
    system: account.id,
    collection,
    cause: error,
  });
};
