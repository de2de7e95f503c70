/** House rules that no linter knows: sizes, names, and that the core names no protocol. Prints each breach; exit 1 if any. */

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { exportsAreCurrent } from "./exports.ts";

const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { encoding: "utf8" }).split("\n");
const sources = files.filter((file) => /^(src|adapters)\/.*\.ts$/.test(file));
const breaches: string[] = [];

const kinds = [
  "imap",
  "maildir",
  "caldav",
  "carddav",
  "ldap",
  "graph",
  "mattermost",
  "slack",
  "teams",
  "matrix",
  "zulip",
  "xmpp",
  "activitypub",
  "webhook",
];
const namesAKind = new RegExp(`["'\`](${kinds.join("|")})["'\`]`);
const kindFree = (file: string): boolean => file.startsWith("src/") && !/^src\/(cli|protocol)\//.test(file);
const vague = /\b(class|interface|type|const|function) \w*(Manager|Handler|Engine|Service|Util|Utils|Helper|Processor)\b/;
const loose = /\bas any\b|: any\b|@ts-ignore|@ts-nocheck|\b(TODO|FIXME|XXX)\b/;

for (const file of sources) {
  const lines = readFileSync(file, "utf8").split("\n");
  if (lines.length > 301) breaches.push(`${file}: ${lines.length - 1} lines; split it by what it decides (at most 300)`);
  for (const [index, line] of lines.entries()) {
    const where = `${file}:${index + 1}`;
    if (/^\s*(\/\*\*|\*|\/\/)/.test(line)) continue;
    if (kindFree(file) && namesAKind.test(line)) breaches.push(`${where}: the core names a kind of adapter`);
    if (vague.test(line)) breaches.push(`${where}: says nothing by its name: ${line.trim()}`);
    if (loose.test(line)) breaches.push(`${where}: ${line.trim()}`);
  }
}

const skipped = files
  .filter((file) => /^test\/.*\.ts$/.test(file))
  .flatMap((file) =>
    readFileSync(file, "utf8")
      .split("\n")
      .flatMap((line, index) =>
        /\b(it|test|describe)\.(only|todo|skip)\(/.test(line)
          ? [`${file}:${index + 1}: a test that never runs; a skip prints its reason`]
          : [],
      ),
  );
breaches.push(...skipped);

const registry = ["registry", "npmjs", "org"].join(".");
for (const file of files.filter((name) => /^(package-lock\.json|\.npmrc|package\.json)$/.test(name))) {
  if (readFileSync(file, "utf8").includes(registry)) breaches.push(`${file}: names a registry's host`);
}

if (!exportsAreCurrent()) breaches.push("package.json: its exports are not those of the folders; run npm run exports");

for (const breach of breaches) console.error(breach);
console.log(breaches.length === 0 ? `house rules hold in ${sources.length} files` : `${breaches.length} house rules broken`);
process.exitCode = breaches.length === 0 ? 0 : 1;
