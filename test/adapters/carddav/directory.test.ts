/** SOGo's directory of all accounts: shown beside a person's own address books, and never written. */

import { randomUUID } from "node:crypto";
import type { Command, Verb } from "groupstream";
import { carddav } from "groupstream/adapters/carddav";
import { describe, expect, it } from "vitest";
import { startSogo } from "../../lab/sogo.ts";
import { never } from "../../protocol/dav/places.ts";
import { rowsOf } from "../dav/servers.ts";

const commandOf = (verb: Verb, more: Partial<Command>): Command => ({
  id: randomUUID(),
  attempt: 1,
  verb,
  actor: "mailto:bob@example.org",
  activity: {},
  trail: [],
  ...more,
});

for (const [name, start] of rowsOf([["SOGo", () => startSogo({ users: ["bob"], directory: true })]])) {
  const server = await start();
  describe.skipIf(!server)(`the directory of ${name} ${server?.version}`, () => {
    it("is told to nobody, and written by nobody; what has no place goes to one's own address book", async () => {
      await using people = carddav({
        id: "people",
        url: server!.url,
        auth: { username: "bob", password: server!.password("bob") },
        allow: "private",
      });
      try {
        const books = await Array.fromAsync(people.collections(never));
        const [directory, own] = books;
        // SOGo's order, which decided where a card went.
        expect(books.map(({ name }) => name)).toEqual(["People", "Personal Address Book"]);
        expect(directory).toMatchObject({ audience: "unknown" });
        expect(directory).not.toHaveProperty("owner");
        const [page] = await Array.fromAsync(people.changes!(directory!, undefined, { text: "full", behaviour: false }, never));
        const [bob] = page!.sightings;
        expect(bob).toMatchObject({ object: { type: "Person", name: "Bob", address: ["mailto:bob@example.org"] } });

        const object = { type: "Person", name: "Eve" } as const;
        expect(await people.performs!.Create!(commandOf("Create", { object }), never)).toMatchObject({
          outcome: "done",
          stands: { collection: own!.id },
        });
        expect(await people.performs!.Create!(commandOf("Create", { object, collection: directory! }), never)).toMatchObject({
          outcome: "refused",
          obstacle: "no-place",
        });
        const item = { collection: directory!.id, key: bob!.key };
        for (const verb of ["Update", "Delete"] as const)
          expect(await people.performs![verb]!(commandOf(verb, { item, object }), never), verb).toMatchObject({
            outcome: "refused",
            obstacle: "forbidden",
          });
      } finally {
        await server!.stop();
      }
    });
  });
}
