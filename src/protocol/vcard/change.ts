/** A change of a card, onto the card as it is: nothing is written that nobody asked for. Pure. */

import { isDeepStrictEqual } from "node:util";
import type { Loss } from "../../contract/view.ts";
import type { ActorId } from "../../contract/words.ts";
import { cleanLine } from "../text/characters.ts";
import { mailtoOf } from "../text/mailto.ts";
import { type Card, cardWith, propertiesOf, versionOf } from "./card.ts";
import { fieldOf, isField, labelsOf, shownValue, textOf, textsOf } from "./fields.ts";
import { categoriesOf, mailtoIn, memberOf, profileOf } from "./profile.ts";
import type { CardProperty, CardVersion } from "./property.ts";
import { keptParams, partsIn, written } from "./values.ts";

/** The parts of a name, RFC 6350 §6.2.2. */
export interface CardName {
  readonly family?: string;
  readonly given?: string;
  readonly additional?: string;
  readonly prefixes?: string;
  readonly suffixes?: string;
}

/** What a card shall say. What is absent stays as it is. */
export interface CardChange {
  /** FN, one line. */
  readonly name?: string;
  /** N. */
  readonly n?: CardName;
  /** Every EMAIL, `mailto:`. */
  readonly address?: readonly ActorId[];
  /**
   * By the names of {@link profileOf}: `tel.work`, `org`. A list is several of the kind, a text all of them as they are shown; null or an empty list
   * removes it. Can be written: `tel`, `adr`, `org`, `title`, `role`, `note`, `nickname`, `url`, `impp`, `bday` (`1985-04-12`, `--04-12`; in 4.0 less of it,
   * or words), `anniversary` (4.0), `photo` and `logo` (`https:`, or `data:image/…;base64` of at most 256 KiB). Parts of an address or
   * organisation that are still in the text stay what they are; else it stands whole in the street, or the name.
   */
  readonly fields?: Readonly<Record<string, string | readonly string[] | null>>;
  /** Every member of a group. */
  readonly members?: readonly ActorId[];
  /** Every one of CATEGORIES. */
  readonly labels?: readonly string[];
  /** Properties of the writer's own (`x-…`), each once: what they say; undefined takes one away. One line without separators of vCards. */
  readonly marks?: Readonly<Record<string, string | undefined>>;
  /** When, RFC 3339 UTC with whole seconds: sets REV. */
  readonly rev?: string;
}

type Properties = readonly CardProperty[];
/** A property with a new value; of `old` it keeps parameters and group. */
type Make = (value: string, old?: CardProperty) => CardProperty;

/**
 * The properties with these values of a kind: one that has a wanted value stays, the others are given what is missing in their order, what is
 * left of them goes, what is left of the values comes last.
 *
 * @param said  what a property of this kind says; undefined for every other property
 */
const withValues = (
  properties: Properties,
  said: (property: CardProperty) => string | undefined,
  wanted: readonly string[],
  make: Make,
): Properties => {
  const all = new Set(wanted);
  const present = new Set(properties.map(said));
  const missing = [...all].filter((value) => !present.has(value)).values();
  const kept = properties.flatMap((property): Properties => {
    const value = said(property);
    if (value === undefined || all.has(value)) return [property];
    const next = missing.next();
    return next.done ? [] : [make(next.value, property)];
  });
  return [...kept, ...[...missing].map((value) => make(value))];
};

const inherited = (old: CardProperty | undefined): CardProperty[1] => ({ ...old?.[1] });

/** Lists inside of one property. */
const lists = new Set(["nickname"]);

const freeGroup = (properties: Properties): string => {
  const taken = new Set(properties.map(({ 1: { group } }) => (typeof group === "string" ? group.toLowerCase() : "")));
  let number = 1;
  while (taken.has(`item${number}`)) number++;
  return `item${number}`;
};

