/** A card as text, RFC 6350 §3. */

import ICAL from "ical.js";
import { type Card, propertiesOf, sourceLine, versionOf } from "./card.ts";
import { type CardProperty, type CardVersion, designOf } from "./property.ts";

/**
 * A comma in a URI is escaped in both versions, as Sabre and ical.js do in 4.0, who read it either way: Radicale cuts a URI at a plain one.
 */
const plain = designOf("3.0");
const designs = {
  "3.0": { ...plain, value: { ...plain.value, uri: designOf("4.0").value.uri } },
  "4.0": designOf("4.0"),
};

const lineOf = (property: CardProperty, version: CardVersion): string => {
  const { group, ...params } = property[1];
  const bare = [property[0], params, ...property.slice(2)];
  const line: string = ICAL.stringify.property(bare, designs[version], true);
  return typeof group === "string" ? `${group}.${line}` : line;
};

/**
 * The card as text, lines ended by CRLF and folded at 75 bytes. A property nobody has changed since {@link readCards} is
 * written as it came, but for the folds: ical.js by itself writes groups in capitals and dates with another VALUE. The same card
 * always gives the same text.
 */
export const writeCard = (card: Card): string => {
  const version = versionOf(card);
  const lines = propertiesOf(card).map((property) => sourceLine(card, property, version) ?? lineOf(property, version));
  return ["BEGIN:VCARD", ...lines, "END:VCARD", ""].map((line) => ICAL.helpers.foldline(line)).join("\r\n");
};
