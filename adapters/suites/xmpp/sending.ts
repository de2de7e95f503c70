/**
 * One stanza to a room, and what became of it: a room shows what it took to everybody in it, to its sender, too.
 *
 *   shown by the room                   done
 *   answered by an error                refused: certainly not done
 *   answered by the end of the stream   refused where it is larger than every server must take
 *   no connection, no way into the room refused: nothing was sent
 *   the line was cut, or time           unknown
 */

import type { ErrorCode, GroupstreamError, Obstacle, Receipt } from "groupstream";
import { StanzaError } from "./errors.ts";
import type { Inside } from "./occupancy.ts";
import type { XmppAccount } from "./options.ts";
import type { Line } from "./stream.ts";
import { attributeOf, conditionOf, type Element, elementsOf, NS, splitJid } from "./xml.ts";

/** What became of a stanza. `outside`: refused, since we were not in the room any more. */
export type Sent =
  | { readonly shown: true; readonly key?: string; readonly message: Element }
  | { readonly shown: false; readonly receipt: Receipt; readonly outside?: true };

/** By condition (RFC 6120 section 8.3.3): what it means for a message to a room, and whether it passes by itself. */
const refusals: Readonly<Record<string, readonly [obstacle: Obstacle, reason: string, again?: true]>> = {
  forbidden: ["forbidden", "the account may not speak there; give it voice or make it a member"],
  "not-allowed": ["forbidden", "the room's rules do not allow it; see the room's settings"],
  "registration-required": ["forbidden", "the room lets members speak only; make the account a member"],
  "not-acceptable": ["forbidden", "the account was not in the room any more; it is entered again", true],
  "item-not-found": ["no-place", "the room is not there any more; take it out of rooms"],
  gone: ["no-place", "the room is not there any more; take it out of rooms"],
  "policy-violation": ["rejected", "the server's rules do not allow it, mostly for its size or pace; carry less text"],
  "bad-request": ["rejected", "the server could not read it; see the server's log"],
  "resource-constraint": ["throttled", "the server is busy; it is tried again", true],
  "service-unavailable": ["unreachable", "the room cannot be reached now; it is tried again", true],
  "recipient-unavailable": ["unreachable", "the room cannot be reached now; it is tried again", true],
  "internal-server-error": ["unreachable", "the server failed; it is tried again", true],
  "remote-server-timeout": ["unreachable", "the room's server does not answer; it is tried again", true],
  "remote-server-not-found": ["unreachable", "the room's server is not known now; it is tried again", true],
};

const unlisted = ["rejected", "the same message would be refused again; see the room's settings"] as const;

const refused = (room: string, condition: string): Receipt => {
  const [obstacle, why, again] = refusals[condition] ?? unlisted;
  return { outcome: "refused", reason: `${room} answered ${condition}: ${why}.`, obstacle, ...(again && { again }) };
};

/** What is in the way, by the table's code. */
const obstacles: { readonly [code in ErrorCode]?: Obstacle } = {
  unreachable: "unreachable",
  throttled: "throttled",
  unauthenticated: "unauthenticated",
  forbidden: "forbidden",
};

/** A room that is not there cannot be entered: `forbidden` by the table. */
const isAbsent = (cause: unknown): boolean =>
  cause instanceof StanzaError && ["item-not-found", "gone"].includes(cause.condition);

/** Why nothing was sent, as a receipt: the connection, the login or the way into the room failed. */
export const unsent = ({ code, message, retryAfter, cause }: GroupstreamError): Receipt => {
  // A login is mended by a person, and then all that waited goes.
  const again = code === "unreachable" || code === "throttled" || code === "unauthenticated";
  const obstacle = isAbsent(cause) ? "no-place" : obstacles[code];
  return {
    outcome: "refused",
    reason: `Not sent: ${message}`,
    ...(obstacle && { obstacle }),
    ...(again && { again }),
    ...(retryAfter !== undefined && { retryAfter }),
  };
};

/** Every server takes stanzas of so many bytes (RFC 6120 section 13.12). */
const TAKEN_BY_ALL = 10_000;

const conditionIn = (cause: unknown): unknown =>
  typeof cause === "object" && cause !== null && "condition" in cause ? cause.condition : undefined;

const tooLarge = ({ at }: XmppAccount): Receipt => ({
  outcome: "refused",
  reason: `${at} ended the connection (policy-violation): the message is larger than it takes; raise its limit, or carry less text.`,
  obstacle: "too-large",
});

/** The room's own id of a message (XEP-0359); what others claim it to be does not count. */
const keyOf = (stanza: Element, room: string): string | undefined =>
  elementsOf(stanza)
    .filter((child) => child.getName() === "stanza-id" && child.getNS() === NS.sid)
    .flatMap((child) => (splitJid(attributeOf(child, "by") ?? "").bare === room ? (attributeOf(child, "id") ?? []) : []))[0];

/** Sends a message and waits until the room shows it. Rejects only on abort; it may have been done then. */
export const sendTo = (
  account: XmppAccount,
  line: Line,
  room: string,
  { nick }: Inside,
  stanza: Element,
  signal: AbortSignal,
): Promise<Sent> => {
  const id = String(stanza.attrs.id);
  const { promise, resolve, reject } = Promise.withResolvers<Sent>();
  line.awaited.add(id);
  const unknown = (why: string): void =>
    resolve({ shown: false, receipt: { outcome: "unknown", reason: `Sent to ${room}, but ${why}.` } });
  const deaf = line.hear((answer) => {
    if (answer.name !== "message" || answer.attrs.id !== id) return;
    const { bare, resource } = splitJid(String(answer.attrs.from ?? ""));
    if (bare !== room) return;
    // The room itself refuses; what comes from an occupant is that person's word.
    if (answer.attrs.type === "error" && resource === undefined) {
      const condition = conditionOf(answer);
      const outside = condition === "not-acceptable";
      if (outside) line.rooms.forget(room);
      resolve({ shown: false, receipt: refused(room, condition), ...(outside && { outside }) });
    } else if (answer.attrs.type === "groupchat" && resource === nick) {
      const key = keyOf(answer, room);
      resolve({ shown: true, message: answer, ...(key !== undefined && { key }) });
    }
  });
  const cut = line.onEnd(({ cause }) => {
    // Prosody ends the stream of whoever sends more than it takes at once, before it reads what that is.
    if (conditionIn(cause) === "policy-violation" && Buffer.byteLength(stanza.toString()) > TAKEN_BY_ALL)
      resolve({ shown: false, receipt: tooLarge(account) });
    else unknown("the connection was cut before the room showed it");
  });
  const timer = setTimeout(() => unknown(`the room did not show it within ${account.timeout} ms`), account.timeout);
  const stop = (): void => reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  else line.send(stanza).catch(() => unknown("the connection was cut while it was sent"));
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
    line.awaited.delete(id);
    deaf();
    cut();
  });
};
