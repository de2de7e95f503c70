/**
 * Every look is a listing: of references, since the names of the files tell what changed; of whole messages in a baseline,
 * where nobody would ask for them one by one, and where nothing is known yet, so that all would be asked for.
 */

import { randomUUID } from "node:crypto";
import { stat } from "node:fs/promises";
import type { CollectionId, ItemKey, Malformed, Page, Position, Read, Sighting, Whole } from "groupstream";
import { fetchedMail, goneMail, mailKey } from "groupstream/protocol/mail";
import { roleOf } from "./collections.ts";
import { filesIn, folderError, folderPath, isMissing, type MaildirPlace, type MailFile, systemCode } from "./folder.ts";
import { type Mapping, referenceOf, wholeOf } from "./map.ts";

const PAGE_ITEMS = 500;
/** Leaves room below the 1 MiB of a page for the position and the last sighting. */
const PAGE_BYTES = 900 * 1024;
const AT_ONCE = 16;

/** `listing` and `after` stand while a listing is under way: its id and the last key of it that was given. */
interface MaildirPosition {
  readonly v: 1;
  readonly listing?: string;
  readonly after?: ItemKey;
  /** The listing is of whole messages. */
  readonly wholes?: boolean;
}

const parse = (position: Position | undefined): MaildirPosition | undefined => {
  if (typeof position !== "object" || position === null || !("v" in position) || position.v !== 1) return undefined;
  return position as unknown as MaildirPosition;
};

const reasonOf = (error: unknown): string => {
  const code = systemCode(error);
  return code === "EACCES" || code === "EPERM" ? "Reading the file is not permitted." : `The file cannot be read (${code}).`;
};

const mappingOf = ({ owner, invitations }: MaildirPlace, collection: CollectionId, read: Read): Mapping => ({
  read,
  invitations,
  ...(owner !== undefined && { own: { has: (id) => id.toLowerCase() === owner.toLowerCase() } }),
  ...(roleOf(collection) === "sent" && { sent: true }),
});

/** What is at a key now, and what it brings. A file that is not under its name any more was renamed (flags) or went: the folder is asked once more. */
const sightingsOf = async <S extends Sighting>(
  folder: string,
  file: MailFile,
  look: (file: MailFile) => Promise<readonly S[]>,
): Promise<readonly (S | Malformed)[]> => {
  let current: MailFile | undefined = file;
  for (let attempt = 0; current && attempt < 3; attempt++) {
    try {
      return await look(current);
    } catch (error) {
      if (systemCode(error) === "") throw error;
      if (!isMissing(error))
        return [{ key: file.key, revision: "unreadable", malformed: { reason: reasonOf(error), part: "raw" } }];
    }
    current = (await filesIn(folder)).get(file.key);
  }
  return [];
};

/** `work` for each, a few at a time, in their order. */
const inOrder = async function* <T, R>(list: readonly T[], signal: AbortSignal, work: (one: T) => Promise<R>): AsyncIterable<R> {
  for (let start = 0; start < list.length; start += AT_ONCE) {
    signal.throwIfAborted();
    yield* await Promise.all(list.slice(start, start + AT_ONCE).map(work));
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
  const mapping = mappingOf(place, collection, read);
  const nobodyAsks = read.text === "none" || read.whole === true;
  const wholes = position?.listing === undefined ? position === undefined && nobodyAsks : position.wholes === true;
  try {
    const all = [...(await filesIn(folder)).values()].sort((a, b) => (a.key < b.key ? -1 : 1));
    const after = position?.after;
    const files = after === undefined ? all : all.filter((file) => file.key > after);
    const look = wholes
      ? (file: MailFile) => wholeOf(file, mapping, signal)
      : async (file: MailFile) => [referenceOf(file, await stat(file.path), read)];
    const entryOf = async (file: MailFile): Promise<readonly [ItemKey, readonly Sighting[]]> => {
      const sightings = await sightingsOf<Sighting>(folder, file, look);
      return [file.key, sightings.length > 0 ? sightings : goneMail(file.key)];
    };

    let sightings: Sighting[] = [];
    let last: ItemKey | undefined = after;
    let bytes = 0;
    let done = 0;
    for await (const [key, entry] of inOrder(files, signal, entryOf)) {
      const size = wholes ? Buffer.byteLength(JSON.stringify(entry)) : 100;
      if (sightings.length + entry.length > PAGE_ITEMS || (sightings.length > 0 && bytes + size > PAGE_BYTES)) {
        yield {
          sightings,
          position: { v: 1, listing, ...(last !== undefined && { after: last }), wholes },
          listing: { id: listing },
          estimate: files.length - done,
        };
        sightings = [];
        bytes = 0;
      }
      sightings.push(...entry);
      last = key;
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

/** The messages of these keys as they are now, with what they bring, or gone. */
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
    const mapping = mappingOf(place, collection, read);
    const files = await filesIn(folder);
    const asked = Map.groupBy(new Set(keys), mailKey);
    const answersOf = async ([mail, wanted]: readonly [ItemKey, readonly ItemKey[]]): Promise<readonly Sighting[]> => {
      const file = files.get(mail);
      const found = file
        ? await sightingsOf<Whole | Malformed>(folder, file, (current) => wholeOf(current, mapping, signal))
        : [];
      return fetchedMail(wanted, found);
    };
    for await (const answers of inOrder([...asked], signal, answersOf)) yield* answers;
  } catch (error) {
    signal.throwIfAborted();
    throw folderError(place, collection, error);
  }
};
