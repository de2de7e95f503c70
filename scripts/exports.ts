/**
 * The package's subpaths, made from the folders: every adapter, every family of protocols, every store.
 *
 *   npm run exports            writes `exports` in package.json; tsup and typedoc read them there
 *   npm run exports -- --check fails if they are not what the folders say
 */

import { globSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const manifest = join(root, "package.json");

/** Folders whose `index.ts` is a subpath, by the prefix of its name. */
const rooms = [
  ["protocol/", "src/protocol/*/index.ts"],
  ["adapters/", "adapters/*/*/index.ts"],
  ["stores/", "src/store/*/index.ts"],
] as const;

/** Subpaths by name without `./`, with their sources; the root is `index`. */
export const subpaths = (): ReadonlyMap<string, string> => {
  const found = rooms.flatMap(([prefix, pattern]) =>
    globSync(pattern, { cwd: root })
      .sort()
      .map((source) => [`${prefix}${basename(dirname(source))}`, source] as const),
  );
  return new Map([
    ["index", "src/index.ts"],
    ["protocol", "src/protocol/index.ts"],
    ...found,
    ["stores", "src/store/index.ts"],
    ["testing", "src/testing/index.ts"],
  ]);
};

const exported = (): Readonly<Record<string, unknown>> => ({
  ...Object.fromEntries(
    [...subpaths()].map(([name, source]) => [
      name === "index" ? "." : `./${name}`,
      { "groupstream:source": `./${source}`, types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` },
    ]),
  ),
  "./package.json": "./package.json",
});

/** True if package.json says what the folders say. */
export const exportsAreCurrent = (): boolean => {
  const { exports } = JSON.parse(readFileSync(manifest, "utf8")) as { exports: unknown };
  return JSON.stringify(exports) === JSON.stringify(exported());
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!process.argv.includes("--check")) {
    const whole = JSON.parse(readFileSync(manifest, "utf8")) as Record<string, unknown>;
    writeFileSync(manifest, `${JSON.stringify({ ...whole, exports: exported() }, null, 2)}\n`);
  } else if (!exportsAreCurrent()) {
    console.error("package.json: its exports are not those of the folders; run npm run exports");
    process.exitCode = 1;
  }
}
