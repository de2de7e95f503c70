/** Address books as collections. */

import type { Collection, CollectionId } from "groupstream";
import { davShown } from "groupstream/protocol";
import type { Account } from "./account.ts";

/** Every address book there is now. */
export const collectionsOf = (
  account: Account,
  signal: AbortSignal,
  fresh?: boolean,
  known?: ReadonlySet<CollectionId>,
): AsyncIterable<Collection> => davShown(account, signal, fresh, known);
