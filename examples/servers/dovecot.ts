/**
 * A real Dovecot 2.3 for tests, benchmarks and the quickstart: on loopback, in a private folder, as an ordinary user.
 *
 * The server runs under a small shell that reads from a pipe: when this process ends, however it ends, the pipe closes, the
 * shell stops the server and removes the folder. `stop` does not wait for farewells: its mail is thrown away anyway.
 */

import { type ChildProcess, execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type DovecotSettings, dovecotConf } from "./dovecot-conf.ts";
import { type Letter, mailboxName, RawImap } from "./imap.ts";
import { LabUnavailable, labFolder, libraryFolders, reachableBy, unpackPackages } from "./packages.ts";
import { freePort, listens, pause } from "./ports.ts";
import { ended, shellOf } from "./program.ts";

const run = promisify(execFile);

export interface DovecotOptions extends DovecotSettings {
  /** Where packages are kept; default `.lab` of the repository. */
  readonly lab?: string;
}

/** A running server. Any user name logs in with `password`; a user's mail appears when it is first touched. */
export interface Dovecot {
  readonly host: "127.0.0.1";
  readonly port: number;
  /** Implicit TLS, with `tls` only. */
  readonly tlsPort?: number;
  readonly password: "test";
  readonly version: string;
  /** Holds configuration, logs and mail; gone after `stop`. */
  readonly dir: string;
  /** A login with an address of its own: `user("anna")` is `anna@example.org`. */
  user(name: string): string;
  /** Stores mails, creating the mailbox where missing; resolves with their UIDs, in order. */
  append(
    user: string,
    mailbox: string,
    raw: readonly (string | Uint8Array | Letter)[],
    all?: Omit<Letter, "raw">,
  ): Promise<number[]>;
  /** Runs `doveadm` on this server; resolves with its output. */
  doveadm(...args: string[]): Promise<string>;
  /** A raw IMAP connection, logged in. */
  raw(user: string): Promise<RawImap>;
  /** The last lines of the server's log. */
  log(lines?: number): Promise<string>;
  /** Ends every process by SIGKILL; mail and port stay for `restart`. */
  kill(): Promise<void>;
  /** Ends and starts again on the same port with the same mail, optionally with other settings. */
  restart(settings?: DovecotSettings): Promise<void>;
  /**
   * Ends the server and removes its folder. Orphans are reaped by the system's first process within about two seconds;
   * `reaped` waits for that, so that not even a `<defunct>` is left.
   */
  stop(options?: { readonly reaped?: boolean }): Promise<void>;
}

interface Program {
  /** Folder with `usr/` unpacked below it; absent for an installed Dovecot. */
  readonly root?: string;
  readonly environment: Record<string, string>;
  readonly version: string;
}

/** The path compiled into Debian's build, and the `run/modules` link of a server's folder, equally long. */
const modules = { from: "/usr/lib/dovecot/modules", to: "././././././././/modules" };

const findProgram = async (lab: string, uid: number): Promise<Program> => {
  const installed = "/usr/sbin/dovecot";
  if (existsSync(installed) && existsSync("/usr/lib/dovecot/imap")) {
    const version = (await run(installed, ["--version"])).stdout.trim();
    if (version.startsWith("2.3.")) return { environment: {}, version };
  }
  // Root's server runs as somebody else, who may be unable to read a checkout in root's home.
  const room = existsSync(join(lab, "..")) && reachableBy(uid, join(lab, "..")) ? lab : join(tmpdir(), `groupstream-lab-${uid}`);
  const root = await unpackPackages("dovecot", ["dovecot-core", "dovecot-imapd"], { lab: room, relocate: modules });
  const environment = { LD_LIBRARY_PATH: (await libraryFolders(root)).join(":") };
  const asked = await run(join(root, "usr/sbin/dovecot"), ["--version"], { env: { ...process.env, ...environment } }).catch(
    (error) => {
      throw new LabUnavailable(`the unpacked Dovecot does not run: ${String(error.stderr || error.message).slice(0, 200)}`, {
        cause: error,
      });
    },
  );
  const version = asked.stdout.trim();
  if (!version.startsWith("2.3.")) throw new LabUnavailable(`Dovecot ${version} is not supported here, 2.3 is needed`);
  return { root, environment, version };
};

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const end = (ok: boolean) => (): void => {
      socket.destroy();
      resolve(ok);
    };
    socket.once("data", end(true)).once("error", end(false)).once("close", end(false)).setTimeout(2000, end(false));
  });

