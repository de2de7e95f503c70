/** Work done for several at once, where several are there: one transaction costs as much for one as for twenty. */

import { setImmediate as turn } from "node:timers/promises";

/**
 * Does work for whatever comes: what comes while it is at work waits, and is then worked on together, in its order. Where that fails each
 * is worked on by itself, so that one fails for its own faults alone.
 * @param work  all of it or nothing; may be asked for again
 * @param most  how many of the first that wait are to be worked on together, at least one; default all
 */
export const batched = <T>(
  work: (some: readonly T[]) => Promise<void>,
  most: (waiting: readonly T[]) => number = ({ length }) => length,
): ((one: T) => Promise<void>) => {
  let waiting: { readonly one: T; readonly done: PromiseWithResolvers<void> }[] = [];
  let busy = false;

  const settle = async (some: typeof waiting): Promise<void> => {
    try {
      await work(some.map(({ one }) => one));
      for (const { done } of some) done.resolve();
    } catch (error) {
      if (some.length === 1) some[0]?.done.reject(error);
      else for (const each of some) await settle([each]);
    }
  };
  const begin = async (): Promise<void> => {
    busy = true;
    // What came by one piece of a socket comes one after the other, and is together.
    await turn();
    while (waiting.length > 0) {
      const count = Math.max(1, most(waiting.map(({ one }) => one)));
      const some = waiting.slice(0, count);
      waiting = waiting.slice(count);
      await settle(some);
    }
    busy = false;
  };

  return (one) => {
    const done = Promise.withResolvers<void>();
    waiting.push({ one, done });
    if (!busy) void begin();
    return done.promise;
  };
};
