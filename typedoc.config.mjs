import { readFileSync } from "node:fs";

const { exports } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));
// The deprecated barrel says nothing that its families do not say.
const entryPoints = Object.entries(exports).flatMap(([path, target]) =>
  typeof target === "string" || path === "./protocol" ? [] : [target["groupstream:source"]],
);

/** @type {Partial<import("typedoc").TypeDocOptions>} */
export default {
  entryPoints,
  out: "docs/api",
  tsconfig: "tsconfig.api.json",
  disableSources: true,
  readme: "none",
  validation: { notDocumented: true, invalidLink: true, notExported: true },
  // Parts of other types and what is merely handed on: nobody writes them by their name.
  intentionallyNotExported: [
    "ActivityOf",
    "AttendeeDocument",
    "CalendarComponent",
    "CardProperty",
    "EventStatus",
    "Id",
    "Memory",
    "Unconcerned",
    "Wished",
    "verbs",
  ],
  requiredToBeDocumented: ["Enum", "EnumMember", "Variable", "Function", "Class", "Interface", "TypeAlias"],
  treatWarningsAsErrors: true,
  excludePrivate: true,
  excludeInternal: true,
  sort: ["source-order"],
};