const prefix = join(tmpdir(), "groupstream-dovecot-");

/** Removes the folders of servers that were killed together with the process that started them. */
const sweep = async (): Promise<void> => {
  for (const name of await readdir(tmpdir())) {
    const dir = join(tmpdir(), name);
    if (!dir.startsWith(prefix)) continue;
    const owner = Number(await readFile(join(dir, "owner"), "utf8").catch(() => "0"));
    if (owner > 0 && !existsSync(`/proc/${owner}`)) await rm(dir, { recursive: true, force: true }).catch(() => undefined);
  }
};

/** The processes of a group and their parents. */
const groupOf = async (group: number): Promise<{ pid: number; parent: number }[]> => {
  const pids = (await readdir("/proc")).map(Number).filter((pid) => pid > 0);
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, "utf8").catch(() => "")));
  return stats.flatMap((stat, index) => {
    const [, parent, pgrp] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(pgrp) === group ? [{ pid: pids[index] as number, parent: Number(parent) }] : [];
  });
};

/** What has ended meanwhile needs no signal. */
const signalTo = (pid: number, signal: "SIGKILL"): void => {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as { code?: string }).code !== "ESRCH") throw error;
  }
};

/** Arguments: folder, program …. Reads `keep` or the end of the pipe. */
const watchdog = `folder=$1; shift
"$@" >>"$folder/log/out" 2>&1 &
server=$!
read -r word
kill $server 2>/dev/null
wait $server 2>/dev/null
test "$word" = keep || rm -rf "$folder" || { sleep 0.3; rm -rf "$folder"; }`;

/**
 * Starts a server and resolves when it greets: under a second with its packages at hand.
 * Fails with `LabUnavailable` where Dovecot can neither be found nor fetched; else with the tail of the server's log.
 */
