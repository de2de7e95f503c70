/**
 * A real SOGo 5.8 for tests: calendars that are scheduled by the server (RFC 6638), and address books, on loopback, in a private
 * folder, never as root, its data in a PostgreSQL of its own.
 */

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { lowered, loweredLab, loweredRoom } from "./lowered.ts";
import { LabUnavailable, libraryFolders, unpackPackages } from "./packages.ts";
import { freePort } from "./ports.ts";
import { type Postgres, startPostgres } from "./postgres.ts";
import { programOf, type Running } from "./program.ts";
import { visit } from "./visit.ts";

export interface SogoOptions {
  /** Where packages are kept; default `.lab` of the repository. */
  readonly lab?: string;
  /** Names of accounts; `anna` is `anna@example.org`, her password `secret-anna`. Default `anna`. */
  readonly users?: readonly string[];
  /** Everybody has an address book of all accounts, too, `Contacts/people/`. Default false. */
  readonly directory?: boolean;
}

/** A running server. `anna` has `personal/` below {@link home}; further calendars are made by MKCALENDAR, address books by MKCOL. */
export interface Sogo extends Running {
  /** Where discovery begins. */
  readonly url: string;
  readonly port: number;
  readonly version: string;
  /** Holds configuration and logs; gone after `stop`. */
  readonly dir: string;
  password(user: string): string;
  /** Runs statements in its database. */
  readonly sql: Postgres["sql"];
  /** The calendars of an account, or its address books. */
  home(user: string, kind?: "Calendar" | "Contacts"): string;
}

const password = (user: string): string => `secret-${user}`;

/** GNUstep's own paths, all of them below the unpacked packages. */
const gnustepConf = (text: string, usr: string): string =>
  text
    .replace(/^(GNUSTEP_\w+=)\/usr\/local\//gm, `$1${usr}/`)
    .replace(/^(GNUSTEP_\w+=)\/usr\//gm, `$1${usr}/`)
    .replace(/^(GNUSTEP_\w+=)\/usr$/gm, `$1${usr}`);

/** SOGo reads /etc/sogo alone; on its command line it takes everything that could stand there. */
const settings = (port: number, dir: string, database: string, directory: boolean): readonly string[] =>
  Object.entries({
    WOPort: `127.0.0.1:${port}`,
    WOWorkersCount: "2",
    WONoDetach: "YES",
    WOLogFile: "-",
    WOPidFile: join(dir, "pid"),
    SOGoProfileURL: `${database}/sogo_user_profile`,
    OCSFolderInfoURL: `${database}/sogo_folder_info`,
    OCSSessionsFolderURL: `${database}/sogo_sessions_folder`,
    OCSStoreURL: `${database}/sogo_store`,
    OCSAclURL: `${database}/sogo_acl`,
    OCSCacheFolderURL: `${database}/sogo_cache_folder`,
    // Nobody listens there: without it SOGo would share its cache with whatever memcached this machine has.
    SOGoMemcachedHost: join(dir, "memcached"),
    SOGoTimeZone: "UTC",
    SOGoAppointmentSendEMailNotifications: "NO",
    SOGoUserSources: `({ type = sql; id = people; viewURL = "${database}/people"; canAuthenticate = YES;
      isAddressBook = ${directory ? "YES" : "NO"};
      displayName = People; userPasswordAlgorithm = none; MailFieldNames = (mail); })`,
  }).flatMap(([name, value]) => [`-${name}`, value]);

const peopleTable = (users: readonly string[]): string =>
  [
    "CREATE TABLE people (c_uid varchar PRIMARY KEY, c_name varchar, c_password varchar, c_cn varchar, mail varchar)",
    ...users.map((user) => {
      const shown = `${user.slice(0, 1).toUpperCase()}${user.slice(1)}`;
      return `INSERT INTO people VALUES ('${user}', '${user}', '${password(user)}', '${shown}', '${user}@example.org')`;
    }),
  ].join(";");

/**
 * Starts a server: about four seconds with its packages at hand.
 * Fails with `LabUnavailable` where SOGo or PostgreSQL cannot be had; else with the tail of the log.
 */
export const startSogo = async ({ lab, users = ["anna"], directory = false }: SogoOptions = {}): Promise<Sogo> => {
  const root = await unpackPackages("sogo", ["sogo"], { lab: loweredLab(lab) });
  const usr = join(root, "usr");
  const conf = await readFile(join(root, "etc/GNUstep/GNUstep.conf"), "utf8").catch((cause) => {
    throw new LabUnavailable("the unpacked SOGo has no GNUstep.conf", { cause });
  });
  const database = await startPostgres({ ...(lab !== undefined && { lab }) });
  try {
    await database.sql(peopleTable(users));
    const dir = await loweredRoom("sogo");
    const port = await freePort();
    await writeFile(join(dir, "GNUstep.conf"), gnustepConf(conf, usr));
    const program = programOf({
      name: "SOGo",
      dir,
      port,
      command: lowered.command([join(usr, "sbin/sogod"), ...settings(port, dir, database.url, directory)]),
      env: { GNUSTEP_CONFIG_FILE: join(dir, "GNUstep.conf"), LD_LIBRARY_PATH: (await libraryFolders(root)).join(":") },
    });
    await program.start();
    const url = `http://127.0.0.1:${port}/SOGo/dav/`;
    const home = (user: string, kind = "Calendar"): string => `${url}${user}/${kind}/`;
    for (const user of users) await visit(home(user), user, password(user));
    return {
      ...program,
      url,
      port,
      version: /version (\d[\d.]*)/.exec(await program.log(1_000))?.[1] ?? "",
      dir,
      password,
      sql: database.sql,
      home,
      async stop() {
        await program.stop();
        await database.stop();
      },
    };
  } catch (error) {
    await database.stop();
    throw error;
  }
};
