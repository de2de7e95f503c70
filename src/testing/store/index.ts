/** The conformance kit for stores. */

import { hand, type Test } from "../runner.ts";
import { adminChecks } from "./admin.ts";
import { deliveringChecks } from "./delivering.ts";
import { keepingChecks } from "./keeping.ts";
import { loggingChecks } from "./logging.ts";
import { placesChecks } from "./places.ts";
import type { MadeStore, StoreCheck } from "./stage.ts";

/** Every check, in the order they are run. */
const storeChecks: readonly StoreCheck[] = [
  ...keepingChecks,
  ...placesChecks,
  ...deliveringChecks,
  ...loggingChecks,
  ...adminChecks,
];

/** What is checked, and by what runner. */
export interface StoreConformance {
  readonly test: Test;
  /** Begins the names of the checks; default `store`. */
  readonly title?: string;
  /** An empty store; made for each check, disposed of after it. */
  readonly make: () => Promise<MadeStore>;
}

/**
 * Registers the checks of the store's contract, one test each: transactions, evidence, stamps, counters, deliveries,
 * quarantine, collections as others write them, the lock, the log as its followers see it, and what is erased, pruned, copied and asked.
 */
export const storeConformance = ({ test, title = "store", make }: StoreConformance): void => hand(test, title, storeChecks, make);
