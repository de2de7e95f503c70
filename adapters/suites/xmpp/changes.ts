/**
 * A look at a room: its archive (XEP-0313), read on from the last entry that was read.
 *
 * It never lists. An archive forgets what is older than the server's owner wants, so that what it does not show says nothing:
 * without `listing` no absence is ever told for a deletion. What was retracted is told by the retraction, which the archive
 * holds like any message. The first look reads the archive from its beginning, and ends the baseline by ending.
 *
 * Changes of a message that came by in the same look (of the last 2,000) are put together here. Of an older one a reference is
 * given, and `fetch` reads it again from the archive.
 */

import { GroupstreamError, type ItemKey, type Page, type Position, type Read, type Sighting } from "groupstream";
import { slicesFrom } from "./archive.ts";
import { StanzaError, translateRoom } from "./errors.ts";
import { Items } from "./items.ts";
import { malformedOf, sightingOf } from "./map.ts";
import { placeFrom, positionOf } from "./position.ts";
import { isUnread, type Post, postOf } from "./post.ts";
import { finderOf, type Reading, sightingIn, standingOf } from "./reading.ts";

/** Messages whose changes are put together within a look. */
const REMEMBERED = 2_000;
/** A page's 1 MiB, less what surrounds the sightings. */
const PAGE_BYTES = 1_000_000;
/** Messages fetched in one reading of the archive. */
const FETCHED_AT_ONCE = 500;

const lostOf = ({ account, room }: Reading, message: string): GroupstreamError =>
  new GroupstreamError("position-lost", `${account.id}: ${room} ${message}; its archive is read again.`, {
    system: account.id,
    collection: room,
  });

/** Sightings of one page, the last of each key. */
class Sheet {
  readonly #sightings = new Map<ItemKey, { readonly sighting: Sighting; readonly bytes: number }>();
  #bytes = 0;

  /** True if it has room for one more of this size. */
  holds(bytes: number): boolean {
    return this.#sightings.size === 0 || this.#bytes + bytes <= PAGE_BYTES;
  }

  put(sighting: Sighting, bytes: number): void {
    this.#bytes += bytes - (this.#sightings.get(sighting.key)?.bytes ?? 0);
    this.#sightings.set(sighting.key, { sighting, bytes });
  }

  get sightings(): readonly Sighting[] {
    return [...this.#sightings.values()].map(({ sighting }) => sighting);
  }

  get empty(): boolean {
    return this.#sightings.size === 0;
  }
}

/** Turns posts into sightings, in their order. */
const seer = (reading: Reading, read: Read): ((post: Post) => Promise<Sighting | undefined>) => {
  const items = new Items(REMEMBERED);
  const find = finderOf(reading);
  return async (post) => {
    const effect = items.take(post);
    if (!effect) return undefined;
    if ("changed" in effect) return sightingOf(effect.item, read, reading.setting);
    const key = await find(post, effect.missing);
    return key === undefined ? undefined : { key, revision: post.id };
  };
};

/** Fails: `position-lost` where the archive does not have the last entry any more; `forbidden`; `unreachable`. */
export async function* changesOf(reading: Reading, since: Position | undefined, read: Read): AsyncGenerator<Page> {
  const { account, line, room, signal } = reading;
  const place = since === undefined ? {} : placeFrom(since, (message) => lostOf(reading, message));
  const see = seer(reading, read);
  let after = place.after;
  let given: string | undefined;
  let sheet = new Sheet();
  const page = (): Page => {
    const made = { sightings: sheet.sightings, position: positionOf(after === undefined ? {} : { after }) };
    sheet = new Sheet();
    given = after;
    return made;
  };
  try {
    for await (const { entries } of slicesFrom(line, room, place.after === undefined ? {} : { after: place.after }, signal)) {
      for (const entry of entries) {
        const post = postOf(entry, room);
        const sighting = isUnread(post) ? malformedOf(post) : await see(post);
        const bytes = sighting ? Buffer.byteLength(JSON.stringify(sighting)) : 0;
        if (sighting && !sheet.holds(bytes)) yield page();
        if (sighting) sheet.put(sighting, bytes);
        after = entry.id;
      }
      // What says nothing moves the position all the same: it need not be read again.
      if (!sheet.empty || (after !== given && after !== place.after)) yield page();
    }
    if (since === undefined && given === undefined) yield page();
  } catch (error) {
    signal.throwIfAborted();
    if (after !== undefined && error instanceof StanzaError && error.condition === "item-not-found")
      throw lostOf(reading, "does not have the last message that was read any more");
    throw translateRoom(account, room, error);
  }
}

/** Messages by key as they now stand: whole, malformed, gone, or out where the archive does not have them any more. */
export async function* fetchOf(reading: Reading, keys: readonly ItemKey[], read: Read): AsyncGenerator<Sighting> {
  const { account, room, setting, signal } = reading;
  try {
    for (let at = 0; at < keys.length; at += FETCHED_AT_ONCE) {
      const some = keys.slice(at, at + FETCHED_AT_ONCE);
      const standing = await standingOf(reading, some);
      for (const key of some) yield sightingIn(standing, key, read, setting);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw translateRoom(account, room, error);
  }
}
