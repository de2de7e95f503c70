import { globSync } from "node:fs";
import { basename, dirname } from "node:path";
import { defineConfig } from "tsup";
import { subpaths } from "./scripts/exports.ts";

/** Files that an adapter starts as a thread: it looks for them beside its own, by this name. */
const workers = globSync("adapters/*/*/worker.ts").map((file) => [`adapters/${basename(dirname(file))}-worker`, file] as const);

export default defineConfig({
  entry: Object.fromEntries([...subpaths(), ["cli", "src/cli/index.ts"], ...workers]),
  format: ["esm"],
  target: "node22",
  platform: "node",
  dts: true,
  clean: true,
  splitting: true,
  sourcemap: true,
  // Without this tsup writes `sqlite` for `node:sqlite`, which does not load.
  removeNodeProtocol: false,
  // An adapter imports "groupstream" by name; in the package it must share the core's chunks, not a second copy.
  noExternal: [/^groupstream(\/|$)/],
  esbuildOptions(options) {
    options.conditions = ["groupstream:source"];
  },
});
