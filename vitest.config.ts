import { defineConfig } from "vitest/config";

// `groupstream:source` makes `import … from "groupstream"` reach src/ and never an old build.
const conditions = ["groupstream:source", "node", "import", "module", "default"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ["groupstream:source"] } },
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/teardown.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    env: { TZ: "UTC" },
  },
});
