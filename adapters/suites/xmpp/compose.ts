/**
 * An object → the text a room shows, in Message Styling (XEP-0393). Pure. A room carries text under our nickname: what else there is
 * becomes lines.
 */

import { hash } from "node:crypto";
import type { ActorId, EventView, Loss, TaskView, View } from "groupstream";
import { cleanLine, cleanText, escapeHtml, foldLong, htmlOfText, plannedLines, sizeOf, xmppOf } from "groupstream/protocol/text";

/** Longest text that is sent, characters; servers bound stanzas at 64 KiB and more (RFC 6120 section 13.12). */
export const SENT_LIMIT = 10_000;
/** Longest quote of what is answered, characters; only programs without replies (XEP-0461) show it. */
const QUOTE_LIMIT = 200;
/** Most files of one message that are named. */
export const FILES = 20;

/** What is sent of an object. */
export interface Composed {
  readonly text: string;
  readonly losses: readonly Loss[];
  /** Equal for equal content, wherever in a thread it stands. */
  readonly digest: string;
}

const loss = (field: string, reason: string): Loss => ({ field, reason });

/** Bodies of objects: each is written for the preview and again for the room. */
const bodies = new WeakMap<View, string>();

const bodyOf = (object: View): string => {
  const known = bodies.get(object) ?? written(object);
  bodies.set(object, known);
  return known;
};

