/** A resource as the server keeps it. */

import type { ItemRef } from "groupstream";
import { rawResource } from "groupstream/protocol";
import type { Account } from "./account.ts";

/** The iCalendar text of an item, whole. Fails: `forbidden` where there is no such part, or the item is gone. */
export const contentOf = (
  account: Account,
  item: ItemRef,
  part: string,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> => rawResource(account, item, part, signal);
