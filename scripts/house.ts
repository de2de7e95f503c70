/** House rules that no linter knows: sizes, names, rooms, and that the core names no protocol. Prints each breach; exit 1 if any. */

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, normalize } from "node:path";
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
/** Words that say nothing. Context, Service or Handler are fine where something is exactly that. */
const vague = /\b(class|interface|type|const|function) \w*(Manager|Utils?|Helpers?)\b/;
/** A file of this many lines says why it is one; what is one idea stays one file up to the second number. */
const [LONG, LONGEST] = [300, 450];
const loose = /\bas any\b|: any\b|@ts-ignore|@ts-nocheck|\b(TODO|FIXME|XXX)\b/;

for (const file of sources) {
  const lines = readFileSync(file, "utf8").split("\n");
  const length = lines.length - 1;
  if (length > LONGEST) breaches.push(`${file}: ${length} lines; split it by what it decides (at most ${LONGEST})`);
  else if (length > LONG && !/\bone file\b/i.test(lines.slice(0, 40).join("\n")))
    breaches.push(`${file}: ${length} lines; over ${LONG} its head says why it is one file ("One file: …")`);
  for (const [index, line] of lines.entries()) {
    const where = `${file}:${index + 1}`;
    if (/^\s*(\/\*\*|\*|\/\/)/.test(line)) continue;
    if (kindFree(file) && namesAKind.test(line)) breaches.push(`${where}: the core names a kind of adapter`);
    if (vague.test(line)) breaches.push(`${where}: says nothing by its name: ${line.trim()}`);
    if (loose.test(line)) breaches.push(`${where}: ${line.trim()}`);
  }
}

/** The room a file belongs to; a family of protocols is a room of its own. */
const roomOf = (file: string): string | undefined => /^src\/(protocol\/[^/]+|[^/]+)\//.exec(file)?.[1];

/** Which rooms each room imports, types included. */
const imports = new Map<string, Map<string, string>>();
for (const file of sources) {
  const from = roomOf(file);
  if (from === undefined) continue;
  for (const [, path = ""] of readFileSync(file, "utf8").matchAll(/ from "(\.[^"]+)";/g)) {
    const to = roomOf(normalize(`${dirname(file)}/${path}`));
    if (to === undefined || to === from) continue;
    const known = imports.get(from) ?? new Map<string, string>();
    imports.set(from, known.set(to, file));
  }
}

/** A way from a room back to itself. */
const cycleFrom = (room: string, way: readonly string[] = []): readonly string[] | undefined => {
  if (way.includes(room)) return [...way.slice(way.indexOf(room)), room];
  for (const next of imports.get(room)?.keys() ?? []) {
    const cycle = cycleFrom(next, [...way, room]);
    if (cycle) return cycle;
  }
  return undefined;
};
const cycle = [...imports.keys()].map((room) => cycleFrom(room)).find(Boolean);
if (cycle) {
  const steps = cycle.slice(1).map((room, at) => `${room} (${imports.get(cycle[at] as string)?.get(room)})`);
  breaches.push(`src/${cycle[0]}: imports itself through ${steps.join(" → ")}`);
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
