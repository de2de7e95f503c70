/** The conformance kit on address books of real servers. */

import { carddav } from "groupstream/adapters/carddav";
import { conformanceOn } from "../dav/conformance.ts";
import type { WorldOf } from "../dav/world.ts";
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

await conformanceOn("carddav", bookServers, books, ({ url, auth }) =>
  carddav({ id: "people", url, auth, owner: "mailto:bob@example.org", allow: "private" }),
);
