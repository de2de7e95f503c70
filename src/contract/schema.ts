/**
 * Options checked by schemas of valibot: every mistake at once, each with its path, none with a value, which may be a secret.
 * Why this library: docs/decisions/0024.
 */

import * as v from "valibot";
import { refuseMistakes } from "./errors.ts";

/** A value by its fields, of which nothing is known. */
export type Fields = Readonly<Record<string, unknown>>;

export const isPlain = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

/** An object that is no list. */
export const plainObject = (message: string): v.GenericSchema<unknown, Fields> => v.custom<Fields>(isPlain, message);

/** The way to what a check of several values finds wrong, for `addIssue`. */
export const wayTo = (first: string | number, ...rest: readonly (string | number)[]): [v.IssuePathItem, ...v.IssuePathItem[]] => {
  const step = (key: string | number): v.IssuePathItem => ({
    type: "unknown",
    origin: "value",
    input: {},
    key,
    value: undefined,
  });
  return [step(first), ...rest.map(step)];
};

/** Where a schema says nothing; without it valibot says what it received. */
const quiet = { message: "cannot be used" };

/**
 * An object of these options and no others. Each wrong option and each unknown one is a mistake of its own; one that is needed and
 * missing says what its schema says. An option of `v.any()` is taken and never named. What follows in a pipe is asked also where
 * options are wrong, and must look at what it gets.
 * @param needed   the options that may not be left out
 * @param message  where it is no object
 */
// valibot's own objects take lists, tell only the first unknown name, and say of what is missing what the object says.
export const optionsOf = <Name extends string>(
  entries: Readonly<Record<Name, v.GenericSchema>>,
  needed: readonly NoInfer<Name>[],
  message: string,
): v.GenericSchema<unknown, Fields> => {
  const schemas = Object.entries<v.GenericSchema>(entries);
  const named = schemas.flatMap(([name, { type }]) => (type === "any" ? [] : [name]));
  const optional: ReadonlySet<string> = new Set(Object.keys(entries)).difference(new Set<string>(needed));
  const unknown = `there is no such option; there are ${named.join(", ")}`;
  return v.pipe(
    plainObject(message),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const { value: given } = dataset;
      for (const [name, schema] of schemas) {
        if (given[name] === undefined && optional.has(name)) continue;
        for (const { message, path = [] } of v.safeParse(schema, given[name], quiet).issues ?? [])
          addIssue({ message, path: [...wayTo(name), ...path] });
      }
      for (const name of Object.keys(given)) if (!Object.hasOwn(entries, name)) addIssue({ message: unknown, path: wayTo(name) });
    }),
  );
};

/** `routes[0].from`; of a name that is no word at most 40 characters, in one line. */
const pathOf = (keys: readonly unknown[]): string =>
  keys.reduce<string>((path, key) => {
    if (typeof key === "number") return `${path}[${key}]`;
    const name = String(key);
    if (/^[\w-]{1,40}$/.test(name)) return path === "" ? name : `${path}.${name}`;
    const quoted = JSON.stringify(name.slice(0, 40));
    return path === "" ? quoted : `${path}[${quoted}]`;
  }, "");

/**
 * Every mistake in a value, one sentence each, which begins with its path.
 * @param root  what the value is called; default: paths begin inside it
 */
export const mistakesIn = (schema: v.GenericSchema, value: unknown, root?: string): readonly string[] => {
  const { issues = [] } = v.safeParse(schema, value, quiet);
  const mistakes = issues.map(({ path = [], message }) => {
    const where = pathOf([...(root === undefined ? [] : [root]), ...path.map(({ key }) => key)]);
    return where === "" ? message : `${where}: ${message}`;
  });
  return [...new Set(mistakes)];
};

/**
 * Refuses wrong options of an adapter, every mistake at once: `misconfigured`. Of the values only the `id` is repeated, and what the
 * messages of the schema repeat.
 * @param schema   of valibot; every part needs a message of its own, else it says "cannot be used"
 * @param options  what a person gave, of any type
 * @param what     whose they are: `IMAP system`
 */
export const checkOptions = (schema: v.GenericSchema, options: unknown, what: string): void => {
  const id = isPlain(options) ? options.id : undefined;
  const name = typeof id === "string" ? JSON.stringify(id.slice(0, 60)) : "without id";
  refuseMistakes(`The ${what} ${name} cannot be used`, mistakesIn(schema, options));
};
