/** A resource as the server keeps it. */

import { GroupstreamError, type ItemRef } from "groupstream";
import { davItems } from "groupstream/protocol";
import type { Account } from "./account.ts";
import { RAW } from "./map.ts";

/** The iCalendar text of an item, whole. Fails: `forbidden` where there is no such part, or the item is gone. */
export const contentOf = async (
  account: Account,
  { collection, key }: ItemRef,
  part: string,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> => {
  const { id } = account.options;
  const none = (what: string): GroupstreamError =>
    new GroupstreamError("forbidden", `${id}: ${what}`, { system: id, collection, key });
  if (part !== RAW) throw none("an event has no such part; ask for its raw form.");
  for await (const item of davItems(account.dav, await account.calendar(collection, signal), [key], signal))
    if (item.kind === "there") return new Blob([item.resource.data]).stream();
  throw none("it is not there any more; nothing of it can be read.");
};
