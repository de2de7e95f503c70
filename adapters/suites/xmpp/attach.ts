/** The files of a command → links to them at the server, and what is told of those that are only named. */

import type { Command, CommandFile, FilePart, Loss, MessageView } from "groupstream";
import { FILES } from "./compose.ts";
import type { XmppAccount } from "./options.ts";
import type { Line } from "./stream.ts";
import { storeOf, type Uploaded, uploaded } from "./upload.ts";

/** Attempts for which a file that may do later holds back its message; then the message goes without it. */
const PATIENCE = 4;

/** Links by part of the file, and what is lost. */
export interface Attached {
  readonly links: ReadonlyMap<string, string>;
  readonly losses: readonly Loss[];
}

const partsOf = ({ object }: Command): readonly FilePart[] =>
  object?.type === "Note" ? ((object as MessageView).attachment ?? []) : [];

const named = ({ mediaType, size }: FilePart, why: string): Loss => ({
  field: "attachment",
  reason: `A file of type ${mediaType}${size === undefined ? "" : ` (${size} bytes)`} is named, not sent: ${why}.`,
});

/** What is known without asking: the same for every attempt. */
export const unattached = (command: Command, { fileBytes }: XmppAccount): readonly Loss[] => {
  const given = new Set((command.files ?? []).map(({ part }) => part));
  return partsOf(command).flatMap((file, index): Loss[] => {
    if (file.href !== undefined) return [];
    if (index >= FILES) return [named(file, `a message names ${FILES} files`)];
    if (!given.has(file.part)) return [named(file, "its bytes are at the source only")];
    return fileBytes === 0 ? [named(file, "the option fileBytes lets none be sent")] : [];
  });
};

/** Uploads what can be; undefined: a file may do later, and its message waits. Fails: `unreachable`, the signal's reason. */
export const attached = async (
  account: XmppAccount,
  line: Line,
  command: Command,
  signal: AbortSignal,
): Promise<Attached | undefined> => {
  const links = new Map<string, string>();
  const losses: Loss[] = [...unattached(command, account)];
  const parts = new Map(
    partsOf(command)
      .slice(0, FILES)
      .map((file) => [file.part, file]),
  );
  const files = account.fileBytes === 0 ? [] : (command.files ?? []).filter(({ part }) => parts.has(part));
  if (files.length === 0) return { links, losses };
  const store = await storeOf(line, account, signal);
  const send = async (file: CommandFile): Promise<Uploaded> =>
    store ? uploaded(line, store, file, account, signal) : { lost: "the server takes no uploads (XEP-0363)" };
  // One after another: each is read from its source while it is sent.
  for (const file of files) {
    const result = await send(file);
    if ("url" in result) links.set(file.part, result.url);
    else if (result.passing && command.attempt < PATIENCE) return undefined;
    else losses.push(named(parts.get(file.part) ?? file, result.lost));
  }
  return { links, losses };
};
