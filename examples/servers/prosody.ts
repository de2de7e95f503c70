/** A real Prosody 0.12 for tests: rooms with an archive, on loopback, in a private folder, as whoever runs the test. */

import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LabUnavailable, labFolder, unpackPackages } from "./packages.ts";
import { freePort } from "./ports.ts";
import { programOf, type Running } from "./program.ts";

export interface ProsodyOptions {
  /** Where packages are kept; default `.lab` of the repository. */
  readonly lab?: string;
  /** Further settings of the server, Lua: `max_archive_query_results = 10`. */
  readonly settings?: string;
  /** Further settings of the rooms' component, Lua. */
  readonly rooms?: string;
  /** The largest file that is taken by HTTP File Upload (XEP-0363), bytes; default 10 MiB; `false`: none is offered. */
  readonly uploads?: number | false;
  /** Keep the rooms' archives in SQLite, as larger servers do; default: files, which are read from their beginning for each question. */
  readonly sql?: boolean;
  /** Files of a certificate and its key, PEM: the server then offers STARTTLS, and demands it. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** An account of the server. */
export interface ProsodyUser {
  readonly name: string;
  readonly jid: string;
  readonly password: string;
}

/** A running server. A room stands as soon as somebody enters it, and stays. */
export interface Prosody extends Running {
  readonly host: "127.0.0.1";
  readonly port: number;
  /** TLS from the first byte, with `tls` only. */
  readonly tlsPort: number;
  readonly domain: "localhost";
  /** The domain of the rooms. */
  readonly rooms: "conference.localhost";
  readonly version: string;
  /** Holds configuration, logs and data; gone after `stop`. */
  readonly dir: string;
  /** An account of this name, made if there is none. */
  user(name: string): Promise<ProsodyUser>;
  /** What a room's archive holds on disk, each entry a line of Lua; `rewrite` puts another text in its place. */
  archive(room: string, rewrite?: (text: string) => string): Promise<string>;
}

const packages = ["prosody", "lua5.4", "lua-socket", "lua-filesystem", "lua-expat", "lua-sec", "lua-bitop"];

const databasePackages = ["lua-dbi-sqlite3", "lua-dbi-common", "libsqlite3-0"];

interface Program {
  readonly lua: string;
  /** The server's script, which has its folder compiled in. */
  readonly script: string;
  readonly version: string;
  readonly environment: Readonly<Record<string, string>>;
}

const findProgram = async (lab: string, sql: boolean): Promise<Program> => {
  const usr = join(await unpackPackages("prosody", packages, { lab }), "usr");
  const folders = sql ? [usr, join(await unpackPackages("prosody-sql", databasePackages, { lab }), "usr")] : [usr];
  const source = join(usr, "lib/prosody");
  const script = await readFile(join(usr, "bin/prosody"), "utf8").catch((cause) => {
    throw new LabUnavailable("the unpacked Prosody has no bin/prosody", { cause });
  });
  const libraries = folders.map((one) => join(one, "lib", process.arch === "arm64" ? "aarch64-linux-gnu" : "x86_64-linux-gnu"));
  const version = (await readFile(join(source, "prosody.version"), "utf8").catch(() => "0.12")).trim();
  if (!version.startsWith("0.12")) throw new LabUnavailable(`Prosody ${version} is not supported here, 0.12 is needed`);
  return {
    lua: join(usr, "bin/lua5.4"),
    script: script.replaceAll("'/usr/lib/prosody", `'${source}`),
    version,
    environment: {
      LUA_PATH: `${source}/?.lua;${folders.map((one) => `${one}/share/lua/5.4/?.lua`).join(";")};;`,
      LUA_CPATH: `${source}/?.so;${libraries.map((one) => `${one}/lua/5.4/?.so`).join(";")};;`,
      LD_LIBRARY_PATH: libraries.join(":"),
    },
  };
};

const configuration = (
  dir: string,
  port: number,
  tlsPort: number,
  httpPort: number,
  options: ProsodyOptions,
): string => `interfaces = { "127.0.0.1" }
c2s_ports = { ${port} }
c2s_direct_tls_ports = { ${options.tls ? tlsPort : ""} }
http_ports = { ${options.uploads === false ? "" : httpPort} }
http_interfaces = { "127.0.0.1" }
http_default_host = "upload.localhost"
http_external_url = "http://127.0.0.1:${httpPort}/"
https_ports = {}
modules_enabled = { "roster", "saslauth", "disco", "ping", "mam", "version"${options.tls ? ', "tls"' : ""} }
modules_disabled = { "s2s", "offline"${options.uploads === false ? ', "http"' : ""}${options.tls ? "" : ', "tls"'} }
data_path = "${dir}/data"
certificates = "${dir}/certs"
pidfile = "${dir}/prosody.pid"
c2s_require_encryption = ${options.tls !== undefined}
${
  options.tls
    ? `ssl = { certificate = "${options.tls.cert}", key = "${options.tls.key}" }
`
    : ""
}allow_unencrypted_plain_auth = true
authentication = "internal_plain"
default_storage = "internal"
${options.sql ? `storage = { muc_log = "sql" }\nsql = { driver = "SQLite3", database = "${dir}/data/rooms.sqlite" }` : ""}
storage_archive_item_limit = 50000
run_as_root = true
log = { info = "${dir}/log" }
${options.settings ?? ""}
VirtualHost "localhost"
Component "conference.localhost" "muc"
  modules_enabled = { "muc_mam" }
  muc_log_by_default = true
  muc_log_expires_after = "never"
  muc_room_locking = false
  muc_room_default_persistent = true
  ${options.rooms ?? ""}
${
  options.uploads === false
    ? ""
    : `Component "upload.localhost" "http_file_share"
  http_file_share_size_limit = ${options.uploads ?? 10 * 1024 * 1024}
`
}`;

/**
 * Starts a server and resolves when it listens: about a second with its packages at hand.
 * Fails with `LabUnavailable` where Prosody cannot be fetched; else with the tail of the server's log.
 */
export const startProsody = async (options: ProsodyOptions = {}): Promise<Prosody> => {
  const program = await findProgram(options.lab ?? labFolder, options.sql === true);
  const dir = await mkdtemp(join(tmpdir(), "groupstream-prosody-"));
  const port = await freePort();
  const tlsPort = await freePort();
  for (const name of ["data", "data/localhost", "data/localhost/accounts", "certs"]) await mkdir(join(dir, name));
  await writeFile(join(dir, "prosody.cfg.lua"), configuration(dir, port, tlsPort, await freePort(), options));
  await writeFile(join(dir, "prosody.lua"), program.script);
  const running = programOf({
    name: "Prosody",
    dir,
    port,
    command: [program.lua, join(dir, "prosody.lua"), "-F", "--config", join(dir, "prosody.cfg.lua")],
    env: { LC_ALL: "C", ...program.environment },
    logs: ["log"],
  });
  const start = async (): Promise<void> => {
    await rm(join(dir, "prosody.pid"), { force: true });
    await running.start();
  };

  await start();
  return {
    ...running,
    host: "127.0.0.1",
    port,
    tlsPort,
    domain: "localhost",
    rooms: "conference.localhost",
    version: program.version,
    dir,
    start,
    async user(name) {
      if (!/^[a-z0-9]+$/.test(name)) throw new Error("a lab account is named by lower-case letters and digits");
      const password = `secret-${name}`;
      await writeFile(join(dir, "data/localhost/accounts", `${name}.dat`), `return {\n\t["password"] = "${password}";\n};\n`);
      return { name, jid: `${name}@localhost`, password };
    },
    async archive(room, rewrite) {
      const file = join(dir, "data/conference%2elocalhost/muc_log", `${room.split("@")[0]}.list`);
      const text = await readFile(file, "utf8").catch(() => "");
      if (rewrite) {
        await appendFile(file, "");
        await writeFile(file, rewrite(text));
      }
      return text;
    },
  };
};
