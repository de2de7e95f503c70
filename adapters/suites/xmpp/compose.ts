/** An object → the text a room shows. Pure. A room carries plain text under our nickname: what else there is becomes lines. */

import { hash } from "node:crypto";
import type { ActorId, Loss, View } from "groupstream";
import { cleanLine, cleanText, textFromHtml } from "groupstream/protocol";

/** Longest text that is sent, characters; servers bound stanzas at 64 KiB and more (RFC 6120 section 13.12). */
export const SENT_LIMIT = 10_000;
/** Longest quote of what is answered, characters; only programs without replies (XEP-0461) show it. */
const QUOTE_LIMIT = 200;
const FILES = 20;

/** What is sent of an object. */
export interface Composed {
  readonly text: string;
  readonly losses: readonly Loss[];
  /** Equal for equal content, wherever in a thread it stands. */
  readonly digest: string;
}

const loss = (field: string, reason: string): Loss => ({ field, reason });

const units = ["bytes", "KB", "MB", "GB"];

/** `12 KB`, in steps of 1,000. */
export const sizeOf = (bytes: number): string => {
  let [size, unit] = [bytes, 0];
  for (; size >= 1_000 && unit < units.length - 1; unit += 1) size /= 1_000;
  return `${size >= 10 || Number.isInteger(size) ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
};

const bodyOf = (object: View): string => {
  const text =
    "text" in object && object.text !== undefined
      ? object.text
      : "content" in object && object.content !== undefined
        ? textFromHtml(object.content)
        : "";
  return cleanText(text).trim();
};

const authorOf = (object: View, self: ActorId): string => {
  const party = "attributedTo" in object ? object.attributedTo : undefined;
  if (party === undefined || party.id === self) return "";
  return cleanLine(party.name ?? party.id.replace(/^(mailto|acct|xmpp):/, ""), 100);
};

const whenOf = (object: View): readonly string[] => {
  if (object.type !== "Event") return [];
  const times = [object.startTime, object.endTime].filter((time) => time !== undefined).join(" – ");
  return [times, cleanLine(object.location ?? "")].filter((line) => line !== "");
};

const filesOf = (object: View): readonly string[] => {
  const files = object.type === "Note" ? (object.attachment ?? []) : [];
  const lines = files.slice(0, FILES).map(({ name, mediaType, size }) => {
    const shown = cleanLine(name ?? mediaType, 200);
    return `📎 ${shown}${size === undefined ? "" : ` (${sizeOf(size)})`}`;
  });
  return files.length > FILES ? [...lines, `📎 +${files.length - FILES}`] : lines;
};

/** Markup beyond paragraphs and line ends. */
const formatted = /<(?!\/?(p|br|div)\b)[a-z]/i;

const lossesOf = (object: View, cut: boolean): readonly Loss[] => {
  const all: Loss[] = [];
  if (cut) all.push(loss("content", `Only the first ${SENT_LIMIT} characters are sent.`));
  if ("content" in object && object.content !== undefined && formatted.test(object.content))
    all.push(loss("content", "Formatting and links behind words are left out: a room carries plain text."));
  if (object.type !== "Note") return all;
  if ((object.attachment ?? []).length > 0) all.push(loss("attachment", "Files are named, not sent."));
  for (const field of ["to", "cc"] as const)
    if ((object[field] ?? []).length > 0) all.push(loss(field, "To whom it was addressed is left out."));
  if (object.published !== undefined) all.push(loss("published", "The room shows when it was posted, not when it was written."));
  return all;
};

/** At most `limit` characters, never half a surrogate pair, with an ellipsis where something is missing. */
const shortened = (text: string, limit: number): string =>
  text.length <= limit
    ? text
    : `${text
        .slice(0, limit)
        .toWellFormed()
        .replace(/\ufffd$/, "")
        .trimEnd()}…`;

/**
 * What is sent of an object: its name as the first line where it stands on its own, the author's name before the text, files as lines.
 * @param titled  it begins a thread; what answers bears no title, unless it has no text
 */
export const composed = (object: View, self: ActorId, titled: boolean): Composed => {
  const body = bodyOf(object);
  const name = cleanLine(object.name ?? "", 500);
  const author = authorOf(object, self);
  const title = name === "" ? [] : [`*${name}*`];
  const said = author === "" ? body : body === "" ? author : `${author}: ${body}`;
  const rest = [...whenOf(object), ...(said === "" ? [] : [said]), ...filesOf(object)];
  const whole = [...title, ...rest].join("\n");
  const shown = titled || body === "" ? whole : rest.join("\n");
  return {
    text: shortened(shown === "" ? "…" : shown, SENT_LIMIT),
    losses: lossesOf(object, shown.length > SENT_LIMIT),
    digest: hash("sha256", whole, "base64url"),
  };
};

/** The lines that quote what is answered, and how many code points they take (XEP-0461 section 3.2). */
export const quoteOf = (nick: string, text: string): { readonly quote: string; readonly length: number } => {
  const lines = shortened(text, QUOTE_LIMIT).split("\n").slice(0, 3);
  const quote = [`> ${nick}:`, ...lines.map((line) => `> ${line}`), ""].join("\n");
  return { quote, length: [...quote].length };
};
