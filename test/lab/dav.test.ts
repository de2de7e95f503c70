/** The lab's Radicale, Xandikos, PostgreSQL, SOGo and Cyrus: what they hold over a kill, and nothing left over. */

import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { startCyrus } from "./cyrus.ts";
import { LabUnavailable } from "./packages.ts";
import { startPostgres } from "./postgres.ts";
import type { Running } from "./program.ts";
import { startRadicale } from "./radicale.ts";
import { startSogo } from "./sogo.ts";
import { startXandikos } from "./xandikos.ts";

const orSkip = <T>(starting: Promise<T>): Promise<T | undefined> =>
  starting.catch((error): undefined => {
    if (!(error instanceof LabUnavailable) || process.env.CI) throw error;
    console.warn(`skipped: ${error.message}`);
  });

const radicale = await orSkip(startRadicale());
const xandikos = await orSkip(startXandikos());
const postgres = await orSkip(startPostgres());
const sogo = await orSkip(startSogo());
const cyrus = await orSkip(startCyrus());

/** Processes that name a folder on their command line. */
const processesOf = async (dir: string): Promise<number> => {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  return lines.filter((line) => line.includes(dir)).length;
};

/** Makes a collection, sees it after a kill, and stops. */
const lives = async (
  server: Running & { readonly dir: string },
  collection: string,
  headers: Record<string, string>,
): Promise<void> => {
  const ask = async (method: string): Promise<number> => (await fetch(collection, { method, headers })).status;
  expect(await ask("MKCALENDAR")).toBe(201);
  await server.kill();
  expect(await processesOf(server.dir)).toBe(0);
  await server.start();
  expect(await ask("PROPFIND")).toBe(207);
  expect(await server.log()).not.toBe("");
  await server.stop();
  expect(existsSync(server.dir)).toBe(false);
  expect(await processesOf(server.dir)).toBe(0);
};

it.skipIf(!radicale)("keeps Radicale's calendars over a kill, and leaves nothing when stopped", async () => {
  const { url, version, password } = radicale!;
  expect(version).toMatch(/^3\./);
  const authorization = `Basic ${btoa(`anna:${password("anna")}`)}`;
  await lives(radicale!, `${url}anna/lab/`, { authorization, depth: "0", "accept-encoding": "identity" });
});

it.skipIf(!xandikos)("keeps Xandikos' calendars over a kill, and leaves nothing when stopped", async () => {
  expect(xandikos!.version).toMatch(/^0\.2/);
  await lives(xandikos!, `${xandikos!.url}user/calendars/lab/`, { depth: "0", "accept-encoding": "identity" });
});

it.skipIf(!postgres)("keeps PostgreSQL's rows over a kill, and leaves nothing when stopped", async () => {
  expect(postgres!.version).toMatch(/^15\./);
  await postgres!.sql("CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)");
  await postgres!.kill();
  await expect(postgres!.sql("SELECT 1")).rejects.toThrow();
  await postgres!.start();
  expect(await postgres!.sql("SELECT id FROM kept")).toBe("7\n");
  expect(await postgres!.log()).toContain("recovery");
  await postgres!.stop();
  expect(existsSync(postgres!.dir)).toBe(false);
  expect(await processesOf(postgres!.dir)).toBe(0);
});

it.skipIf(!sogo)("keeps SOGo's calendars over a kill, and leaves nothing when stopped", async () => {
  expect(sogo!.version).toMatch(/^5\./);
  const authorization = `Basic ${btoa(`anna:${sogo!.password("anna")}`)}`;
  await lives(sogo!, `${sogo!.home("anna")}lab/`, { authorization, depth: "0" });
});

it.skipIf(!cyrus)("keeps Cyrus' calendars over a kill, and leaves nothing when stopped", async () => {
  expect(cyrus!.version).toMatch(/^3\./);
  const authorization = `Basic ${btoa(`anna:${cyrus!.password("anna")}`)}`;
  await lives(cyrus!, `${cyrus!.home("anna")}lab/`, { authorization, depth: "0" });
});
