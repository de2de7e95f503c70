/** Nothing a hub opened keeps its process alive once it is closed: no timer, no watcher, no file. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";

it.each(["nothing", "sync", "aborted", "run", "follow", "closed while running"])(
  "the process ends by itself after: %s",
  (what) => {
    const folder = mkdtempSync(join(tmpdir(), "groupstream-exit-"));
    try {
      const child = new URL("./child.ts", import.meta.url).pathname;
      const said = execFileSync(process.execPath, ["--conditions=groupstream:source", child, join(folder, "store.db"), what], {
        encoding: "utf8",
        timeout: 10_000,
      });
      expect(said).toBe("ended 1\n");
      expect(readdirSync(folder).filter((name) => /-(wal|shm|journal)$/.test(name))).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