/** The properties with a field; `lost`: what is not written of it. */
const withField = (
  properties: Properties,
  field: string,
  value: string | readonly string[] | null,
  version: CardVersion,
): { readonly properties: Properties; readonly lost?: string } => {
  const [name = "", ...suffix] = field.split(".");
  if (!isField(name)) return { properties, lost: "This is no field of a card." };
  const labels = labelsOf(properties);
  const said = (property: CardProperty): string | undefined =>
    property[0] === name && fieldOf(property, labels) === field ? shownValue(property) : undefined;
  const isType = suffix.every((type) => /^[a-z0-9-]{1,40}$/.test(type));
  const there = [...new Set(properties.map(said).filter((text) => text !== undefined))].sort();
  // Several are shown as one text: the one of them that changed is told by the others.
  const wanted = typeof value === "string" ? (there.length > 1 && partsIn(value, there)) || [value] : value === null ? [] : value;

  let labelled = false;
  const fresh = (): CardProperty[1] => {
    if (suffix.length === 0) return {};
    if (isType) return { type: suffix.length === 1 ? suffix[0]! : suffix };
    labelled = true;
    return { group: freeGroup(properties) };
  };
  if (lists.has(name)) {
    const values = [...new Set(wanted.map((value) => cleanLine(value)).filter((value) => value !== ""))];
    const text = [...values].sort().join(", ");
    const next = withValues(properties, said, values.length === 0 ? [] : [text], (_, old) => [
      name,
      old ? old[1] : fresh(),
      "text",
      ...values,
    ]);
    return { properties: next };
  }
  /** Each value by how it is shown. */
  const byShown = new Map<string, string>();
  for (const one of wanted) {
    const { says, params, lost } = written(name, one, version);
    if (says === undefined) return { properties, ...(lost !== undefined && { lost }) };
    const shown = shownValue([name, params ?? {}, ...says]);
    if (shown !== "") byShown.set(shown, one);
  }
  const losses: string[] = [];
  const next = withValues(properties, said, [...byShown.keys()], (shown, old) => {
    const { says, params, lost } = written(name, byShown.get(shown) ?? shown, version, old);
    if (lost !== undefined) losses.push(lost);
    return [name, { ...(old ? keptParams(old) : fresh()), ...params }, ...says!];
  });
  const label: CardProperty[] = labelled
    ? [["x-ablabel", { group: freeGroup(properties) }, "unknown", cleanLine(suffix.join("."), 40).replace(/[\\,;]/g, "\\$&")]]
    : [];
  return { properties: [...next, ...label], ...(losses[0] !== undefined && { lost: losses[0] }) };
};

/** A label whose property is gone labels nothing. */
const withoutOrphans = (before: Properties, after: Properties): Properties => {
  const used = (properties: Properties): ReadonlySet<unknown> =>
    new Set(properties.filter(([name]) => name !== "x-ablabel").map(({ 1: { group } }) => group));
  const [was, is] = [used(before), used(after)];
  return after.filter(([name, { group }]) => name !== "x-ablabel" || is.has(group) || !was.has(group));
};

/** The one property of a name that is shown as `now` gets a new value, else the first, else one comes last. */
const withOne = (
  properties: Properties,
  name: string,
  now: string | undefined,
  make: (old?: CardProperty) => CardProperty,
): Properties => {
  const all = properties.filter((property) => property[0] === name);
  const old = all.find((property) => cleanLine(textOf(property)) === now) ?? all[0];
  return old === undefined ? [...properties, make()] : properties.map((property) => (property === old ? make(old) : property));
};

const structuredName = ({
  family = "",
  given = "",
  additional = "",
  prefixes = "",
  suffixes = "",
}: CardName): readonly string[] => [family, given, additional, prefixes, suffixes].map((part) => cleanLine(part));

/** True where N is the name whole, in one of its parts: nobody knew them, and it is renamed along. */
const isWhole = (property: CardProperty, name: string | undefined): boolean =>
  textsOf(property).filter((part) => part !== "").length === 1 && cleanLine(shownValue(property)) === name;

const withName = (properties: Properties, { name, n }: CardChange, now: string | undefined): Properties => {
  const shown = name === undefined ? "" : cleanLine(name);
  let next = properties;
  if (n === undefined && shown !== "" && shown !== now)
    next = next.map((one) =>
      one[0] === "n" && isWhole(one, now) ? ["n", inherited(one), "text", structuredName({ family: shown })] : one,
    );
  if (shown !== "" && shown !== now) next = withOne(next, "fn", now, (old) => ["fn", inherited(old), "text", shown]);
  return n === undefined ? next : withOne(next, "n", undefined, (old) => ["n", inherited(old), "text", structuredName(n)]);
};

