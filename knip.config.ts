import type { KnipConfig } from "knip";

const config: KnipConfig = {
  entry: [
    "src/cli/index.ts",
    "adapters/*/*/worker.ts",
    "scripts/*.{ts,mjs}",
    "bench/**/*.ts",
    "examples/**/*.ts",
    "test/**/*.ts",
  ],
  project: ["src/**/*.ts", "adapters/**/*.ts", "scripts/**/*.ts"],
  ignoreDependencies: [
    // The mission names them; the adapters for directories and for Microsoft 365 will import them.
    "@microsoft/microsoft-graph-client",
    "ldapts",
    // Run by path in scripts/package.ts.
    "@arethetypeswrong/cli",
    "publint",
    // Comes with @xmpp/client, whose elements are its own.
    "@xmpp/xml",
  ],
  // Of the machine, where a test asks for them.
  ignoreBinaries: ["script", "openssl"],
};

export default config;
