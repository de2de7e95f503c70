import { defineConfig } from "tsup";

export default defineConfig({
  entry: {
    index: "src/index.ts",
    protocol: "src/protocol/index.ts",
    testing: "src/testing/index.ts",
    cli: "src/cli/index.ts",
    "adapters/caldav": "adapters/groupware/caldav/index.ts",
    "adapters/carddav": "adapters/groupware/carddav/index.ts",
    "adapters/imap": "adapters/groupware/imap/index.ts",
    "adapters/imap-worker": "adapters/groupware/imap/worker.ts",
    "adapters/maildir": "adapters/groupware/maildir/index.ts",
    "adapters/webhook": "adapters/suites/webhook/index.ts",
    "adapters/xmpp": "adapters/suites/xmpp/index.ts",
    "stores/sqlite": "src/store/sqlite/index.ts",
  },
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
