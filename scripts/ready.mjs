// Installs the toolchain of a fresh clone. Plain JavaScript for the Node that is there; the rest runs on the one it brings.
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const marker = `${root}node_modules/.package-lock.json`;
const stale = !existsSync(marker) || statSync(marker).mtimeMs < statSync(`${root}package-lock.json`).mtimeMs;

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
