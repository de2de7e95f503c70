/** `groupstream lab`: in a checkout only, the real server of the repository. */

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Command } from "../call.ts";
import { exit } from "../failure.ts";
import { commands, nearest } from "../parse.ts";

export const lab: Command = async ({ lang, words, out, signal }) => {
  const script = fileURLToPath(new URL("../../../scripts/lab.ts", import.meta.url));
  // From a package the same path leads into somebody else's project.
  if (!import.meta.url.endsWith("/src/cli/commands/lab.ts") || !existsSync(script)) {
    out.trouble(
      words.unknownCommand(
        "lab",
        nearest(
          "lab",
          Object.keys(commands).filter((name) => name !== "lab"),
        ),
      ),
    );
    return exit.configuration;
  }
  const child = spawn(process.execPath, ["--conditions=groupstream:source", script, "--lang", lang], { stdio: "inherit" });
  signal.addEventListener("abort", () => child.kill("SIGTERM"), { once: true });
  return new Promise((resolve) => child.once("exit", (code) => resolve(code ?? exit.well)));
};
