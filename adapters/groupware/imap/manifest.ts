/** What this account can give and take, asked of the live server. */

import type { Level, Manifest, Verb } from "groupstream";
import type { ImapFlow } from "imapflow";
import { hasModseq, isGmail } from "./collections.ts";
import { FORWARD_LIMIT } from "./mailing.ts";
import { MAPPING } from "./map.ts";
import type { ImapAccount } from "./options.ts";
import type { Sender } from "./sender.ts";

const full: Level = { level: "full" };
const degraded = (lost: string): Level => ({ level: "degraded", lost });
const none = (why: string, remedy?: string): Level => ({ level: "none", why, ...(remedy !== undefined && { remedy }) });

/** `Dovecot 2.3`, or the greeting's first word: a server need not say who it is (RFC 2971). */
const serverName = ({ serverInfo, greeting }: ImapFlow): string => {
  const name = [serverInfo?.name, serverInfo?.version].filter((word) => typeof word === "string" && word !== "").join(" ");
  return (name || greeting?.split(/\s+/).slice(0, 3).join(" ") || "IMAP server").slice(0, 100);
};

const changesLevel = (client: ImapFlow): Level => {
  if (client.enabled.has("QRESYNC")) return full;
  if (hasModseq(client)) return degraded("Without QRESYNC (RFC 7162) removals are found by counting and listing what is left.");
  if (client.capabilities.has("CONDSTORE"))
    return degraded(
      "The server offers CONDSTORE (RFC 7162) and does not confirm it, so the flags of all messages are read at every look.",
    );
  return degraded("Without CONDSTORE (RFC 7162) the flags of all messages are read at every look.");
};

const movesLevel = (client: ImapFlow): Level =>
  isGmail(client) || client.capabilities.has("OBJECTID")
    ? full
    : degraded("Without message ids of the server (RFC 8474) a move is recognised by Message-ID, date, sender and size.");

const unsent = none("No server for outgoing mail is known.", "Give the option smtp.");
const once = none("A mail that was sent cannot be changed.");
const unscheduled = none("Mail knows no meetings of its own.", "Use a calendar's adapter.");
const unfelt = none("Mail knows no reactions.");

const uidExpunge = (client: ImapFlow): boolean => client.capabilities.has("UIDPLUS");
const unexpunged = "Without UIDPLUS (RFC 4315) it stays where it was, marked as deleted.";

/** What is performed, and what is lost by it. */
const takesOf = (client: ImapFlow, sender: Sender | undefined): Readonly<Record<Verb, Level>> => ({
  Create: sender
    ? degraded(
        sender.saveSent
          ? "Files are attached as far as their size allows."
          : "Files are attached as far as their size allows; a lost answer leaves open whether the mail was taken.",
      )
    : unsent,
  Announce: sender ? degraded("Only mail of up to 25 MiB is passed on.") : unsent,
  Update: once,
  Delete: uidExpunge(client) ? full : degraded(unexpunged),
  Move: client.capabilities.has("MOVE") || uidExpunge(client) ? full : degraded(unexpunged),
  Add: isGmail(client) ? full : degraded("Without Gmail's labels a message in a further mailbox is a copy."),
  Remove: isGmail(client) ? full : degraded("Flags only: without Gmail's labels a message is moved or deleted."),
  Read: full,
  Undo: degraded("Only Read is undone."),
  Like: unfelt,
  EmojiReact: unfelt,
  Invite: unscheduled,
  Accept: sender ? full : unsent,
  TentativeAccept: sender ? full : unsent,
  Reject: sender ? full : unsent,
  Offer: unscheduled,
  Deliver: none("A mailbox takes mail, no activities as they are."),
});

/** Of a message that is sent. */
const arrivesBy = ({ fileBytes }: Sender): NonNullable<Manifest["arrives"]> => ({
  name: degraded("An answer is called by what it answers."),
  text: degraded("A file that is not attached is named below it."),
  content: degraded("Only HTML that is harmless is sent, beside the text."),
  attributedTo: degraded("The mailbox sends it; the writer stands in the name (Ann via Support)."),
  to: none("An answer goes to whoever wrote what it answers."),
  cc: none("An answer goes to whoever wrote what it answers."),
  published: degraded("In whole seconds; what waited for more than a week is dated by its sending."),
  attachment:
    fileBytes === 0
      ? degraded("Files are named, not attached: the option smtp.fileBytes is 0.")
      : degraded(
          `Up to ${fileBytes} bytes together, and as much as the server takes; others are named. A file that was shared by a link stays a link.`,
        ),
  inReplyTo: full,
});

/** What is given and taken and what is lost, with reasons, for `describe`. */
export const manifestOf = (client: ImapFlow, account: ImapAccount, sender?: Sender): Manifest => ({
  server: serverName(client),
  mapping: MAPPING,
  ...(account.owner !== undefined && { self: account.owner }),
  gives: {
    changes: changesLevel(client),
    text: full,
    files: full,
    flags: full,
    invitations:
      account.invitations === "off" ? none("Calendar parts are files of their mail.", "Leave out the option invitations.") : full,
    labels: isGmail(client) ? full : none("Only Gmail gives labels; elsewhere a message is in one mailbox."),
    moves: movesLevel(client),
    renames: client.capabilities.has("OBJECTID")
      ? full
      : degraded("Without MAILBOXID (RFC 8474) a renamed mailbox is a new one, and its messages move into it."),
    threads:
      client.capabilities.has("OBJECTID") || isGmail(client)
        ? full
        : degraded("Threads are found by References and In-Reply-To."),
    watch: client.capabilities.has("IDLE")
      ? degraded("One mailbox is watched, the inbox; the others are polled.")
      : degraded("Without IDLE (RFC 2177) the inbox is polled every two minutes."),
    behaviour: degraded(
      "Whether a message was seen arrives with its other flags (RFC 9051 section 7.5.2): where that is off it is dropped on arrival.",
    ),
    actors: none("IMAP does not say who moved, flagged or deleted a message."),
  },
  takes: takesOf(client, sender),
  ...(sender && { acts: ["Create", "Announce", "Accept", "TentativeAccept", "Reject"], arrives: arrivesBy(sender) }),
  limits: {
    messageBytes: 100 * 1024 * 1024,
    textBytes: 1024 * 1024,
    ...(sender && { forwardBytes: FORWARD_LIMIT, fileBytes: sender.fileBytes }),
  },
});
