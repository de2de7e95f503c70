/**
 * A vCard as a profile. Pure and canonical: properties, types and groups in another order give an equal view, since servers write
 * a card anew as they like.
 */

import { hash } from "node:crypto";
import type { Evidence } from "../../contract/sighting.ts";
import type { Loss, ProfileView } from "../../contract/view.ts";
import type { ActorId } from "../../contract/words.ts";
import { cleanLine, cutAt } from "../text/characters.ts";
import { mailtoOf } from "../text/mailto.ts";
import { type Card, propertiesOf } from "./card.ts";
import { fieldOf, isField, labelsOf, preferenceOf, shownValue, textOf, textsOf, VALUE_LIMIT } from "./fields.ts";
import type { CardProperty } from "./property.ts";

/** Most fields of a profile. */
const FIELD_LIMIT = 200;
/** Most addresses of a profile. */
const ADDRESS_LIMIT = 1_000;

/** Read in another way, or bookkeeping of servers: leaving it out loses nothing. */
const silent = new Set([
  "version",
  "prodid",
  "rev",
  "uid",
  "kind",
  "categories",
  "member",
  "fn",
  "n",
  "email",
  "source",
  "clientpidmap",
  "class",
  "sort-string",
  "label",
  "x-ablabel",
  "x-abshowas",
  "x-addressbookserver-kind",
  "x-addressbookserver-member",
]);

/** Of what this library writes. */
const ours = "x-groupstream-";

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** A UUID is one in any case and with or without `urn:uuid:`: 3.0 writes it bare, 4.0 as a URN. */
const uidOf = (text: string): string => {
  const bare = text.replace(/^urn:uuid:/i, "");
  return uuid.test(bare) ? bare.toLowerCase() : text;
};

/** The UID, a UUID in lower case and bare; undefined where the card has none. */
export const uidOfCard = (card: Card): string | undefined =>
  ranked(propertiesOf(card), "uid", (property) => uidOf(cleanLine(textOf(property), 4_000)))[0];

/**
 * The UID (RFC 6350 §6.7.6) as evidence: identity within the system, the same for `urn:uuid:` and the bare UUID, and named as a group names its
 * member. Empty where the card has none; then only its place in the address book names it.
 */
export const cardEvidence = (card: Card): readonly Evidence[] => {
  const uid = uidOfCard(card);
  if (uid === undefined) return [];
  const short = uid.length <= 200 ? uid : hash("sha256", uid, "base64url").slice(0, 22);
  return [{ id: uuid.test(uid) ? `urn:uuid:${uid}` : `card:${short}`, within: "system", weight: "identity" }];
};

const kindOf = (properties: readonly CardProperty[]): ProfileView["type"] => {
  const said = (name: string): string => ranked(properties, name, (property) => textOf(property).toLowerCase())[0] ?? "";
  const kind = said("kind") || said("x-addressbookserver-kind");
  if (kind === "group") return "Group";
  // Apple's address book has no KIND: a company is a card shown by its ORG.
  return kind === "org" || (kind === "" && said("x-abshowas") === "company") ? "Organization" : "Person";
};

/** Code unit order: the same everywhere. */
const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** What the properties of a name say, preferred first, else in the order of their text. */
const ranked = (
  properties: readonly CardProperty[],
  name: string,
  read: (property: CardProperty) => string,
): readonly string[] => {
  const found = properties
    .filter((property) => property[0] === name)
    .map((property) => [preferenceOf(property), read(property)] as const)
    .filter(([, text]) => text !== "")
    .sort((a, b) => a[0] - b[0] || byText(a[1], b[1]));
  return [...new Set(found.map(([, text]) => text))];
};

/** RFC 6350 §6.2.2: family, given, additional names, prefixes, suffixes; as most of the world writes them. */
const spoken = (property: CardProperty): string => {
  const [family, given, additional, prefixes, suffixes] = [property[3]].flat().map((part) => [part].flat().join(" "));
  return cleanLine([prefixes, given, additional, family, suffixes].filter(Boolean).join(" "));
};

const nameOf = (properties: readonly CardProperty[]): string | undefined =>
  [
    () => ranked(properties, "fn", (property) => cleanLine(textOf(property))),
    () => ranked(properties, "n", spoken),
    () => ranked(properties, "org", (property) => cleanLine(shownValue(property))),
    () => ranked(properties, "email", (property) => cleanLine(textOf(property))),
  ].reduce<string | undefined>((name, read) => name ?? read()[0], undefined);

/** The `mailto:` id of an EMAIL, or of a URI of this scheme. */
export const mailtoIn = (text: string): ActorId | undefined => {
  const address = text.replace(/^mailto:/i, "");
  if (address === text || !address.includes("%")) return mailtoOf(address);
  try {
    return mailtoOf(decodeURIComponent(address));
  } catch {
    return undefined;
  }
};

