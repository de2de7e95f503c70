/** Commands → the stanzas that perform them. Pure. */

import type { Command, ItemKey } from "groupstream";
import { quoteOf } from "./compose.ts";
import type { Item } from "./items.ts";
import type { Setting } from "./map.ts";
import { type Element, NS, type Xml } from "./xml.ts";

/**
 * The id of what is sent for a command: for a `Create` the delivery's own, the marker; for what changes a message one made of
 * it, since one delivery may change several, and react to one by several emojis.
 */
export const idOf = ({ id, verb, item, emoji }: Command): string => {
  if (verb === "Create" || item === undefined) return id;
  const points = [...(emoji ?? "")].map((point) => `.${(point.codePointAt(0) ?? 0).toString(16)}`);
  return `${id}.${verb.toLowerCase()}.${item.key}${points.join("")}`;
};

/** What a message answers: its key, and what is known of it. */
export interface AnsweredPost {
  readonly key: ItemKey;
  readonly item?: Item;
}

const messageOf = (xml: Xml, room: string, id: string, parts: readonly Element[]): Element =>
  xml("message", { to: room, type: "groupchat", id }, ...parts, xml("origin-id", { xmlns: NS.sid, id }));

/** Kept by the archive although it has no text (XEP-0334). */
const kept = (xml: Xml): Element => xml("store", { xmlns: NS.hints });

const replyTo = (xml: Xml, { room }: Pick<Setting, "room">, { key, item }: AnsweredPost): Element => {
  const nick = item?.first.author.nick;
  return xml("reply", { xmlns: NS.reply, id: key, ...(nick !== undefined && { to: `${room}/${nick}` }) });
};

/** The text with the quote that programs without replies show, and the mark that lets the others leave it out (XEP-0428). */
const answering = (xml: Xml, setting: Pick<Setting, "room">, text: string, answered: AnsweredPost): readonly Element[] => {
  const reply = replyTo(xml, setting, answered);
  const { item } = answered;
  if (!item) return [xml("body", {}, text), reply];
  const { quote, length } = quoteOf(item.first.author.nick ?? setting.room, item.shown.text);
  const range = xml("body", { start: "0", end: String(length) });
  return [xml("body", {}, quote + text), reply, xml("fallback", { xmlns: NS.fallback, for: NS.reply }, range)];
};

const trailOf = (xml: Xml, { trail }: Command): readonly Element[] =>
  trail.length === 0 ? [] : [xml("trail", { xmlns: NS.trail }, ...trail.map((address) => xml("collection", {}, address)))];

/** What is said: the text, and the links in it that are files (XEP-0066). */
export interface Said {
  readonly text: string;
  readonly links?: ReadonlyMap<string, string>;
}

const linksOf = (xml: Xml, { links }: Said): readonly Element[] =>
  [...(links?.values() ?? [])].map((url) => xml("x", { xmlns: NS.oob }, xml("url", {}, url)));

/** A new message; with `answered` a reply (XEP-0461), in the thread of its root (XEP-0201). */
export const creation = (
  xml: Xml,
  setting: Pick<Setting, "room">,
  command: Command,
  said: Said,
  answered: AnsweredPost | undefined,
): Element => {
  const root = command.root?.key ?? answered?.key;
  const body = answered ? answering(xml, setting, said.text, answered) : [xml("body", {}, said.text)];
  const thread = root === undefined ? [] : [xml("thread", {}, root)];
  return messageOf(xml, setting.room, idOf(command), [...body, ...linksOf(xml, said), ...thread, ...trailOf(xml, command)]);
};

/** A correction (XEP-0308) of what we sent under the id `first`; what answers still does. */
export const correction = (
  xml: Xml,
  setting: Pick<Setting, "room">,
  command: Command,
  said: Said,
  first: { readonly sent: string; readonly answers?: string; readonly thread?: string },
): Element =>
  messageOf(xml, setting.room, idOf(command), [
    xml("body", {}, said.text),
    ...linksOf(xml, said),
    xml("replace", { xmlns: NS.correct, id: first.sent }),
    ...(first.answers === undefined ? [] : [replyTo(xml, setting, { key: first.answers })]),
    ...(first.thread === undefined ? [] : [xml("thread", {}, first.thread)]),
    ...trailOf(xml, command),
  ]);

/** A retraction (XEP-0424), with a line for programs that do not know it. */
export const retraction = (xml: Xml, setting: Pick<Setting, "room">, command: Command, key: ItemKey): Element =>
  messageOf(xml, setting.room, idOf(command), [
    xml("retract", { xmlns: NS.retract, id: key }),
    xml("body", {}, "An earlier message was taken back."),
    xml("fallback", { xmlns: NS.fallback, for: NS.retract }),
    kept(xml),
  ]);

/** All that we now have on a message (XEP-0444). */
export const reactions = (
  xml: Xml,
  setting: Pick<Setting, "room">,
  command: Command,
  key: ItemKey,
  emojis: readonly string[],
): Element =>
  messageOf(xml, setting.room, idOf(command), [
    xml("reactions", { xmlns: NS.reactions, id: key }, ...emojis.map((emoji) => xml("reaction", {}, emoji))),
    kept(xml),
  ]);
