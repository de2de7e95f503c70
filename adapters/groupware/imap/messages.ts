/** Messages of a mailbox as sightings: header fields and structure first, then the parts of the text that policy asks for. */

import type { Here, Malformed, Out, Patch, Read, Whole } from "groupstream";
import {
  calendarWants,
  type Enclosed,
  invitationKey,
  type PartNode,
  parseHeaders,
  type ShownText,
  type TextWant,
  textWants,
  withInvitation,
} from "groupstream/protocol/mail";
import type { FetchMessageObject } from "imapflow";
import type { MailboxReader, Rows } from "./mailbox.ts";
import { keyOf, type Mapping, type MessageRow, patchOf, shownIn, structureOf, unreadable, wholeOf } from "./map.ts";

/** Most bytes of text that are asked for at once. */
const BATCH_BYTES = 4 * 1024 * 1024;

/** Sightings by UID, in the order of the UIDs asked for. UIDs that are not there (any more) are missing. */
export type ByUid<T> = ReadonlyMap<number, T>;

type Texts = Map<number, Map<string, Uint8Array>>;

/** Every message asked for the same parts goes into the same commands, a few MiB each. */
const batchesOf = (wants: ReadonlyMap<number, readonly TextWant[]>): { uids: number[]; wants: readonly TextWant[] }[] => {
  const open = new Map<string, { uids: number[]; wants: readonly TextWant[]; bytes: number }>();
  const batches: { uids: number[]; wants: readonly TextWant[] }[] = [];
  for (const [uid, list] of wants) {
    if (list.length === 0) continue;
    const name = list.map(({ node, bytes }) => `${node.part}:${bytes}`).join();
    const bytes = list.reduce((sum, { node, bytes: limit }) => sum + Math.min(limit, node.size ?? limit), 0);
    let batch = open.get(name);
    if (!batch || batch.bytes + bytes > BATCH_BYTES) {
      batch = { uids: [], wants: list, bytes: 0 };
      open.set(name, batch);
      batches.push(batch);
    }
    batch.uids.push(uid);
    batch.bytes += bytes;
  }
  return batches;
};

const textsOf = async (mailbox: MailboxReader, wants: ReadonlyMap<number, readonly TextWant[]>): Promise<Texts> => {
  const texts: Texts = new Map();
  for (const batch of batchesOf(wants)) {
    const asked = batch.wants.map(({ node, bytes }) => ({ key: node.part, maxLength: bytes }));
    const { rows } = await mailbox.parts(batch.uids, asked);
    for (const [uid, row] of rows) {
      const parts = new Map<string, Uint8Array>();
      for (const { key } of asked) {
        const bytes = row.bodyParts?.get(key.toLowerCase());
        if (bytes) parts.set(key, bytes);
      }
      texts.set(uid, parts);
    }
  }
  return texts;
};

const messageId = /^message-id:[ \t]*\S/im;

const hasMessageId = ({ headers }: FetchMessageObject): boolean =>
  headers !== undefined && (headers.includes("\nMessage-ID: <") || messageId.test(headers.toString("latin1")));

/**
 * Reads rows, and asks again for those that did not come. A selected mailbox shows only what the session was told of, and a
 * server may leave rows out of a FETCH: so before a message counts as gone the session is brought up to date and asked by
 * SEARCH. What that still finds and does not give is listed as `silent`.
 */
const surely = async (mailbox: MailboxReader, uids: readonly number[], read: (uids: readonly number[]) => Promise<Rows>) => {
  const first = await read(uids);
  const broken = new Set(first.broken);
  const missing = uids.filter((uid) => !first.rows.has(uid) && !broken.has(uid));
  if (missing.length === 0) return { rows: first.rows, broken, silent: new Set<number>() };
  await mailbox.refresh();
  const asked = new Set(missing);
  const found = (await mailbox.search(missing.join())).filter((uid) => asked.has(uid));
  const second = await read(found);
  for (const uid of second.broken) broken.add(uid);
  return {
    rows: new Map([...first.rows, ...second.rows]),
    broken,
    silent: new Set(found.filter((uid) => !second.rows.has(uid) && !broken.has(uid))),
  };
};

/** One message as it was read, before it is mapped. */
export interface Raw {
  readonly row: MessageRow;
  readonly structure?: PartNode;
  /** What of its text may be shown; absent where that could not be read. */
  readonly text?: ShownText;
  /** Its calendar parts; absent for nearly every mail. */
  readonly enclosed?: Enclosed;
}

/** What was read of some messages; UIDs in none of these are not there (any more). */
export interface Raws {
  readonly read: ReadonlyMap<number, Raw>;
  /** Their row cannot be read. */
  readonly broken: ReadonlySet<number>;
  /** The server lists them and does not give them. */
  readonly silent: ReadonlySet<number>;
}

