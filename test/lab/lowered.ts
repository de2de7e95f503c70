/** Servers that refuse to run as root: they run as nobody then, who needs no entry of ours anywhere. */

import { execFile } from "node:child_process";
import { chmod, chown, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { labFolder, reachableBy } from "./packages.ts";

const root = process.getuid?.() === 0;

/** Who runs such a server. */
export const lowered = {
  uid: root ? 65534 : (process.getuid?.() ?? 0),
  gid: root ? 65534 : (process.getgid?.() ?? 0),
  /** A command as that user. */
  command: (command: readonly string[]): string[] =>
    root ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--", ...command] : [...command],
} as const;

/** Where packages are kept that this user can read: root's checkout may be out of reach for nobody. */
export const loweredLab = (lab: string = labFolder): string =>
  reachableBy(lowered.uid, join(lab, "..")) ? lab : join(tmpdir(), `groupstream-lab-${lowered.uid}`);

/** A private folder of this user's. */
export const loweredRoom = async (name: string): Promise<string> => {
  const dir = await mkdtemp(join(tmpdir(), `groupstream-${name}-`));
  await chown(dir, lowered.uid, lowered.gid);
  await chmod(dir, 0o755);
  return dir;
};

/** Runs a command as this user, with this input; resolves with its output. */
export const runLowered = async (
  command: readonly string[],
  options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>>; readonly input?: string },
): Promise<string> => {
  const [file, ...args] = lowered.command(command);
  const env = { PATH: "/usr/bin:/bin", LC_ALL: "C.UTF-8", ...options.env };
  const running = promisify(execFile)(file as string, args, { cwd: options.cwd, env, maxBuffer: 1 << 26 });
  running.child.stdin?.end(options.input ?? "");
  return (await running).stdout;
};
