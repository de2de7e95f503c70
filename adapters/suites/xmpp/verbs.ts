/**
 * What is done in rooms: messages, corrections, retractions, reactions. Each ends when the room shows it; what then stands
 * there is read back from the archive. What changes a message must find it there, and find it ours.
 */

import type { Command, Found, ItemKey, Loss, Perform, Read, Receipt, Verb } from "groupstream";
import { type Composed, composed } from "./compose.ts";
import type { Connection } from "./connection.ts";
import { translateRoom } from "./errors.ts";
import type { Item } from "./items.ts";
import { load } from "./login.ts";
import { isOurs, shownOf, sightingOf } from "./map.ts";
import type { XmppAccount } from "./options.ts";
import { itemOf, type Reading, readingOf, sentByUs, standingOf } from "./reading.ts";
import { sendTo, unsent } from "./sending.ts";
import { type Answered, correction, creation, idOf, reactions, retraction } from "./stanzas.ts";
import type { Element, Xml } from "./xml.ts";

/** How far back an attempt is looked for, slices of 50 to 100 messages. */
const SEARCHED = 100;

/** Answered messages that are remembered, each a text of at most 64 KiB or so. */
const HEADS = 500;

const full: Read = { text: "full", behaviour: false };

/** A refusal; its reason is a sentence with a remedy. */
const refuse = (reason: string): Receipt => ({ outcome: "refused", reason });

/** What is to be sent, and what is told of it; or why nothing is. */
type Plan =
  | { readonly stanza: Element; readonly losses?: readonly Loss[]; readonly digest?: string }
  | { readonly receipt: Receipt };

/** How a verb makes its plan: without the room (`preview`), and in it. */
interface Act {
  preview(command: Command, room: string, xml: Xml): Plan;
  plan(command: Command, reading: Reading): Promise<Plan>;
}

/** Where it is done: where the command says, else where its item or thread stands, else in the only room. */
const roomOf = ({ rooms }: XmppAccount, { collection, item, root }: Command): string | undefined => {
  const room = collection?.id ?? item?.collection ?? root?.collection ?? (rooms.length === 1 ? rooms[0]?.jid : undefined);
  return rooms.some(({ jid }) => jid === room) ? room : undefined;
};

const standing = ({ room, setting }: Reading, item: Item): Found => ({
  collection: room,
  sighting: sightingOf(item, full, setting),
});

const goneThere: Receipt = {
  outcome: "refused",
  reason: "gone there: the message was retracted; there is nothing to do.",
  obstacle: "gone",
  gone: true,
};

/** An archive that forgot it says nothing of the message: members may still see it. */
const forgotten = refuse(
  "The room's archive does not have the message any more, and only what it has can be changed; let the archive keep messages longer.",
);

/** The message of this key; or why it cannot be changed. */
const thereOf = async (reading: Reading, key: ItemKey): Promise<Item | Receipt> => {
  const { items, seen } = await standingOf(reading, [key]);
  const item = items.get(key);
  if (item && !item.gone) return item;
  return item || seen.has(key) ? goneThere : forgotten;
};

/** Our own message of the command, as it stands; or why it cannot be changed. */
const ownItem = async (reading: Reading, key: ItemKey | undefined): Promise<Item | Receipt> => {
  if (key === undefined) return refuse("There is no message to change; name one.");
  const item = await thereOf(reading, key);
  if (isReceipt(item)) return item;
  return isOurs(item.first.author, reading.setting)
    ? item
    : refuse("The message is somebody else's: only who wrote it can change it.");
};

const isReceipt = (made: Item | Receipt): made is Receipt => "outcome" in made;