/** Nothing in it means anything to Message Styling or HTML: it is written as it is, a line or two of somebody in a hurry. */
const plainly = /^[\p{L}\p{N}](?:[\p{L}\p{N}.,!?'-]| (?! ))*$/u;

/** Styled where there is HTML; text that looks like styling stays text. */
const written = (object: View): string => {
  const content = "content" in object ? object.content : undefined;
  const text = "text" in object ? cleanText(object.text ?? "").trim() : "";
  if (content === undefined && plainly.test(text)) return text;
  const styled = content === undefined ? "" : xmppOf(content).trim();
  return styled === "" ? xmppOf(htmlOfText(text)).trim() : styled;
};

/** A line of somebody else's words, in which nothing is styled. */
const lineOf = (text: string, limit: number): string => {
  const line = cleanLine(text, limit);
  return plainly.test(line) ? line : xmppOf(`<p>${escapeHtml(line)}</p>`);
};

const authorOf = (object: View, self: ActorId): string => {
  const party = "attributedTo" in object ? object.attributedTo : undefined;
  if (party === undefined || party.id === self) return "";
  return lineOf(party.name ?? party.id.replace(/^(mailto|acct|xmpp):/, ""), 100);
};

const isPlanned = (object: View): object is EventView | TaskView => object.type === "Event" || object.type === "Task";

/** When, where and who, in the event's own time. */
const plannedOf = (object: View, language: "en" | "de"): readonly string[] =>
  isPlanned(object) ? plannedLines(object, { language }).map((line) => lineOf(line, 2_000)) : [];

/** The same for the digest: how times are written changes with the tables of time zones and languages. */
const factsOf = (object: View): readonly string[] => {
  if (!isPlanned(object)) return [];
  const { startTime, endTime, start, end, timezone, recurrence, location, status, attributedTo, attendees } = object;
  const people = [attributedTo?.id, ...(attendees ?? []).map(({ id, answer }) => [id, answer])];
  return [JSON.stringify([startTime, endTime, start, end, timezone, recurrence, location, status, people])];
};

/** Each file by its name; behind it the link it is at. One that was shared by a link the text names is in the text. */
const filesOf = (object: View, body: string, links: ReadonlyMap<string, string>): readonly string[] => {
  const files = object.type === "Note" ? (object.attachment ?? []) : [];
  const lines = files.slice(0, FILES).flatMap(({ part, name, mediaType, size, href }) => {
    if (href !== undefined && body.includes(href)) return [];
    const link = links.get(part) ?? href;
    const shown = `📎 ${lineOf(name ?? mediaType, 200)}${size === undefined ? "" : ` (${sizeOf(size)})`}`;
    return [link === undefined ? shown : `${shown}: ${link}`];
  });
  return files.length > FILES ? [...lines, `📎 +${files.length - FILES}`] : lines;
};

/** What Message Styling (XEP-0393) has no word for. */
const unsaid = /<(?!\/?(?:p|br|div|span|b|strong|i|em|cite|var|s|strike|del|code|kbd|samp|tt|pre|blockquote|a)\b)[a-z]/i;

const lossesOf = (object: View, folded: boolean, link: string | undefined): readonly Loss[] => {
  const all: Loss[] = [];
  const rest = link === undefined ? "it says how much is left out" : "a link leads to the whole text";
  if (folded) all.push(loss("content", `Longer than ${SENT_LIMIT} characters, it is folded: ${rest}.`));
  if ("content" in object && object.content !== undefined && unsaid.test(object.content))
    all.push(loss("content", "Headings, lists, tables and the like are plain lines in a room."));
  if (object.type !== "Note") return all;
  for (const field of ["to", "cc"] as const)
    if ((object[field] ?? []).length > 0) all.push(loss(field, "To whom it was addressed is left out."));
  if (object.published !== undefined) all.push(loss("published", "The room shows when it was posted, not when it was written."));
  return all;
};

/** How an object is said in a room. */
export interface Manner {
  readonly self: ActorId;
  /** It begins a thread; what answers bears no title, unless it has no text. */
  readonly titled: boolean;
  /** Where the whole object is. */
  readonly link?: string;
  readonly language?: "en" | "de";
  /** What is new in it, one sentence; of meetings and tasks the last line, unknown to the digest. */
  readonly changed?: string;
  /** What was uploaded, by part. */
  readonly links?: ReadonlyMap<string, string>;
}

const nothing: ReadonlyMap<string, string> = new Map();

/**
 * What is sent of an object: its name as the first line where it stands on its own, the author's name before the text, files as lines.
 * Longer text is folded, so that all but the links of files is at most {@link SENT_LIMIT} characters. The digest knows neither those links nor
 * the fold.
 */
export const composed = (object: View, { self, titled, link, language = "en", links = nothing, changed }: Manner): Composed => {
  const body = bodyOf(object);
  const name = cleanLine(object.name ?? "", 500);
  // Who organises a meeting stands among its people.
  const author = isPlanned(object) ? "" : authorOf(object, self);
  const title = name === "" ? [] : [xmppOf(`<p><strong>${escapeHtml(name)}</strong></p>`)];
  // A quotation and a fence are such only at the beginning of a line (XEP-0393 section 5.1).
  const between = /^(?:>|```)/.test(body) ? ":\n" : ": ";
  const said = author === "" ? body : body === "" ? author : `${author}${between}${body}`;
  const shown = (text: string, at: ReadonlyMap<string, string>): string =>
    [
      ...(titled || body === "" ? title : []),
      ...plannedOf(object, language),
      ...(text === "" ? [] : [text]),
      ...filesOf(object, body, at),
      ...(changed === undefined || !isPlanned(object) ? [] : [`✎ ${lineOf(changed, 500)}`]),
    ].join("\n");
  const around = shown("", nothing).length + 1;
  const most = Math.max(SENT_LIMIT - around, SENT_LIMIT / 2);
  const { text, folded } = foldLong(said, { most, lang: language, ...(link !== undefined && { link }) });
  const whole = shown(text, links);
  return {
    text: whole === "" ? "…" : whole,
    losses: lossesOf(object, folded, link),
    digest: hash("sha256", [...title, ...factsOf(object), said, ...filesOf(object, body, nothing)].join("\n"), "base64url"),
  };
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

/** The lines that quote what is answered, and how many code points they take (XEP-0461 section 3.2). */
export const quoteOf = (nick: string, text: string): { readonly quote: string; readonly length: number } => {
  const lines = shortened(text, QUOTE_LIMIT).split("\n").slice(0, 3);
  const quote = [`> ${nick}:`, ...lines.map((line) => `> ${line}`), ""].join("\n");
  return { quote, length: [...quote].length };
};
