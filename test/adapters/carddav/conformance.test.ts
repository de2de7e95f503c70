/** The conformance kit on address books of real servers. */

import { carddav } from "groupstream/adapters/carddav";
import { adapterConformance } from "groupstream/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
import { type WorldOf, worldOn } from "../dav/world.ts";
import { bookServers, cards } from "./servers.ts";

const books: WorldOf = {
  ...cards,
  kind: "addressbook",
  // A card in a card.
  spoilt: (uid) => {
    const inner = cards.text(uid, { name: "Inner", text: "" });
    return cards.text(uid, { name: "Outer", text: "" }).replace("END:VCARD", `${inner}END:VCARD`);
  },
  wish: ({ name, text }) => ({ type: "Person", name, fields: { note: text } }),
};

for (const [name, start] of bookServers) {
  const server = await start();
  describe.skipIf(!server)(`carddav on ${name} ${server?.version}`, () => {
    let begun = 0;
    beforeAll(() => {
      begun = performance.now();
    });
    afterAll(async () => {
      console.log(`the kit on ${name} ${server?.version}: ${Math.round((performance.now() - begun) / 1_000)} s`);
      await server?.stop();
    });
    adapterConformance({
      test: (title, check) => it(title, { timeout: 60_000 }, check),
      title: `on ${name}`,
      world: () => worldOn(server!, books),
      make: () =>
        carddav({ id: "people", url: server!.url, auth: server!.auth, owner: "mailto:bob@example.org", allow: "private" }),
    });
  });
}