/** XEP-0444 section 2 allows emoji and nothing else. */
const emoji = /^(?=.*(\p{Extended_Pictographic}|\p{Regional_Indicator}|[#*\d]\ufe0f?\u20e3))[^\p{Cc}\s]{1,40}$/u;

export const verbsOf = (account: XmppAccount, connection: Connection): Readonly<Partial<Record<Verb, Perform>>> => {
  const told = ({ losses, digest }: Composed) => ({ ...(losses.length > 0 && { losses }), digest });

  const create: Act = {
    preview(command, room, xml) {
      if (!command.object) return { receipt: refuse("There is nothing to post; give an object.") };
      const answered = command.item ?? command.root;
      const text = composed(command.object, account.self, answered === undefined);
      return { stanza: creation(xml, { room }, command, text.text, answered && { key: answered.key }), ...told(text) };
    },
    async plan(command, reading) {
      if (!command.object) return { receipt: refuse("There is nothing to post; give an object.") };
      const answered = await answeredOf(command, reading, connection.heads);
      const text = composed(command.object, account.self, answered === undefined);
      const lost = answered === undefined && (command.item ?? command.root) !== undefined;
      const stanza = creation(reading.line.xml, reading.setting, lost ? withoutThread(command) : command, text.text, answered);
      return { stanza, ...told(lost ? { ...text, losses: [...text.losses, unanswered] } : text) };
    },
  };

  const update: Act = {
    preview(command, room, xml) {
      if (!command.object) return { receipt: refuse("There is nothing to change it to; give an object.") };
      const text = composed(command.object, account.self, command.root === undefined);
      return { stanza: correction(xml, { room }, command, text.text, { sent: "…" }), ...told(text) };
    },
    async plan(command, reading) {
      if (!command.object) return { receipt: refuse("There is nothing to change it to; give an object.") };
      const item = await ownItem(reading, command.item?.key);
      if (isReceipt(item)) return { receipt: item };
      const { sent, answers, thread } = item.first;
      if (sent === undefined)
        return { receipt: refuse("The message has no id of its sender: it cannot be corrected (XEP-0308).") };
      const text = composed(command.object, account.self, answers === undefined);
      const first = { sent, ...(answers !== undefined && { answers }), ...(thread !== undefined && { thread }) };
      return { stanza: correction(reading.line.xml, reading.setting, command, text.text, first), ...told(text) };
    },
  };

  const remove: Act = {
    preview: (command, room, xml) => ({ stanza: retraction(xml, { room }, command, command.item?.key ?? "…") }),
    async plan(command, reading) {
      const { item: ref } = command;
      const item = ref && (await itemOf(reading, ref.key));
      // Already done, by whomever.
      if (item?.gone) return { receipt: { outcome: "done", stands: standing(reading, item) } };
      const own = await ownItem(reading, ref?.key);
      if (isReceipt(own)) return { receipt: own };
      return { stanza: retraction(reading.line.xml, reading.setting, command, own.first.id) };
    },
  };

  const react: Act = {
    preview: (command, room, xml) => ({
      stanza: reactions(xml, { room }, command, command.item?.key ?? "…", command.verb === "Undo" ? [] : [emojiOf(command)]),
    }),
    async plan(command, reading) {
      const { item: ref, verb, undoes } = command;
      const wanted = emojiOf(command);
      if (verb === "Undo" && undoes !== "Like" && undoes !== "EmojiReact")
        return { receipt: refuse("Only reactions are undone in rooms; delete the message instead.") };
      if (!emoji.test(wanted)) return { receipt: refuse("Rooms carry emoji only (XEP-0444); react by one.") };
      if (!ref) return { receipt: refuse("There is no message to react to; name one.") };
      const item = await thereOf(reading, ref.key);
      if (isReceipt(item)) return { receipt: item };
      const own = item.reactions.find(({ author }) => isOurs(author, reading.setting))?.emojis ?? [];
      const next = verb === "Undo" ? own.filter((one) => one !== wanted) : [...new Set([...own, wanted])];
      if (next.length === own.length) return { receipt: { outcome: "done", stands: standing(reading, item) } };
      return { stanza: reactions(reading.line.xml, reading.setting, command, item.first.id, next) };
    },
  };

  const performed = async (act: Act, command: Command, room: string, signal: AbortSignal): Promise<Receipt> => {
    const reading = await readingOf(account, connection, room, signal);
    if (command.attempt > 1) {
      const { post } = await sentByUs(reading, idOf(command), SEARCHED);
      if (post) return done(reading, command, post.id, {});
    }
    const plan = await act.plan(command, reading);
    if ("receipt" in plan) return plan.receipt;
    const { stanza, ...rest } = plan;
    const { line } = reading;
    const first = await sendTo(account, line, room, reading.inside, stanza, signal);
    // Kicked since we entered: certainly not done, and done once we are in again.
    const outside = !first.shown && first.outside;
    const sent = outside ? await sendTo(account, line, room, await line.rooms.enter(room, signal), stanza, signal) : first;
    if (!sent.shown) return sent.receipt;
    const shown =
      command.verb === "Create" && sent.key !== undefined ? shownOf(sent.key, sent.message, reading.setting) : undefined;
    return shown
      ? { outcome: "done", stands: { collection: room, sighting: shown }, ...rest }
      : done(reading, command, sent.key, rest);
  };

  const perform =
    (act: Act): Perform =>
    async (command, signal) => {
      signal.throwIfAborted();
      const room = roomOf(account, command);
      if (room === undefined) return refuse(`${account.id}: it is not said in which of its rooms; name one in the route.`);
      try {
        if (!command.preview) return await performed(act, command, room, signal);
        const { xml } = await load(account);
        const plan = act.preview(command, room, xml);
        if ("receipt" in plan) return plan.receipt;
        const { stanza, ...rest } = plan;
        return { outcome: "done", native: stanza.toString(), ...rest };
      } catch (error) {
        signal.throwIfAborted();
        return unsent(translateRoom(account, room, error));
      }
    };

  return {
    Create: perform(create),
    Update: perform(update),
    Delete: perform(remove),
    Like: perform(react),
    EmojiReact: perform(react),
    Undo: perform(react),
  };
};

const emojiOf = ({ emoji: given }: Command): string => given ?? "👍";

const unanswered: Loss = {
  field: "inReplyTo",
  reason: "What it answers is not in the room any more: it stands on its own.",
};

const withoutThread = ({ item: _item, root: _root, ...rest }: Command): Command => rest;

/** The message that is answered: the one that is named, else the first of its thread; undefined where neither stands there. */
const answeredOf = async (
  { item, root }: Command,
  reading: Reading,
  heads: Connection["heads"],
): Promise<Answered | undefined> => {
  for (const ref of [item, root]) {
    if (ref === undefined || ref.collection !== reading.room) continue;
    const name = `${reading.room} ${ref.key}`;
    const found = heads.get(name) ?? (await itemOf(reading, ref.key));
    if (!found || found.gone) continue;
    // The one that was answered last is forgotten last.
    heads.delete(name);
    heads.set(name, found);
    const [oldest] = heads.keys();
    if (heads.size > HEADS && oldest !== undefined) heads.delete(oldest);
    return { key: ref.key, item: found };
  }
  return undefined;
};

/** Done, with what now stands there where it can be read: what was done stays done. */
const done = async (
  reading: Reading,
  command: Command,
  key: string | undefined,
  rest: { readonly losses?: readonly Loss[]; readonly digest?: string },
): Promise<Receipt> => {
  const changed = command.verb === "Create" ? key : command.item?.key;
  const item = changed === undefined ? undefined : await itemOf(reading, changed).catch(() => undefined);
  reading.signal.throwIfAborted();
  return { outcome: "done", ...(item && { stands: standing(reading, item) }), ...rest };
};

/**
 * What an attempt left: found by the id it was sent under among the last 5,000 to 10,000 messages, ours only. `absent` where
 * all of the archive was looked through, else `unknown`. Fails: `forbidden`, `unreachable`, the signal's reason.
 */
export const findOf = async (
  account: XmppAccount,
  connection: Connection,
  command: Command,
  signal: AbortSignal,
): Promise<Found | "absent" | "unknown"> => {
  const room = roomOf(account, command);
  if (room === undefined) return "absent";
  try {
    const reading = await readingOf(account, connection, room, signal);
    const { post, beginning } = await sentByUs(reading, idOf(command), SEARCHED);
    if (!post) return beginning ? "absent" : "unknown";
    const key = command.verb === "Create" ? post.id : command.item?.key;
    const item = key === undefined ? undefined : await itemOf(reading, key);
    return item ? standing(reading, item) : "unknown";
  } catch (error) {
    signal.throwIfAborted();
    throw translateRoom(account, room, error);
  }
};