export const startDovecot = async (options: DovecotOptions = {}): Promise<Dovecot> => {
  const root = process.getuid?.() === 0;
  // Dovecot refuses to deliver mail as uid 0; `nobody` needs no entry of ours anywhere.
  const uid = root ? 65534 : (process.getuid?.() ?? 0);
  const gid = root ? 65534 : (process.getgid?.() ?? 0);
  const lower = root ? ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--clear-groups", "--"] : [];
  const program = await findProgram(options.lab ?? labFolder, uid);
  const usr = program.root === undefined ? "/usr" : join(program.root, "usr");
  await sweep();
  const dir = await mkdtemp(prefix);
  await writeFile(join(dir, "owner"), String(process.pid));
  const conf = join(dir, "dovecot.conf");
  for (const name of ["run", "log", "mail"]) await mkdir(join(dir, name));
  if (program.root !== undefined) await symlink(join(usr, "lib/dovecot/modules"), join(dir, "run/modules"));
  for (const name of ["", "run", "log", "mail"]) await chown(join(dir, name), uid, gid);
  await chmod(dir, 0o755);
  const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", TZ: "UTC", LC_ALL: "C", ...program.environment };
  const ports = { imap: await freePort(), imaps: await freePort() };
  let settings: DovecotSettings = options;
  let shell: ChildProcess | undefined;

  // `dovecot` and `doveadm` would call /usr/bin/doveconf to read their settings; called by it they need not.
  const through = (service: string, sections: string[], binary: string): string[] =>
    program.root === undefined
      ? [join(usr, binary)]
      : [
          join(usr, "bin/doveconf"),
          "-f",
          `service=${service}`,
          "-c",
          conf,
          ...sections.flatMap((name) => ["-m", name]),
          "-e",
          join(usr, binary),
        ];

  const log = async (lines = 12): Promise<string> => {
    const texts = await Promise.all(
      ["log/dovecot.log", "log/out"].map((name) => readFile(join(dir, name), "utf8").catch(() => "")),
    );
    return texts.join("").trim().split("\n").slice(-lines).join("\n");
  };

  const start = async (): Promise<void> => {
    // After a kill the file names a process that may still be unreaped; Dovecot would take it for a running server.
    await rm(join(dir, "run/master.pid"), { force: true });
    await writeFile(conf, dovecotConf({ dir, uid, gid, ports, libexec: join(usr, "lib/dovecot") }, settings), { mode: 0o644 });
    const command = [...through("master", ["master"], "sbin/dovecot"), "-F", "-c", conf];
    shell = shellOf([...lower, "sh", "-c", watchdog, "sh", dir, ...command], join(dir, "run"), env);
    for (let waited = 0; waited < 10_000; waited += 20) {
      if (await answers(ports.imap)) return;
      await pause(20);
    }
    const tail = await log();
    await end("");
    throw new Error(`Dovecot did not answer on 127.0.0.1:${ports.imap} within 10 s:\n${tail}`);
  };

  const end = async (word: "" | "keep"): Promise<void> => {
    const child = shell;
    shell = undefined;
    if (!child) return;
    child.stdin?.end(`${word}\n`);
    await ended(child);
  };

  const kill = async (): Promise<readonly number[]> => {
    const child = shell;
    shell = undefined;
    if (child?.pid === undefined) return [];
    // All at once: the master must not start new ones. Orphans are reaped by the system's first process, not by us.
    const orphans = await groupOf(child.pid);
    signalTo(-child.pid, "SIGKILL");
    await ended(child);
    // The shell is first; those who hold the port follow within milliseconds.
    for (let waited = 0; waited < 2_000 && (await listens(ports.imap)); waited += 10) await pause(10);
    return orphans.map(({ pid }) => pid);
  };

  const raw = (user: string): Promise<RawImap> => RawImap.open({ host: "127.0.0.1", port: ports.imap }, user, "test");
  await start();
  return {
    host: "127.0.0.1",
    port: ports.imap,
    ...(options.tls ? { tlsPort: ports.imaps } : {}),
    password: "test",
    version: program.version,
    dir,
    user: (name) => `${name}@example.org`,
    raw,
    log,
    async kill() {
      await kill();
    },
    async append(user, mailbox, letters, all = {}) {
      const client = await raw(user);
      try {
        if (mailbox.toUpperCase() !== "INBOX") await client.command(`CREATE ${mailboxName(mailbox)}`).catch(() => undefined);
        return await client.append(
          mailbox,
          letters.map((letter) =>
            typeof letter === "object" && "raw" in letter ? { ...all, ...letter } : { ...all, raw: letter },
          ),
        );
      } finally {
        client.close();
      }
    },
    async doveadm(...args) {
      const [command, ...rest] = [
        ...lower,
        ...through("doveadm", ["doveadm", "mail-storage"], "bin/doveadm"),
        "-c",
        conf,
        ...args,
      ];
      return (await run(command as string, rest, { cwd: join(dir, "run"), env, maxBuffer: 1 << 26 })).stdout;
    },
    async restart(next) {
      if (next) settings = { ...settings, ...next };
      await end("keep");
      await start();
    },
    async stop({ reaped = false } = {}) {
      const orphans = await kill();
      for (let waited = 0; reaped && waited < 3_000 && orphans.some((pid) => existsSync(`/proc/${pid}`)); waited += 20)
        await pause(20);
      await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    },
  };
};
