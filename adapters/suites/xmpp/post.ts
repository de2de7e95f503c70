/** An archived message → what it says: a text, or something about another message. Pure; nothing of a stranger is believed unread. */

import { cleanLine, cleanText } from "groupstream/protocol/text";
import type { ArchiveEntry } from "./archive.ts";
import { attributeOf, childOf, type Element, elementsOf, NS, splitJid, textIn } from "./xml.ts";

/** Longest text of one message that is kept, characters. */
export const TEXT_LIMIT = 100_000;
/** Most links (XEP-0066) and most emojis of one message. */
const LINKS = 20;
const EMOJIS = 50;

/** Who wrote it, as far as the room says. */
export interface Author {
  /** Absent: the room itself. */
  readonly nick?: string;
  /** XEP-0421: the same person in this room for ever, whatever the nickname. */
  readonly occupant?: string;
  /** The bare JID, where the room shows it (XEP-0045 section 4.2, "non-anonymous"). */
  readonly jid?: string;
}

/** What a message does: shows a text, or changes another one, named by archive id or by its sender's id. */
type Deed =
  | { readonly kind: "text" }
  | { readonly kind: "correct"; readonly target: string }
  | { readonly kind: "retract"; readonly target: string }
  | { readonly kind: "moderate"; readonly target: string }
  | { readonly kind: "react"; readonly target: string; readonly emojis: readonly string[] }
  /** What is left of a retracted message in archives that forget it. */
  | { readonly kind: "tombstone" }
  /** A subject, a marker, anything without a text. */
  | { readonly kind: "nothing" };

/** One archived message. */
export interface Post {
  /** The archive's id. */
  readonly id: string;
  /** When it was archived: RFC 3339 UTC with milliseconds, comparable as a string. */
  readonly at: string;
  readonly author: Author;
  /** The id its sender gave it (XEP-0359 origin-id, else the stanza's own). */
  readonly sent?: string;
  readonly deed: Deed;
  readonly text: string;
  readonly subject?: string;
  /** Encrypted end to end: `text` is what stands there for those who cannot read it. */
  readonly sealed?: true;
  /** The archive id of what it answers (XEP-0461). */
  readonly answers?: string;
  readonly thread?: string;
  readonly links: readonly string[];
  /** A hub wrote it: the addresses of the collections that what it carries has been in. */
  readonly trail?: readonly string[];
}

/** What cannot be read, and why, in one sentence. */
export interface Unread {
  readonly id: string;
  readonly unread: string;
}

export const isUnread = (read: Post | Unread): read is Unread => "unread" in read;

/** A range of a fallback (XEP-0428) in code points; absent borders: the whole body. */
const withoutRange = (body: string, start: number | undefined, end: number | undefined): string => {
  if (start === undefined || end === undefined) return "";
  const points = [...body];
  return start >= 0 && end >= start && end <= points.length ? [...points.slice(0, start), ...points.slice(end)].join("") : body;
};

const countOf = (value: string | undefined): number | undefined =>
  value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : undefined;

/** The body without what stands there only for programs that do not know replies. */
const withoutQuote = (message: Element, body: string): string => {
  const fallback = elementsOf(message).find(
    (child) => child.getName() === "fallback" && child.getNS() === NS.fallback && attributeOf(child, "for") === NS.reply,
  );
  const range = childOf(fallback, "body", NS.fallback);
  if (!fallback) return body;
  return range ? withoutRange(body, countOf(attributeOf(range, "start")), countOf(attributeOf(range, "end"))) : "";
};

const emojisOf = (reactions: Element): readonly string[] => {
  const all = elementsOf(reactions).flatMap((child) => (child.getName() === "reaction" ? [cleanLine(child.getText(), 40)] : []));
  return [...new Set(all.filter((emoji) => emoji !== ""))].slice(0, EMOJIS);
};

/** Retractions in both writings; a moderator's comes from the room itself. */
const retractionOf = (message: Element, fromRoom: boolean): Deed | undefined => {
  const now = childOf(message, "retract", NS.retract);
  const fastened = childOf(message, "apply-to", NS.fasten);
  const moderated = now ? childOf(now, "moderated", NS.moderate) : childOf(fastened, "moderated", NS.moderateBefore);
  const before = childOf(moderated ?? fastened, "retract", NS.retractBefore);
  const target = attributeOf(now, "id") ?? (before && attributeOf(fastened, "id"));
  if (target === undefined) return undefined;
  return { kind: fromRoom ? "moderate" : "retract", target };
};

