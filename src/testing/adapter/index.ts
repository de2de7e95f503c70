/** The conformance kit for adapters. */

import type { Adapter } from "../../contract/adapter.ts";
import { hand, type Test } from "../runner.ts";
import type { World } from "../world.ts";
import { answeringChecks } from "./answering.ts";
import { arrivingChecks } from "./arriving.ts";
import { changingChecks } from "./changing.ts";
import { describingChecks } from "./describing.ts";
import { doubtingChecks, tellingOwnChecks } from "./doubting.ts";
import { listingChecks } from "./listing.ts";
import { performingChecks } from "./performing.ts";
import { readingChecks } from "./reading.ts";
import { resumingChecks } from "./resuming.ts";
import { type AdapterCheck, Stage } from "./stage.ts";
import { tellingChecks } from "./telling.ts";
import { troublingChecks } from "./troubling.ts";

const givingChecks: readonly AdapterCheck[] = [
  ...describingChecks,
  ...listingChecks,
  ...changingChecks,
  ...resumingChecks,
  ...readingChecks,
  ...troublingChecks,
];

const namesOf = (checks: readonly AdapterCheck[]): readonly string[] => checks.map(({ name }) => name);

/** What was performed is seen by reading: these rest on all that reading must hold. */
const takingChecks: readonly AdapterCheck[] = [...performingChecks, ...arrivingChecks, ...answeringChecks, ...doubtingChecks].map(
  (check) => ({ ...check, after: [...namesOf(givingChecks), ...(check.after ?? [])] }),
);

/** Every check, in the order they are run. */
export const adapterChecks: readonly AdapterCheck[] = [
  ...givingChecks,
  ...takingChecks,
  ...tellingChecks(namesOf(givingChecks)),
  ...tellingOwnChecks(namesOf([...givingChecks, ...takingChecks])),
];

/** What is checked, and by what runner. */
export interface AdapterConformance<W extends World> {
  readonly test: Test;
  /** Begins the names of the checks; default `adapter`. */
  readonly title?: string;
  /** A world with nothing in it; made for each check, disposed of after it. */
  readonly world: () => Promise<W>;
  /** The adapter a newly started process has on this world. Called more than once for one world. */
  readonly make: (world: W) => Adapter;
}

/**
 * Registers the checks of the contract, one test each: what an adapter says of itself, listings and changes under adversity,
 * positions, policy, aborts, cut lines, what it performs and answers, and the story a hub tells of it. What the world cannot do is a printed skip.
 */
export const adapterConformance = <W extends World>({ test, title = "adapter", world, make }: AdapterConformance<W>): void =>
  hand(test, title, adapterChecks, async () => {
    const made = await world();
    return new Stage(made, () => make(made));
  });
