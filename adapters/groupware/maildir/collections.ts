/** Folders: the Maildir itself is the inbox; Maildir++ keeps the others beside `cur` as `.Sent`, `.Sent.2026`. */

import { readdir, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Collection, type CollectionId, GroupstreamError } from "groupstream";
import { folderError, folderPath, INBOX, isMissing, type MaildirPlace, revisionIn, systemCode } from "./folder.ts";

/** A Maildir says nowhere what a folder is for; these names are what Courier, Dovecot and the common clients make. */
const roles: { readonly [name: string]: NonNullable<Collection["role"]> } = {
  inbox: "inbox",
  sent: "sent",
  "sent items": "sent",
  "sent messages": "sent",
  drafts: "drafts",
  junk: "junk",
  spam: "junk",
  trash: "trash",
  "deleted items": "trash",
  archive: "archive",
};

/** Modified UTF-7 (RFC 3501 §5.1.3): `Entw&APw-rfe`. What is none stays as it is. */
const decoded = (name: string): string =>
  name.replace(/&([A-Za-z0-9+,]*)-/g, (whole, base64: string) => {
    if (base64 === "") return "&";
    const bytes = Buffer.from(base64.replaceAll(",", "/"), "base64");
    return bytes.length % 2 === 0 && bytes.length > 0 ? bytes.swap16().toString("utf16le").toWellFormed() : whole;
  });

const nameOf = (id: CollectionId): string => (id === INBOX ? INBOX : id.slice(1).split(".").map(decoded).join("/"));

/** What a folder is for, by its name. */
export const roleOf = (id: CollectionId): Collection["role"] => roles[nameOf(id).toLowerCase()];

const isFolder = async (path: string): Promise<boolean> => {
  try {
    const [cur, fresh] = [await stat(join(path, "cur")), await stat(join(path, "new"))];
    return cur.isDirectory() && fresh.isDirectory();
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
};

const collectionOf = async (place: MaildirPlace, id: CollectionId): Promise<Collection | undefined> => {
  const path = folderPath(place, id);
  try {
    if (!(await isFolder(path))) return undefined;
    const revision = await revisionIn(path, Date.now());
    const role = roleOf(id);
    return {
      id,
      name: nameOf(id),
      ...(role !== undefined && { role }),
      ...(place.owner !== undefined && { owner: place.owner }),
      audience: place.people.length > 0 ? place.people : "unknown",
      address: `file://${hostname()}${pathToFileURL(path).pathname}`,
      ...(revision !== undefined && { revision }),
    };
  } catch (error) {
    if (isMissing(error)) return undefined;
    // A folder that may not be entered is still there: its look says `forbidden`.
    if (systemCode(error) === "EACCES") return { id, name: nameOf(id), audience: "unknown" };
    throw folderError(place, id, error);
  }
};

/**
 * The inbox first, then the folders by name.
 * Fails: `unreachable` where the Maildir is not there, so that an unmounted disk never looks like deleted mail.
 */
export const collectionsOf = async function* (place: MaildirPlace, signal: AbortSignal): AsyncIterable<Collection> {
  signal.throwIfAborted();
  const inbox = await collectionOf(place, INBOX);
  if (!inbox)
    throw new GroupstreamError(
      "unreachable",
      `${place.id}: ${place.path} is no Maildir; check that it is there, with cur and new in it.`,
      { system: place.id },
    );
  yield inbox;
  const names = await readdir(place.path).catch((error: unknown) => {
    throw folderError(place, INBOX, error);
  });
  for (const name of names.sort()) {
    signal.throwIfAborted();
    if (!name.startsWith(".") || /^\.+$/.test(name)) continue;
    const folder = await collectionOf(place, name);
    if (folder) yield folder;
  }
};
