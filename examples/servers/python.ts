/** Servers in Python from unpacked packages, run by the machine's own interpreter: on loopback, in a private folder. */

import { existsSync } from "node:fs";
import { mkdtemp, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LabUnavailable, unpackPackages } from "./packages.ts";
import { freePort } from "./ports.ts";
import { programOf, type Running } from "./program.ts";

/** A server that runs. */
export interface PythonServer extends Running {
  readonly url: string;
  readonly port: number;
  readonly version: string;
  /** Holds configuration, logs and data; gone after `stop`. */
  readonly dir: string;
}

/** What is started. */
export interface PythonProgram {
  /** Folder and cache key of the packages, and the module that is run. */
  readonly name: string;
  readonly packages: readonly string[];
  /** The distribution whose version counts, as its `.egg-info` begins. */
  readonly distribution: string;
  readonly lab?: string;
  /** Writes what the server needs into its folder and gives its arguments. */
  readonly prepare: (dir: string, port: number) => Promise<readonly string[]>;
}

const interpreter = "/usr/bin/python3";

/**
 * Starts a server and resolves when it listens.
 * Fails with `LabUnavailable` where its packages cannot be fetched or there is no Python; else with the tail of the server's log.
 */
export const startPython = async ({ name, packages, distribution, lab, prepare }: PythonProgram): Promise<PythonServer> => {
  if (!existsSync(interpreter)) throw new LabUnavailable(`${name} cannot run: ${interpreter} is missing`);
  const modules = join(await unpackPackages(name, packages, lab === undefined ? {} : { lab }), "usr/lib/python3/dist-packages");
  const found = (await readdir(modules)).find((one) => one.startsWith(`${distribution}-`));
  if (!found) throw new LabUnavailable(`the unpacked ${name} has no ${distribution}`);
  const dir = await mkdtemp(join(tmpdir(), `groupstream-${name}-`));
  const port = await freePort();
  const args = await prepare(dir, port);
  const program = programOf({
    name,
    dir,
    port,
    command: [interpreter, "-m", name, ...args],
    env: {
      PYTHONPATH: modules,
      PYTHONDONTWRITEBYTECODE: "1",
      // Xandikos commits in the name of a user, and dies where the machine has no name for this one.
      USER: name,
    },
  });
  await program.start();
  return {
    ...program,
    url: `http://127.0.0.1:${port}/`,
    port,
    version: /-(\d[\w.]*?)(?:\.egg-info|\.dist-info)?$/.exec(found)?.[1] ?? "",
    dir,
  };
};
