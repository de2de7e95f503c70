/** What a submission server answered, or did not → a receipt's words. No secret, no server prose; of an address its domain. Pure. */

import type { Loss, Obstacle, SystemId } from "groupstream";
import type { Mail } from "./compose.ts";
import { certificate } from "./errors.ts";
import type { Sender } from "./sender.ts";

/** A receipt that is not `done`. */
export type Failed =
  | { readonly outcome: "refused"; readonly reason: string; readonly obstacle: Obstacle; readonly again?: true }
  | { readonly outcome: "unknown"; readonly reason: string };

/** The fields nodemailer puts on its errors, none believed further than its type. */
interface SmtpErrorFields {
  readonly code?: unknown;
  readonly originalCode?: unknown;
  readonly responseCode?: unknown;
  readonly response?: unknown;
  readonly command?: unknown;
  readonly recipient?: unknown;
  readonly rejectedErrors?: unknown;
}

const told = (error: unknown): SmtpErrorFields => (typeof error === "object" && error !== null ? error : {});

/** `550 5.1.1`: the reply code, and the enhanced one (RFC 3463) where there is one. */
const codes = (error: unknown): string => {
  const { response, responseCode } = told(error);
  const [, enhanced] = typeof response === "string" ? (/^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})/.exec(response) ?? []) : [];
  return [responseCode, enhanced].filter((code) => code !== undefined).join(" ");
};

/** True if the server answered: then it is known that the mail was not taken. */
export const answered = (error: unknown): boolean => typeof told(error).responseCode === "number";

/** RFC 5321 section 4.2.1. 503 is about the session, not about the mail. */
const isPermanent = (error: unknown): boolean => {
  const code = Number(told(error).responseCode);
  return code >= 500 && code < 600 && code !== 503;
};

const isTooLarge = (error: unknown): boolean => {
  const { code, command, response } = told(error);
  // nodemailer compares with what the server said of SIZE (RFC 1870) and asks no further.
  if (code === "EMESSAGE" && command === "MAIL FROM" && response === undefined) return true;
  return /^552\b|^5\d\d[ -]5\.(?:2\.3|3\.4)\b/.test(String(response ?? ""));
};

const domainOf = (address: unknown): string => {
  const domain = typeof address === "string" ? address.slice(address.lastIndexOf("@") + 1) : "";
  return /^[\w.\-[\]:]{1,255}$/.test(domain) ? domain : "their domain";
};

const isAddress = (address: unknown): address is string => typeof address === "string";

/** Those who were refused while others were taken. */
export const refusedOf = (rejected: readonly unknown[], mail: Mail): Loss[] =>
  rejected.map((error) => {
    const { recipient } = told(error);
    const among = (people: Mail["to"]): boolean =>
      isAddress(recipient) && people.some(({ address }) => address.toLowerCase() === recipient.toLowerCase());
    const field = among(mail.to) ? "to" : among(mail.cc) ? "cc" : "bcc";
    return {
      field,
      reason: `A recipient at ${domainOf(recipient)} was refused by the server (${codes(error)}) and did not get it.`,
    };
  });

const named = (code: unknown, original: unknown): string => {
  const name = original ?? code;
  return typeof name === "string" && /^[\w-]{1,60}$/.test(name) ? ` (${name})` : "";
};

const remedyOf = (code: unknown, originalCode: unknown): string => {
  const original = String(originalCode ?? "");
  if (certificate.test(original)) return "its certificate is not trusted; check smtp.host, or give its authority by smtp.tls.ca";
  if (original === "EPROTO" || original.startsWith("ERR_SSL_"))
    return "it does not speak TLS; check smtp.port, or set smtp.secure: false for STARTTLS";
  return remedies[original] ?? remedies[String(code ?? "")] ?? "the connection failed; it is tried again";
};

const remedies: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing answers there; check smtp.host and smtp.port",
  ENOTFOUND: "its host is not known; check smtp.host",
  EDNS: "its host is not known; check smtp.host",
  ETLS: 'it offers no TLS; use its TLS port, or allow smtp.insecure: "plaintext"',
  ESOCKET: "the connection failed; it is tried again",
  ETIMEDOUT: "it does not answer; it is tried again",
};

/** A mail that certainly was not sent. */
export const notSent = (system: SystemId, sender: Sender, stage: "connecting" | "login" | "sending", error: unknown): Failed => {
  const { code, originalCode, command, rejectedErrors } = told(error);
  const refused = (obstacle: Obstacle, reason: string, again = false): Failed => ({
    outcome: "refused",
    reason: `${system}: ${reason}.`,
    obstacle,
    ...(again && { again: true }),
  });
  const said = codes(error);
  const answer = said === "" ? "" : ` (${said})`;
  const isLine = /^E(?:CONNECTION|SOCKET|TIMEDOUT|DNS|TLS)$/.test(String(code));
  if (stage === "login" && (answered(error) || !isLine))
    return refused(
      "unauthenticated",
      `the login at ${sender.at} failed${answer || named(code, originalCode)}; renew smtp.auth`,
      true,
    );
  if (isTooLarge(error)) return refused("too-large", `the mail is too large for ${sender.at}${answer}; send less`);
  if (stage === "connecting" || !answered(error)) {
    return refused(
      "unreachable",
      `nothing was sent to ${sender.at}: ${remedyOf(code, originalCode)}${answer || named(code, originalCode)}`,
      true,
    );
  }
  // One who is not taken now says nothing of the others.
  const momentary = command === "RCPT TO" ? "no-recipient" : "throttled";
  if (!isPermanent(error)) return refused(momentary, `${sender.at} takes no mail now${answer}; it is tried again`, true);
  if (command === "MAIL FROM")
    return refused("forbidden", `${sender.at} does not take mail from this sender${answer}; check smtp.from`);
  if (command === "RCPT TO") {
    const all: readonly unknown[] = Array.isArray(rejectedErrors) ? rejectedErrors : [];
    const domains = [...new Set(all.map((one) => domainOf(told(one).recipient)))].slice(0, 3).join(", ");
    const whom = `every recipient, at ${domains || "their domain"}`;
    return refused("no-recipient", `${sender.at} refused ${whom}${answer}; check their addresses`);
  }
  return refused("rejected", `${sender.at} refused the mail${answer}; see its log, or write it otherwise`);
};
