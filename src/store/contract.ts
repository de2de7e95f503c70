/**
 * What the core asks of a store: records, one kind of write transaction, a log. In four parts by who uses them: the log, pages
 * that are read, deliveries, and looking after it.
 *
 * Everything a page changes is given to one `Transaction.write` inside one `Store.transaction`: it is all there after the
 * commit, or nothing is. Write transactions run one after the other. The work inside one does no I/O but the store's own.
 */

import type { AdminStore } from "./admin.ts";
import type { DeliveryStore, DeliveryTransaction } from "./deliveries.ts";
import type { LogStore, LogTransaction } from "./log.ts";
import type { PageStore, PageTransaction } from "./page.ts";
import type { Changes, Tick } from "./records.ts";

export type { AdminStore } from "./admin.ts";
export type { DeliveryStore, DeliveryTransaction } from "./deliveries.ts";
export type { LogStore, LogTransaction } from "./log.ts";
export type { PageStore, PageTransaction } from "./page.ts";
export type * from "./records.ts";

/** The inside of a write transaction: sees its own writes; nothing stays of it if the work throws. */
export interface Transaction extends LogTransaction, PageTransaction, DeliveryTransaction {
  /** The next tick. */
  tick(): Tick;
  /** Books all of it. May be called more than once; later records of the same key win. */
  write(changes: Changes): Promise<void>;
}

/** Durable state of one hub. */
export interface Store extends LogStore, PageStore, DeliveryStore, AdminStore, AsyncDisposable {
  /** This store's own UUID, minted when it was made. */
  readonly id: string;
  /** Runs the work alone; commits if it resolves, rolls back if it rejects, and passes its outcome on. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
}