/** MEMBER is a URI (RFC 6350 §6.6.5): a mail address, the UID of another card, or any other name. */
export const memberOf = (text: string): ActorId | undefined => {
  if (/^mailto:/i.test(text)) return mailtoIn(text.replace(/\?.*$/s, ""));
  const uid = uidOf(text);
  if (uuid.test(uid)) return `urn:uuid:${uid}`;
  return !/^urn:uuid:/i.test(text) && text.length <= 2_000 && /^[a-z][a-z0-9+.-]*:[^\s<>"{}|\\^`\0-\x20\x7f]+$/i.test(text)
    ? text
    : undefined;
};

const membersOf = (properties: readonly CardProperty[]): { readonly members: readonly ActorId[]; readonly unread: number } => {
  const ids = properties
    .filter(([name]) => name === "member" || name === "x-addressbookserver-member")
    .map((property) => memberOf(textOf(property)));
  const members = [...new Set(ids.filter((id) => id !== undefined))].sort(byText);
  return { members, unread: ids.filter((id) => id === undefined).length };
};

const fieldsOf = (
  properties: readonly CardProperty[],
): { readonly fields: Readonly<Record<string, string>>; readonly losses: Loss[] } => {
  const labels = labelsOf(properties);
  const values = new Map<string, Set<string>>();
  for (const property of properties) {
    const value = isField(property[0]) ? shownValue(property) : "";
    if (value === "") continue;
    const field = fieldOf(property, labels);
    const known = values.get(field);
    if (known) known.add(value);
    else values.set(field, new Set([value]));
  }
  const losses: Loss[] = [];
  const names = [...values.keys()].sort(byText);
  if (names.length > FIELD_LIMIT)
    losses.push({ field: "fields", reason: `Only the first ${FIELD_LIMIT} of very many fields are kept.` });
  const fields = names.slice(0, FIELD_LIMIT).map((name): [string, string] => {
    const text = [...values.get(name)!].sort(byText).join(", ");
    if (text.length >= VALUE_LIMIT) losses.push({ field: name, reason: `Only the first ${VALUE_LIMIT} characters are kept.` });
    return [name, cutAt(text, VALUE_LIMIT)];
  });
  return { fields: Object.fromEntries(fields), losses };
};

/** CLASS of vCard 3.0 (RFC 2426 §3.7.1), which 4.0 has no more and people still write; what is not known is private. */
const classOf = (properties: readonly CardProperty[]): ProfileView["classification"] => {
  const [said] = ranked(properties, "class", (property) => textOf(property).toLowerCase());
  if (said === undefined || said === "public") return undefined;
  return said === "confidential" ? "confidential" : "private";
};

/** Most categories of a profile. */
const LABEL_LIMIT = 200;

/** CATEGORIES, each by itself. */
export const categoriesOf = (property: CardProperty): readonly string[] =>
  property[0] === "categories" ? textsOf(property).flatMap((text) => cleanLine(text, 200) || []) : [];

/** Properties that do not become anything, by name; those of vendors (`X-`) together. */
const leftOut = (properties: readonly CardProperty[]): readonly Loss[] => {
  const names = new Set(
    properties.map(([name]) => name).filter((name) => !silent.has(name) && !isField(name) && !name.startsWith(ours)),
  );
  const vendors = [...names].filter((name) => name.startsWith("x-")).length;
  const losses = [...names]
    .filter((name) => !name.startsWith("x-"))
    .sort(byText)
    .slice(0, 20)
    .map((field): Loss => ({ field, reason: "This property is not shown." }));
  return vendors === 0 ? losses : [...losses, { field: "x-", reason: "Properties of the vendor's own are not shown." }];
};

/**
 * A card as a profile.
 *
 * `type`: Group for KIND:group and X-ADDRESSBOOKSERVER-KIND:group, Organization for KIND:org and X-ABSHOWAS:COMPANY, else Person.
 * `name`: the preferred FN, else N, ORG, EMAIL. `address`: EMAIL as `mailto:`, preferred first, at most 1,000. `members` of a group:
 * MEMBER, `mailto:` where it is one, `urn:uuid:` in lower case for the UID of another card, another IRI as it stands; sorted. `fields`: by
 * name and types (`tel.work`), several of one kind sorted and joined by `, `, at most 200 of 32 Ki characters; `photo` is a
 * digest, so that a new picture is a change. `labels`: CATEGORIES, at most 200: address books without groups group by them. KEY never. What is left
 * out is in `losses`.
 *
 * There is no `edition`: REV (RFC 6350 §6.7.4) is written by some clients, kept by others, and set by some servers.
 */
export const profileOf = (card: Card): ProfileView => {
  const properties = propertiesOf(card);
  const type = kindOf(properties);
  const name = nameOf(properties);
  const emails = ranked(properties, "email", textOf);
  const ids = [...new Set(emails.map(mailtoIn).filter((id) => id !== undefined))];
  const unreadable = emails.filter((email) => mailtoIn(email) === undefined).length;
  const address = ids.slice(0, ADDRESS_LIMIT);
  const { fields, losses: cut } = fieldsOf(properties);
  const classification = classOf(properties);
  const labels = [...new Set(properties.flatMap(categoriesOf))].sort(byText).slice(0, LABEL_LIMIT);
  const { members, unread } = type === "Group" ? membersOf(properties) : { members: [], unread: 0 };
  const losses: Loss[] = [];
  if (unreadable > 0) losses.push({ field: "address", reason: `${unreadable} of the addresses could not be read.` });
  if (ids.length > address.length)
    losses.push({ field: "address", reason: `Only the first ${ADDRESS_LIMIT} of very many addresses are kept.` });
  if (unread > 0) losses.push({ field: "members", reason: `${unread} of the members are named by no IRI and left out.` });
  losses.push(...cut, ...leftOut(properties));
  return {
    type,
    ...(name !== undefined && { name }),
    ...(address.length > 0 && { address }),
    ...(Object.keys(fields).length > 0 && { fields }),
    ...(members.length > 0 && { members }),
    ...(labels.length > 0 && { labels }),
    ...(classification && { classification }),
    ...(losses.length > 0 && { losses }),
  };
};
