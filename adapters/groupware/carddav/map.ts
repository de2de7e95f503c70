/** A resource of an address book → what it shows. Pure. */

import type { Read, Sighting } from "groupstream";
import { type DavResource, RAW_RESOURCE } from "groupstream/protocol/dav";
import { type Card, cardEvidence, profileOf, readCards } from "groupstream/protocol/vcard";
import { deliveryOf, trailOf } from "./own.ts";

/** Of the mapping: raised when the same resource is shown otherwise. */
export const MAPPING = 1;

/** The card in a resource. */
export interface OneCard {
  readonly card: Card;
  /** Something of it could not be read: written back it would be lost. */
  readonly broken?: string;
}

/** Lines of a card that is read: ten times those of the largest group people keep. */
const LINES = 50_000;

/** The one card in a resource, or why there is none that can be read. */
export const cardIn = (data: string): OneCard | string => {
  const { cards, problems } = readCards(data, { lines: LINES });
  const [card, ...more] = cards;
  if (!card) return problems[0]?.reason ?? "It holds no card.";
  if (more.length > 0) return "It holds several cards, and RFC 6352 section 5.1 allows one.";
  // Half of what was meant would be told as if the rest had been deleted.
  const missing = problems.find((problem) => problem.card === undefined);
  if (missing) return `Line ${missing.line}: ${missing.reason}`;
  const [lost] = problems;
  return { card, ...(lost && { broken: `Line ${lost.line}: ${lost.reason}` }) };
};

/** What is read of a resource. */
export const sightingOf = ({ key, revision, data }: DavResource, _read?: Read): Sighting => {
  const found = cardIn(data);
  if (typeof found === "string") return { key, revision, malformed: { reason: found, part: RAW_RESOURCE } };
  const { card } = found;
  const [object, delivery, trail] = [profileOf(card), deliveryOf(card, key), trailOf(card)];
  return {
    key,
    revision,
    object: trail ? { ...object, trail } : object,
    same: cardEvidence(card),
    ...(delivery !== undefined && { mine: { marker: delivery } }),
  };
};
