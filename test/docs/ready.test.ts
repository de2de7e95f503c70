/** A clone installs what it lacks, and nothing where it has all of it: other programs may be running from there. */

import { execFileSync } from "node:child_process";
import { chmod, copyFile, mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { root } from "./blocks.ts";

let clone: string;
beforeAll(async () => {
  clone = await mkdtemp(join(tmpdir(), "groupstream-ready-"));
  for (const folder of ["scripts", "node_modules", "bin"]) await mkdir(join(clone, folder));
  await copyFile(join(root, "scripts/ready.mjs"), join(clone, "scripts/ready.mjs"));
  await writeFile(join(clone, "bin/npm"), "#!/bin/sh\n");
  await chmod(join(clone, "bin/npm"), 0o755);
});
afterAll(() => rm(clone, { recursive: true, force: true }));

const lock = "package-lock.json";
const installed = "node_modules/.package-lock.json";
const put = (file: string, packages: object): Promise<void> => writeFile(join(clone, file), JSON.stringify({ packages }));

/** What is said when it installs; an npm of the test does nothing. */
const said = (): string =>
  execFileSync("sh", ["-c", '"$0" scripts/ready.mjs 2>&1', process.execPath], {
    cwd: clone,
    encoding: "utf8",
    env: { ...process.env, PATH: `${join(clone, "bin")}${delimiter}${process.env.PATH}` },
  });

const one = { version: "1.0.0", integrity: "sha512-one" };
const elsewhere = { version: "1.0.0", integrity: "sha512-other", optional: true };
const wanted = { "": { name: "clone" }, "node_modules/one": one, "node_modules/elsewhere": elsewhere };

it("installs nothing where all of it is there, though the lock was written later", async () => {
  await put(lock, wanted);
  await put(installed, { "node_modules/one": one });
  await utimes(join(clone, installed), 1, 1);
  expect(said()).toBe("");
});

it.each([
  ["nothing is there", undefined],
  ["one is missing", {}],
  ["one is of another version", { "node_modules/one": { ...one, version: "0.9.0" } }],
  ["one is another", { "node_modules/one": { ...one, integrity: "sha512-two" } }],
])("installs where %s, though that came later", async (_, packages) => {
  await rm(join(clone, installed), { force: true });
  if (packages) await put(installed, packages);
  await put(lock, wanted);
  await utimes(join(clone, lock), 1, 1);
  expect(said()).toContain("npm ci");
});
