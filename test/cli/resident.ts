/**
 * The command line again and again in one process: it is asked by messages, one command at a time, and answers what the command left.
 * The configuration is read anew for each.
 */

import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";
import { main } from "../../src/cli/index.ts";

/** What is run. */
export interface Asked {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

let asked = 0;
let folder = "";
// As bin/groupstream.js does.
registerHooks({
  resolve: (specifier, context, next) => {
    if (/^groupstream(\/|$)/.test(specifier)) return next(specifier, { ...context, parentURL: import.meta.url });
    const found = next(specifier, context);
    return folder !== "" && found.url.startsWith(folder) ? { ...found, url: `${found.url}?${asked}` } : found;
  },
});

const home = process.cwd();
process.stdout.setMaxListeners(0);

const run = async ({ args, cwd, env }: Asked) => {
  asked += 1;
  folder = `${pathToFileURL(cwd).href}/`;
  process.chdir(cwd);
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  const said = { stdout: "", stderr: "" };
  const { stdout, stderr } = process;
  const writes = [stdout.write, stderr.write] as const;
  stdout.write = (text: string | Uint8Array) => Boolean((said.stdout += text));
  stderr.write = (text: string | Uint8Array) => Boolean((said.stderr += text));
  try {
    return { status: await main(args), ...said };
  } finally {
    [stdout.write, stderr.write] = writes;
    process.chdir(home);
  }
};

process.on("message", (message) => void run(message as Asked).then((outcome) => process.send?.(outcome)));
