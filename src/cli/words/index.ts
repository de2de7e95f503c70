/** What the command line says, by language. A word that is missing in one of them does not compile. */

import { de } from "./de.ts";
import { en, type Words } from "./en.ts";

export type { Words } from "./en.ts";

/** The languages of the command line. */
export const words: { readonly en: Words; readonly de: Words } = { en, de };

/** A language's tag. */
export type Lang = keyof typeof words;

/** The language asked for, else that of the environment (POSIX: LC_ALL, LC_MESSAGES, LANG), else English. */
export const langOf = (asked: string | undefined, env: NodeJS.ProcessEnv): Lang =>
  /^de(\b|_)/i.test(asked ?? (env.LC_ALL || env.LC_MESSAGES || env.LANG || "")) ? "de" : "en";
