/** Who is who: which ids are one person's. Linked by what the operator declares, never by a display name. Pure. */

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

/** Mistakes in a declaration: an id of two persons would make them one. */
export const peopleMistakes = (people: unknown): string[] => {
  if (people === undefined) return [];
  if (!Array.isArray(people)) return ["people: must be a list of { ids: […] }"];
  const owners = new Map<string, number>();
  return people.flatMap((person: unknown, index) => {
    const where = `people[${index}]`;
    const ids = (person as Partial<Person> | null)?.ids;
    if (!Array.isArray(ids) || ids.length === 0 || ids.some((id) => typeof id !== "string" || !/^[a-z][a-z0-9+.-]*:./i.test(id)))
      return [`${where}.ids: must be ids such as "mailto:ada@example.org" or "xmpp:ada@chat.example.org"`];
    return (ids as string[]).flatMap((id) => {
      const before = owners.get(plain(id));
      owners.set(plain(id), index);
      return before === undefined || before === index ? [] : [`${where}.ids: ${id} is people[${before}]'s already`];
    });
  });
};
