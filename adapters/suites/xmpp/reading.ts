/** One reading of a room: the stream, who we are in it, and its archive. */

import type { ItemKey, Read, Sighting } from "groupstream";
import { type Border, borderBefore, readSlice, type Slice, slicesBack, slicesFrom } from "./archive.ts";
import type { Connection } from "./connection.ts";
import { StanzaError } from "./errors.ts";
import { type Item, Items } from "./items.ts";
import { isOurs, malformedOf, type Setting, sightingOf } from "./map.ts";
import { archived, type Inside } from "./occupancy.ts";
import type { XmppAccount } from "./options.ts";
import { isUnread, type Post, postOf, sameAuthor } from "./post.ts";
import type { Line } from "./stream.ts";

/**
 * How far changes of one message are followed, entries of the archive: a correction or reaction that comes later than so many
 * messages after it is not seen when the message is read by its key.
 */
export const REACH = 20_000;
/** How far back the first version of a corrected message is looked for, slices. */
const BACK = 20;
/** Keys located at once. */
const AT_ONCE = 20;

/** A room that was entered and has an archive. */
export interface Reading {
  readonly account: XmppAccount;
  readonly line: Line;
  readonly inside: Inside;
  readonly room: string;
  readonly setting: Setting;
  readonly signal: AbortSignal;
}

const settingOf = ({ jid }: XmppAccount, room: string, { nick, occupant }: Inside): Setting => ({
  room,
  self: jid,
  nick,
  ...(occupant !== undefined && { occupant }),
});

/** Enters a room to read it. Fails: `forbidden` where it cannot be entered or has no archive; `unreachable`. */
export const readingOf = async (
  account: XmppAccount,
  connection: Connection,
  room: string,
  signal: AbortSignal,
  fresh = false,
): Promise<Reading> => {
  const line = await connection.line(signal, fresh);
  const inside = await line.rooms.enter(room, signal);
  archived(account, room, inside);
  return { account, line, inside, room, setting: settingOf(account, room, inside), signal };
};

/** True where the server says that it does not have what was asked for: unknown ids are `bad-request` to some. */
const isMissing = (error: unknown): boolean =>
  error instanceof StanzaError && (error.condition === "item-not-found" || error.condition === "bad-request");

