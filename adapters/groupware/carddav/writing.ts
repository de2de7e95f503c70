/**
 * Making, changing and deleting cards. What changes is written onto the card as it stands, fact by fact: everything else in it stays, whoever wrote
 * it. What somebody else changed meanwhile stays as well, unless the wish changes the same.
 */

import type { Command, ItemKey, Loss, ProfileView, Receipt } from "groupstream";
import {
  type DavCollection,
  type DavResource,
  davMarks,
  hrefOfKey,
  isUuid,
  type Refused,
  refused,
  type Showing,
  unwrittenBy,
} from "groupstream/protocol/dav";
import {
  baseCarried,
  baseOfFacts,
  conflictText,
  type FactConflict,
  type Facts,
  type FactsBase,
  mergedFacts,
} from "groupstream/protocol/merge";
import { type Card, changeCard, markOfCard, profileOf, writeCard } from "groupstream/protocol/vcard";
import type { Account } from "./account.ts";
import { type Composed, changeOf, composed, factsOf, fieldOfFact, isProfile, marksOf } from "./compose.ts";
import { cardIn, sightingOf } from "./map.ts";
import { keyOf } from "./own.ts";

/** As a look shows it. */
export const showing: Showing = (_, resource) => sightingOf(resource);

/** A card as it stands, and all that is known of it. */
interface StoredCard {
  readonly book: DavCollection;
  readonly resource: DavResource;
  readonly card: Card;
  readonly view: ProfileView;
  readonly broken?: string;
}

const standingOf = (book: DavCollection, resource: DavResource): StoredCard | Refused => {
  const found = cardIn(resource.data);
  if (typeof found === "string") return refused(`The card cannot be read, so it is not changed. ${found}`, "rejected");
  return { book, resource, view: profileOf(found.card), ...found };
};

type Done = Pick<Extract<Receipt, { outcome: "done" }>, "losses" | "digest">;

/** It was done. Servers rewrite what they are given: what stands there is read. What cannot be read stays done. */
const doneAt = async (account: Account, book: DavCollection, key: ItemKey, told: Done, signal: AbortSignal): Promise<Receipt> => {
  const found = await account.found(book, key, showing, signal).catch(() => undefined);
  signal.throwIfAborted();
  return { outcome: "done", ...(found && { stands: found }), ...told };
};

const unfit = refused(
  "Only people, groups and organisations with a name stand in an address book; give one of these.",
  "rejected",
);

export const create = async (account: Account, command: Command, signal: AbortSignal): Promise<Receipt> => {
  const { id, object, preview } = command;
  if (!isUuid(id)) return refused("A delivery's id must be a UUID: the card is known by it again; give another one.");
  const compared = isProfile(object) ? composed(object) : undefined;
  if (!isProfile(object) || !compared) return unfit;
  const { losses, digest, facts } = compared;
  const key = keyOf(id);
  if (preview) return { outcome: "done", native: `PUT ${key} (If-None-Match: *)`, losses, digest };
  const book = await account.place(command.collection, signal);
  if (!book) return refused("No address book there can be written.", "no-place");
  // SOGo writes over what stands there, whatever If-None-Match says.
  const before = command.attempt > 1 ? await account.found(book, key, showing, signal) : undefined;
  if (before) return { outcome: "done", losses, digest, stands: before };
  const marks = { [davMarks.delivery]: id.toLowerCase(), ...marksOf(command, facts) };
  const made = composed(object, id.toLowerCase(), { marks, rev: account.stamp() });
  if (!made) return unfit;
  const url = hrefOfKey(key, book.url);
  const written = await account.put(url, writeCard(made.card), { create: true }, signal);
  if (written.kind === "gone")
    return refused("The address book takes no new card: it is gone, or only shown; name another one.", "no-place");
  // What stands there by its name already was made by an attempt before.
  if (written.kind === "changed" && !(await account.found(book, key, showing, signal)))
    return refused("Another card stands under its name.", "rejected");
  return unwrittenBy(written) ?? doneAt(account, book, key, { losses, digest }, signal);
};

