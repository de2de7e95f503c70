/** Rows of the SQLite schema ↔ records of the contract. */

import type {
  CollectionRecord,
  DeliveryRecord,
  Item,
  ItemHeader,
  ObjectRecord,
  Presence,
  QuarantineRecord,
  StoredEntry,
} from "../contract.ts";

export type Row = Record<string, string | number | bigint | null | Uint8Array>;

const states: readonly Presence[] = ["here", "missing", "out", "gone"];
export const standingNumber = (state: Presence): number => states.indexOf(state);
const texts = ["none", "preview", "full"] as const;

/** A number column. Row numbers, ticks and milliseconds stay below 2^53. */
export const num = (value: Row[string] | undefined): number => Number(value);
const text = (value: Row[string] | undefined): string => String(value);

export const itemFrom = (row: Row): Item => ({
  ...seatFrom(row),
  ...(row.view !== null && { view: JSON.parse(text(row.view)) }),
  revision: text(row.revision),
  ...(row.ord !== null && { order: text(row.ord) }),
  mapping: num(row.mapping),
  text: texts[num(row.text)] ?? "none",
  ...(row.identity !== null && { identity: text(row.identity) }),
  digested: row.digested === 1,
  ...(row.stamp !== null && { stamp: text(row.stamp) }),
  seen: num(row.seen),
  ...(row.mark !== null && { mark: num(row.mark) }),
  ...(row.marked_at !== null && { markedAt: num(row.marked_at) }),
  absent: row.absent === 1,
  asked: row.asked === 1,
  ...(row.digest !== null && { digest: text(row.digest) }),
});

export const seatFrom = (row: Row): ItemHeader => ({
  n: num(row.n),
  place: text(row.place),
  key: text(row.key),
  object: num(row.object),
  role: row.role === 1 ? "rendering" : "own",
  state: states[num(row.state)] ?? "gone",
});

/** All but its view. */
export const itemValues = (item: Item, collection: number): (string | number | null)[] => [
  item.n,
  collection,
  item.key,
  item.object,
  item.role === "rendering" ? 1 : 0,
  states.indexOf(item.state),
  item.revision,
  item.order ?? null,
  item.mapping,
  texts.indexOf(item.text),
  item.identity ?? null,
  item.digested ? 1 : 0,
  item.stamp ?? null,
  item.seen,
  item.mark ?? null,
  item.markedAt ?? null,
  item.absent ? 1 : 0,
  item.asked ? 1 : 0,
  item.digest ?? null,
];

export const objectFrom = (row: Row): ObjectRecord => ({
  n: num(row.n),
  uuid: text(row.uuid),
  type: text(row.type) as ObjectRecord["type"],
  version: num(row.version),
  thread: num(row.thread),
  ...(row.memory !== null && { memory: JSON.parse(text(row.memory)) }),
});

/** Records as they were read, by their text: every delivery looks at all collections of two systems. */
const collections = new Map<string, CollectionRecord>();
const collectionsAtMost = 5_000;

export const collectionRecordOf = (row: Row): CollectionRecord => {
  const record = text(row.record);
  const known = collections.get(record);
  if (known) return known;
  if (collections.size >= collectionsAtMost) collections.clear();
  const read = JSON.parse(record) as CollectionRecord;
  collections.set(record, read);
  return read;
};

export const entryFrom = (row: Row): StoredEntry => ({
  seq: num(row.seq),
  id: text(row.id),
  object: num(row.object),
  type: text(row.type),
  facet: text(row.facet),
  places: JSON.parse(text(row.places)),
  thread: num(row.thread),
  ...(row.cause !== null && { cause: text(row.cause) }),
  activity: text(row.activity),
  at: num(row.at),
});

export const quarantineFrom = (row: Row): QuarantineRecord => ({
  place: text(row.place),
  key: text(row.key),
  revision: text(row.revision),
  reason: text(row.reason),
  ...(row.part !== null && { part: text(row.part) }),
  since: num(row.since),
  tries: num(row.tries),
  mapping: num(row.mapping),
  ...(row.stamp !== null && { stamp: text(row.stamp) }),
});

export const deliveryFrom = (row: Row): DeliveryRecord => ({
  id: text(row.id),
  target: text(row.target),
  seq: num(row.seq),
  object: num(row.object),
  lane: text(row.lane),
  state: text(row.state) as DeliveryRecord["state"],
  verb: text(row.verb),
  attempt: num(row.attempt),
  next: num(row.next),
  ...(row.because !== null && { because: JSON.parse(text(row.because)) }),
  ...(row.reason !== null && { reason: text(row.reason) }),
  ...(row.obstacle !== null && { obstacle: text(row.obstacle) as NonNullable<DeliveryRecord["obstacle"]> }),
  ...(row.digest !== null && { digest: text(row.digest) }),
  ...(row.losses !== null && { losses: JSON.parse(text(row.losses)) }),
  created: num(row.created),
  changed: num(row.changed),
});
