/**
 * What is done in rooms: messages, corrections, retractions, reactions. Each ends when the room shows it; what then stands
 * there is read back from the archive. What changes a message must find it there, and find it ours.
 */

import type { Command, Found, Loss, Perform, Receipt, Verb, View } from "groupstream";
import { textFromHtml } from "groupstream/protocol/text";
import { attached, unattached } from "./attach.ts";
import { type Composed, composed, type Manner } from "./compose.ts";
import type { Connection } from "./connection.ts";
import { translateRoom } from "./errors.ts";
import { load } from "./login.ts";
import { isOurs, shownOf } from "./map.ts";
import type { XmppAccount } from "./options.ts";
import { entryOf } from "./position.ts";
import { itemOf, type Reading, readingOf, sentByUs } from "./reading.ts";
import { sendTo, unsent } from "./sending.ts";
import { correction, creation, idOf, reactions, retraction } from "./stanzas.ts";
import { answeredOf, isReceipt, ownItem, refuse, roomOf, standing, thereOf } from "./there.ts";
import type { Element, Xml } from "./xml.ts";

/** How far back an attempt is looked for, slices of 50 to 100 messages. */
const SEARCHED = 100;

/** What is to be sent, and what is told of it; or why nothing is. */
type Plan =
  | { readonly stanza: Element; readonly losses?: readonly Loss[]; readonly digest?: string }
  | { readonly receipt: Receipt };

/** How a verb makes its plan: without the room (`preview`), and in it. */
interface Act {
  preview(command: Command, room: string, xml: Xml): Plan;
  plan(command: Command, reading: Reading): Promise<Plan>;
}

/** XEP-0444 section 2 allows emoji and nothing else. */
const emoji = /^(?=.*(\p{Extended_Pictographic}|\p{Regional_Indicator}|[#*\d]\ufe0f?\u20e3))[^\p{Cc}\s]{1,40}$/u;

/** What is said, and what of it is told. */
type Said = Composed & { readonly links?: ReadonlyMap<string, string> };

const told = ({ losses, digest }: Said) => ({ ...(losses.length > 0 && { losses }), digest });

/** The sentence that tells what is being done, in the language of the route. */
const sentenceOf = ({ activity, language = "en" }: Command): string | undefined => {
  const said = (activity.summaryMap as Readonly<Record<string, unknown>> | undefined)?.[language];
  return typeof said === "string" ? textFromHtml(said) : undefined;
};

const mannerOf = ({ self }: XmppAccount, command: Command, titled: boolean): Manner => {
  const { link, language, verb } = command;
  const changed = verb === "Update" ? sentenceOf(command) : undefined;
  return {
    self,
    titled,
    ...(changed !== undefined && { changed }),
    ...(link !== undefined && { link }),
    ...(language !== undefined && { language }),
  };
};

const later: Receipt = {
  outcome: "refused",
  reason: "Not sent: a file of it cannot be read or uploaded now; it is tried again, and then sent without the file.",
  again: true,
};

export const verbsOf = (account: XmppAccount, connection: Connection): Readonly<Partial<Record<Verb, Perform>>> => {
  /** Without the room: files are not sent, and what is known of them is told. */
  const foreseen = (command: Command, object: View, titled: boolean): Said => {
    const text = composed(object, mannerOf(account, command, titled));
    return { ...text, losses: [...text.losses, ...unattached(command, account)] };
  };
  /** With the files of the command; undefined: one of them is waited for. */
  const saying = async (
    command: Command,
    object: View,
    titled: boolean,
    { line, signal }: Reading,
  ): Promise<Said | undefined> => {
    const files = await attached(account, line, command, signal);
    if (!files) return undefined;
    const text = composed(object, { ...mannerOf(account, command, titled), links: files.links });
    return { ...text, links: files.links, losses: [...text.losses, ...files.losses] };
  };

  const create: Act = {
    preview(command, room, xml) {
      if (!command.object) return { receipt: refuse("There is nothing to post; give an object.") };
      const answered = command.item ?? command.root;
      const said = foreseen(command, command.object, answered === undefined);
      return { stanza: creation(xml, { room }, command, said, answered && { key: answered.key }), ...told(said) };
    },
    async plan(command, reading) {
      if (!command.object) return { receipt: refuse("There is nothing to post; give an object.") };
      const answered = await answeredOf(command, reading, connection.heads);
      const said = await saying(command, command.object, answered === undefined, reading);
      if (!said) return { receipt: later };
      const lost = answered === undefined && (command.item ?? command.root) !== undefined;
      const stanza = creation(reading.line.xml, reading.setting, lost ? withoutThread(command) : command, said, answered);
      return { stanza, ...told(lost ? { ...said, losses: [...said.losses, unanswered] } : said) };
    },
  };

  const update: Act = {
    preview(command, room, xml) {
      if (!command.object) return { receipt: refuse("There is nothing to change it to; give an object.") };
      const said = foreseen(command, command.object, command.root === undefined);
      return { stanza: correction(xml, { room }, command, said, { sent: "…" }), ...told(said) };
    },
    async plan(command, reading) {
      if (!command.object) return { receipt: refuse("There is nothing to change it to; give an object.") };
      const item = await ownItem(reading, command.item?.key);
      if (isReceipt(item)) return { receipt: item };
      const { sent, answers, thread } = item.first;
      if (sent === undefined)
        return { receipt: refuse("The message has no id of its sender: it cannot be corrected (XEP-0308).") };
      const said = await saying(command, command.object, answers === undefined, reading);
      if (!said) return { receipt: later };
      const first = { sent, ...(answers !== undefined && { answers }), ...(thread !== undefined && { thread }) };
      return { stanza: correction(reading.line.xml, reading.setting, command, said, first), ...told(said) };
    },
  };

  const remove: Act = {
    preview: (command, room, xml) => ({ stanza: retraction(xml, { room }, command, command.item?.key ?? "…") }),
    async plan(command, reading) {
      const own = await ownItem(reading, command.item?.key);
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
      const { post } = await sentByUs(reading, idOf(command), SEARCHED, entryOf(command.position));
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
 * What an attempt left: found by the id it was sent under among the messages that were not read yet, at most the last 5,000 to
 * 10,000, ours only. `absent` where all of them were looked through, else `unknown`. Fails: `forbidden`, `unreachable`, the signal's reason.
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
    const { post, beginning } = await sentByUs(reading, idOf(command), SEARCHED, entryOf(command.position));
    if (!post) return beginning ? "absent" : "unknown";
    const key = command.verb === "Create" ? post.id : command.item?.key;
    const item = key === undefined ? undefined : await itemOf(reading, key);
    return item ? standing(reading, item) : "unknown";
  } catch (error) {
    signal.throwIfAborted();
    throw translateRoom(account, room, error);
  }
};
