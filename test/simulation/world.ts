/** What toy systems share: the world they stand in, what is true of it, and who was where since when. */

import type { Adapter, Place, Reaction } from "groupstream";
import type { FakeClock } from "./clock.ts";
import type { Random } from "./random.ts";

/** What is true of one thing at one place. */
export interface Fact {
  /** The name of the thing: unique in the world, never changes. */
  readonly tag: string;
  /** At most this many objects may stand for it here: copies that no evidence joins. */
  readonly copies: number;
  readonly flags: readonly string[];
  readonly reactions: readonly Reaction[];
  /** Properties that the log must have told: compared where given. */
  readonly props: Readonly<Record<string, unknown>>;
}

/** The net state of the world: what is at each place. */
export type Truth = ReadonlyMap<Place, readonly Fact[]>;

/** A system whose true state can be asked. */
export interface Toy {
  readonly id: string;
  /** A new adapter on the same source: what a restarted process would make. */
  adapter(): Adapter;
  /** Something happens at the source. Says what, for the trace; undefined if nothing could. */
  mutate(): string | undefined;
  /** The source misbehaves in a way the contract allows for; "hides: …" if it may make the hub tell what is not so for a while. */
  trouble(): string | undefined;
  /** Everything works again, and all that lagged has caught up. */
  calm(): void;
  truth(): Truth;
  /** All that stands will be shown once more: positions are no longer honoured, keys are others, parcels come again. */
  again(): void;
  /** Calls from outside that wait to be delivered to `hub.receive`; taken off by the caller once answered 2xx. */
  readonly outbox?: Request[] | undefined;
}

/** What every toy gets. */
export interface Env {
  readonly random: Random;
  readonly clock: FakeClock;
  readonly presence: Presence;
  /** Every step of every adapter: time passes, the world may change, the line may break, the process may die. */
  step(what: string): void;
  /** True once everything has been read once without a fault: only then may sources lie. */
  readonly settled: boolean;
  /** Some 40 mails in a folder: enough for a loss to be implausible. */
  readonly large: boolean;
}

/** Who is at which place since when, and when each place was first listed. Counts steps, not time. */
export class Presence {
  #step = 0;
  readonly #since = new Map<Place, Map<string, { count: number; step: number }>>();
  readonly #opened = new Map<Place, number>();
  #looking = 0;

  tick(): number {
    this.#step += 1;
    return this.#step;
  }

  enter(place: Place, tag: string): void {
    const here = this.#since.get(place) ?? new Map<string, { count: number; step: number }>();
    this.#since.set(place, here);
    const known = here.get(tag);
    if (known) known.count += 1;
    else here.set(tag, { count: 1, step: this.tick() });
  }

  leave(place: Place, tag: string): void {
    const here = this.#since.get(place);
    const known = here?.get(tag);
    if (!known) return;
    known.count -= 1;
    if (known.count === 0) here?.delete(tag);
  }

  /** The hub begins to look: what comes later may be told, whether or not a listing shows it. */
  look(): number {
    this.#looking = this.tick();
    return this.#looking;
  }

  /** A listing of this place opens; the first one counts. */
  opens(place: Place): void {
    if (!this.#opened.has(place)) this.#opened.set(place, this.#looking);
  }

  /** True if it has been here, without a break, since before the place was first listed. */
  baseline(place: Place, tag: string): boolean {
    const opened = this.#opened.get(place);
    const since = this.#since.get(place)?.get(tag);
    return opened !== undefined && since !== undefined && since.step < opened;
  }

  /** Where this thing is. */
  whereabouts(tag: string): readonly Place[] {
    return [...this.#since].filter(([, tags]) => tags.has(tag)).map(([place]) => place);
  }

  /** All that has been where it is since before this step. */
  *standing(before: number): Generator<readonly [Place, string]> {
    for (const [place, tags] of this.#since) for (const [tag, { step }] of tags) if (step < before) yield [place, tag];
  }
}

/** The manifest of a toy. */
export const toyManifest = (over: { mapping?: number; plausible?: number } = {}) => ({
  server: "Toy 1",
  mapping: over.mapping ?? 1,
  ...(over.plausible !== undefined && { plausible: over.plausible }),
  gives: {},
  takes: {},
});
