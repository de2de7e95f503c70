/** Who is who: which ids are one person's. Linked by what the operator declares, never by a display name. Pure. */

import * as v from "valibot";
import { wayTo } from "../contract/schema.ts";
import { type ActorId, plain } from "../contract/words.ts";

/** One person, by all the ids they have: mail addresses, accounts of chats. */
export interface Person {
  readonly ids: readonly ActorId[];
}

/** Gives one name for all the ids of a person, the first declared; for an id nobody declared itself. */
export const personOf = (people: readonly Person[]): ((id: ActorId) => ActorId) => {
  const names = new Map(people.flatMap(({ ids }) => ids.map((id) => [plain(id), plain(ids[0] ?? id)] as const)));
  return (id) => names.get(plain(id)) ?? plain(id);
};

const known = 'such as "mailto:ada@example.org" or "xmpp:ada@chat.example.org"';
const id = v.message(v.pipe(v.string(), v.regex(/^[a-z][a-z0-9+.-]*:./i)), `must be an id ${known}`);
const declared = v.message(v.object({ ids: v.pipe(v.array(id), v.nonEmpty()) }), `must be ids ${known}`);

/** A declaration of people: an id of two would make them one. */
export const people = v.pipe(
  v.array(declared, "must be a list of { ids: […] }"),
  v.rawCheck(({ dataset, addIssue }) => {
    const owners = new Map<string, number>();
    // Also where some are wrong, so that every mistake is told at once.
    for (const [index, person] of (Array.isArray(dataset.value) ? dataset.value : []).entries()) {
      if (!v.is(declared, person)) continue;
      for (const id of person.ids) {
        const before = owners.get(plain(id));
        owners.set(plain(id), index);
        if (before !== undefined && before !== index)
          addIssue({ message: `${id} is people[${before}]'s already`, path: wayTo(index, "ids") });
      }
    }
  }),
);
