/** Being in rooms (XEP-0045): entered once a stream, without history, and never made by being entered. */

import { randomUUID } from "node:crypto";
import { GroupstreamError } from "groupstream";
import { unlessAborted } from "./abort.ts";
import { StanzaError, translateRoom } from "./errors.ts";
import type { XmppAccount } from "./options.ts";
import type { Line } from "./stream.ts";
import { attributeOf, childOf, conditionOf, type Element, elementsOf, NS, splitJid } from "./xml.ts";

/** Who we are in a room, as the room itself said. */
export interface Inside {
  readonly nick: string;
  /** Our occupant id (XEP-0421), where the room gives them. */
  readonly occupant?: string;
  /** What the room says of itself (XEP-0030). */
  readonly features: ReadonlySet<string>;
}

/** The rooms a stream is in. */
export interface Occupancy {
  /**
   * Enters the room unless we are in it. Fails: `forbidden` where it is not there or does not let us in; `unreachable`; the
   * signal's reason, and then the room may be entered all the same.
   */
  enter(room: string, signal: AbortSignal): Promise<Inside>;
  /** Forgets that we are in a room: the next {@link enter} goes in again. */
  forget(room: string): void;
  /** Leaves every room. */
  leave(): Promise<void>;
}

/** Longest wait for a room to let us in, ms. */
const ENTRY_TIME = 30_000;

/** The status codes of a presence (XEP-0045 section 15.6). */
const statusesOf = (presence: Element): ReadonlySet<string> => {
  const user = childOf(presence, "x", NS.mucUser);
  return new Set(
    user ? elementsOf(user).flatMap((child) => (child.getName() === "status" ? [attributeOf(child, "code") ?? ""] : [])) : [],
  );
};

/** The features a disco#info answer names. */
export const featuresIn = (answer: Element): ReadonlySet<string> => {
  const query = childOf(answer, "query", NS.disco);
  return new Set(
    query ? elementsOf(query).flatMap((child) => (child.getName() === "feature" ? [attributeOf(child, "var") ?? ""] : [])) : [],
  );
};

const never = new AbortController().signal;

export const occupancy = (account: XmppAccount, line: Omit<Line, "rooms" | "close">): Occupancy => {
  const inside = new Map<string, Promise<Inside>>();
  const nicks = new Map<string, string>();

  line.hear((stanza) => {
    if (stanza.name !== "presence" || stanza.attrs.type !== "unavailable") return;
    const { bare, resource } = splitJid(String(stanza.attrs.from ?? ""));
    // 303: only our nickname is another one now; the next entry learns it.
    if (statusesOf(stanza).has("110") || resource === nicks.get(bare)) inside.delete(bare);
  });

  const leaveRoom = (room: string, nick: string): Promise<void> =>
    line.send(line.xml("presence", { to: `${room}/${nick}`, type: "unavailable" })).catch(() => undefined);

  /** Resolves with our own presence in the room, which comes last (XEP-0045 section 7.2.2). */
  const entered = (room: string): Promise<Element> => {
    const { promise, resolve, reject } = Promise.withResolvers<Element>();
    const id = randomUUID();
    const deaf = line.hear((stanza) => {
      if (stanza.name !== "presence" || splitJid(String(stanza.attrs.from ?? "")).bare !== room) return;
      if (stanza.attrs.type === "error") reject(new StanzaError(conditionOf(stanza)));
      else if (stanza.attrs.type === undefined && statusesOf(stanza).has("110")) resolve(stanza);
    });
    const forget = line.onEnd(reject);
    const timer = setTimeout(() => reject(new StanzaError("remote-server-timeout")), ENTRY_TIME);
    const history = line.xml("history", { maxstanzas: "0" });
    const presence = line.xml("presence", { to: `${room}/${account.nickname}`, id }, line.xml("x", { xmlns: NS.muc }, history));
    line.send(presence).catch(reject);
    return promise.finally(() => {
      clearTimeout(timer);
      deaf();
      forget();
    });
  };

  const enter = async (room: string): Promise<Inside> => {
    try {
      const features = featuresIn(await line.request("get", room, line.xml("query", { xmlns: NS.disco }), never));
      const presence = await entered(room);
      const nick = splitJid(String(presence.attrs.from)).resource ?? account.nickname;
      // 201: it was gone between question and entry, and was made by us; leaving it takes it away again.
      if (statusesOf(presence).has("201")) {
        await leaveRoom(room, nick);
        throw new StanzaError("item-not-found");
      }
      nicks.set(room, nick);
      const occupant = attributeOf(childOf(presence, "occupant-id", NS.occupant), "id");
      return { nick, features, ...(occupant !== undefined && { occupant }) };
    } catch (error) {
      throw translateRoom(account, room, error);
    }
  };

  return {
    async enter(room, signal) {
      signal.throwIfAborted();
      let entry = inside.get(room);
      if (!entry) {
        entry = enter(room);
        inside.set(room, entry);
        entry.catch(() => inside.delete(room));
      }
      return unlessAborted(entry, signal);
    },
    forget: (room) => void inside.delete(room),
    async leave() {
      const rooms = [...inside.keys()];
      inside.clear();
      await Promise.all(rooms.map((room) => leaveRoom(room, nicks.get(room) ?? account.nickname)));
    },
  };
};

/** A room without an archive cannot be read. Fails: `forbidden`. */
export const archived = (account: XmppAccount, room: string, { features }: Inside): void => {
  if (features.has(NS.mam)) return;
  throw new GroupstreamError("forbidden", `${account.id}: ${room} has no archive (XEP-0313); switch it on for the room.`, {
    system: account.id,
    collection: room,
  });
};
