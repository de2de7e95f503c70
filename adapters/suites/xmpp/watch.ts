/** The doorbell: messages that a room sends to those who are in it. Nobody's presence is looked at. */

import { type Collection, type CollectionId, GroupstreamError, isGroupstreamError } from "groupstream";
import type { Connection } from "./connection.ts";
import { StanzaError } from "./errors.ts";
import type { XmppAccount } from "./options.ts";
import type { Line } from "./stream.ts";
import { childOf, NS, splitJid } from "./xml.ts";

/** How often a room is asked whether we are still in it (XEP-0410), ms. A line that is cut without a word shows by it, too. */
const ASKING = 60_000;

/** What a room answers that we are no longer in (XEP-0410 section 4): it is entered again. */
const outside = new Set(["not-acceptable", "item-not-found"]);

const enterAll = async (line: Line, rooms: readonly string[], signal: AbortSignal): Promise<void> => {
  const entries = await Promise.allSettled(rooms.map((room) => line.rooms.enter(room, signal)));
  signal.throwIfAborted();
  const failures = entries.flatMap((entry) => (entry.status === "rejected" ? [entry.reason as unknown] : []));
  const passing = failures.find((failure) => !isGroupstreamError(failure) || failure.code !== "forbidden");
  // A room that is closed to us is told by its look; the others ring on.
  if (passing !== undefined) throw passing;
  if (failures.length === rooms.length && failures.length > 0) throw failures[0];
};

const stillIn = async (line: Line, room: string, signal: AbortSignal): Promise<void> => {
  const { nick } = await line.rooms.enter(room, signal);
  try {
    await line.request("get", `${room}/${nick}`, line.xml("ping", { xmlns: NS.ping }), signal);
  } catch (error) {
    // Any other refusal is an answer all the same.
    if (!(error instanceof StanzaError)) throw error;
    if (!outside.has(error.condition)) return;
    line.rooms.forget(room);
    await line.rooms.enter(room, signal);
  }
};

/**
 * Rings for each room once it is entered, then for every message in it. Fails: `unreachable` when the line is cut; `forbidden`
 * where no room lets us in; the signal's reason.
 */
export async function* watchRooms(
  account: XmppAccount,
  connection: Connection,
  collections: readonly Collection[],
  signal: AbortSignal,
): AsyncGenerator<CollectionId> {
  const rooms = collections.map(({ id }) => id);
  const line = await connection.line(signal);
  const rung = new Set<CollectionId>();
  let failure: unknown;
  let wake = (): void => undefined;
  const fail = (error: unknown): void => {
    failure ??= error;
    wake();
  };
  const deaf = line.hear((stanza) => {
    if (stanza.name !== "message" || stanza.attrs.type !== "groupchat") return;
    const { bare } = splitJid(String(stanza.attrs.from ?? ""));
    if (!rooms.includes(bare) || childOf(stanza, "delay", NS.delay)) return;
    // Ours, as the receipt will say: asking the archive for each would double what a busy room is asked.
    if (line.awaited.has(String(stanza.attrs.id))) return;
    rung.add(bare);
    wake();
  });
  const cut = line.onEnd((cause) =>
    fail(
      new GroupstreamError("unreachable", `${account.id}: the watching connection to ${account.at} ended; it is opened again.`, {
        system: account.id,
        cause,
      }),
    ),
  );
  const aborted = (): void => fail(signal.reason);
  signal.addEventListener("abort", aborted, { once: true });
  const timer = setInterval(() => {
    for (const room of rooms)
      stillIn(line, room, signal).catch((error) =>
        isGroupstreamError(error) && error.code === "forbidden" ? undefined : fail(error),
      );
  }, ASKING);
  try {
    await enterAll(line, rooms, signal);
    for (const room of rooms) rung.add(room);
    for (;;) {
      signal.throwIfAborted();
      if (failure !== undefined) throw failure;
      const [room] = rung;
      if (room !== undefined) {
        rung.delete(room);
        yield room;
        continue;
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (rung.size > 0 || failure !== undefined) resolve();
      });
    }
  } finally {
    clearInterval(timer);
    signal.removeEventListener("abort", aborted);
    deaf();
    cut();
  }
}
