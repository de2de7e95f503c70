/**
 * Every look is a listing: of references, since the names of the files tell what changed; of whole messages in a baseline,
 * where nobody would ask for them one by one, and where nothing is known yet, so that all would be asked for.
 */

import { randomUUID } from "node:crypto";
import { stat } from "node:fs/promises";
import type { CollectionId, ItemKey, Page, Position, Read, Sighting } from "groupstream";
import { filesIn, folderError, folderPath, isMissing, type MaildirPlace, type MailFile, systemCode } from "./folder.ts";
import { referenceOf, wholeOf } from "./map.ts";

const PAGE_ITEMS = 500;
/** Leaves room below the 1 MiB of a page for the position and the last sighting. */
const PAGE_BYTES = 900 * 1024;
const AT_ONCE = 16;

/** `listing` and `after` stand while a listing is under way: its id and the last key of it that was given. */
interface Place {
  readonly v: 1;
  readonly listing?: string;
  readonly after?: ItemKey;
  /** The listing is of whole messages. */
  readonly wholes?: boolean;
}

const parse = (position: Position | undefined): Place | undefined => {
  if (typeof position !== "object" || position === null || !("v" in position) || position.v !== 1) return undefined;
  return position as unknown as Place;
};

const reasonOf = (error: unknown): string => {
  const code = systemCode(error);
  return code === "EACCES" || code === "EPERM" ? "Reading the file is not permitted." : `The file cannot be read (${code}).`;
};

/** What is at a key now. A file that is not under its name any more was renamed (flags) or went: the folder is asked once more. */
const sightingOf = async (folder: string, file: MailFile, look: (file: MailFile) => Promise<Sighting>): Promise<Sighting> => {
  let current: MailFile | undefined = file;
  for (let attempt = 0; current && attempt < 3; attempt++) {
    try {
      return await look(current);
    } catch (error) {
      if (systemCode(error) === "") throw error;
      if (!isMissing(error))
        return { key: file.key, revision: "unreadable", malformed: { reason: reasonOf(error), part: "raw" } };
    }
    current = (await filesIn(folder)).get(file.key);
  }
  return { key: file.key, gone: true };
};

/** `work` for each of `files`, a few at a time, in their order. */
const inOrder = async function* <T>(
  files: readonly MailFile[],
  signal: AbortSignal,
  work: (file: MailFile) => Promise<T>,
): AsyncIterable<T> {
  for (let start = 0; start < files.length; start += AT_ONCE) {
    signal.throwIfAborted();
    yield* await Promise.all(files.slice(start, start + AT_ONCE).map(work));
  }
};

/** A look. The order of keys is stable, so a listing goes on where it was broken off; a message delivered meanwhile is left to the next. */
export const changesOf = async function* (
  place: MaildirPlace,
  collection: CollectionId,
  since: Position | undefined,
  read: Read,
  signal: AbortSignal,
): AsyncIterable<Page> {
  signal.throwIfAborted();
  const folder = folderPath(place, collection);
  const position = parse(since);
  const listing = position?.listing ?? randomUUID();
  const nobodyAsks = read.text === "none" || read.whole === true;
  const wholes = position?.listing === undefined ? position === undefined && nobodyAsks : position.wholes === true;
  try {
    const all = [...(await filesIn(folder)).values()].sort((a, b) => (a.key < b.key ? -1 : 1));
    const after = position?.after;
    const files = after === undefined ? all : all.filter((file) => file.key > after);
    const look = wholes
      ? (file: MailFile) => wholeOf(file, read, signal)
      : async (file: MailFile) => referenceOf(file, await stat(file.path), read);

    let sightings: Sighting[] = [];
    let bytes = 0;
    let done = 0;
    for await (const sighting of inOrder(files, signal, (file) => sightingOf(folder, file, look))) {
      const size = wholes ? Buffer.byteLength(JSON.stringify(sighting)) : 100;
      if (sightings.length >= PAGE_ITEMS || (sightings.length > 0 && bytes + size > PAGE_BYTES)) {
        yield {
          sightings,
          position: { v: 1, listing, after: sightings.at(-1)!.key, wholes },
          listing: { id: listing },
          estimate: files.length - done,
        };
        sightings = [];
        bytes = 0;
      }
      sightings.push(sighting);
      bytes += size;
      done++;
    }
    signal.throwIfAborted();
    yield { sightings, position: { v: 1 }, listing: { id: listing, last: true }, estimate: 0 };
  } catch (error) {
    signal.throwIfAborted();
    throw folderError(place, collection, error);
  }
};

/** The messages of these keys as they are now, or gone. */
export const fetchOf = async function* (
  place: MaildirPlace,
  collection: CollectionId,
  keys: readonly ItemKey[],
  read: Read,
  signal: AbortSignal,
): AsyncIterable<Sighting> {
  signal.throwIfAborted();
  const folder = folderPath(place, collection);
  try {
    const files = await filesIn(folder);
    const there: MailFile[] = [];
    for (const key of new Set(keys)) {
      const file = files.get(key);
      if (file) there.push(file);
      else yield { key, gone: true };
    }
    yield* inOrder(there, signal, (file) => sightingOf(folder, file, (current) => wholeOf(current, read, signal)));
  } catch (error) {
    signal.throwIfAborted();
    throw folderError(place, collection, error);
  }
};
