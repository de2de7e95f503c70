/** A real PostgreSQL 15 for tests: on loopback, in a private folder, never as root. */

import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { lowered, loweredLab, loweredRoom, runLowered } from "./lowered.ts";
import { LabUnavailable, libraryFolders, unpackPackages } from "./packages.ts";
import { freePort, pause } from "./ports.ts";
import { programOf, type Running } from "./program.ts";

/** A running server. Its one database is `lab`, its user `lab`; no password is asked for. */
export interface Postgres extends Running {
  readonly port: number;
  /** `postgresql://lab:lab@127.0.0.1:PORT/lab` */
  readonly url: string;
  readonly version: string;
  /** Holds settings, log and data; gone after `stop`. */
  readonly dir: string;
  /** Runs statements; resolves with their rows, tab-separated, a line each. */
  sql(statements: string): Promise<string>;
}

interface Programs {
  readonly bin: string;
  readonly env: Readonly<Record<string, string>>;
}

const findPrograms = async (lab: string | undefined): Promise<Programs> => {
  const installed = "/usr/lib/postgresql/15/bin";
  if (["initdb", "postgres", "psql"].every((name) => existsSync(join(installed, name)))) return { bin: installed, env: {} };
  const unpacked = await unpackPackages("postgres", ["postgresql-15", "postgresql-client-15"], { lab: loweredLab(lab) });
  const bin = join(unpacked, installed);
  if (!existsSync(join(bin, "postgres"))) throw new LabUnavailable("the unpacked PostgreSQL has no postgres");
  return { bin, env: { LD_LIBRARY_PATH: (await libraryFolders(unpacked)).join(":") } };
};

/** Nothing here outlives a test: nothing is flushed, and nothing is kept for replicas. */
const settings = {
  fsync: "off",
  full_page_writes: "off",
  wal_level: "minimal",
  max_wal_senders: "0",
  shared_buffers: "16MB",
  unix_socket_directories: "",
  listen_addresses: "127.0.0.1",
};

/**
 * Starts a server: about two seconds with its packages at hand.
 * Fails with `LabUnavailable` where PostgreSQL can neither be found nor fetched; else with the tail of its log.
 */
export const startPostgres = async ({ lab }: { readonly lab?: string } = {}): Promise<Postgres> => {
  const { bin, env } = await findPrograms(lab);
  const dir = await loweredRoom("postgres");
  const port = await freePort();
  const data = join(dir, "data");
  const made = ["-D", data, "-U", "lab", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"];
  await runLowered([join(bin, "initdb"), ...made], { cwd: dir, env }).catch(async (error: Error) => {
    await rm(dir, { recursive: true, force: true });
    // It asks the machine for a name of whoever runs it, and ends without one.
    if (!error.message.includes("could not look up effective user ID")) throw error;
    throw new LabUnavailable("PostgreSQL does not run for a user the machine has no name for", { cause: error });
  });
  const set = Object.entries({ ...settings, port: String(port) }).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const command = lowered.command([join(bin, "postgres"), "-D", data, ...set]);
  // At once, without farewells, and with every process: data may need recovery afterwards, and gets it.
  const program = programOf({ name: "PostgreSQL", dir, port, command, env, signal: "QUIT" });
  const ask = (database: string, statements: string): Promise<string> =>
    runLowered(
      [
        ...[join(bin, "psql"), "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1"],
        ...["-h", "127.0.0.1", "-p", String(port), "-U", "lab", "-d", database],
      ],
      { cwd: dir, env, input: statements },
    );
  const start = async (): Promise<void> => {
    await program.start();
    // It listens before it has recovered from a kill.
    for (let waited = 0; waited < 20_000; waited += 100) {
      const refusal = await ask("postgres", "SELECT 1").catch((error: Error) => error.message);
      if (refusal.trim() === "1") return;
      if (!refusal.includes("not yet accepting") && !refusal.includes("starting up")) throw new Error(refusal);
      await pause(100);
    }
    throw new Error(`PostgreSQL did not recover within 20 s:\n${await program.log()}`);
  };
  await start();
  await ask("postgres", "CREATE DATABASE lab");
  return {
    ...program,
    start,
    port,
    dir,
    url: `postgresql://lab:lab@127.0.0.1:${port}/lab`,
    version: (await ask("lab", "SHOW server_version")).split(" ")[0]?.trim() ?? "",
    sql: (statements) => ask("lab", statements),
  };
};
