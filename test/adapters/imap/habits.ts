/** Servers as their traits make them. The page of the proxy says where each habit was seen. */

import { gmail } from "../../lab/imap-proxy/traits/gmail.ts";
import { mailboxIdOf, objectid } from "../../lab/imap-proxy/traits/objectid.ts";
import {
  courier,
  exchange,
  forgetting,
  icloud,
  james,
  nomodseq,
  quoting,
  unordered,
  yahoo,
} from "../../lab/imap-proxy/traits/providers.ts";
import { uidvalidity } from "../../lab/imap-proxy/traits/uidvalidity.ts";
import { without } from "../../lab/imap-proxy/traits/without.ts";
import type { Habits } from "./mailbox-world.ts";

/** Beside what RFC 3501 makes every server do, this is left: IDLE, since without it a doorbell takes minutes. */
const bare = [
  "ENABLE",
  "ESEARCH",
  "LIST-EXTENDED",
  "LIST-STATUS",
  "SPECIAL-USE",
  "MOVE",
  "UNSELECT",
  "NAMESPACE",
  "ID",
  "UIDPLUS",
  "SASL-IR",
  "BINARY",
];
const modseqs = ["QRESYNC", "CONDSTORE"];

export const ALL_MAIL = "[Gmail]/All Mail";

export const servers = {
  "Yahoo, and nothing beyond RFC 3501": { traits: () => [yahoo(), quoting(), without(...bare, ...modseqs)] },
  OBJECTID: {
    traits: () => [objectid()],
    idOf: async (mailbox, raw) => {
      const guid = /X-GUID (\w+)/.exec(await raw.command(`STATUS "${mailbox}" (X-GUID)`))?.[1];
      return mailboxIdOf(guid!);
    },
  },
  Gmail: {
    traits: () => [gmail(ALL_MAIL), without("QRESYNC")],
    mailboxes: [ALL_MAIL, "Trash"],
    foundsNone: "a new mailbox is a label on Gmail: a whereabout in the views, and nothing to look at",
  },
  Exchange: { traits: () => [exchange(), without(...modseqs)] },
  iCloud: { traits: () => [icloud()] },
  Courier: {
    traits: () => [courier(), without(...modseqs, "ENABLE", "LIST-EXTENDED", "LIST-STATUS", "SPECIAL-USE", "MOVE", "ESEARCH")],
    idOf: (mailbox) => (mailbox === "INBOX" ? mailbox : `INBOX.${mailbox}`),
  },
  "neither UIDVALIDITY nor MODSEQ": {
    traits: () => {
      const validity = uidvalidity();
      validity.silent = true;
      return [validity, nomodseq(), unordered(), without("QRESYNC")];
    },
    forgetsNone: "a server that says no UIDVALIDITY cannot say another one",
  },
  James: {
    traits: () => {
      const forgets = forgetting();
      forgets.vanished = "900001:900020";
      return [james(), forgets, unordered()];
    },
  },
} satisfies Readonly<Record<string, Habits>>;
