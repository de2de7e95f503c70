/** A real Radicale 3.1 for tests: calendars and address books with accounts. */

import { glob, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type PythonServer, startPython } from "./python.ts";

export interface RadicaleOptions {
  /** Where packages are kept; default `.lab` of the repository. */
  readonly lab?: string;
  /** Names of accounts; the password of `anna` is `secret-anna`. Default `anna`. */
  readonly users?: readonly string[];
}

/** A running server. The principal and home of `anna` is `/anna/`; collections are made by MKCALENDAR and MKCOL. */
export interface Radicale extends PythonServer {
  password(user: string): string;
  /** Makes every sync-token that was given invalid. */
  forget(): Promise<void>;
}

const password = (user: string): string => `secret-${user}`;

/** Starts a server: about a second with its packages at hand. Fails as {@link startPython}. */
export const startRadicale = async ({ lab, users = ["anna"] }: RadicaleOptions = {}): Promise<Radicale> => {
  const server = await startPython({
    name: "radicale",
    packages: ["radicale", "python3-radicale"],
    distribution: "Radicale",
    ...(lab !== undefined && { lab }),
    async prepare(dir, port) {
      await writeFile(join(dir, "users"), users.map((user) => `${user}:${password(user)}\n`).join(""));
      const config = `[server]
hosts = 127.0.0.1:${port}
[auth]
type = htpasswd
htpasswd_filename = ${dir}/users
htpasswd_encryption = plain
delay = 0
[rights]
type = owner_only
[storage]
filesystem_folder = ${dir}/data
[logging]
level = info
[web]
type = none
`;
      await writeFile(join(dir, "config"), config);
      await mkdir(join(dir, "data"));
      return ["--config", join(dir, "config")];
    },
  });
  return {
    ...server,
    password,
    async forget() {
      for await (const folder of glob("**/.Radicale.cache/sync-token", { cwd: join(server.dir, "data") }))
        await rm(join(server.dir, "data", folder), { recursive: true });
    },
  };
};
