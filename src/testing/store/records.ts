/** Records of a store, as small as may be. */

import type { CollectionRecord, DeliveryRecord, EntryRecord, Item } from "../../store/contract.ts";

export const collection = (place = "mail/INBOX", over: Partial<CollectionRecord> = {}): CollectionRecord => ({
  place,
  id: place.slice(place.indexOf("/") + 1),
  name: place,
  audience: ["mailto:ada@example.org"],
  shown: true,
  first: "done",
  mapped: 1,
  held: 0,
  touched: 0,
  relist: false,
  ...over,
});
export const item = (n: number, key: string, over: Partial<Item> = {}): Item => ({
  n,
  place: "mail/INBOX",
  key,
  object: n,
  role: "own",
  state: "here",
  view: { type: "Note", name: key },
  revision: "1",
  mapping: 1,
  text: "full",
  digested: false,
  seen: 1,
  absent: false,
  asked: false,
  ...over,
});
export const entry = (id: string, over: Partial<EntryRecord> = {}): EntryRecord => ({
  id: `urn:x:${id}`,
  object: 1,
  type: "Create",
  facet: "created",
  places: ["mail/INBOX"],
  thread: 1,
  activity: JSON.stringify({ id: `urn:x:${id}` }),
  at: 1,
  ...over,
});
export const delivery = (id: string, over: Partial<DeliveryRecord> = {}): DeliveryRecord => ({
  id,
  target: "hook/x",
  seq: 1,
  object: 1,
  lane: "hook/x 1",
  state: "pending",
  verb: "Deliver",
  attempt: 0,
  next: 0,
  created: 0,
  changed: 0,
  ...over,
});
