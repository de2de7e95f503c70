/** Import directions of the house. A room that may import another is named here; everything else is an error. */
const room = (name) => `^src/${name}`;
const core = ["^src/contract/", "^src/time/", "^src/activity/(activity|types)\\.ts$"];
const may = (from, to) => ({
  name: `${from.replace(/[^a-z]/g, "")}-imports-only-its-own`,
  severity: "error",
  from: { path: from },
  to: { path: "^(src|adapters|test|examples|bench)/", pathNot: [...core, from, ...to] },
});

module.exports = {
  forbidden: [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } } },
    may(room("contract/"), []),
    may(room("time/"), []),
    may(room("activity/"), [room("tell/draft"), room("language/")]),
    may(room("fold/"), []),
    may(room("tell/"), [room("fold/"), room("language/kinds")]),
    may(room("language/"), []),
    may(room("policy/"), []),
    may(room("protocol/"), []),
    may(room("store/"), [room("fold/memory")]),
    may(room("sync/"), [
      room("fold/"),
      room("tell/"),
      room("activity/"),
      room("store/(contract|collection|references)"),
      room("policy/"),
      room("language/"),
    ]),
    may(room("bridge/"), [
      room("store/(contract|collection|references)"),
      room("policy/"),
      room("language/"),
      room("activity/uuid"),
    ]),
    may(room("observe/"), [room("store/contract"), room("bridge/routes"), room("language/(because|obstacles)")]),
    may(room("admin/"), [room("store/(contract|collection|references)"), room("observe/"), room("bridge/routes")]),
    may(room("hub/"), [
      "^src/(fold|tell|language|policy|store|sync|bridge|observe|admin|activity)/",
      // How people quote in mails: handed to the bridge, which names no protocol.
      room("protocol/mail/reply/index"),
    ]),
    may(room("testing/"), [room("hub/"), room("store/"), room("sync/page/views"), room("activity/")]),
    { name: "nobody-imports-cli", severity: "error", from: { pathNot: "^(src/cli/|test/|bin/)" }, to: { path: "^src/cli/" } },
    {
      name: "only-cli-knows-adapters",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/cli/" },
      to: { path: "^adapters/" },
    },
    {
      name: "adapters-by-public-names",
      comment: "adapters import groupstream and groupstream/protocol/… by name, never a path into src/",
      severity: "error",
      from: { path: "^adapters/" },
      to: { path: "^src/", pathNot: ["^src/index\\.ts$", "^src/protocol/[^/]+/index\\.ts$"] },
    },
    {
      name: "adapters-not-each-other",
      severity: "error",
      from: { path: "^adapters/[^/]+/([^/]+)/" },
      to: { path: "^adapters/", pathNot: "^adapters/[^/]+/$1/" },
    },
    {
      name: "examples-need-no-tests",
      comment: "what starts a real server for people is part of examples/",
      severity: "error",
      from: { path: "^examples/" },
      to: { path: "^(test|bench)/" },
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
