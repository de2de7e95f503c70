/** Packages that are loaded when they are first needed: those that read mail take seven megabytes, and calendars need none of them. */

import { createRequire } from "node:module";

/** A function that loads the package once, at its first call, and gives what it exports. */
export const lazily = <T>(name: string): (() => T) => {
  let loaded: T | undefined;
  return () => {
    loaded ??= createRequire(import.meta.url)(name) as T;
    return loaded;
  };
};
