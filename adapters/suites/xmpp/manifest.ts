/** What this account can give and take, asked of the server and its rooms. */

import { isGroupstreamError, type Level, type Manifest } from "groupstream";
import { SENT_LIMIT } from "./compose.ts";
import type { Connection } from "./connection.ts";
import { StanzaError } from "./errors.ts";
import { MAPPING } from "./map.ts";
import type { Inside } from "./occupancy.ts";
import type { XmppAccount } from "./options.ts";
import { TEXT_LIMIT } from "./post.ts";
import { REACH } from "./reading.ts";
import type { Line } from "./stream.ts";
import { type FileStore, mostOf, storeOf } from "./upload.ts";
import { childOf, NS, textIn } from "./xml.ts";

const full: Level = { level: "full" };
const degraded = (lost: string): Level => ({ level: "degraded", lost });
const none = (why: string, remedy?: string): Level => ({ level: "none", why, ...(remedy !== undefined && { remedy }) });

/** `Prosody 0.12.3`, as the server calls itself (XEP-0092); it need not. */
const serverName = async (line: Line, domain: string, signal: AbortSignal): Promise<string> => {
  try {
    const answer = await line.request("get", domain, line.xml("query", { xmlns: NS.version }), signal);
    const query = childOf(answer, "query", NS.version);
    const name = [textIn(query, "name"), textIn(query, "version")].filter((word) => word !== undefined && word !== "").join(" ");
    return (name || "XMPP server").slice(0, 100);
  } catch (error) {
    if (error instanceof StanzaError) return "XMPP server";
    throw error;
  }
};

/** The rooms that let us in. One that does not is told by its look. */
const enterable = async (line: Line, rooms: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Inside>> => {
  const inside = new Map<string, Inside>();
  for (const room of rooms) {
    try {
      inside.set(room, await line.rooms.enter(room, signal));
    } catch (error) {
      signal.throwIfAborted();
      if (!isGroupstreamError(error) || error.code !== "forbidden") throw error;
    }
  }
  return inside;
};

/** Rooms of those we are in that lack a feature. */
const lacking = (inside: ReadonlyMap<string, Inside>, feature: string): string[] =>
  [...inside].flatMap(([room, { features }]) => (features.has(feature) ? [] : [room]));

const forgetting =
  "What the archive (XEP-0313) has forgotten before it was read is not there; what it forgets afterwards stays as it was told.";

const changesLevel = (inside: ReadonlyMap<string, Inside>): Level => {
  const without = lacking(inside, NS.mam);
  return degraded(
    without.length > 0 ? `${without.join(", ")}: no archive (XEP-0313), so nothing can be read. ${forgetting}` : forgetting,
  );
};

const actorsLevel = (inside: ReadonlyMap<string, Inside>): Level => {
  const without = lacking(inside, NS.occupant);
  if (inside.size > 0 && without.length === 0) return full;
  return degraded("Without occupant ids (XEP-0421) somebody is who bears the nickname, unless the room shows JIDs.");
};

/** What becomes of files, by what the server takes. */
const filesLevel = ({ fileBytes }: XmppAccount, store: FileStore | undefined): Level => {
  const named = "Files are named with their size, not sent";
  if (fileBytes === 0) return degraded(`${named}: the option fileBytes is 0.`);
  if (!store) return degraded(`${named}: the server takes no uploads (XEP-0363).`);
  return degraded(
    `A link to the server's upload (XEP-0363), which may forget it; larger than ${mostOf(fileBytes, store)} bytes, or nowhere to be had, it is named only.`,
  );
};

const unseen = degraded("Programs that do not know reactions (XEP-0444) do not show it.");

export const manifestOf = async (account: XmppAccount, connection: Connection, signal: AbortSignal): Promise<Manifest> => {
  const line = await connection.line(signal);
  const server = await serverName(line, account.domain, signal);
  const inside = await enterable(
    line,
    account.rooms.map(({ jid }) => jid),
    signal,
  );
  const store = account.fileBytes === 0 ? undefined : await storeOf(line, account, signal);
  const files = filesLevel(account, store);
  return {
    server,
    mapping: MAPPING,
    self: account.self,
    gives: {
      changes: changesLevel(inside),
      text: degraded("What is encrypted end to end cannot be read."),
      edits: degraded(`Of a message that was read before, changes up to ${REACH} messages later are seen.`),
      reactions: full,
      replies: full,
      actors: actorsLevel(inside),
      files: degraded("Links (XEP-0066) are links; their bytes are not fetched."),
      moves: none("A message stays in its room."),
      watch: full,
      behaviour: none("Presence and read markers of others are not collected."),
    },
    takes: {
      Create: degraded(
        "Formatting is what Message Styling (XEP-0393) has words for, files are links or named, and the room shows our nickname: the author's name begins the text.",
      ),
      Update: degraded("Programs that do not know corrections (XEP-0308) show it as another message."),
      Delete: degraded(
        store
          ? "A retraction (XEP-0424) is a request: archives and programs may keep the text, and uploaded files stay until the server forgets them."
          : "A retraction (XEP-0424) is a request: archives and programs may keep the text.",
      ),
      Like: unseen,
      EmojiReact: unseen,
      Undo: degraded("Reactions only."),
    },
    arrives: {
      name: degraded("It is the first line of what begins a thread; an answer bears none."),
      text: degraded(
        `The author's name stands before it; beyond ${SENT_LIMIT} characters it is folded, with a link where the hub has a base.`,
      ),
      content: degraded(
        "Message Styling (XEP-0393): headings, lists and tables are plain lines, links stand behind their words.",
      ),
      attributedTo: degraded("The room shows our nickname; the author is named in the text."),
      to: none("A room has no recipients."),
      cc: none("A room has no recipients."),
      published: none("The room shows when it was posted."),
      attachment: files,
      inReplyTo: full,
      reactions: full,
    },
    limits: {
      textCharacters: TEXT_LIMIT,
      sentCharacters: SENT_LIMIT,
      ...(store && { fileBytes: mostOf(account.fileBytes, store) }),
      timeout: `${account.timeout} ms`,
      rooms: account.rooms.length,
    },
  };
};
