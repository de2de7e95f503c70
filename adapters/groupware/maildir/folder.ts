/** Folders and files as they lie on disk: https://cr.yp.to/proto/maildir.html and Maildir++ of Courier and Dovecot. */

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { type ActorId, type CollectionId, GroupstreamError, type ItemKey, type SystemId } from "groupstream";
import { type Invitations, isInvitationKey } from "groupstream/protocol/mail";

/** One Maildir, as configured. */
export interface MaildirPlace {
  readonly id: SystemId;
  readonly path: string;
  readonly people: readonly ActorId[];
  readonly owner?: ActorId;
  readonly invitations: Invitations;
}

/** The file of one message. */
export interface MailFile {
  /**
   * The name before `:`: unique, and kept when the message is read, flagged or moved. With the `:` where it could be mistaken for the key
   * of a message about a meeting.
   */
  readonly key: ItemKey;
  /** The letters after `:2,`, each once, sorted. */
  readonly flags: string;
  readonly path: string;
}

export const INBOX: CollectionId = "INBOX";

/** The error code of the operating system, `ENOENT`; empty for any other error. */
export const systemCode = (error: unknown): string => {
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  return /^E[A-Z0-9]+$/.test(code) ? code : "";
};

/** True for what a file that went away, or moved to another name, looks like. */
export const isMissing = (error: unknown): boolean => ["ENOENT", "ENOTDIR", "ESTALE"].includes(systemCode(error));

/** Where a collection lies. An id never leads out of the Maildir: it is one name in it. */
export const folderPath = (place: MaildirPlace, collection: CollectionId): string => {
  if (collection === INBOX) return place.path;
  if (collection.startsWith(".") && !/[/\\\0]/.test(collection) && !/^\.+$/.test(collection)) return join(place.path, collection);
  throw new GroupstreamError("forbidden", `${place.id}: ${JSON.stringify(collection)} is no folder of a Maildir.`, {
    system: place.id,
    collection,
  });
};

/** What became of reading a folder, as an error of the table. */
export const folderError = (place: MaildirPlace, collection: CollectionId, cause: unknown): unknown => {
  const code = systemCode(cause);
  const where = { system: place.id, collection, cause };
  if (code === "") return cause;
  if (code === "EACCES" || code === "EPERM")
    return new GroupstreamError(
      "forbidden",
      `${place.id}: reading folder ${collection} is not permitted; let this user read and enter it.`,
      where,
    );
  return new GroupstreamError(
    "unreachable",
    `${place.id}: folder ${collection} cannot be read (${code}); check that it and its disk are there.`,
    where,
  );
};

const fileOf = (directory: string, name: string): MailFile | undefined => {
  const colon = name.indexOf(":");
  const bare = colon < 0 ? name : name.slice(0, colon);
  const key = isInvitationKey(bare) ? `${bare}:` : bare;
  // The specification: names that begin with a dot are none of a reader's business.
  if (key === "" || key.startsWith(".")) return undefined;
  const info = colon < 0 ? "" : name.slice(colon + 1);
  const flags = info.startsWith("2,") ? [...new Set(info.slice(2).replace(/[^A-Za-z]/g, ""))].sort().join("") : "";
  return { key, flags, path: join(directory, name) };
};

/** Nanoseconds of the last change of the folder's names; ctime, because rsync and backups set mtime back. */
const stamp = async (directory: string): Promise<bigint> => (await stat(directory, { bigint: true })).ctimeNs;

/**
 * The names in one directory. A rename while it is read may show a file under neither name (POSIX leaves that open), so it
 * is read again until nothing moved meanwhile, at most five times; what any reading showed is kept.
 */
const namesIn = async (directory: string): Promise<Iterable<string>> => {
  const names = new Set<string>();
  for (let attempt = 0; attempt < 5; attempt++) {
    const before = await stamp(directory);
    for (const name of await readdir(directory)) names.add(name);
    if ((await stamp(directory)) === before) break;
  }
  return names;
};

/**
 * The messages of a folder by key, in no order. `new` is read before `cur`: a message that moves between them meanwhile is seen
 * in one of them; of one seen in both the later place counts.
 */
export const filesIn = async (folder: string): Promise<ReadonlyMap<ItemKey, MailFile>> => {
  const files: MailFile[] = [];
  for (const directory of [join(folder, "new"), join(folder, "cur")])
    for (const name of await namesIn(directory)) {
      const file = fileOf(directory, name);
      if (file) files.push(file);
    }
  return new Map(files.map((file) => [file.key, file]));
};

/**
 * A string that changes with every delivery, removal and flag, or undefined while it could miss one: a directory's time
 * moves in steps (2 s on FAT, and on old NFS by seconds), so one younger than that may stand for two states.
 */
export const revisionIn = async (folder: string, now: number): Promise<string | undefined> => {
  const stamps = [await stamp(join(folder, "new")), await stamp(join(folder, "cur"))];
  const youngest = Number(stamps.reduce((a, b) => (a > b ? a : b)) / 1_000_000n);
  return now - youngest > 2_000 ? stamps.join(":") : undefined;
};
