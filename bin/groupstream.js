#!/usr/bin/env -S node --max-semi-space-size=8
// By itself V8 lets up to 128 MB of garbage lie before it collects a first time; a first pass over a big mailbox would hold them.
// Plain JavaScript that also an old Node can read, so that it can say which one is needed.

const [major, minor] = process.versions.node.split(".").map(Number);

/** The sources are written for Node 24, which the repository brings; the built package runs on 22.18. */
const hand = async (node) => {
  const { spawn } = await import("node:child_process");
  const { fileURLToPath } = await import("node:url");
  const args = [...process.execArgv, fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  const child = spawn(fileURLToPath(node), args, { stdio: "inherit" });
  // A terminal sends Ctrl-C to both; this one waits for the other to end.
  process.on("SIGINT", () => undefined).on("SIGTERM", () => child.kill("SIGTERM"));
  process.exitCode = await new Promise((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
};

const start = async () => {
  const { existsSync } = await import("node:fs");
  const { registerHooks } = await import("node:module");
  const source = new URL("../src/cli/index.ts", import.meta.url);
  // A checkout runs its sources, never an old build.
  const checkout = existsSync(source);
  const own = new URL("../node_modules/.bin/node", import.meta.url);
  if (checkout && major < 24 && existsSync(own)) return hand(own);
  // A configuration anywhere says `import … from "groupstream"` and gets the copy that reads it, also where none is installed.
  registerHooks({
    resolve: (specifier, context, next) =>
      /^groupstream(\/|$)/.test(specifier)
        ? next(specifier, {
            ...context,
            parentURL: import.meta.url,
            conditions: checkout ? [...context.conditions, "groupstream:source"] : context.conditions,
          })
        : next(specifier, context),
  });
  const { main } = await import(checkout ? source.href : new URL("../dist/cli.js", import.meta.url).href);
  process.exitCode = await main(process.argv.slice(2));
};

if (major > 22 || (major === 22 && minor >= 18)) {
  // node:sqlite is announced as experimental in Node 22; people who sync their mail can do nothing about that.
  const { emitWarning } = process;
  process.emitWarning = (warning, ...rest) => {
    if (!/SQLite is an experimental/.test(String(warning))) emitWarning.call(process, warning, ...rest);
  };
  start().catch((error) => {
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
    process.exitCode = 1;
  });
} else {
  process.stderr.write(
    /^de/.test(process.env.LC_ALL || process.env.LANG || "")
      ? `groupstream braucht Node 22.18 oder neuer, dies ist ${process.version}: https://nodejs.org\n`
      : `groupstream needs Node 22.18 or newer, this is ${process.version}: https://nodejs.org\n`,
  );
  process.exitCode = 2;
}
