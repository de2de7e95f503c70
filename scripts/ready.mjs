// Installs the toolchain of a fresh clone. Plain JavaScript for the Node that is there; the rest runs on the one it brings.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const marker = `${root}node_modules/.package-lock.json`;
const packagesIn = (file) => JSON.parse(readFileSync(file, "utf8")).packages;
const there = existsSync(marker) ? packagesIn(marker) : {};
// What is there is compared, not when it came: a copy has other times, and installing takes away what others are using.
const stale = Object.entries(packagesIn(`${root}package-lock.json`)).some(([path, { version, integrity, optional }]) =>
  there[path] ? there[path].version !== version || there[path].integrity !== integrity : path !== "" && !optional,
);

if (stale) {
  process.stderr.write("Installing what the repository needs (npm ci) …\n");
  const { status, stderr } = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "ignore", "pipe"],
  });
  if (status !== 0) {
    process.stderr.write(`${stderr}\nnpm ci failed; check that the npm registry can be reached, then try again\n`);
    process.exit(1);
  }
}
