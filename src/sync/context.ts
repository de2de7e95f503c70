/** What a look needs of the world, given so that hiobjectChanges can be replayed. */

import type { Naming } from "../activity/compose.ts";
import type { Adapter, Manifest } from "../contract/adapter.ts";
import type { Place, SystemId } from "../contract/words.ts";
import type { FullPolicy } from "../policy/index.ts";
import type { Store } from "../store/contract.ts";
import type { Rules } from "./rules.ts";

/** What a look needs of the world. Clock and ids are given, so that hiobjectChanges can be replayed. */
export interface SyncContext {
  readonly store: Store;
  readonly adapter: Adapter;
  readonly manifest: Manifest;
  readonly policy: FullPolicy;
  readonly rules: Rules;
  readonly naming: Naming;
  readonly now: () => number;
  readonly uuid?: () => string;
  /** Another system's adapter, for partners. */
  readonly peer: (system: SystemId) => Adapter | undefined;
  readonly history?: "all" | number;
  readonly progress?: (progress: Progress) => void;
  /** Runs a round or a look where it is measured. */
  readonly span?: <T>(name: "round" | "look", where: Readonly<Record<string, string>>, work: () => Promise<T>) => Promise<T>;
}

/** Runs work measured, where somebody measures. */
export const spanned = <T>(
  { span }: Pick<SyncContext, "span">,
  name: "round" | "look",
  where: Readonly<Record<string, string>>,
  work: () => Promise<T>,
): Promise<T> => (span ? span(name, where, work) : work());

/** How a look goes on. */
export interface Progress {
  readonly place: Place;
  /** Sightings committed in this look. */
  readonly seen: number;
  /** Activities told in this look. */
  readonly told: number;
  /** Sightings still to come, where the adapter can tell. */
  readonly estimate?: number;
}
