/** Addresses in text and in links. Pure. */

import type { ActorId } from "../../contract/words.ts";
import { mailtoOf } from "./mailto.ts";

/** Longest address that is taken for one, in characters. */
const LINK_LIMIT = 2_000;

const bare = /(?<![\p{L}\p{N}])https?:\/\/[^\s<>"'`\\^{}|\u200b]+/giu;

const count = (text: string, character: string): number => text.split(character).length - 1;

/** Punctuation at the end belongs to the sentence, a bracket only to the address if it was opened there. */
const trimmed = (link: string): string => {
  const surplus = { ")": count(link, ")") - count(link, "("), "]": count(link, "]") - count(link, "[") };
  let end = link.length;
  for (; end > 0; end--) {
    const last = link[end - 1] ?? "";
    if (/[.,;:!?*…»“”’]/.test(last)) continue;
    if ((last !== ")" && last !== "]") || surplus[last] <= 0) break;
    surplus[last]--;
  }
  return link.slice(0, end);
};

/** A piece of text, or an address in it. */
export interface Piece {
  readonly text: string;
  readonly link?: true;
}

/** Text in pieces, http and https addresses apart; joined again they are the text. Linear in its length. */
export const pieces = (text: string): Piece[] => {
  const found: Piece[] = [];
  let from = 0;
  for (const { 0: match, index } of text.matchAll(bare)) {
    if (match.length > LINK_LIMIT) continue;
    const link = trimmed(match);
    if (!URL.canParse(link) || !/^https?:\/\/[\p{L}\p{N}[]/iu.test(link)) continue;
    if (index > from) found.push({ text: text.slice(from, index) });
    found.push({ text: link, link: true });
    from = index + link.length;
  }
  if (from < text.length) found.push({ text: text.slice(from) });
  return found;
};

/** An address as people read it: without `mailto:`. */
export const shownAddress = (href: string): string => href.replace(/^mailto:/i, "");

/** The actor a link names by `mailto:`, `acct:` or `xmpp:`; undefined for every other link, and for what is no address. */
export const mentionId = (href: string): ActorId | undefined => {
  const [, scheme, rest] = /^\s*(mailto|acct|xmpp):([^?#\s]{3,320})/i.exec(href) ?? [];
  if (scheme === undefined || rest === undefined) return undefined;
  if (scheme.toLowerCase() === "mailto") {
    try {
      return mailtoOf(decodeURIComponent(rest));
    } catch {
      return undefined;
    }
  }
  return /^[^@/]+@[^@/]+/.test(rest) ? `${scheme.toLowerCase()}:${rest}` : undefined;
};
