/** Long reading that lets the network have its turn. */

import { setImmediate as turn } from "node:timers/promises";

/**
 * What is read in one go before that, milliseconds. Radicale closes every connection: what is asked for next is not even sent before
 * its new one stands, and the server would wait for us as we for it.
 */
const longest = 5;

/** Called after each item: now and then it waits until everything that is due was done. */
export const breathing = (): (() => Promise<void>) => {
  let turned = performance.now();
  return async () => {
    if (performance.now() - turned < longest) return;
    await turn();
    turned = performance.now();
  };
};
