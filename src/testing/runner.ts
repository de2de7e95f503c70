/** How the kit's checks reach a test runner: handed in, so that any will do. */

/**
 * Registers one check: `test` of vitest, node:test, Jest or Mocha, or a function of one's own. A check fails by rejecting;
 * it takes at most a minute or two against a slow server.
 */
export type Test = (name: string, check: () => Promise<void>) => unknown;

/** Something a world, an adapter or a store can do; or why not, in words. What cannot be done is a printed skip. */
export type Can<Do> = Do | { readonly cannot: string };

/** True if it can be done. */
export const can = <Do>(ability: Can<Do>): ability is Do =>
  !(typeof ability === "object" && ability !== null && "cannot" in ability);

/** A check and what it rests on. */
export interface Check<On> {
  /** What holds, as a sentence. */
  readonly name: string;
  /** Checks that say more plainly what is wrong: where one of them failed, this one is not run. */
  readonly after?: readonly string[];
  /** Why it cannot be run here; undefined: it can. */
  readonly skip?: (on: On) => string | undefined | Promise<string | undefined>;
  readonly run: (on: On) => Promise<void>;
}

/** Hands every check to the runner. What is skipped, or rests on one that failed, prints why. */
export const hand = <On extends AsyncDisposable>(
  test: Test,
  title: string,
  checks: readonly Check<On>[],
  make: () => Promise<On>,
): void => {
  const failed = new Set<string>();
  for (const check of checks) {
    test(`${title}: ${check.name}`, async () => {
      const cause = check.after?.find((name) => failed.has(name));
      if (cause !== undefined) {
        failed.add(check.name);
        console.warn(`not run: ${title}: ${check.name} (rests on: ${cause})`);
        return;
      }
      await using on = await make();
      const reason = await check.skip?.(on);
      if (reason !== undefined) {
        console.warn(`skipped: ${title}: ${check.name} (${reason})`);
        return;
      }
      try {
        await check.run(on);
      } catch (error) {
        failed.add(check.name);
        throw error;
      }
    });
  }
};
