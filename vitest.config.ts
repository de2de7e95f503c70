import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { type Tier, tiers } from "./test/tiers.ts";

// `groupstream:source` makes `import … from "groupstream"` reach src/ and never an old build.
const conditions = ["groupstream:source", "node", "import", "module", "default"];

// Every process and thread of the tests, and what they start, loads what another one has compiled.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, ".lab/compile-cache");

/** Files and folders that take longest, the longest first: what begins last must be short. */
const longest = [
  "adapters/caldav/conformance",
  "adapters/carddav/conformance",
  "simulation/",
  "adapters/imap/",
  "cli/",
  "docs/",
  "bench/",
  "badinput/",
  "testing/kit",
  "adapters/",
].map((path) => join(import.meta.dirname, "test", path));

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => [...longest, ""].findIndex((path) => moduleId.startsWith(path));
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => rank(one) - rank(other));
  }
}

const files = tiers(import.meta.dirname);

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ["groupstream:source"] } },
  test: {
    reporters: ["default", "./scripts/slowest.ts"],
    projects: (Object.keys(files) as Tier[]).map((tier) => ({ extends: true, test: { name: tier, include: [...files[tier]] } })),
    globalSetup: ["test/teardown.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    // What runs side by side in a file waits more than it works.
    maxConcurrency: 20,
    sequence: { sequencer: LongestFirst },
    env: { TZ: "UTC" },
  },
});
