/**
 * The public API as text, one file a subpath in `api/`: every exported name with its shape, without comments and bodies.
 *
 *   npm run api            writes the report
 *   npm run api -- --check fails if it is not what is written, or if the changelog does not name it
 */

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "api");

/** Subpaths by name, with their sources. */
const subpaths = (): ReadonlyMap<string, string> => {
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    exports: Readonly<Record<string, { readonly "groupstream:source"?: string } | string>>;
  };
  return new Map(
    Object.entries(exports).flatMap(([path, target]) => {
      const source = typeof target === "string" ? undefined : target["groupstream:source"];
      return source ? [[path === "." ? "groupstream" : `groupstream${path.slice(1)}`, join(root, source)] as const] : [];
    }),
  );
};

const printer = ts.createPrinter({ removeComments: true });

/** The width the sources are written in. */
const WIDTH = 130;

/** A tuple, and an object type, that holds none of its kind, over several lines. */
const innermost = [/\[\n([^{}]*?)\n *\]/g, /\{\n([^{}]*)\n *\}/g] as const;

/** Object types, interfaces and tuples on one line each where that fits. */
const dense = (text: string): string => {
  const next = innermost.reduce(
    (before, kind, at) =>
      before.replace(kind, (all: string, inside: string, start: number) => {
        const joined = inside
          .split("\n")
          .map((one) => one.trim())
          .join(" ");
        const line = at === 0 ? `[${joined}]` : `{ ${joined} }`;
        const from = before.lastIndexOf("\n", start) + 1;
        const end = before.indexOf("\n", start + all.length);
        const rest = before.slice(start + all.length, end < 0 ? undefined : end);
        return start - from + line.length + rest.length <= WIDTH ? line : all;
      }),
    text,
  );
  return next === text ? text : dense(next);
};

/** Objects of a union stand below each other where one line does not hold them. */
const broken = (text: string): string => (text.length > WIDTH ? text.replaceAll(" | { ", "\n  | { ") : text);

const printed = (node: ts.Node, file: ts.SourceFile): string =>
  broken(dense(printer.printNode(ts.EmitHint.Unspecified, node, file).replaceAll("    ", "  ")));

/** A declaration without bodies: what a caller sees. */
const shapeOf = (checker: ts.TypeChecker, node: ts.Declaration): string => {
  const file = node.getSourceFile();
  if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return printed(node, file);
  if (ts.isClassDeclaration(node)) {
    const members = node.members.flatMap((member) => {
      if (ts.isConstructorDeclaration(member))
        return [`  constructor(${member.parameters.map((one) => one.getText(file)).join(", ")});`];
      const seen = ts.isPropertyDeclaration(member) || ts.isMethodDeclaration(member);
      const named = seen && !ts.isPrivateIdentifier(member.name) && !ts.isComputedPropertyName(member.name);
      return named ? [`  ${member.name.getText(file)}: ${typeOf(checker, member)};`] : [];
    });
    return `class ${node.name?.text} {\n${members.join("\n")}\n}`;
  }
  return `const ${(node as ts.VariableDeclaration).name?.getText(file)}: ${typeOf(checker, node)};`;
};

const typeOf = (checker: ts.TypeChecker, node: ts.Node): string =>
  checker.typeToString(
    checker.getTypeAtLocation(node),
    undefined,
    ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope,
  );

/** The report of every subpath, by file name. */
export const reports = (): ReadonlyMap<string, string> => {
  const config = ts.getParsedCommandLineOfConfigFile(
    join(root, "tsconfig.json"),
    {},
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined },
  );
  const entries = subpaths();
  const program = ts.createProgram([...entries.values()], config?.options ?? {});
  const checker = program.getTypeChecker();
  const reported = new Map<string, string>();
  for (const [name, source] of entries) {
    const file = program.getSourceFile(source);
    const module = file && checker.getSymbolAtLocation(file);
    if (source.endsWith("src/protocol/index.ts")) {
      // Deprecated: nothing but its families again.
      reported.set(
        `${name.replaceAll("/", "-")}.txt`,
        `${name}\n\n${file?.statements.map((one) => one.getText(file)).join("\n")}\n`,
      );
      continue;
    }
    if (!module) throw new Error(`${source} exports nothing`);
    const shapes = checker.getExportsOfModule(module).map((symbol) => {
      const real = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      return [symbol.name, (real.declarations ?? []).map((node) => shapeOf(checker, node)).join("\n")] as const;
    });
    const text = shapes.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, shape]) => shape);
    reported.set(`${name.replaceAll("/", "-")}.txt`, `${name}\n\n${text.join("\n")}\n`);
  }
  return reported;
};

/** Eight digits that name all reports together; the changelog's newest section must hold them. */
export const digestOf = (all: ReadonlyMap<string, string>): string =>
  createHash("sha256")
    .update(JSON.stringify([...all].sort()))
    .digest("hex")
    .slice(0, 8);

/** What is not as it should be, a sentence each. */
export const problems = (): readonly string[] => {
  const all = reports();
  const found: string[] = [];
  const written = new Set(readdirSync(folder));
  for (const [name, text] of all)
    if (!written.has(name) || readFileSync(join(folder, name), "utf8") !== text)
      found.push(`api/${name} is not what the sources export: npm run api, read the difference, and say it in CHANGELOG.md`);
  for (const name of written) if (!all.has(name)) found.push(`api/${name} is of no subpath any more`);
  const newest = readFileSync(join(root, "CHANGELOG.md"), "utf8").split(/^## /m)[1] ?? "";
  const digest = digestOf(all);
  if (!newest.includes(`API ${digest}`))
    found.push(`CHANGELOG.md: the newest section must say what changed in the public API, and name its report: "API ${digest}"`);
  return found;
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes("--check")) {
    const found = problems();
    for (const problem of found) console.error(problem);
    process.exitCode = found.length > 0 ? 1 : 0;
  } else {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    const all = reports();
    for (const [name, text] of all) writeFileSync(join(folder, name), text);
    console.log(`${all.size} reports in api/; name them in CHANGELOG.md as "API ${digestOf(all)}"`);
  }
}
