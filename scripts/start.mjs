// `node scripts/start.mjs FILE [ARGUMENT…]`: installs what a fresh clone lacks, then runs a file of the repository on the Node that
// npm installs here. Plain JavaScript for the Node that is there (20 or newer). A script `node ready && node FILE` would run both on the
// latter: shells remember where they found `node` first.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import "./ready.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const child = spawn(`${root}node_modules/.bin/node`, ["--conditions=groupstream:source", ...process.argv.slice(2)], {
  cwd: root,
  stdio: "inherit",
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
child.on("error", (error) => {
  process.stderr.write(`It cannot be started (${error.message}); remove node_modules and try again\n`);
  process.exitCode = 1;
});
child.on("exit", (code) => {
  process.exitCode = code ?? 1;
});
