/**
 * Machine-made mail: recognised so that nothing answers it (RFC 3834 §2), told all the same.
 */

import type { Automatic } from "../../activity/view.ts";
import { decodeWords, type Headers } from "./headers.ts";
import type { PartNode } from "./structure.ts";

interface Signs {
  readonly get: (name: string) => string;
  readonly has: (name: string) => boolean;
  /** Content-Type of the whole message, lower case. */
  readonly report: string;
}

// Subjects Exchange and Outlook put before what an absent person left behind; other programs set Auto-Submitted.
const autoReplySubject =
  /^(?:automatic reply|automatische antwort|auto(?:matic)? ?response|out of office|abwesenheits(?:notiz|assistent)|abwesenheit|réponse automatique)\s?:/i;
const machineSender = /(?:^|[<\s"])(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|noreply-[^@\s]{1,60})@/i;

/**
 * One row for each kind, the most telling first. Not used: X-Auto-Response-Suppress, which Exchange puts on mail of people.
 */
const rules: readonly (readonly [Automatic, (signs: Signs) => boolean])[] = [
  // RFC 3464; X-Failed-Recipients: Exim and Gmail, whose bounces are no reports.
  ["bounce", ({ report, has }) => report === "delivery-status" || has("x-failed-recipients")],
  ["bounce", ({ get }) => /^<\s*>$/.test(get("return-path")) && /(?:^|[<\s"])(?:mailer-daemon|postmaster)@/i.test(get("from"))],
  // RFC 8098.
  ["receipt", ({ report }) => report === "disposition-notification"],
  // RFC 3834 §5.
  ["auto-reply", ({ get }) => get("auto-submitted").startsWith("auto-replied")],
  ["auto-reply", ({ has, get }) => has("x-autoreply") || has("x-autorespond") || get("precedence") === "auto_reply"],
  ["auto-reply", ({ get }) => autoReplySubject.test(decodeWords(get("subject").slice(0, 400)))],
  // RFC 2919, RFC 2369; Precedence before them.
  ["list", ({ has, get }) => has("list-id") || has("list-post") || has("list-unsubscribe") || get("precedence") === "list"],
  ["bot", ({ get }) => get("auto-submitted") !== "" && !/^no(?:[\s;]|$)/.test(get("auto-submitted"))],
  [
    "bot",
    ({ report, has, get }) =>
      report === "feedback-report" || has("feedback-id") || has("x-loop") || /^(?:bulk|junk)$/.test(get("precedence")),
  ],
  ["bot", ({ get }) => machineSender.test(get("from")) || /^<\s*>$/.test(get("return-path"))],
];

const lowered = new Set(["auto-submitted", "precedence"]);

/**
 * What kind of machine made a mail, or undefined where nothing says that one did: bounce (RFC 3464), receipt (RFC 8098),
 * auto-reply (RFC 3834), list (RFC 2919, RFC 2369, `Precedence`), bot (anything else that is not a person's).
 *
 * @param structure  tells a report apart; without it the field Content-Type does, if it is there
 */
export const automaticOf = (headers: Headers, structure?: PartNode): Automatic | undefined => {
  const get = (name: string): string => {
    const value = headers.get(name) ?? "";
    return lowered.has(name) ? value.trim().toLowerCase() : value;
  };
  let report = structure?.type === "multipart/report" ? (structure.params["report-type"]?.toLowerCase() ?? "") : "";
  if (structure === undefined) {
    const type = get("content-type").toLowerCase();
    if (type.startsWith("multipart/report")) report = /report-type\s?=\s?"?([a-z-]{1,40})/.exec(type)?.[1] ?? "";
  }
  const signs: Signs = { get, has: (name) => headers.get(name) !== undefined, report };
  return rules.find(([, holds]) => holds(signs))?.[0];
};
