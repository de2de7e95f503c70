/** A message as it stands → a sighting. Pure; the same state always gives an equal sighting. */

import { extname } from "node:path";
import type { FilePart, Loss, Malformed, MessageView, Party, Reaction, Read, Sighting, ThingRef, Whole } from "groupstream";
import { previewOf, textOf } from "groupstream/protocol/mail";
import { htmlFromText } from "groupstream/protocol/text";
import { begun, type Item } from "./items.ts";
import { type Author, isUnread, type Post, postOf, TEXT_LIMIT, type Unread } from "./post.ts";
import type { Element } from "./xml.ts";

/** The version of this mapping; raised when the same message would give another view. */
export const MAPPING = 3;

/** Where a message is, and who we are there. */
export interface Setting {
  /** Bare JID. */
  readonly room: string;
  /** Our bare JID. */
  readonly self: string;
  readonly nick: string;
  /** Our occupant id, where the room gives them. */
  readonly occupant?: string;
}

/**
 * True if we wrote it: by occupant id (XEP-0421), else by the JID the room shows, else by nickname, which somebody else may
 * bear while we are away.
 */
export const isOurs = (author: Author, { self, nick, occupant }: Setting): boolean => {
  if (author.occupant !== undefined && occupant !== undefined) return author.occupant === occupant;
  if (author.jid !== undefined) return author.jid === self;
  return author.nick === nick;
};

/** Somebody in a room: by JID where the room shows it, else as its occupant (RFC 5122). */
const partyOf = (author: Author, setting: Setting): Party => {
  const name = author.nick === undefined || author.nick === "" ? {} : { name: author.nick };
  if (isOurs(author, setting)) return { id: `xmpp:${setting.self}`, ...name };
  if (author.jid !== undefined) return { id: `xmpp:${author.jid}`, ...name };
  return { id: `xmpp:${setting.room}/${encodeURIComponent(author.nick ?? "")}`, ...name };
};

const mediaTypes: Readonly<Record<string, string>> = {
  ".gif": "image/gif",
  ".jpeg": "image/jpeg",
  ".jpg": "image/jpeg",
  ".m4a": "audio/mp4",
  ".mp3": "audio/mpeg",
  ".mp4": "video/mp4",
  ".ogg": "audio/ogg",
  ".pdf": "application/pdf",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain",
  ".webm": "video/webm",
  ".webp": "image/webp",
  ".zip": "application/zip",
};

const fileOf = (link: string, index: number): FilePart => {
  const path = new URL(link).pathname;
  const last = path.slice(path.lastIndexOf("/") + 1);
  let name = last;
  try {
    name = decodeURIComponent(last);
  } catch {
    name = last;
  }
  const mediaType = mediaTypes[extname(last).toLowerCase()] ?? "application/octet-stream";
  const shown = name.replace(/[\p{Cc}/\\]/gu, "").slice(0, 200);
  return { part: `oob-${index + 1}`, mediaType, ...(shown !== "" && { name: shown }), href: link };
};

const sealed: Loss = { field: "content", reason: "The message is encrypted end to end; its text cannot be read here." };

const textFields = ({ text, sealed: encrypted }: Post, read: Read): { fields: Partial<MessageView>; losses: readonly Loss[] } => {
  if (encrypted) return { fields: {}, losses: [sealed] };
  if (read.text === "none") return { fields: {}, losses: [] };
  const whole = textOf({ plain: text, limit: TEXT_LIMIT });
  if (read.text === "full") return { fields: { content: whole.content, text: whole.text }, losses: whole.losses };
  const preview = previewOf(whole.text);
  return { fields: { content: htmlFromText(preview), text: preview }, losses: [] };
};

/** The name of a thread (XEP-0201), which only its room knows. We name threads by the archive id of their first message. */
const contextOf = (room: string, thread: string): readonly ThingRef[] => [
  { collection: room, key: thread },
  { evidence: `thread:${room}/${thread}` },
];

const reactionsOf = ({ reactions }: Item, setting: Setting): readonly Reaction[] =>
  reactions.flatMap(({ author, emojis }) => {
    const { id, name } = partyOf(author, setting);
    return emojis.map((emoji) => ({ actor: id, ...(name !== undefined && { name }), emoji }));
  });

const viewOf = (item: Item, read: Read, setting: Setting): MessageView => {
  const { first, shown } = item;
  const { fields, losses } = textFields(shown, read);
  const answers = shown.answers ?? first.answers;
  const thread = first.thread ?? shown.thread;
  const reactions = reactionsOf(item, setting);
  const subject = shown.subject ?? first.subject;
  return {
    type: "Note",
    ...(subject !== undefined && { name: subject }),
    ...fields,
    published: first.at,
    attributedTo: partyOf(first.author, setting),
    ...(answers !== undefined && { inReplyTo: [{ collection: setting.room, key: answers }] }),
    ...(thread !== undefined && { context: contextOf(setting.room, thread) }),
    ...(shown.links.length > 0 && { attachment: shown.links.map(fileOf) }),
    ...(reactions.length > 0 && { reactions }),
    ...(shown !== first && { edition: shown.at }),
    ...(first.trail && { automatic: "bot" as const }),
    ...(first.trail?.length && { trail: first.trail }),
    ...(losses.length > 0 && { losses }),
  };
};

/** Ids of deliveries are UUIDs; what else our account sent bears no marker. */
const marker = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const mineOf = ({ author, sent }: Post, setting: Setting): Pick<Whole, "mine"> => {
  if (!isOurs(author, setting)) return {};
  return { mine: sent !== undefined && marker.test(sent) ? { marker: sent } : {} };
};

/** A message as it stands. A retracted one is gone for good. */
export const sightingOf = (item: Item, read: Read, setting: Setting): Sighting => {
  const { first, last, order } = item;
  if (item.gone) return { key: first.id, gone: true, final: true, order };
  return {
    key: first.id,
    revision: last.id,
    object: viewOf(item, read, setting),
    // The room's own id of the message (XEP-0359), the same for everybody who reads it.
    same: [{ id: `xmpp:${setting.room}#${first.id}`, within: "everywhere", weight: "identity" }],
    ...mineOf(first, setting),
    came: first.at,
    order,
    by: { actor: partyOf(last.author, setting), at: last.at, from: "server" },
  };
};

/**
 * A message of ours as the room has just shown it. When it was archived the room does not say: what has a time is left out, and
 * comes with the next look.
 */
export const shownOf = (key: string, message: Element, setting: Setting): Whole | undefined => {
  const post = postOf({ id: key, stamp: "1970-01-01T00:00:00Z", message }, setting.room);
  if (isUnread(post) || post.deed.kind !== "text") return undefined;
  const sighting = sightingOf(begun(post), { text: "full", behaviour: false }, setting);
  if (!("came" in sighting) || sighting.object.type !== "Note") return undefined;
  const { came: _came, order: _order, by: _by, ...whole } = sighting;
  const { published: _published, ...object } = sighting.object;
  return { ...whole, object };
};

/** An archive entry that says nothing that can be used. */
export const malformedOf = ({ id, unread }: Unread): Malformed => ({ key: id, revision: id, malformed: { reason: unread } });