/** What the server found out about who sent those that have calendar parts: asked of these alone, no other mail costs more. */
const authenticationOf = async (
  mailbox: MailboxReader,
  uids: readonly number[],
): Promise<ReadonlyMap<number, readonly string[]>> => {
  if (uids.length === 0) return new Map();
  const { rows } = await mailbox.authentication(uids);
  return new Map([...rows].map(([uid, { headers }]) => [uid, parseHeaders(headers ?? "").all("authentication-results")]));
};

/** Reads all that {@link wholesFrom} needs of these UIDs. @param invited  calendar parts, too */
export const rawsOf = async (mailbox: MailboxReader, uids: readonly number[], read: Read, invited: boolean): Promise<Raws> => {
  const { rows, broken, silent } = await surely(mailbox, uids, (some) => mailbox.messages(some));
  const anonymous = [...rows.values()].filter((row) => row.headers && !hasMessageId(row)).map(({ uid }) => uid);
  const retold = anonymous.length > 0 ? (await mailbox.messages(anonymous, true)).rows : undefined;
  const structures = new Map([...rows].map(([uid, row]) => [uid, row.bodyStructure && structureOf(row.bodyStructure)]));
  const calendars = new Map(
    [...structures].flatMap(([uid, structure]) => {
      const wants = invited ? calendarWants(structure) : [];
      return wants.length > 0 ? [[uid, wants] as const] : [];
    }),
  );
  const wants = [...structures].map(
    ([uid, structure]) => [uid, [...textWants(structure, read), ...(calendars.get(uid) ?? [])]] as const,
  );
  const texts = await textsOf(mailbox, new Map(wants));
  const results = await authenticationOf(mailbox, [...calendars.keys()]);
  const raws = new Map<number, Raw>();
  for (const [uid, row] of rows) {
    const structure = structures.get(uid);
    const text = shownIn(structure, texts.get(uid) ?? new Map(), read);
    const parts = calendars.get(uid)?.map(({ node }) => {
      const bytes = texts.get(uid)?.get(node.part);
      return { node, ...(bytes && { bytes }) };
    });
    raws.set(uid, {
      row: retold?.get(uid) ?? row,
      ...(structure && { structure }),
      ...(text && { text }),
      ...(parts && { enclosed: { parts, results: results.get(uid) ?? [] } }),
    });
  }
  return { read: raws, broken, silent };
};

/** A mail, and behind it the message about a meeting that it brings. */
export type Seen = readonly [mail: Whole | Malformed | Out, ...invitation: Whole[]];

/** A mail that is out of scope, and what it brought. */
export const outOf = (key: string): readonly [Out, Out] => [
  { key, out: true },
  { key: invitationKey(key), out: true },
];

const seenIn = ({ row, structure, text, enclosed }: Raw, mapping: Mapping): Seen => {
  const mail = wholeOf(row, structure, text, mapping);
  return enclosed && "object" in mail ? withInvitation(mail, enclosed, mapping) : [mail];
};

/** Whole sightings of these UIDs from what was read of them. Pure. */
export const wholesFrom = (uids: readonly number[], { read, broken, silent }: Raws, mapping: Mapping): ByUid<Seen> => {
  const sightings = new Map<number, Seen>();
  for (const uid of uids) {
    const raw = read.get(uid);
    if (raw && mapping.skips?.(raw.row)) sightings.set(uid, [{ key: keyOf(mapping.validity, uid), out: true }]);
    else if (raw) sightings.set(uid, seenIn(raw, mapping));
    else if (broken.has(uid))
      sightings.set(uid, [unreadable(mapping.validity, uid, "The server's answer about the message cannot be read.")]);
    else if (silent.has(uid))
      sightings.set(uid, [unreadable(mapping.validity, uid, "The server lists the message and does not give it.")]);
  }
  return sightings;
};

/** Whole sightings of these UIDs. */
export const wholesOf = async (mailbox: MailboxReader, uids: readonly number[], mapping: Mapping): Promise<ByUid<Seen>> =>
  wholesFrom(uids, await rawsOf(mailbox, uids, mapping.read, mapping.invitations !== "off"), mapping);

/** The flags of these UIDs; `here` for what is there and does not tell them. */
export const patchesOf = async (
  mailbox: MailboxReader,
  uids: readonly number[],
  mapping: Mapping,
): Promise<ByUid<readonly (Patch | Here | Out)[]>> => {
  const { rows, broken, silent } = await surely(mailbox, uids, (some) => mailbox.flags(some));
  const sightings = new Map<number, readonly (Patch | Here | Out)[]>();
  for (const uid of uids) {
    const row = rows.get(uid);
    const key = keyOf(mapping.validity, uid);
    if (row && mapping.skips?.(row)) sightings.set(uid, outOf(key));
    else if (row?.flags) sightings.set(uid, [patchOf(row, mapping)]);
    else if (row || broken.has(uid) || silent.has(uid)) sightings.set(uid, [{ key, here: true }]);
  }
  return sightings;
};
