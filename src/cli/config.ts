/** Finds and loads `groupstream.config.ts`, and every mistake in it at once. */

import { existsSync } from "node:fs";
import { dirname, isAbsolute, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { faultOf, GroupstreamError, isGroupstreamError, refuseMistakes } from "../contract/errors.ts";
import { checkedOptions, type HubOptions } from "../hub/options.ts";
import { clean } from "../language/index.ts";
import { exit, Said } from "./failure.ts";
import type { Words } from "./words/index.ts";

/** Looked for in this order in the current folder. */
export const configNames = ["groupstream.config.ts", "groupstream.config.mjs", "groupstream.config.js"] as const;

/** A configuration that can be used. */
export interface Loaded {
  readonly path: string;
  /** `store`, where it is a path, is absolute: it is meant from the folder of the configuration. */
  readonly options: HubOptions;
}

/**
 * Loads by Node's own type stripping.
 * Fails: `misconfigured`: not found, not loadable, or with every mistake of all systems and options at once.
 * @param given  a path from the current folder; default: the first of {@link configNames} that is there
 */
export const loadConfig = async (given: string | undefined, words: Words): Promise<Loaded> => {
  const path = findConfig(given, words);
  const { noteAdapters, takeMistakes } = await import("./gather.ts");
  const hooks = noteAdapters();
  let options: unknown;
  try {
    const { default: exported } = (await import(pathToFileURL(path).href)) as { default?: unknown };
    options = typeof exported === "function" ? await exported() : await exported;
  } catch (error) {
    throw loadFailure(path, error, takeMistakes(), words);
  } finally {
    hooks.deregister();
  }
  if (options === undefined) throw new Said(exit.configuration, words.config.noDefault(path));
  const mistakes = [...takeMistakes(), ...mistakesOf(options as HubOptions)];
  refuseMistakes(words.config.mistakes(path, mistakes.length), mistakes);
  return { path, options: withAbsoluteStore(options as HubOptions, dirname(path)) };
};

const findConfig = (given: string | undefined, words: Words): string => {
  if (given !== undefined) {
    const path = resolve(given);
    if (existsSync(path)) return path;
    throw new Said(exit.configuration, words.config.notThere(path));
  }
  const found = configNames.map((name) => resolve(name)).find((path) => existsSync(path));
  if (found === undefined) throw new Said(exit.configuration, words.config.none(process.cwd()));
  return found;
};

const mistakesOf = (options: HubOptions): readonly string[] => {
  try {
    checkedOptions(options);
    return [];
  } catch (error) {
    if (isGroupstreamError(error) && error.mistakes) return error.mistakes;
    throw error;
  }
};

/** Why a module did not load, without its stack. Values in the file do not stand in Node's message; its names do. */
const loadFailure = (path: string, error: unknown, before: readonly string[], words: Words): GroupstreamError => {
  const own =
    isGroupstreamError(error) && error.mistakes
      ? error.mistakes
      : [clean(error instanceof Error ? error.message : faultOf(error))];
  const mistakes = [...before, ...own];
  return new GroupstreamError(
    "misconfigured",
    [words.config.unloadable(path), ...mistakes.map((mistake) => `  - ${mistake}`)].join("\n"),
    { mistakes, cause: error },
  );
};

const withAbsoluteStore = (options: HubOptions, folder: string): HubOptions =>
  typeof options.store !== "string" || options.store === ":memory:" || isAbsolute(options.store)
    ? options
    : { ...options, store: resolve(folder, options.store) };
