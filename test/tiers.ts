/**
 * The four tiers of the tests, each with a command of its own (`npm run test:unit` …). Every test file is in exactly one: the first
 * whose pattern takes it.
 *
 * unit     pure code, and hubs on systems in memory; under a minute on two cores
 * kit      the conformance kits, for every adapter and store
 * laws     random histories, crashes, and what the long benches hold
 * servers  everything else: real servers, the command line, hostile input
 */

import { globSync } from "node:fs";
import { matchesGlob, sep } from "node:path";

const patterns = {
  kit: ["test/testing/**", "test/adapters/**/conformance.test.ts", "test/adapters/imap/traits.test.ts"],
  laws: ["test/simulation/**", "test/bench/**"],
  servers: [
    "test/adapters/**",
    "test/badinput/**",
    "test/bridge/{explain,outcomes}.test.ts",
    "test/cli/**",
    "test/corpus/**",
    "test/docs/{blocks,calendar,mail-room,quickstart}.test.ts",
    "test/lab/**",
    "test/protocol/dav/servers.test.ts",
    "test/protocol/icalendar/rules.test.ts",
    "test/scenarios/invitations.test.ts",
    "test/store/{sqlite,admin}.test.ts",
    "test/types/**",
  ],
  unit: ["test/**"],
} as const;

/** A tier's name. */
export type Tier = keyof typeof patterns;

const tierOf = (file: string): Tier =>
  (Object.keys(patterns) as Tier[]).find((tier) => patterns[tier].some((pattern) => matchesGlob(file, pattern))) as Tier;

/** The test files of each tier, from the root of the repository. */
export const tiers = (root: string): { readonly [tier in Tier]: readonly string[] } => {
  const files = globSync("test/**/*.test.ts", { cwd: root }).map((file) => file.split(sep).join("/"));
  const found: { [tier in Tier]: string[] } = { unit: [], kit: [], servers: [], laws: [] };
  for (const file of files.sort()) found[tierOf(file)].push(file);
  return found;
};
