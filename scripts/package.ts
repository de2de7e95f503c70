/**
 * `npm run check:package`: what is published, as a stranger gets it. Builds, packs, asks publint and are-the-types-wrong, then
 * installs the tarball into an empty project that imports every subpath, type-checks under nodenext and bundler, and runs the
 * bin. Prints the size of each subpath. Leaves nothing behind.
 */

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = (name: string): string => join(root, "node_modules/.bin", name);
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  readonly version: string;
  readonly exports: Readonly<Record<string, { readonly default?: string } | string>>;
};
const subpaths = Object.entries(manifest.exports).flatMap(([path, target]) =>
  typeof target === "string" || !target.default ? [] : [[`groupstream${path.slice(1)}`, target.default] as const],
);

/** Nothing runs there: types for who writes a store. The type check below imports one of them. */
const typesOnly: ReadonlySet<string> = new Set(["groupstream/stores"]);

const run = (program: string, args: readonly string[], cwd = root): string =>
  execFileSync(program, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], maxBuffer: 1 << 26 });

/** Runs a step; what it printed is shown where it fails. */
const step = (name: string, work: () => unknown): void => {
  try {
    const said = work();
    console.log(`✓ ${name}${typeof said === "string" ? `: ${said}` : ""}`);
  } catch (error) {
    const { stdout = "", stderr = "", message } = error as Error & { stdout?: string; stderr?: string };
    console.error(`✗ ${name}\n${stdout}${stderr || message}`);
    process.exitCode = 1;
  }
};

/** A module and all it imports from the package, once each. */
const closure = (file: string, seen = new Set<string>()): Set<string> => {
  if (seen.has(file)) return seen;
  seen.add(file);
  const code = readFileSync(file, "utf8");
  for (const [, from] of code.matchAll(/(?:from|import)\s*"(\.[^"]+)"/g)) closure(join(dirname(file), from as string), seen);
  return seen;
};

const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`;

const project = mkdtempSync(join(tmpdir(), "groupstream-package-"));
try {
  step("build", () => void run("npm", ["run", "--silent", "build"]));
  let tarball = "";
  step("pack", () => {
    const [packed] = JSON.parse(run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", project])) as readonly {
      readonly filename: string;
      readonly size: number;
      readonly entryCount: number;
    }[];
    if (!packed) throw new Error("npm pack gave nothing");
    tarball = join(project, packed.filename);
    return `${packed.entryCount} files, ${kilobytes(packed.size)}`;
  });
  step("publint", () => void run(bin("publint"), ["run", tarball, "--strict"]));
  step("are the types wrong (esm-only)", () => void run(bin("attw"), [tarball, "--profile", "esm-only"]));

  mkdirSync(join(project, "app"));
  const app = join(project, "app");
  writeFileSync(join(app, "package.json"), JSON.stringify({ name: "app", private: true, type: "module" }));
  step(
    "install into an empty project",
    () => void run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", tarball], app),
  );
  const imports = subpaths.map(([name], n) => `import * as m${n} from ${JSON.stringify(name)};`).join("\n");
  const names = subpaths.map((_, n) => `m${n}`).join(", ");
  const running = subpaths.flatMap(([name], n) => (typesOnly.has(name) ? [] : [`m${n}`])).join(", ");
  writeFileSync(
    join(app, "all.mjs"),
    `${imports}\nfor (const m of [${running}]) if (Object.keys(m).length === 0) throw new Error("an empty subpath");\n`,
  );
  step(`import ${subpaths.length} subpaths`, () => void run(process.execPath, ["all.mjs"], app));
  writeFileSync(
    join(app, "all.ts"),
    `${imports}\nexport const all = [${names}];\nexport type { Adapter, Hub } from "groupstream";\nexport type { Store } from "groupstream/stores";\n`,
  );
  for (const [module, resolution] of [
    ["nodenext", "nodenext"],
    ["esnext", "bundler"],
  ] as const)
    step(`types under ${resolution}`, () => {
      const flags = [
        "--noEmit",
        "--strict",
        "--target",
        "es2024",
        "--lib",
        "esnext",
        "--module",
        module,
        "--moduleResolution",
        resolution,
      ];
      run(bin("tsc"), [...flags, "--types", "node", "--typeRoots", join(root, "node_modules/@types"), "all.ts"], app);
    });
  step("the bin", () => {
    const said = run(process.execPath, ["node_modules/groupstream/bin/groupstream.js", "--version"], app).trim();
    if (said !== manifest.version) throw new Error(`it says ${said}`);
    return said;
  });
  for (const [name, file] of subpaths) {
    const code = [...closure(join(root, file))].map((path) => readFileSync(path));
    const bytes = code.reduce((sum, { length }) => sum + length, 0);
    console.log(
      `  ${name.padEnd(32)} ${kilobytes(bytes).padStart(10)}  ${kilobytes(gzipSync(Buffer.concat(code)).length).padStart(10)} gzip  (${relative(root, file)})`,
    );
  }
} finally {
  rmSync(project, { recursive: true, force: true });
  rmSync(join(root, "dist"), { recursive: true, force: true });
}
