/** The map of the house is right: every file it names is there, and every room is in it. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const map = readFileSync(join(root, "docs/architecture.md"), "utf8");

/** Paths in backticks, from the root of the repository. */
const pathsIn = (text: string): readonly string[] =>
  [...text.matchAll(/`((?:src|adapters|test|docs|scripts)\/[^`\s]*)`/g)].map(([, path]) => path as string);

/** The rows of the table under a heading, without its head. */
const rowsUnder = (heading: string): readonly string[] => {
  const section = map.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  return section
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .slice(1);
};

describe("docs/architecture.md", () => {
  it("names only files and folders that are there", () => {
    const paths = pathsIn(map);
    expect(paths.length).toBeGreaterThan(60);
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it("has every room of src/, and of its families", () => {
    const rooms = readdirSync(join(root, "src"), { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? [one.name] : []));
    const rows = rowsUnder("The rooms of `src/`");
    expect(rooms.filter((room) => !rows.some((row) => row.startsWith(`| \`${room}/\` |`)))).toEqual([]);
    const families = readdirSync(join(root, "src/protocol"), { withFileTypes: true }).flatMap((one) =>
      one.isDirectory() ? [one.name] : [],
    );
    const row = rows.find((one) => one.startsWith("| `protocol/` |")) ?? "";
    expect(families.filter((family) => !row.includes(`\`${family}\``))).toEqual([]);
  });

  it("says for ten changes which files they are made in", () => {
    const rows = rowsUnder("Where do I change …");
    expect(rows).toHaveLength(10);
    for (const row of rows) expect(pathsIn(row).length, row).toBeGreaterThan(0);
  });

  it("follows a message in and an activity out by the files that do each step", () => {
    for (const heading of ["One message, from the server to the log", "One activity, from the log to a post in a room"]) {
      const section = map.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
      const steps = section.split(/\n(?=\d+\. )/).slice(1);
      expect(steps.length).toBeGreaterThan(5);
      for (const step of steps) expect(pathsIn(step).length, step.slice(0, 60)).toBeGreaterThan(0);
    }
  });

  it("is mirrored by the tests, or test/README.md says why a folder stands alone", () => {
    const readme = readFileSync(join(root, "test/README.md"), "utf8");
    const folders = (path: string): readonly string[] =>
      readdirSync(join(root, path), { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? [one.name] : []));
    const mirrored = new Set([...folders("src"), "adapters"]);
    expect(folders("test").filter((name) => !mirrored.has(name) && !readme.includes(`| \`${name}\` |`))).toEqual([]);
    const kinds = new Set([...folders("adapters/groupware"), ...folders("adapters/suites"), "dav"]);
    expect(folders("test/adapters").filter((name) => !kinds.has(name))).toEqual([]);
  });
});