/** The border before an entry; undefined: the archive does not have it. */
const located = async ({ line, room, signal }: Reading, key: ItemKey): Promise<Border | undefined> => {
  try {
    const border = await borderBefore(line, room, key, signal);
    // Servers whose ids are times take any for one: what follows the border must be the entry itself.
    const { entries } = await readSlice(line, room, border, signal, 1);
    return entries[0]?.id === key ? border : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
};

/** What an archive says of some of its entries. */
export interface ArchiveState {
  readonly items: ReadonlyMap<ItemKey, Item>;
  readonly malformed: ReadonlyMap<ItemKey, Sighting>;
  /** Those the archive has an entry of, be it a message, a tombstone or something else. */
  readonly seen: ReadonlySet<ItemKey>;
}

/** Reads the archive from a border on and puts together what it says of these keys. */
const standingFrom = async (reading: Reading, border: Border, keys: ReadonlySet<ItemKey>): Promise<ArchiveState> => {
  const { line, room, signal } = reading;
  const items = new Items(keys.size, keys);
  const malformed = new Map<ItemKey, Sighting>();
  const seen = new Set<ItemKey>();
  let count = 0;
  for await (const { entries } of slicesFrom(line, room, border, signal)) {
    for (const entry of entries) {
      if (keys.has(entry.id)) seen.add(entry.id);
      const post = postOf(entry, room);
      if (!isUnread(post)) items.take(post);
      else if (keys.has(entry.id)) malformed.set(entry.id, malformedOf(post));
    }
    count += entries.length;
    if (count >= REACH) break;
  }
  const found = new Map(
    [...keys].flatMap((key) => {
      const item = items.get(key);
      return item ? [[key, item] as const] : [];
    }),
  );
  return { items: found, malformed, seen };
};

/** What the archive says of these keys, asked for by one reading from the oldest on where its order allows. */
export const standingOf = async (reading: Reading, keys: readonly ItemKey[]): Promise<ArchiveState> => {
  const borders = new Map<ItemKey, Border>();
  for (let at = 0; at < keys.length; at += AT_ONCE) {
    const some = keys.slice(at, at + AT_ONCE);
    const found = await Promise.all(some.map((key) => located(reading, key)));
    for (const [index, border] of found.entries()) if (border) borders.set(some[index] as ItemKey, border);
  }
  const items = new Map<ItemKey, Item>();
  const malformed = new Map<ItemKey, Sighting>();
  const seen = new Set<ItemKey>();
  const left = new Set(borders.keys());
  // The core asks in the order in which things were told: the first key left is nearly always the oldest.
  for (const [key, border] of borders) {
    if (!left.has(key)) continue;
    const standing = await standingFrom(reading, border, left);
    for (const [known, item] of standing.items) items.set(known, item);
    for (const [known, sighting] of standing.malformed) malformed.set(known, sighting);
    for (const known of standing.seen) seen.add(known);
    for (const known of [key, ...standing.seen]) left.delete(known);
  }
  return { items, malformed, seen };
};

/** The message of this key as it now stands; undefined: the archive has none. */
export const itemOf = async (reading: Reading, key: ItemKey): Promise<Item | undefined> =>
  (await standingOf(reading, [key])).items.get(key);

/** Finds the message a post is about where it is not among what was read. */
export type Finder = (post: Post, target: string) => Promise<ItemKey | undefined>;

/**
 * A finder for one look: by archive id, or by the id its sender gave it. For the latter the 1,000 to 2,000 messages before the
 * first that was asked about are read once, as far as needed: whoever names what never was costs no more than that.
 * Undefined: not found; the post is passed over.
 */
export const finderOf = (reading: Reading): Finder => {
  const { line, room, signal } = reading;
  const older: Post[] = [];
  let slices: AsyncGenerator<Slice> | undefined;
  let done = false;

  /** Reads one slice more; false where there is none. */
  const further = async (before: string): Promise<boolean> => {
    slices ??= slicesBack(line, room, before, BACK, signal);
    const next: IteratorResult<Slice, unknown> = done ? { done: true, value: undefined } : await slices.next();
    done = next.done === true;
    if (next.done) return false;
    for (const entry of next.value.entries.toReversed()) {
      const post = postOf(entry, room);
      if (!isUnread(post) && post.deed.kind === "text" && post.sent !== undefined) older.push(post);
    }
    return true;
  };

  return async (post, target) => {
    const anybodys = post.deed.kind === "react" || post.deed.kind === "moderate";
    if (post.deed.kind !== "correct" && (await located(reading, target))) return target;
    for (let at = 0; ; ) {
      for (; at < older.length; at += 1) {
        const one = older[at];
        if (one?.sent === target && (anybodys || sameAuthor(one.author, post.author))) return one.id;
      }
      if (!(await further(post.id))) return undefined;
    }
  };
};

/**
 * Our own post that bears this id, looked for backwards from the end. `beginning`: all of the archive was looked through.
 * @param until  an entry that it is not before: the archive begins behind it
 */
export const sentByUs = async (
  { line, room, signal, setting }: Reading,
  id: string,
  slices: number,
  until?: string,
): Promise<{ readonly post?: Post; readonly beginning: boolean }> => {
  let beginning = false;
  for await (const { entries, complete } of slicesBack(line, room, "", slices, signal)) {
    beginning = complete;
    for (const entry of entries.toReversed()) {
      if (entry.id === until) return { beginning: true };
      const post = postOf(entry, room);
      if (!isUnread(post) && post.sent === id && isOurs(post.author, setting)) return { post, beginning };
    }
  }
  return { beginning };
};

/**
 * The sighting of a message of this key: whole, malformed, or gone where the archive has something else in its place (a tombstone).
 * Out where it has nothing: archives forget, and then nobody can say whether the message was taken back.
 */
export const sightingIn = (standing: ArchiveState, key: ItemKey, read: Read, setting: Setting): Sighting => {
  const item = standing.items.get(key);
  if (item) return sightingOf(item, read, setting);
  return standing.malformed.get(key) ?? (standing.seen.has(key) ? { key, gone: true } : { key, out: true });
};
