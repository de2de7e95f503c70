// `npm run quickstart`: plain JavaScript for the Node that is there (20 or newer); the rest runs on the one npm installs here.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import "./ready.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const child = spawn(
  `${root}node_modules/.bin/node`,
  ["--conditions=groupstream:source", "examples/quickstart.ts", ...process.argv.slice(2)],
  { cwd: root, stdio: "inherit" },
);
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
child.on("error", (error) => {
  process.stderr.write(`The quickstart cannot be started (${error.message}); remove node_modules and try again\n`);
  process.exitCode = 1;
});
child.on("exit", (code) => {
  process.exitCode = code ?? 1;
});
