/** The command line: the composition root, the only room that knows all adapters. */

import { readFileSync } from "node:fs";
import type { Command } from "./call.ts";
import { exit, report } from "./failure.ts";
import { outputOf } from "./output.ts";
import { type CommandName, langIn, parse } from "./parse.ts";
import { langOf, words } from "./words/index.ts";

/** Loaded when asked for: `--help` waits for no mail library. */
const commands: { readonly [name in CommandName]: () => Promise<Command> } = {
  init: async () => (await import("./commands/init.ts")).init,
  doctor: async () => (await import("./commands/doctor.ts")).doctor,
  sync: async () => (await import("./commands/sync.ts")).sync,
  run: async () => (await import("./commands/run.ts")).run,
  tail: async () => (await import("./commands/tail.ts")).tail,
  explain: async () => (await import("./commands/explain.ts")).explain,
  status: async () => (await import("./commands/status.ts")).status,
  "new-adapter": async () => (await import("./commands/new-adapter.ts")).newAdapter,
  why: async () => (await import("./commands/why.ts")).why,
  deliveries: async () => (await import("./commands/deliveries.ts")).deliveries,
  quarantine: async () => (await import("./commands/quarantine.ts")).quarantine,
  prune: async () => (await import("./commands/prune.ts")).prune,
  erase: async () => (await import("./commands/erase.ts")).erase,
  backup: async () => (await import("./commands/backup.ts")).backup,
  lab: async () => (await import("./commands/lab.ts")).lab,
};

/** The nearest package.json above: one folder up in the package, two in a checkout. */
const version = (): string => {
  for (const up of ["../package.json", "../../package.json"]) {
    try {
      return (JSON.parse(readFileSync(new URL(up, import.meta.url), "utf8")) as { version: string }).version;
    } catch {
      // Not here: one folder further up.
    }
  }
  return "?";
};

/** A reader of our output that went away (`| head`) is no error. */
const withoutBrokenPipes = (): void => {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(exit.well);
    throw error;
  });
};

/**
 * Runs one command line; resolves with the exit status and never rejects.
 * @param argv  without node and script
 */
export const main = async (argv: readonly string[]): Promise<number> => {
  withoutBrokenPipes();
  const lang = langOf(langIn(argv), process.env);
  const said = words[lang];
  const asked = parse(argv, said);
  if ("mistake" in asked) {
    process.stderr.write(`${asked.mistake}\n`);
    return exit.configuration;
  }
  const { command, given, operands } = asked;
  if (command === "version") process.stdout.write(`${version()}\n`);
  if (command === "help" || given.help) process.stdout.write(command === "init" ? said.initUsage : said.usage);
  if (command === "version" || command === "help" || given.help) return exit.well;

  const stop = new AbortController();
  const interrupt = (): void => {
    if (stop.signal.aborted) process.exit(exit.interrupted);
    stop.abort();
  };
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  const out = outputOf(given.json ? "json" : given.text ? "text" : undefined, lang, said);
  try {
    const run = await commands[command]();
    return await run({ given, operands, words: said, lang, out, signal: stop.signal });
  } catch (error) {
    out.settle();
    if (stop.signal.aborted) return exit.interrupted;
    return report(error, out, said, given.debug === true);
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
};