const withMembers = (properties: Properties, members: readonly ActorId[], version: CardVersion): Properties => {
  const name =
    properties.find((one) => one[0] === "member" || one[0] === "x-addressbookserver-member")?.[0] ??
    (version === "4.0" ? "member" : "x-addressbookserver-member");
  const said = (property: CardProperty): string | undefined => (property[0] === name ? memberOf(textOf(property)) : undefined);
  return withValues(properties, said, members, (value) => [
    name,
    {},
    version === "4.0" && name === "member" ? "uri" : "unknown",
    value,
  ]);
};

/** One property has them all; where they are as they were, those there are stay as they are. */
const withLabels = (properties: Properties, labels: readonly string[]): Properties => {
  const wanted = [...new Set(labels.flatMap((label) => cleanLine(label, 200) || []))].sort();
  if (isDeepStrictEqual(wanted, [...new Set(properties.flatMap(categoriesOf))].sort())) return properties;
  const [first, ...more] = properties.filter(([name]) => name === "categories");
  const kept = properties.filter((property) => !more.includes(property));
  if (wanted.length === 0) return kept.filter((property) => property !== first);
  const make = (old?: CardProperty): CardProperty => ["categories", inherited(old), "text", ...wanted];
  return first ? kept.map((property) => (property === first ? make(first) : property)) : [...kept, make()];
};

const withMark = (properties: Properties, mark: string, text: string | undefined): Properties => {
  const others = properties.filter(([name]) => name !== mark);
  return text === undefined ? others : [...others, [mark, {}, "unknown", text]];
};

/** What a property of the writer's own says; undefined: there is none. */
export const markOfCard = (card: Card, mark: string): string | undefined => {
  const property = propertiesOf(card).find(([name]) => name === mark);
  return property && textOf(property);
};

/**
 * The card with a change, and what could not be written: a field there is no way to write, a value its field cannot hold. The given card stays
 * as it is. What the change does not name survives in its order, with groups and parameters; a value that changes
 * keeps its place and its types. A new name leaves N as it is, and says so in the losses, unless `n` is given or N
 * is the name whole.
 */
export const changeCard = (card: Card, change: CardChange): { readonly card: Card; readonly losses: readonly Loss[] } => {
  const version = versionOf(card);
  const before = propertiesOf(card);
  const view = profileOf(card);
  const losses: Loss[] = [];
  let properties = withName(before, change, view.name);
  if (
    properties !== before &&
    change.n === undefined &&
    before.some((one) => one[0] === "n" && shownValue(one) !== "" && !isWhole(one, view.name))
  )
    losses.push({ field: "n", reason: "The parts of the name stay as they were." });

  if (change.address) {
    const ids = change.address.filter((id) => mailtoIn(id) !== undefined);
    if (ids.length < change.address.length) losses.push({ field: "address", reason: "Only mail addresses can be written." });
    const said = (property: CardProperty) => (property[0] === "email" ? mailtoIn(textOf(property)) : undefined);
    properties = withValues(properties, said, ids, (id, old) => ["email", inherited(old), "text", addressOf(id)]);
  }
  const shown: Readonly<Record<string, string>> = view.fields ?? {};
  for (const [field, value] of Object.entries(change.fields ?? {})) {
    if (value !== null && value === shown[field]) continue;
    const { properties: next, lost } = withField(properties, field, value, version);
    if (lost !== undefined) losses.push({ field, reason: lost });
    properties = next;
  }
  if (change.members) {
    const members = change.members.filter((id) => memberOf(id) === id);
    if (members.length < change.members.length) losses.push({ field: "members", reason: "Only IRIs can be members." });
    properties = withMembers(properties, members, version);
  }
  if (change.labels) properties = withLabels(properties, change.labels);
  for (const [mark, text] of Object.entries(change.marks ?? {})) properties = withMark(properties, mark, text);
  if (change.rev !== undefined) {
    const rev = change.rev;
    properties = withOne(properties, "rev", undefined, () => ["rev", {}, version === "4.0" ? "timestamp" : "date-time", rev]);
  }
  return { card: cardWith(card, withoutOrphans(before, properties)), losses };
};

/** The address of a `mailto:` id as EMAIL wants it: without the escapes of a URI. */
const addressOf = (id: ActorId): string => {
  const address = decodeURIComponent(id.slice("mailto:".length));
  return mailtoOf(address) === id ? address : id.slice("mailto:".length);
};
