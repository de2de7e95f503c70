/**
 * Messages as they now stand: the archive's posts put together in their order. Pure.
 *
 * 1  a text is an item of its own; its archive id is the key
 * 2  a correction (XEP-0308) names its sender's id of the first version, and counts by the same author only
 * 3  a retraction (XEP-0424) by the same author, or by the room itself (XEP-0425): gone for good
 * 4  reactions (XEP-0444) are all that their author now has on the message
 * 5  what names a message that is not here is given back: it is older than what was read, or it never was
 */

import { type Author, type Post, sameAuthor } from "./post.ts";

/** A message as it now stands. */
export interface Item {
  readonly first: Post;
  /** The post whose text shows: the first or its last correction. */
  readonly shown: Post;
  /** By author: all that they now have on it. */
  readonly reactions: readonly { readonly author: Author; readonly emojis: readonly string[] }[];
  readonly gone: boolean;
  /** The post that changed it last. */
  readonly last: Post;
  /** The latest time of all that made it: never goes back, whatever the server's clock does. */
  readonly order: string;
}

/** What a post did to what was read so far. */
export type Effect =
  | { readonly changed: string; readonly item: Item }
  /** It is about a message that is not among what was read. */
  | { readonly missing: string }
  | undefined;

/** A message as it was written. */
export const begun = (post: Post): Item => ({ first: post, shown: post, reactions: [], gone: false, last: post, order: post.at });

const reacted = (item: Item, post: Post, emojis: readonly string[]): Item["reactions"] => {
  const others = item.reactions.filter(({ author }) => !sameAuthor(author, post.author));
  return emojis.length === 0 ? others : [...others, { author: post.author, emojis }];
};

/** The item after a post about it; undefined: the post does not count. */
const applied = (item: Item, post: Post): Item | undefined => {
  const { deed } = post;
  if (item.gone) return undefined;
  const next = { ...item, last: post, order: post.at > item.order ? post.at : item.order };
  switch (deed.kind) {
    case "correct":
      return sameAuthor(item.first.author, post.author) ? { ...next, shown: post } : undefined;
    case "retract":
      return sameAuthor(item.first.author, post.author) ? { ...next, gone: true } : undefined;
    case "moderate":
      return { ...next, gone: true };
    case "react":
      return { ...next, reactions: reacted(item, post, deed.emojis) };
    default:
      return undefined;
  }
};

/** Messages of one id that are remembered. */
const SAME = 10;

/** The items of the posts read so far, the longest untouched forgotten beyond a bound. */
export class Items {
  readonly #most: number;
  readonly #items = new Map<string, Item>();
  /** Keys by the id their senders gave, oldest first: anybody may give an id that somebody else gave. */
  readonly #sent = new Map<string, readonly string[]>();
  /** Keys that may be remembered; undefined: all. */
  readonly #only: ReadonlySet<string> | undefined;

  /**
   * @param most  how many are remembered
   * @param only  only these keys are
   */
  constructor(most: number, only?: ReadonlySet<string>) {
    this.#most = most;
    this.#only = only;
  }

  get(key: string): Item | undefined {
    return this.#items.get(key);
  }

  /** Takes the next post of the archive. */
  take(post: Post): Effect {
    const { deed } = post;
    if (deed.kind === "nothing" || deed.kind === "tombstone") return undefined;
    if (deed.kind === "text") {
      if (this.#only && !this.#only.has(post.id)) return undefined;
      const item = begun(post);
      this.#put(post.id, item);
      return { changed: post.id, item };
    }
    const key = this.#keyOf(post, deed.target);
    const item = key === undefined ? undefined : this.#items.get(key);
    if (key === undefined || !item) return { missing: deed.target };
    const next = applied(item, post);
    if (!next) return undefined;
    this.#put(key, next);
    return { changed: key, item: next };
  }

  /** The message a post is about: by archive id, else the last one its sender gave this id, by the same author if possible. */
  #keyOf(post: Post, target: string): string | undefined {
    if (this.#items.has(target)) return target;
    const keys = this.#sent.get(target) ?? [];
    const byThem = keys.findLast((key) => sameAuthor(this.#items.get(key)?.first.author ?? {}, post.author));
    return byThem ?? keys.at(-1);
  }

  #put(key: string, item: Item): void {
    const known = this.#items.delete(key);
    this.#items.set(key, item);
    const { sent } = item.first;
    if (!known && sent !== undefined) this.#sent.set(sent, [...(this.#sent.get(sent) ?? []).slice(1 - SAME), key]);
    const [oldest] = this.#items;
    if (this.#items.size <= this.#most || !oldest) return;
    this.#items.delete(oldest[0]);
    const given = oldest[1].first.sent;
    const left = given === undefined ? [] : (this.#sent.get(given) ?? []).filter((one) => one !== oldest[0]);
    if (given === undefined) return;
    if (left.length > 0) this.#sent.set(given, left);
    else this.#sent.delete(given);
  }
}
