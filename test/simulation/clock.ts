/** Clocks of the tests: they move only when somebody moves them. */

/** A clock on which sleeping takes no time but its own. */
export class FakeClock {
  #now = Date.parse("2026-03-01T08:00:00Z");

  readonly now = (): number => this.#now;

  /** RFC 3339 UTC, so many ms from now. */
  iso(ms = 0): string {
    return new Date(this.#now + ms).toISOString();
  }

  advance(ms: number): void {
    this.#now += ms;
  }

  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void> = (ms, signal) => {
    signal.throwIfAborted();
    this.advance(ms);
    return Promise.resolve();
  };
}

/** A clock on which sleepers wake when somebody moves it past them. */
export class HandClock extends FakeClock {
  readonly #sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();

  override readonly sleep = (ms: number, signal: AbortSignal): Promise<void> => {
    if (signal.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const sleeper = { at: this.now() + ms, wake: resolve };
      this.#sleepers.add(sleeper);
      const abort = (): void => {
        this.#sleepers.delete(sleeper);
        reject(signal.reason);
      };
      signal.addEventListener("abort", abort, { once: true });
    });
  };

  get asleep(): number {
    return this.#sleepers.size;
  }

  override advance(ms: number): void {
    super.advance(ms);
    for (const sleeper of [...this.#sleepers]) {
      if (sleeper.at > this.now()) continue;
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
  }
}
