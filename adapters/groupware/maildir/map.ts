/** One file → a sighting. */

import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { Malformed, Read, Reference, Revision, Whole } from "groupstream";
import {
  type Believing,
  calendarWants,
  headerFacts,
  mailEvidence,
  mailScan,
  noteOf,
  type PartNode,
  type RawPart,
  readText,
  type ScannedMail,
  type ShownText,
  type TextWant,
  textWants,
  type WithInvitation,
  withInvitation,
} from "groupstream/protocol/mail";
import type { MailFile } from "./folder.ts";

/** The version of this mapping; raised when the same file would give another view. */
export const MAPPING = 1;

const CHUNK = 64 * 1024;

interface FileState {
  readonly size: number;
  readonly mtimeMs: number;
}

/**
 * Equal for equal state. Flags that are not told (replied, draft, trashed, passed) do not count, and whether it was seen
 * only where that may be read: otherwise the store would keep a trace of when somebody reads.
 */
const revisionOf = ({ flags }: MailFile, { size, mtimeMs }: FileState, read: Read): Revision =>
  `${size}-${Math.floor(mtimeMs)}-${flags.includes("F") ? "F" : ""}${read.behaviour && flags.includes("S") ? "S" : ""}`;

/** There, with this revision. */
export const referenceOf = (file: MailFile, state: FileState, read: Read): Reference => ({
  key: file.key,
  revision: revisionOf(file, state, read),
});

/** Opens a file for reading without waiting: a pipe somebody put among the mail would never answer. */
export const openFile = (path: string): Promise<FileHandle> => open(path, constants.O_RDONLY | constants.O_NONBLOCK);

const readAt = async (handle: FileHandle, start: number, length: number): Promise<Uint8Array> => {
  const buffer = Buffer.allocUnsafe(length);
  const { bytesRead } = await handle.read(buffer, 0, length, start);
  return buffer.subarray(0, bytesRead);
};

/** Finds the parts of a message; holds one chunk of it at a time, always the same: 100 MB of new ones are not freed in time. */
export const scanFile = async (handle: FileHandle, signal: AbortSignal): Promise<ScannedMail> => {
  const scan = mailScan();
  const chunk = Buffer.allocUnsafe(CHUNK);
  let [at, length] = [0, 0];
  do {
    signal.throwIfAborted();
    ({ bytesRead: length } = await handle.read(chunk, 0, CHUNK, at));
    scan.push(chunk.subarray(0, length));
    at += length;
  } while (length === CHUNK);
  return scan.end();
};

const partsOf = async (handle: FileHandle, wants: readonly TextWant[]): Promise<{ node: PartNode; bytes: Uint8Array }[]> => {
  const parts = [];
  for (const { node, bytes } of wants) {
    const { start, end } = node as RawPart;
    parts.push({ node, bytes: await readAt(handle, start, Math.min(end - start, bytes)) });
  }
  return parts;
};

const readTexts = async (handle: FileHandle, structure: RawPart, read: Read): Promise<ShownText> => {
  const parts = await partsOf(handle, textWants(structure, read));
  return readText(structure, new Map(parts.map(({ node, bytes }) => [node.part, bytes])), read);
};

/** What mapping needs to know of the folder and of the policy. */
export interface Mapping extends Believing {
  readonly read: Read;
}

/**
 * A message with what `read` allows to be read of it, and the message about a meeting that it brings; a file that holds no header field
 * is malformed, never left out.
 * Fails: with the error of the operating system, `ENOENT` where the file moved or went.
 */
export const wholeOf = async (
  file: MailFile,
  mapping: Mapping,
  signal: AbortSignal,
): Promise<WithInvitation | readonly [Malformed]> => {
  const { read } = mapping;
  const handle = await openFile(file.path);
  try {
    const state = await handle.stat();
    const revision = revisionOf(file, state, read);
    if (!state.isFile()) return [{ key: file.key, revision, malformed: { reason: "It is not a file." } }];
    const { headers, structure } = await scanFile(handle, signal);
    if (headers.fields.length === 0)
      return [{ key: file.key, revision, malformed: { reason: "The file holds no header field of a message.", part: "raw" } }];
    const { shown, digest } = await readTexts(handle, structure, read);
    const mail: Whole = {
      key: file.key,
      revision,
      object: noteOf({
        headers,
        structure,
        flags: file.flags.includes("F") ? ["flagged"] : [],
        ...(shown && { text: shown }),
        ...(read.behaviour && { seen: file.flags.includes("S") }),
      }),
      same: mailEvidence({ ...headerFacts(headers), size: state.size, ...(digest !== undefined && { digest }) }),
      // Delivery agents and Dovecot keep INTERNALDATE there, also when a message is moved.
      came: new Date(state.mtimeMs).toISOString(),
    };
    const calendars = mapping.invitations === "off" ? [] : await partsOf(handle, calendarWants(structure));
    if (calendars.length === 0) return [mail];
    return withInvitation(mail, { parts: calendars, results: headers.all("authentication-results") }, mapping);
  } finally {
    await handle.close();
  }
};
