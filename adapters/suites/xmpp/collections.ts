/** Rooms as collections: those that are configured, whether or not they can be entered now. */

import type { Collection } from "groupstream";
import type { XmppAccount } from "./options.ts";

/** The configured rooms; nothing is asked, so that a room that is gone is told by its look and not taken for vanished. */
export const collectionsOf = ({ rooms }: XmppAccount): readonly Collection[] =>
  rooms.map(({ jid, name, audience }) => ({ id: jid, name, audience, address: `xmpp:${jid}` }));
