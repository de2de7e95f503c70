/**
 * Debian packages without root: fetched by apt, unpacked into a folder, run from there. Nothing is installed.
 *
 * apt is asked which packages a machine lacks, `apt-get download` fetches them into a private folder, `dpkg-deb -x` unpacks
 * them, and the finished folder takes its name by one rename: two processes may do it at once, a broken download leaves
 * nothing behind that looks complete. Where the system's own package lists are missing or stale, private ones are fetched.
 */

import { execFile } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Why a real server cannot run on this machine; callers fall back or skip with `message` as the reason. */
export class LabUnavailable extends Error {
  override readonly name = "LabUnavailable";
}

/** The folder of the repository that holds what the lab fetched; deleting it costs only the next download. */
export const labFolder = join(import.meta.dirname, "../../.lab");

const quiet = ["-q", "-o", "APT::Sandbox::User=", "-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20"];
const environment = () => ({ ...process.env, LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" });

const apt = async (options: readonly string[], args: readonly string[], cwd: string): Promise<string> => {
  const { stdout } = await run("apt-get", [...quiet, ...options, ...args], { cwd, env: environment(), maxBuffer: 1 << 26 });
  return stdout;
};

/** apt options for lists and caches of our own: an ordinary user may not write the system's. */
const privateLists = async (room: string): Promise<readonly string[]> => {
  for (const folder of ["state/lists/partial", "cache/archives/partial"]) await mkdir(join(room, folder), { recursive: true });
  const set = {
    "Dir::State": join(room, "state"),
    "Dir::State::lists": join(room, "state/lists"),
    "Dir::State::status": "/var/lib/dpkg/status",
    "Dir::Cache": join(room, "cache"),
  };
  return Object.entries(set).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
};

const missingPackages = async (options: readonly string[], wanted: readonly string[], cwd: string): Promise<string[]> => {
  const plan = await apt(options, ["--simulate", "--no-install-recommends", "install", ...wanted], cwd);
  const missing = [...plan.matchAll(/^Inst (\S+)/gm)].map((match) => match[1] as string);
  return [...new Set([...wanted, ...missing])];
};

const download = async (wanted: readonly string[], room: string): Promise<string[]> => {
  const debs = join(room, "debs");
  await mkdir(debs, { recursive: true });
  const attempt = async (options: readonly string[]): Promise<void> => {
    await apt(options, ["download", ...(await missingPackages(options, wanted, debs))], debs);
  };
  try {
    await attempt([]);
  } catch {
    // No lists on this machine, or lists older than the archive: fetch lists of our own and ask again. One unreachable
    // third-party source makes `update` fail although Debian's lists came: only the download decides.
    const options = await privateLists(room);
    await apt(options, ["update"], room).catch(() => undefined);
    await attempt(options);
  }
  return (await readdir(debs)).filter((name) => name.endsWith(".deb")).map((name) => join(debs, name));
};

const brief = (error: unknown): string => {
  const text = error instanceof Error ? ("stderr" in error && String(error.stderr)) || error.message : String(error);
  return text.trim().split("\n").slice(-2).join(" ").slice(0, 300);
};

/** Everything in `folder`, files only, symbolic links left out. */
const files = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/** Replaces a path compiled into programs and libraries by one of equal length. */
const replacePath = async (folder: string, from: string, to: string): Promise<void> => {
  if (from.length !== to.length) throw new Error(`${to} must be as long as ${from}`);
  for (const file of await files(folder)) {
    const bytes = await readFile(file);
    let changed = false;
    for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at + from.length)) {
      bytes.write(to, at, "latin1");
      changed = true;
    }
    if (changed) await writeFile(file, bytes);
  }
};

/**
 * The folder `<lab>/<name>` with these packages and all libraries this machine lacks for them unpacked in it; fetched once.
 * Fails with {@link LabUnavailable} where apt, dpkg or the network is missing, saying which.
 *
 * @param name      folder and cache key; take another one for another set of packages
 * @param wanted    Debian package names
 * @param relocate  a path compiled into the programs, and what to put in its place, equally long
 */
export const unpackPackages = async (
  name: string,
  wanted: readonly string[],
  { lab = labFolder, relocate }: { lab?: string; relocate?: { from: string; to: string } } = {},
): Promise<string> => {
  const done = join(lab, name);
  if (existsSync(done)) return done;
  for (const tool of ["/usr/bin/apt-get", "/usr/bin/dpkg-deb"]) {
    if (!existsSync(tool))
      throw new LabUnavailable(`${wanted.join(", ")} cannot be fetched: ${tool} is missing, this is no Debian system`);
  }
  await mkdir(lab, { recursive: true });
  const room = join(lab, `.${name}.${process.pid}.${Date.now()}`);
  try {
    const debs = await download(wanted, room);
    const root = join(room, "root");
    for (const deb of debs) await run("dpkg-deb", ["-x", deb, root]);
    if (relocate) await replacePath(join(root, "usr"), relocate.from, relocate.to);
    // Another process may have been faster: its folder is as good.
    await rename(root, done).catch((error) => {
      if (!existsSync(done)) throw error;
    });
    return done;
  } catch (error) {
    throw new LabUnavailable(`${wanted.join(", ")} cannot be fetched by apt-get download: ${brief(error)}`, { cause: error });
  } finally {
    await rm(room, { recursive: true, force: true });
  }
};

/** The folders below `root` that hold shared libraries, for `LD_LIBRARY_PATH`. */
export const libraryFolders = async (root: string): Promise<string[]> => {
  const found = (await readdir(root, { recursive: true, withFileTypes: true })).filter((entry) => /\.so(\.|$)/.test(entry.name));
  return [...new Set(found.map((entry) => entry.parentPath))].sort();
};

/** True if a user with this id can read and enter `path`, by the permission bits of every folder on the way. */
export const reachableBy = (uid: number, path: string): boolean => {
  for (let at = path; ; at = join(at, "..")) {
    const stat = statSync(at);
    if (!((stat.uid === uid ? stat.mode & 0o500 : stat.mode & 0o005) === (stat.uid === uid ? 0o500 : 0o005))) return false;
    if (at === "/") return true;
  }
};
