/** vdirsyncer from Debian's packages, one calendar to a folder. */

import { spawn } from "node:child_process";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { unpackPackages } from "../../test/lab/packages.ts";
import type { CalendarTarget } from "./floor.ts";

/** A pair of a calendar and a folder, discovered. */
export interface Vdirsyncer {
  /** One run, ms, and how many events the folder holds then. */
  sync(): Promise<{ readonly ms: number; readonly events: number }>;
}

/** Fails with `LabUnavailable` where the packages cannot be fetched. */
export const vdirsyncer = async (dir: string, { url, calendar, user, pass }: CalendarTarget): Promise<Vdirsyncer> => {
  const modules = join(await unpackPackages("vdirsyncer", ["vdirsyncer"]), "usr/lib/python3/dist-packages");
  const name = new URL(calendar).pathname.split("/").at(-2) ?? "";
  await mkdir(join(dir, "out"), { recursive: true });
  const quoted = JSON.stringify;
  await writeFile(
    join(dir, "config"),
    `[general]
status_path = ${quoted(join(dir, "status"))}
[pair calendar]
a = "there"
b = "here"
collections = [${quoted(name)}]
[storage there]
type = "caldav"
url = ${quoted(url)}
username = ${quoted(user)}
password = ${quoted(pass)}
[storage here]
type = "filesystem"
path = ${quoted(join(dir, "out"))}
fileext = ".ics"
`,
  );
  const run = (command: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const started = performance.now();
      const child = spawn("/usr/bin/python3", ["-m", "vdirsyncer", "-c", join(dir, "config"), command], {
        env: { PATH: "/usr/bin:/bin", PYTHONPATH: modules, LC_ALL: "C.UTF-8", HOME: dir },
        stdio: ["pipe", "ignore", "pipe"],
      });
      let said = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
      // It asks whether the folder is to be made.
      child.stdin.end("y\ny\n");
      child.once("error", reject);
      child.once("close", (code) =>
        code === 0 ? resolve(performance.now() - started) : reject(new Error(`vdirsyncer ${command}:\n${said.slice(-1_000)}`)),
      );
    });
  await run("discover");
  return {
    async sync() {
      const ms = await run("sync");
      return { ms, events: (await readdir(join(dir, "out", name))).length };
    },
  };
};