/** What is to be so, and what of it was so when it was wished. */
interface Wish {
  readonly base: FactsBase;
  readonly facts: Facts;
  /** What of the wish an address book cannot hold. */
  readonly losses: readonly Loss[];
}

/** Of somebody's change: what they saw. Only what they changed is theirs. What cannot be written stays, unless they took it away. */
const asked = (object: ProfileView, seen: ProfileView, wished: Composed): Wish => {
  const [before, after] = [factsOf(seen), factsOf(object)];
  const touched = new Set(
    [...before.keys(), ...after.keys()].filter((fact) => before.get(fact) !== after.get(fact)).map(fieldOfFact),
  );
  const writable = composed(seen)?.facts ?? new Map();
  const others = [...before].filter(([fact]) => !writable.has(fact));
  return {
    base: baseOfFacts(new Map([...others, ...writable])),
    facts: new Map([...others.filter(([fact]) => after.has(fact)), ...wished.facts]),
    losses: wished.losses.filter(({ field }) => touched.has(field)),
  };
};

export const update = async (account: Account, command: Command, signal: AbortSignal): Promise<Receipt> => {
  const { item, object, base: seen, preview } = command;
  if (!item) return refused("There is no contact to change; name one.");
  const wished = isProfile(object) ? composed(object) : undefined;
  if (!isProfile(object) || !wished) return unfit;
  const { digest } = wished;
  const wish = isProfile(seen) ? asked(object, seen, wished) : undefined;
  const losses = wish?.losses ?? wished.losses;
  if (preview) return { outcome: "done", native: `PUT ${item.key} (If-Match)`, losses, digest };
  return account.change(command, standingOf, signal, async ({ book, resource, card, view, broken }, { key }) => {
    if (broken !== undefined) return refused(`Written back the card would lose what cannot be read of it. ${broken}`, "rejected");
    if (view.type !== object.type) return refused(`It is a ${view.type} there, and stays one.`, "rejected");
    const base = wish?.base ?? baseCarried(markOfCard(card, davMarks.base));
    const { changes, conflicts } = mergedFacts(base, factsOf(view), wish?.facts ?? wished.facts);
    if (conflicts.length > 0)
      return refused(
        `Somebody else changed the same there: ${conflictText(conflicts, fieldOfFact)}; decide which it is, and make both so.`,
        "rejected",
      );
    const marks = wish ? {} : marksOf(command, wished.facts);
    const told = { losses, digest };
    if (changes.size === 0 && (wish || marks[davMarks.base] === markOfCard(card, davMarks.base)))
      return doneAt(account, book, key, told, signal);
    const next = changeCard(card, { ...changeOf(view, changes, object), marks, rev: account.stamp() });
    const body = writeCard(next.card);
    const written = await account.put(resource.url, body, { match: resource.revision }, signal);
    if (written.kind === "changed") return undefined;
    const lost = [...new Map([...losses, ...next.losses].map((loss) => [loss.field, loss])).values()];
    return unwrittenBy(written) ?? doneAt(account, book, key, { ...told, losses: lost }, signal);
  });
};

export const remove = async (account: Account, command: Command, signal: AbortSignal): Promise<Receipt> => {
  const { item, base, preview } = command;
  if (!item) return refused("There is no contact to delete; name one.");
  if (preview) return { outcome: "done", native: `DELETE ${item.key} (If-Match)` };
  return account.change(command, standingOf, signal, async ({ book, resource, view }) => {
    const [now, seen] = [factsOf(view), isProfile(base) ? factsOf(base) : factsOf(view)];
    const { changes } = mergedFacts({ was: () => undefined }, now, seen);
    const others = [...changes.keys()].map((fact): FactConflict => ({ fact, theirs: now.get(fact), ours: seen.get(fact) }));
    if (others.length > 0)
      return refused(
        `It was changed by somebody else since it was seen: ${conflictText(others, fieldOfFact)}; look at it, then delete it.`,
        "rejected",
      );
    const written = await account.remove(resource.url, resource.revision, signal);
    if (written.kind === "changed") return undefined;
    const gone = { collection: book.url, sighting: { key: resource.key, gone: true, final: true } } as const;
    return unwrittenBy(written) ?? { outcome: "done", stands: gone };
  });
};
