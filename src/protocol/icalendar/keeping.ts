/** What was made of a text, kept for the next time: objects of one calendar repeat each other. */

import { Buffer } from "node:buffer";

/** A text of its own: one that was cut out of an object would keep the whole object. */
const alone = (text: string): string => Buffer.from(text, "utf16le").toString("utf16le");

/** A function that gives what `make` makes of a key, made once while it is among the `limit` keys asked for last, or twice as many. */
export const keeping = <V>(limit: number): ((key: string, make: () => V) => V) => {
  let young = new Map<string, V>();
  let old = new Map<string, V>();
  return (key, make) => {
    const known = young.get(key);
    if (known !== undefined || young.has(key)) return known as V;
    const value = old.has(key) ? (old.get(key) as V) : make();
    if (young.size >= limit) {
      old = young;
      young = new Map();
    }
    young.set(alone(key), value);
    return value;
  };
};
