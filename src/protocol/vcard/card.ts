/** A card in memory: its jCard as ical.js reads properties, and beside it the lines it was read from. */

import { isDeepStrictEqual } from "node:util";
import { type CardProperty, type CardVersion, propertyOf } from "./property.ts";

/** A vCard, parsed. */
export interface Card {
  /** Its jCard (RFC 7095). VERSION is the first property, `3.0` or `4.0`. */
  readonly jCard: readonly [name: "vcard", properties: readonly CardProperty[]];
}

/** The line each property was read from, unfolded: what nobody changed is written as it came. */
export type Sources = ReadonlyMap<CardProperty, string>;

// One entry a card: a weak map of every property would cost more than reading them.
const sources = new WeakMap<Card, Sources>();

export const propertiesOf = (card: Card): readonly CardProperty[] => card.jCard[1];

/** The version a card is in. */
export const versionOf = (card: Card): CardVersion => {
  const [first] = propertiesOf(card);
  return first?.[0] === "version" && first[3] === "4.0" ? "4.0" : "3.0";
};

export const cardOf = (properties: readonly CardProperty[], lines?: Sources): Card => {
  const card: Card = { jCard: ["vcard", [...properties]] };
  if (lines) sources.set(card, lines);
  return card;
};

/** The card with other properties; those it shares keep their lines. */
export const cardWith = (card: Card, properties: readonly CardProperty[]): Card => cardOf(properties, sources.get(card));

/** The line a property of the card was read from; undefined where it has been changed since, or made here. */
export const sourceLine = (card: Card, property: CardProperty, version: CardVersion): string | undefined => {
  const line = sources.get(card)?.get(property);
  return line !== undefined && isDeepStrictEqual(propertyOf(line, version)?.property, property) ? line : undefined;
};