const deedOf = (message: Element, fromRoom: boolean, hasText: boolean): Deed => {
  const retraction = retractionOf(message, fromRoom);
  if (retraction) return retraction;
  const reactions = childOf(message, "reactions", NS.reactions);
  const reacted = attributeOf(reactions, "id");
  if (reactions && reacted !== undefined) return { kind: "react", target: reacted, emojis: emojisOf(reactions) };
  if (childOf(message, "retracted", NS.retract) || childOf(message, "retracted", NS.retractBefore)) return { kind: "tombstone" };
  if (!hasText || fromRoom) return { kind: "nothing" };
  const target = attributeOf(childOf(message, "replace", NS.correct), "id");
  return target === undefined ? { kind: "text" } : { kind: "correct", target };
};

const authorOf = (message: Element, nick: string | undefined): Author => {
  const occupant = attributeOf(childOf(message, "occupant-id", NS.occupant), "id");
  const item = childOf(childOf(message, "x", NS.mucUser), "item", NS.mucUser);
  const jid = attributeOf(item, "jid");
  return {
    ...(nick !== undefined && { nick: cleanLine(nick, 200) }),
    ...(occupant !== undefined && { occupant }),
    ...(jid !== undefined && { jid: splitJid(jid).bare }),
  };
};

const linksOf = (message: Element): readonly string[] =>
  elementsOf(message)
    .filter((child) => child.getName() === "x" && child.getNS() === NS.oob)
    .flatMap((child) => textIn(child, "url") ?? [])
    .filter((url) => url.length <= 2_000 && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol))
    .slice(0, LINKS);

/** More places than any bridge has. */
const TRAIL_LIMIT = 100;

const trailOf = (trail: Element | undefined): Pick<Post, "trail"> => {
  if (!trail) return {};
  const addresses = trail.getChildren("collection").map((child) => cleanLine(child.text(), 1_000));
  return { trail: [...new Set(addresses.filter((address) => address !== ""))].slice(0, TRAIL_LIMIT) };
};

/** Reads an entry of the archive of `room`, a bare JID in lower case. Never fails. */
export const postOf = ({ id, stamp, message }: ArchiveEntry, room: string): Post | Unread => {
  if (!message) return { id, unread: "The archive gave no message." };
  const at = stamp === undefined ? Number.NaN : Date.parse(stamp);
  if (Number.isNaN(at)) return { id, unread: "The archive does not say when it came." };
  const { bare, resource } = splitJid(attributeOf(message, "from", 10_000) ?? "");
  if (bare !== room) return { id, unread: "It does not say who in this room wrote it." };
  const body = textIn(message, "body");
  const subject = cleanLine(textIn(message, "subject") ?? "");
  const sent = attributeOf(childOf(message, "origin-id", NS.sid), "id") ?? attributeOf(message, "id");
  const answers = attributeOf(childOf(message, "reply", NS.reply), "id");
  const thread = cleanLine(textIn(message, "thread") ?? "", 500);
  return {
    id,
    at: new Date(at).toISOString(),
    author: authorOf(message, resource),
    deed: deedOf(message, resource === undefined, body !== undefined && body !== ""),
    text: cleanText(answers === undefined || body === undefined ? (body ?? "") : withoutQuote(message, body)),
    links: linksOf(message),
    ...(sent !== undefined && { sent }),
    ...(subject !== "" && { subject }),
    ...(childOf(message, "encryption", NS.encryption) && { sealed: true as const }),
    ...(answers !== undefined && { answers }),
    ...(thread !== "" && { thread }),
    ...trailOf(childOf(message, "trail", NS.trail)),
  };
};

/** True if both are by one person, by the best that both say. */
export const sameAuthor = (one: Author, other: Author): boolean => {
  if (one.occupant !== undefined && other.occupant !== undefined) return one.occupant === other.occupant;
  if (one.jid !== undefined && other.jid !== undefined) return one.jid === other.jid;
  return one.nick !== undefined && one.nick === other.nick;
};
