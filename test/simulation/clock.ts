/** A clock that only moves when the simulation moves it. */
export class FakeClock {
  #now = Date.parse("2026-03-01T08:00:00Z");

  readonly now = (): number => this.#now;

  /** RFC 3339 UTC. */
  iso(): string {
    return new Date(this.#now).toISOString();
  }

  advance(ms: number): void {
    this.#now += ms;
  }

  /** Sleeping takes no time but the clock's. */
  readonly sleep = (ms: number, signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    this.#now += ms;
    return Promise.resolve();
  };
}
