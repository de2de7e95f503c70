/** docs/why.md names tests that there are, and every rule that can be switched off. */

import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { allRules } from "../../src/sync/rules.ts";

const root = new URL("../../", import.meta.url);
const page = new URL("docs/why.md", root);
const text = readFileSync(page, "utf8");
const all = (pattern: RegExp): RegExpMatchArray[] => [...text.matchAll(pattern)];

it("names files and folders that exist", () => {
  const paths = all(/`([^`\s]*\/[^`\s]*)`/g).map(([, path = ""]) => path);
  expect(paths.length).toBeGreaterThan(80);
  expect(paths.filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
  const links = all(/\]\(([^)\s]+)\)/g).map(([, link = ""]) => link);
  expect(links.filter((link) => !existsSync(new URL(link, page)))).toEqual([]);
});

it("names tests by the words they have in their file", () => {
  const named = all(/`([^`\s]+\.test\.ts)` › "([^"]+)"/g).map(([, path = "", name = ""]) => ({ path, name }));
  // Each file that is named is named with a test.
  expect(named).toHaveLength(all(/`[^`\s]+\.test\.ts`/g).length);
  expect(named.filter(({ path, name }) => !readFileSync(new URL(path, root), "utf8").includes(`"${name}"`))).toEqual([]);
});

it("names every rule that can be switched off, and no other", () => {
  expect([...new Set(all(/`rules\.(\w+)`/g).map(([, rule]) => rule))].sort()).toEqual(Object.keys(allRules).sort());
});

it("gives each rule its scenario and a test", () => {
  const [rules = ""] = text.split("\n## No test yet");
  for (const section of rules.split("\n### ").slice(1)) {
    const [heading = ""] = section.split("\n");
    expect(section, heading).toMatch(/\n\n\*\*Rule\.\*\* [\s\S]*\n\n- `test\//);
  }
});
