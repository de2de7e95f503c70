/**
 * The adapters as a configuration sees them when the command line reads it: a factory that finds mistakes does not throw but
 * notes them, so that a person reads all mistakes of all systems at once. The stand-in it gives back is never used.
 *
 * `groupstream/adapters/<kind>` exports its factory under the name of its folder. So no adapter is named here: whatever the
 * configuration imports of that form gets a module around it that notes.
 */

import { registerHooks } from "node:module";
import { type Adapter, isGroupstreamError } from "groupstream";
import { faultOf } from "../contract/errors.ts";

const adapter = /^groupstream\/adapters\/([a-z][a-z0-9]*)$/;
/** Marks the address of a module that notes. */
const mark = "?noting=";

/** The module around an adapter: all it exports, with its factory noting. */
const around = (real: string, kind: string): string =>
  [
    `import { ${kind} as real } from ${JSON.stringify(real)};`,
    `import { noting } from ${JSON.stringify(import.meta.url)};`,
    `export * from ${JSON.stringify(real)};`,
    `export const ${kind} = noting(${JSON.stringify(kind)}, real);`,
  ].join("\n");

/** Makes adapters that are imported from now on note their mistakes; `deregister` ends it. */
export const noteAdapters = (): { deregister(): void } =>
  registerHooks({
    resolve: (specifier, context, next) => {
      const [, kind] = adapter.exec(specifier) ?? [];
      const found = next(specifier, context);
      return kind === undefined || !found.url.startsWith("file:") ? found : { ...found, url: `${found.url}${mark}${kind}` };
    },
    load: (url, context, next) => {
      const [real = url, kind] = url.split(mark);
      return kind === undefined ? next(url, context) : { format: "module", shortCircuit: true, source: around(real, kind) };
    },
  });

const mistakes: string[] = [];

/** The mistakes noted since the last call. */
export const takeMistakes = (): readonly string[] => mistakes.splice(0);

let unnamed = 0;

const standIn = (kind: string, id: unknown): Adapter => {
  const refused = (): never => {
    throw new Error("a system with mistakes was used");
  };
  return {
    contract: 1,
    id: typeof id === "string" && /^[a-z0-9][a-z0-9-]{0,62}$/.test(id) ? id : `unnamed-${++unnamed}`,
    kind,
    describe: refused,
    collections: refused,
    performs: { Deliver: refused },
    [Symbol.asyncDispose]: async () => undefined,
  };
};

/**
 * A factory that notes what it would throw.
 * @public for the modules that `around` writes
 */
export const noting =
  <Options>(kind: string, factory: (options: Options) => Adapter) =>
  (options: Options): Adapter => {
    try {
      return factory(options);
    } catch (error) {
      const { id } = (options ?? {}) as { id?: unknown };
      const name = typeof id === "string" && id !== "" ? `${kind} ${JSON.stringify(id.slice(0, 60))}` : kind;
      // Anything else a factory throws is about its options, too: it does no I/O.
      const found =
        isGroupstreamError(error) && error.mistakes ? error.mistakes : [error instanceof Error ? error.message : faultOf(error)];
      mistakes.push(...found.map((mistake) => `${name}: ${mistake}`));
      return standIn(kind, id);
    }
  };
