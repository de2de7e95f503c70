/** Import directions of the house. A room that may import another is named here; everything else is an error. */
const room = (name) => `^src/${name}`;
const core = ["^src/(words|errors|schema|adapter|sighting|command|because)\\.ts$", "^src/activity/"];
const may = (from, to) => ({
  name: `${from.replace(/[^a-z]/g, "")}-imports-only-its-own`,
  severity: "error",
  from: { path: from },
  to: { path: "^(src|adapters|test|examples|bench)/", pathNot: [...core, from, ...to] },
});

module.exports = {
  forbidden: [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } } },
    may("^src/(words|errors)\\.ts$", []),
    may("^src/schema\\.ts$", []),
    may("^src/(adapter|sighting|command|because)\\.ts$", []),
    may("^src/activity/", []),
    may(room("fold/"), []),
    may(room("tell/"), [room("fold/"), room("language/kinds")]),
    may(room("language/"), []),
    may(room("policy/"), []),
    may(room("protocol/"), []),
    may(room("store/"), [room("fold/memory")]),
    may(room("sync/"), [room("fold/"), room("tell/"), room("store/(contract|collection)"), room("policy/"), room("language/")]),
    may(room("identity/"), []),
    may(room("bridge/"), [room("store/(contract|collection)"), room("policy/"), room("language/")]),
    may(room("observe/"), [room("store/contract"), room("bridge/routes"), room("language/(because|obstacles)")]),
    may(room("tending/"), [room("store/(contract|collection)"), room("observe/"), room("bridge/routes")]),
    may(room("testing/"), ["^src/hub\\.ts$", "^src/testing/", room("store/"), room("sync/(views|compose)")]),
    { name: "nobody-imports-cli", severity: "error", from: { pathNot: "^(src/cli/|test/|bin/)" }, to: { path: "^src/cli/" } },
    {
      name: "only-cli-knows-adapters",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/cli/" },
      to: { path: "^adapters/" },
    },
    {
      name: "adapters-by-public-names",
      comment: "adapters import groupstream and groupstream/protocol by name, never a path into src/",
      severity: "error",
      from: { path: "^adapters/" },
      to: { path: "^src/", pathNot: ["^src/index\\.ts$", "^src/protocol/index\\.ts$"] },
    },
    {
      name: "adapters-not-each-other",
      severity: "error",
      from: { path: "^adapters/[^/]+/([^/]+)/" },
      to: { path: "^adapters/", pathNot: "^adapters/[^/]+/$1/" },
    },
    {
      name: "nothing-ships-tests",
      severity: "error",
      from: { path: "^(src|adapters)/" },
      to: { path: "^(test|bench|examples|scripts)/" },
    },
    {
      name: "declared",
      severity: "error",
      from: { path: "^(src|adapters)/" },
      // An optional peer is installed here for its types and tests; at run time it is there or it is not.
      to: {
        dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"],
        pathNot: "node_modules/(@opentelemetry/api|@xmpp/client|nodemailer)/",
      },
    },
    { name: "resolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["groupstream:source", "import", "node", "types", "default"],
    },
  },
};
