/** What was made of a text, kept for the next time: objects of one calendar repeat each other. */

/** A function that gives what `make` makes of a key, made once while it is among the `limit` keys asked for last. */
export const keeping = <V>(limit: number): ((key: string, make: () => V) => V) => {
  const kept = new Map<string, V>();
  return (key, make) => {
    const value = kept.has(key) ? (kept.get(key) as V) : make();
    // The one that has not been asked for longest goes.
    kept.delete(key);
    kept.set(key, value);
    if (kept.size > limit) kept.delete(kept.keys().next().value as string);
    return value;
  };
};
