/** The archive of a room (XEP-0313), page by page (XEP-0059). */

import { randomUUID } from "node:crypto";
import { ID_LIMIT } from "./position.ts";
import type { Line } from "./stream.ts";
import { attributeOf, childOf, type Element, elementsOf, NS, splitJid } from "./xml.ts";

/** One archived message as the server gave it. */
export interface ArchiveEntry {
  /** The archive's id of it, which is the room's stanza id (XEP-0359). */
  readonly id: string;
  /** When it was archived, as the server writes it. */
  readonly stamp?: string;
  readonly message?: Element;
}

/** Consecutive entries, oldest first. */
export interface Slice {
  readonly entries: readonly ArchiveEntry[];
  /** Nothing more in the direction that was asked for. */
  readonly complete: boolean;
}

/** Where a slice begins or ends; neither: at the archive's beginning. `before: ""` is its end. */
export type Border = { readonly after?: string; readonly before?: never } | { readonly before: string; readonly after?: never };

/** Entries asked for at once; servers give fewer where they like (Prosody: 50). */
const SLICE = 100;
/** More than was asked for is not kept. */
const MOST = 1_000;

const entryOf = (result: Element): ArchiveEntry | undefined => {
  const id = attributeOf(result, "id", ID_LIMIT);
  if (id === undefined) return undefined;
  const forwarded = childOf(result, "forwarded", NS.forward);
  const stamp = attributeOf(childOf(forwarded, "delay", NS.delay), "stamp");
  const message = forwarded && elementsOf(forwarded).find((child) => child.getName() === "message");
  return { id, ...(stamp !== undefined && { stamp }), ...(message && { message }) };
};

/**
 * Reads a slice of a room's archive. Fails: `StanzaError` (`item-not-found`: the border is not in the archive, or the room is
 * gone), `unreachable`, the signal's reason.
 */
export const readSlice = async (line: Line, room: string, border: Border, signal: AbortSignal, most = SLICE): Promise<Slice> => {
  const { xml } = line;
  const query = randomUUID();
  const entries: ArchiveEntry[] = [];
  const deaf = line.hear((stanza) => {
    if (stanza.name !== "message" || splitJid(String(stanza.attrs.from ?? "")).bare !== room) return;
    const result = childOf(stanza, "result", NS.mam);
    if (attributeOf(result, "queryid") !== query || entries.length >= MOST) return;
    const entry = result && entryOf(result);
    if (entry) entries.push(entry);
  });
  const set = xml("set", { xmlns: NS.rsm }, xml("max", {}, String(most)));
  if (border.after !== undefined) set.append(xml("after", {}, border.after));
  if (border.before !== undefined) set.append(border.before === "" ? xml("before", {}) : xml("before", {}, border.before));
  try {
    const answer = await line.request("set", room, xml("query", { xmlns: NS.mam, queryid: query }, set), signal);
    const fin = childOf(answer, "fin", NS.mam);
    return { entries, complete: attributeOf(fin, "complete") === "true" || entries.length === 0 };
  } finally {
    deaf();
  }
};

/** The border directly before an entry. Fails: `StanzaError` `item-not-found` where the archive has no such entry. */
export const borderBefore = async (line: Line, room: string, id: string, signal: AbortSignal): Promise<Border> => {
  const { entries } = await readSlice(line, room, { before: id }, signal, 1);
  const last = entries.at(-1);
  return last ? { after: last.id } : {};
};

/** The whole archive from a border on, slice by slice. */
export async function* slicesFrom(line: Line, room: string, border: Border, signal: AbortSignal): AsyncGenerator<Slice> {
  for (let from = border; ; ) {
    const slice = await readSlice(line, room, from, signal);
    yield slice;
    const last = slice.entries.at(-1);
    if (slice.complete || !last) return;
    from = { after: last.id };
  }
}

/** The archive from its end backwards, newest slice first, each oldest entry first; at most `most` slices. */
export async function* slicesBack(
  line: Line,
  room: string,
  before: string,
  most: number,
  signal: AbortSignal,
): AsyncGenerator<Slice> {
  let from = before;
  for (let count = 0; count < most; count += 1) {
    const slice = await readSlice(line, room, { before: from }, signal);
    yield slice;
    const first = slice.entries[0];
    if (slice.complete || !first) return;
    from = first.id;
  }
}
