/** Mailboxes that mails are put into as files, so that every byte is what the test says: a folder, and a real server on one. */

import { chown, link, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Adapter } from "groupstream";
import { imap } from "groupstream/adapters/imap";
import { maildir } from "groupstream/adapters/maildir";
import { serverOrReason } from "../adapters/imap/world.ts";
import type { Dovecot } from "../lab/dovecot.ts";
import type { Start } from "./process.ts";

export const kinds = ["maildir", "imap"] as const;
export type Kind = (typeof kinds)[number];
export const policies = ["none", "preview", "full"] as const;

/** A mailbox, and how it is read. */
export interface Box {
  readonly source: Start["source"];
  adapter(): Adapter;
  /** Delivers a mail, or the file at `from` without a copy; after the mailbox was read once. */
  deliver(key: string, mail: string | Uint8Array | { readonly from: string }): Promise<void>;
}

/** A folder of its own, and a server that keeps Maildirs where one can be had. */
export interface Room extends AsyncDisposable {
  readonly dir: string;
  readonly server: Dovecot | undefined;
  /** A new mailbox. */
  box(kind: Kind, name: string): Promise<Box>;
}

const owned = async (path: string): Promise<void> => {
  // The lab's server runs as nobody where this runs as root.
  if (process.getuid?.() === 0) await chown(path, 65534, 65534);
};

const delivering =
  (path: string): Box["deliver"] =>
  async (key, mail) => {
    const [tmp, last] = [join(path, "tmp", key), join(path, "new", key)];
    if (typeof mail === "object" && "from" in mail) await link(mail.from, tmp);
    else await writeFile(tmp, mail);
    await owned(tmp);
    await rename(tmp, last);
  };

/** @param served  with a server */
export const makeRoom = async (served = true): Promise<Room> => {
  const dir = await mkdtemp(join(tmpdir(), "groupstream-badinput-"));
  const server = served ? await serverOrReason({ settings: { mail_location: "maildir:~/Maildir" } }) : undefined;
  return {
    dir,
    server,
    box: async (kind, name) => {
      if (kind === "maildir") {
        const path = join(dir, name);
        for (const part of ["cur", "new", "tmp"]) await mkdir(join(path, part), { recursive: true });
        const adapter = (): Adapter => maildir({ id: "mail", path, owner: "mailto:anna@example.org" });
        return { source: { kind, path }, adapter, deliver: delivering(path) };
      }
      if (!server) throw new Error("there is no server");
      const { port } = server;
      const user = server.user(name);
      const adapter = (): Adapter => imap({ id: "mail", host: "127.0.0.1", port, auth: { user, pass: "test" } });
      return { source: { kind, port, user }, adapter, deliver: delivering(join(server.dir, "mail", user, "Maildir")) };
    },
    [Symbol.asyncDispose]: async () => {
      await server?.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
};
