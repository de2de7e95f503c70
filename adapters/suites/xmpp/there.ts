/** What stands in a room that a command is about: where it is done, what may be changed, what is answered. */

import type { Command, Found, ItemKey, Read, Receipt } from "groupstream";
import type { Connection } from "./connection.ts";
import type { Item } from "./items.ts";
import { isOurs, sightingOf } from "./map.ts";
import type { XmppAccount } from "./options.ts";
import { itemOf, type Reading, standingOf } from "./reading.ts";
import type { AnsweredPost } from "./stanzas.ts";

/** Answered messages that are remembered, each a text of at most 64 KiB or so. */
const HEADS = 500;

const full: Read = { text: "full", behaviour: false };

/** A refusal; its reason is a sentence with a remedy. */
export const refuse = (reason: string): Receipt => ({ outcome: "refused", reason });

/** Where it is done: where the command says, else where its item or thread stands, else in the only room. */
export const roomOf = ({ rooms }: XmppAccount, { collection, item, root }: Command): string | undefined => {
  const room = collection?.id ?? item?.collection ?? root?.collection ?? (rooms.length === 1 ? rooms[0]?.jid : undefined);
  return rooms.some(({ jid }) => jid === room) ? room : undefined;
};

export const standing = ({ room, setting }: Reading, item: Item): Found => ({
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
export const thereOf = async (reading: Reading, key: ItemKey): Promise<Item | Receipt> => {
  const { items, seen } = await standingOf(reading, [key]);
  const item = items.get(key);
  if (item && !item.gone) return item;
  return item || seen.has(key) ? goneThere : forgotten;
};

/** Our own message of the command, as it stands; or why it cannot be changed. */
export const ownItem = async (reading: Reading, key: ItemKey | undefined): Promise<Item | Receipt> => {
  if (key === undefined) return refuse("There is no message to change; name one.");
  const item = await thereOf(reading, key);
  if (isReceipt(item)) return item;
  return isOurs(item.first.author, reading.setting)
    ? item
    : refuse("The message is somebody else's: only who wrote it can change it.");
};

export const isReceipt = (made: Item | Receipt): made is Receipt => "outcome" in made;

/** The message that is answered: the one that is named, else the first of its thread; undefined where neither stands there. */
export const answeredOf = async (
  { item, root }: Command,
  reading: Reading,
  heads: Connection["heads"],
): Promise<AnsweredPost | undefined> => {
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
