/** Whose turn it is: one after the other, and where one takes long, the next beside it. */

/** Microsoft 365 allows three connections; others more. */
const CONNECTIONS = 3;

/** Whoever takes longer lets the next one go, ms. */
const PATIENCE = 5_000;

/** Resolves when it is one's turn, which ends when what it resolves with is disposed of; rejects with the signal's reason. */
export const connectionSlots = (patience = PATIENCE): ((signal: AbortSignal) => Promise<Disposable>) => {
  const waiting: (() => void)[] = [];
  /** Under way, and those of them that take long. */
  let [inside, slow] = [0, 0];
  const next = (): void => {
    while (inside === slow && inside < CONNECTIONS && waiting.length > 0) {
      inside += 1;
      waiting.shift()?.();
    }
  };
  const turn = (): Disposable => {
    let long = false;
    const timer = setTimeout(() => {
      long = true;
      slow += 1;
      next();
    }, patience).unref();
    return {
      [Symbol.dispose]() {
        clearTimeout(timer);
        inside -= 1;
        if (long) slow -= 1;
        next();
      },
    };
  };
  return (signal) =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const abort = (): void => {
        waiting.splice(waiting.indexOf(begin), 1);
        reject(signal.reason);
      };
      const begin = (): void => {
        signal.removeEventListener("abort", abort);
        resolve(turn());
      };
      signal.addEventListener("abort", abort, { once: true });
      waiting.push(begin);
      next();
    });
};
