/** A mailbox to try things with: a real Dovecot where one can be had, else a Maildir folder. Kept between runs. */

import { existsSync } from "node:fs";
import { chmod, chown, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Adapter } from "groupstream";
import { imap } from "groupstream/adapters/imap";
import { maildir } from "groupstream/adapters/maildir";
import { startDovecot } from "../servers/dovecot.ts";
import type { Letter } from "../servers/imap.ts";
import { mails, type Sample } from "../servers/mails.ts";
import { LabUnavailable, labFolder, reachableBy } from "../servers/packages.ts";

/** Messages in the sample. */
export const sampleSize = 400;
/** How many of them are told at the first run. */
const toldAtFirst = 12;
const minute = 60_000;
/** The sample's letters are this far apart. */
const apart = 7 * minute;

/** The mailbox of the quickstart, running. */
export interface Mailbox extends AsyncDisposable {
  /** `Dovecot 2.3`. */
  readonly name: string;
  /** Why there is no real server, where there is none. */
  readonly without?: string;
  /** Everything that is kept between runs. */
  readonly folder: string;
  readonly system: Adapter;
  /** RFC 3339: what came since is told at the first run. */
  readonly since: string;
  /** How to connect, for people: absent for a folder. */
  readonly address?: { readonly host: string; readonly port: number; readonly user: string; readonly password: string };
  /** Puts a mail into the inbox. */
  deliver(letter: Letter): Promise<void>;
}

/** A server of root runs as somebody else, who may be unable to reach a checkout in root's home. */
const roomFor = (name: string, folder: string | undefined): string => {
  if (folder !== undefined) return join(resolve(folder), name);
  const uid = process.getuid?.() === 0 ? 65534 : (process.getuid?.() ?? 0);
  const repository = join(labFolder, "..");
  const lab = reachableBy(uid, repository) ? labFolder : join(tmpdir(), `groupstream-lab-${uid}`);
  return join(lab, "quickstart", name);
};

const sample = (): Sample[] => [
  ...mails({
    count: sampleSize,
    from: new Date(Date.now() - sampleSize * apart),
    mailboxes: ["INBOX", "Support", "Projekte/Büro", "Sent"],
  }),
];

const sinceNow = (): string => new Date(Date.now() - toldAtFirst * apart - minute).toISOString();

const filledMark = (folder: string): string => join(folder, "filled");

/** A sample that was not finished is begun again, with the store that may have read half of it. */
const clear = async (folder: string): Promise<void> => {
  if (!existsSync(filledMark(folder))) await rm(folder, { recursive: true, force: true });
};

/** Dovecot with its mail in a folder that stays. */
const dovecotMailbox = async (folder: string): Promise<Mailbox> => {
  await clear(folder);
  const mail = join(folder, "mail");
  await mkdir(mail, { recursive: true });
  if (process.getuid?.() === 0) {
    await chown(mail, 65534, 65534);
    await chmod(mail, 0o700);
  }
  const server = await startDovecot({ settings: { mail_location: `sdbox:${mail}/%u` } });
  const user = server.user("sample");
  if (!existsSync(filledMark(folder))) {
    const letters = Map.groupBy(sample(), ({ mailbox }) => mailbox);
    for (const [mailbox, batch] of letters) await server.append(user, mailbox, batch);
    await writeFile(filledMark(folder), "");
  }
  const { host, port, password } = server;
  return {
    name: `Dovecot ${server.version.split(" ")[0]}`,
    folder,
    since: sinceNow(),
    system: imap({ id: "mail", host, port, secure: false, auth: { user, pass: password } }),
    address: { host, port, user, password },
    deliver: async (letter) => void (await server.append(user, "INBOX", [letter])),
    [Symbol.asyncDispose]: () => server.stop({ reaped: true }),
  };
};

/** Maildir (https://cr.yp.to/proto/maildir.html): written to tmp, then renamed, so that nobody reads half a mail. */
const store = async (path: string, name: string, { raw, flags = [] }: Letter, folder: "new" | "cur"): Promise<void> => {
  for (const sub of ["tmp", "new", "cur"]) await mkdir(join(path, sub), { recursive: true });
  const info = folder === "cur" ? `:2,${flags.includes("\\Flagged") ? "F" : ""}${flags.includes("\\Seen") ? "S" : ""}` : "";
  await writeFile(join(path, "tmp", name), raw);
  await rename(join(path, "tmp", name), join(path, folder, `${name}${info}`));
};

const folderMailbox = async (folder: string, without: string): Promise<Mailbox> => {
  await clear(folder);
  const path = join(folder, "Maildir");
  if (!existsSync(filledMark(folder))) {
    for (const [n, letter] of sample().entries()) {
      const sub = letter.mailbox === "INBOX" ? "" : `.${letter.mailbox.replaceAll("/", ".").replace("ü", "&APw-")}`;
      const seconds = Math.floor((letter.date?.getTime() ?? 0) / 1000);
      await store(join(path, sub), `${seconds}.sample${n}.localhost`, letter, "cur");
    }
    await writeFile(filledMark(folder), "");
  }
  return {
    name: "Maildir",
    without,
    folder,
    since: sinceNow(),
    system: maildir({ id: "mail", path, owner: "mailto:sample@example.org" }),
    deliver: (letter) =>
      store(path, `${Math.floor(Date.now() / 1000)}.M${performance.now().toFixed(0)}P${process.pid}.localhost`, letter, "new"),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
};

/** What a person may ask for. */
export interface Wishes {
  /** Kept there instead of in `.lab/quickstart`. */
  readonly folder?: string | undefined;
  /** A folder instead of a server. */
  readonly maildir?: boolean | undefined;
}

/** Starts the real server, or says in `without` why it is a folder. */
export const openMailbox = async ({ folder, maildir: wanted }: Wishes = {}): Promise<Mailbox> => {
  if (wanted) return folderMailbox(roomFor("maildir", folder), "--maildir");
  try {
    return await dovecotMailbox(roomFor("dovecot", folder));
  } catch (error) {
    if (!(error instanceof LabUnavailable)) throw error;
    return folderMailbox(roomFor("maildir", folder), error.message);
  }
};
