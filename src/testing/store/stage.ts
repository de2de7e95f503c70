/** What a check of a store has: an empty one, and the same opened again. */

import type { Changes, Item, Store } from "../../store/contract.ts";
import type { Check } from "../runner.ts";

/** A store to be checked. */
export interface MadeStore extends AsyncDisposable {
  /** Empty. Disposed of by the check's end. */
  readonly store: Store;
  /** Opens the same store a second time, as another process would; absent where it cannot (a store in memory). */
  readonly again?: () => Promise<Store>;
}

export type StoreCheck = Check<MadeStore>;

export const inOrder = (items: readonly Item[]): readonly Item[] => [...items].sort((a, b) => a.n - b.n);

export const write = (store: Store, changes: Changes): Promise<void> => store.transaction((tx) => tx.write(changes));
