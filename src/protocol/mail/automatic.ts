/**
 * Machine-made mail: recognised so that nothing answers it (RFC 3834 §2), told all the same.
 */

import type { Automatic } from "../../contract/view.ts";
import { decodeWords, type Headers } from "./headers.ts";
import type { PartNode } from "./structure.ts";

// Subjects Exchange and Outlook put before what an absent person left behind; other programs set Auto-Submitted.
const autoReplySubject =
  /^(?:automatic reply|automatische antwort|auto(?:matic)? ?response|out of office|abwesenheits(?:notiz|assistent)|abwesenheit|réponse automatique)\s?:/i;
const autoReplyStart = /^\s?(?:[aor]|=\?)/i;
const machineSender = /(?:^|[<\s"])(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|noreply-[^@\s]{1,60})@/i;

const nobody = /^<\s*>$/;

/** What a field must hold to tell the kind; a field that is not there tells nothing. */
type Row = readonly [kind: Automatic, field: string, holds: (value: string, headers: Headers) => boolean];
const present = (): boolean => true;

/** The most telling first. Not used: X-Auto-Response-Suppress, which Exchange puts on mail of people. */
const rows: readonly Row[] = [
  // Exim and Gmail, whose bounces are no reports.
  ["bounce", "x-failed-recipients", present],
  [
    "bounce",
    "return-path",
    (value, headers) => nobody.test(value) && /(?:^|[<\s"])(?:mailer-daemon|postmaster)@/i.test(headers.get("from") ?? ""),
  ],
  // RFC 3834 §5.
  ["auto-reply", "auto-submitted", (value) => /^\s?auto-replied/i.test(value)],
  ["auto-reply", "x-autoreply", present],
  ["auto-reply", "x-autorespond", present],
  ["auto-reply", "precedence", (value) => /^auto_reply$/i.test(value)],
  ["auto-reply", "subject", (value) => autoReplyStart.test(value) && autoReplySubject.test(decodeWords(value.slice(0, 400)))],
  // RFC 2919, RFC 2369; Precedence before them.
  ["list", "list-id", present],
  ["list", "list-post", present],
  ["list", "list-unsubscribe", present],
  ["list", "precedence", (value) => /^list$/i.test(value)],
  ["bot", "auto-submitted", (value) => !/^(?:no(?:[\s;]|$)|$)/i.test(value)],
  ["bot", "feedback-id", present],
  ["bot", "x-loop", present],
  ["bot", "precedence", (value) => /^(?:bulk|junk)$/i.test(value)],
  ["bot", "return-path", (value) => nobody.test(value)],
  ["bot", "from", (value) => machineSender.test(value)],
];

/** RFC 3464, RFC 8098, RFC 5965. */
const reports: Readonly<Record<string, Automatic>> = {
  "delivery-status": "bounce",
  "disposition-notification": "receipt",
  "feedback-report": "bot",
};

const reportType = (headers: Headers, structure: PartNode | undefined): string => {
  if (structure !== undefined)
    return structure.type === "multipart/report" ? (structure.params["report-type"]?.toLowerCase() ?? "") : "";
  const type = headers.get("content-type")?.toLowerCase() ?? "";
  return type.startsWith("multipart/report") ? (/report-type\s?=\s?"?([a-z-]{1,40})/.exec(type)?.[1] ?? "") : "";
};

/**
 * What kind of machine made a mail, or undefined where nothing says that one did: bounce (RFC 3464), receipt (RFC 8098),
 * auto-reply (RFC 3834), list (RFC 2919, RFC 2369, `Precedence`), bot (anything else that is not a person's).
 *
 * @param structure  tells a report apart; without it the field Content-Type does, if it is there
 */
export const automaticOf = (headers: Headers, structure?: PartNode): Automatic | undefined => {
  const report = reports[reportType(headers, structure)];
  if (report !== undefined) return report;
  for (const [kind, field, holds] of rows) {
    const value = headers.get(field);
    if (value !== undefined && holds(value, headers)) return kind;
  }
  return undefined;
};
