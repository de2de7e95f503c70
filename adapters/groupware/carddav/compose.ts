/** What should stand → a card, fact by fact. Pure. */

import type { Command, Loss, ProfileView, View } from "groupstream";
import { davMarks, trailText } from "groupstream/protocol/dav";
import { carriedFacts, type FactChanges, type Facts, factsDigest } from "groupstream/protocol/merge";
import { type Card, type CardChange, newCard, profileOf, readCards, writeCard } from "groupstream/protocol/vcard";

export const isProfile = (view: View | undefined): view is ProfileView =>
  view?.type === "Person" || view?.type === "Group" || view?.type === "Organization";

/** Lists of a profile, by what one of them is called as a fact. */
const lists = { address: "address", member: "members", label: "labels" } as const;
type ListFact = keyof typeof lists;

/** Everything an address book can hold of a profile; what another card says of it is none of it. */
export const factsOf = (view: ProfileView): Facts => {
  const facts = new Map<string, string | true>();
  if (view.name !== undefined) facts.set("name", view.name);
  for (const [field, value] of Object.entries(view.fields ?? {})) facts.set(`field ${field}`, value);
  for (const [fact, list] of Object.entries(lists)) for (const one of view[list] ?? []) facts.set(`${fact} ${one}`, true);
  return facts;
};

/** What people call a fact: `tel.work`, `members`. */
export const fieldOfFact = (fact: string): string => {
  const [kind = "", name = ""] = fact.split(/ (.*)/s);
  return kind === "field" ? name : (lists[kind as ListFact] ?? kind);
};

/** Fields of several properties each, whose values have no comma with a space in them. */
const several = /^(?:tel|url|impp|nickname)(?:\.|$)/;

const valuesOf = (field: string, value: string): string | readonly string[] => (several.test(field) ? value.split(", ") : value);

const fieldsOf = (fields: Iterable<readonly [string, string | null]>): NonNullable<CardChange["fields"]> =>
  Object.fromEntries([...fields].map(([field, value]) => [field, value === null ? null : valuesOf(field, value)]));

/**
 * What is to be written of a profile as it stands, for these facts to be so.
 * @param wished  whose facts they are: a picture is a digest as a fact, and all of it in the wish
 */
export const changeOf = (now: ProfileView, changes: FactChanges, wished: ProfileView): CardChange => {
  const listed = (fact: ListFact): readonly string[] | undefined => {
    const touched = [...changes].flatMap(([name, value]) =>
      name.startsWith(`${fact} `) ? [[name.slice(fact.length + 1), value !== null] as const] : [],
    );
    if (touched.length === 0) return undefined;
    const out = new Set(touched.flatMap(([one, is]) => (is ? [] : [one])));
    return [...(now[lists[fact]] ?? []).filter((one) => !out.has(one)), ...touched.flatMap(([one, is]) => (is ? [one] : []))];
  };
  const name = changes.get("name");
  const [address, members, labels] = [listed("address"), listed("member"), listed("label")];
  const fields = [...changes].flatMap(([fact, value]) => {
    if (!fact.startsWith("field ")) return [];
    const field = fact.slice(6);
    return [[field, value === null ? null : (wished.fields?.[field] ?? String(value))] as const];
  });
  return {
    ...(typeof name === "string" && { name }),
    ...(address && { address }),
    ...(members && { members }),
    ...(labels && { labels }),
    fields: fieldsOf(fields),
  };
};

/** A profile as a card of ours has it. */
export interface Composed {
  readonly card: Card;
  readonly view: ProfileView;
  readonly facts: Facts;
  readonly losses: readonly Loss[];
  /** Equal for equal content. */
  readonly digest: string;
}

const compared = "00000000-0000-4000-8000-000000000000";

/**
 * The card of a profile, in vCard 3.0, which every server takes; undefined without a name. What it says is read back from it, so that it is compared as
 * it will stand.
 */
export const composed = (
  view: ProfileView,
  uid: string = compared,
  more: Pick<CardChange, "marks" | "rev"> = {},
): Composed | undefined => {
  const { type, name, address, members, labels, fields = {} } = view;
  if (name === undefined) return undefined;
  const wish = { ...(address && { address }), ...(members && { members }), ...(labels && { labels }) };
  const { card, losses } = newCard(
    { version: "3.0", uid, type },
    { name, ...wish, fields: fieldsOf(Object.entries(fields)), ...more },
  );
  const [read] = readCards(writeCard(card)).cards;
  if (!read) return undefined;
  const shown = profileOf(read);
  const facts = factsOf(shown);
  return { card, view: shown, facts, losses, digest: factsDigest(new Map([...facts, ["type", type]])) };
};

/** Our properties of what is delivered. */
export const marksOf = ({ trail }: Command, facts: Facts): Readonly<Record<string, string | undefined>> => ({
  [davMarks.base]: carriedFacts(facts),
  [davMarks.trail]: trailText(trail),
});
