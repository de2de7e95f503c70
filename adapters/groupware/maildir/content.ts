/** The bytes of a part, streamed from its place in the file: a file of any size takes a chunk of memory. */

import type { FileHandle } from "node:fs/promises";
import { pipeline, Readable } from "node:stream";
import { GroupstreamError, type ItemRef } from "groupstream";
import { mailKey, partOf, transferDecoder } from "groupstream/protocol/mail";
import { filesIn, folderError, folderPath, isMissing, type MaildirPlace } from "./folder.ts";
import { openFile, scanFile } from "./map.ts";

/** The whole file, as it is. */
const RAW = "raw";

const toWeb = (stream: Readable): ReadableStream<Uint8Array> => Readable.toWeb(stream) as ReadableStream<Uint8Array>;

/**
 * Opens the stream. Cancelled or aborted: the file is closed.
 * Fails: `malformed` where message or part are not there any more.
 *
 * @param part  a number of the view's files (`2.1`), or `raw` for the whole file
 */
export const contentOf = async (
  place: MaildirPlace,
  { collection, key }: ItemRef,
  part: string,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> => {
  signal.throwIfAborted();
  const missing = new GroupstreamError(
    "malformed",
    `${place.id}: the message or its part is not there any more; look at folder ${collection} again.`,
    {
      system: place.id,
      collection,
      key,
    },
  );
  let handle: FileHandle | undefined;
  try {
    const file = (await filesIn(folderPath(place, collection))).get(mailKey(key));
    if (!file) throw missing;
    handle = await openFile(file.path);
    if (part === RAW) return toWeb(handle.createReadStream({ start: 0, signal }));
    const found = partOf((await scanFile(handle, signal)).structure, part);
    if (!found) throw missing;
    // `end` is inclusive here: a part without bytes begins where it would end.
    const bytes =
      found.size === 0 ? Readable.from([]) : handle.createReadStream({ start: found.start, end: found.end - 1, signal });
    if (found.size === 0) await handle.close();
    const decoder = transferDecoder(found.encoding);
    // Either end closes the other; what went wrong is told to the reader of the stream.
    return toWeb(decoder ? pipeline(bytes, decoder, () => {}) : bytes);
  } catch (error) {
    await handle?.close();
    signal.throwIfAborted();
    if (isMissing(error)) throw missing;
    throw folderError(place, collection, error);
  }
};
