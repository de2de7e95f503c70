/**
 * Reading the files of a mail from their source. They are held while the mail is: its size is told before it is sent
 * (RFC 1870), and its copy among the sent is handed over in one piece.
 */

import { type CommandFile, isGroupstreamError } from "groupstream";
import { tooMuch, without } from "./body.ts";
import type { Mail } from "./compose.ts";

/** Attempts for which a file that cannot be read now holds back its mail; then the mail goes without it. */
const PATIENCE = 4;

/** A mail with the bytes of those of its files that could be had. */
export interface Packed {
  readonly mail: Mail;
  readonly contents: ReadonlyMap<CommandFile, Buffer>;
}

/** At most `most` bytes; undefined: there are more. */
const bytesIn = async (file: CommandFile, most: number, signal: AbortSignal): Promise<Buffer | undefined> => {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of await file.open(signal)) {
    signal.throwIfAborted();
    size += piece.byteLength;
    if (size > most) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
};

/**
 * Reads them one after another. What is too much, or gone at its source, is named in the mail instead; undefined: one cannot be
 * read now, and the mail waits for it. Rejects only with the signal's reason.
 * @param most     bytes of all together
 * @param attempt  of the delivery
 */
export const packed = async (mail: Mail, most: number, attempt: number, signal: AbortSignal): Promise<Packed | undefined> => {
  const contents = new Map<CommandFile, Buffer>();
  let left = mail;
  let room = most;
  for (const file of mail.files) {
    try {
      const bytes = await bytesIn(file, room, signal);
      if (bytes) contents.set(file, bytes);
      else left = without(left, file, tooMuch(most));
      room -= bytes?.length ?? 0;
    } catch (error) {
      signal.throwIfAborted();
      const gone = isGroupstreamError(error) && error.code === "forbidden";
      if (!gone && attempt < PATIENCE) return undefined;
      left = without(left, file, gone ? "its source has it no more" : "its source cannot be read");
    }
  }
  return { mail: left, contents };
};

/** The largest of the files that are attached; undefined: there is none. */
export const largestIn = ({ contents }: Packed): CommandFile | undefined =>
  [...contents].reduce<[CommandFile, Buffer] | undefined>(
    (largest, one) => (largest && largest[1].length >= one[1].length ? largest : one),
    undefined,
  )?.[0];
