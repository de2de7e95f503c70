/**
 * A real Cyrus IMAP 3.6 for tests: calendars that are scheduled by the server and tagged (RFC 6638), and address books; on loopback,
 * in a private folder, never as root. No mail leaves it.
 */

import { chown, glob, mkdir, readFile, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { RawImap } from "./imap.ts";
import { lowered, loweredLab, loweredRoom } from "./lowered.ts";
import { LabUnavailable, libraryFolders, unpackPackages } from "./packages.ts";
import { freePort } from "./ports.ts";
import { programOf, type Running } from "./program.ts";
import { visit } from "./visit.ts";

export interface CyrusOptions {
  /** Where packages are kept; default `.lab` of the repository. */
  readonly lab?: string;
  /** Names of accounts; `anna` is `anna@example.org`, her password `secret-anna`. Default `anna`. */
  readonly users?: readonly string[];
}

/** A running server. `anna` has `Default/` below {@link home}; further calendars are made by MKCALENDAR. */
export interface Cyrus extends Running {
  /** Where discovery begins. */
  readonly url: string;
  readonly port: number;
  readonly version: string;
  /** Holds configuration, logs and data; gone after `stop`. */
  readonly dir: string;
  password(user: string): string;
  /** The calendars of an account. */
  home(user: string): string;
  /** The address books of an account. */
  books(user: string): string;
}

const password = (user: string): string => `secret-${user}`;

/** It asks by name who it should run as, and goes on when it already is. */
const runner = (): string => {
  if (process.getuid?.() !== lowered.uid) return "nobody";
  try {
    return userInfo().username;
  } catch (cause) {
    throw new LabUnavailable("Cyrus does not run for a user the machine has no name for", { cause });
  }
};

/**
 * Every password is right. Who is invited and has no account here is written to by mail, which fails: their status is 5.1.
 * What is deleted goes at once: kept, it is named by the second, and the second one of a second is refused (500).
 */
const imapdConf = (dir: string): string => `configdirectory: ${dir}/conf
proc_path: ${dir}/proc
mboxname_lockpath: ${dir}/lock
defaultpartition: default
partition-default: ${dir}/mail
servername: localhost
autocreate_quota: 0
allowplaintext: yes
sasl_pwcheck_method: alwaystrue
sasl_mech_list: PLAIN
httpmodules: caldav carddav
calendar_user_address_set: example.org
sendmail: /bin/false
skiplist_unsafe: yes
delete_mode: immediate
idlesocket: ${dir}/conf/socket/idle
notifysocket: ${dir}/conf/socket/notify
lmtpsocket: ${dir}/conf/socket/lmtp
`;

/** IMAP comes first: where HTTP answers IMAP does, too. */
const cyrusConf = (bin: string, conf: string, imap: number, http: number): string => `START {
  recover cmd="${bin}/ctl_cyrusdb -C ${conf} -r"
}
SERVICES {
  imap cmd="${bin}/imapd -C ${conf}" listen="127.0.0.1:${imap}" prefork=0
  http cmd="${bin}/httpd -C ${conf}" listen="127.0.0.1:${http}" prefork=0
}
EVENTS {
}
`;

/**
 * Starts a server: about a second with its packages at hand.
 * Fails with `LabUnavailable` where Cyrus cannot be had; else it says that nobody answered: Cyrus gives its reasons to syslog alone.
 */
export const startCyrus = async ({ lab, users = ["anna"] }: CyrusOptions = {}): Promise<Cyrus> => {
  const root = await unpackPackages("cyrus", ["cyrus-imapd", "cyrus-caldav"], { lab: loweredLab(lab) });
  const CYRUS_USER = runner();
  const bin = join(root, "usr/lib/cyrus/bin");
  const dir = await loweredRoom("cyrus");
  const imap = await freePort();
  const port = await freePort();
  const conf = join(dir, "imapd.conf");
  // What it is asked and answers is written where there is a folder of the account's name.
  const folders = ["conf", "conf/socket", "conf/log", ...users.map((user) => `conf/log/${user}`), "mail", "proc", "lock"];
  for (const folder of folders) {
    await mkdir(join(dir, folder));
    await chown(join(dir, folder), lowered.uid, lowered.gid);
  }
  await writeFile(conf, imapdConf(dir));
  await writeFile(join(dir, "cyrus.conf"), cyrusConf(bin, conf, imap, port));
  const program = programOf({
    name: "Cyrus",
    dir,
    port,
    command: lowered.command([join(bin, "master"), "-C", conf, "-M", join(dir, "cyrus.conf"), "-p", join(dir, "pid")]),
    env: { CYRUS_USER, LD_LIBRARY_PATH: (await libraryFolders(root)).join(":") },
  });
  await program.start();
  const url = `http://127.0.0.1:${port}/dav/`;
  const home = (user: string): string => `${url}calendars/user/${user}/`;
  /** An account begins with its mailbox, which only IMAP makes. Resolves with the server's version. */
  const begin = async (user: string): Promise<string> => {
    const client = await RawImap.open({ host: "127.0.0.1", port: imap }, user, password(user));
    const told = await client.command("ID NIL");
    client.close();
    await visit(home(user), user, password(user));
    return /"version" "(\d[\d.]*)/.exec(told)?.[1] ?? "";
  };
  let version = "";
  try {
    for (const user of users) version = await begin(user);
  } catch (error) {
    await program.stop();
    throw error;
  }
  return {
    ...program,
    url,
    port,
    version,
    dir,
    password,
    home,
    books: (user) => `${url}addressbooks/user/${user}/`,
    async log(lines = 12) {
      const texts: string[] = [];
      for await (const file of glob("conf/log/*/http-*", { cwd: dir })) texts.push(await readFile(join(dir, file), "utf8"));
      return texts.join("").trim().split("\n").slice(-lines).join("\n");
    },
  };
};
