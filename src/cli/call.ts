/** What every command gets, and what most of them begin with. */

import { existsSync } from "node:fs";
import { type Hub, openHub } from "../hub/hub.ts";
import type { HubOptions } from "../hub/options.ts";
import { type Loaded, loadConfig } from "./config.ts";
import type { Output } from "./output.ts";
import type { Given } from "./parse.ts";
import type { Lang, Words } from "./words/index.ts";

/** One call of the command line. */
export interface Call {
  readonly given: Given;
  /** What stands after the command's name and is no option. */
  readonly operands: readonly string[];
  readonly words: Words;
  readonly lang: Lang;
  readonly out: Output;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}

/** Runs and resolves with the exit status: 0 well, 1 a person is needed. What rejects is reported by the caller. */
export type Command = (call: Call) => Promise<number>;

/** The value of an option that takes one. */
export const textOf = (given: Given, name: string): string | undefined => {
  const value = given[name];
  return typeof value === "string" ? value : undefined;
};

/** The values of an option that may be given again and again. */
export const listOf = (given: Given, name: string): readonly string[] => {
  const value = given[name];
  return Array.isArray(value) ? (value as readonly string[]) : [];
};

/** The configuration this call names. */
export const loaded = ({ given, words }: Call): Promise<Loaded> => loadConfig(textOf(given, "config"), words);

/** Opens the hub of a configuration that shows its progress here. */
export const opened = (options: HubOptions, out: Output): Promise<Hub> =>
  openHub({
    ...options,
    progress: (progress) => {
      out.progress(progress);
      options.progress?.(progress);
    },
  });

/** True if the store was begun. A store that is no path is the configuration's own business. */
export const begun = ({ store }: HubOptions): boolean => typeof store !== "string" || existsSync(store);

/** For commands that only read: a store that was never begun is not made by asking about it. */
export const reading = (options: HubOptions): Promise<Hub> =>
  openHub(begun(options) ? options : { ...options, store: ":memory:" });
