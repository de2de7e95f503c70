/** What a mail says: its text in both forms, the files that are to be attached, and lines for those that are not. Pure. */

import type { Command, CommandFile, FilePart, Loss, MessageView } from "groupstream";
import { cleanLine, cleanText, htmlOfText, plainOf, sanitise, sizeOf } from "groupstream/protocol/text";

/** Most files of one mail that are attached or named. */
const FILES = 50;

/** Text and HTML of a mail. */
export interface Body {
  readonly text: string;
  readonly html?: string;
  readonly losses: readonly Loss[];
}

/** Markup beyond paragraphs and line ends: where there is none, the HTML was made of the text, and says no more. */
const formatted = /<(?!\/?(?:p|br|div)\b)[a-z]/i;

/** Both forms, each made of the other where it is missing; of plain HTML the text's own, with its quotations and links. */
export const bodyOf = ({ text, content }: MessageView): Body => {
  const { html = "", losses = [] } = content === undefined ? {} : sanitise(content);
  const plain = cleanText(text ?? plainOf(html)).trimEnd();
  const shown = html !== "" && (text === undefined || formatted.test(html)) ? html : htmlOfText(plain);
  return { text: plain, ...(shown !== "" && { html: shown }), losses };
};

/** The files of a mail. */
export interface Files {
  /** To be attached. */
  readonly files: readonly CommandFile[];
  /** Below the text, a line each: what is not attached. */
  readonly named: readonly string[];
  readonly losses: readonly Loss[];
}

const lineOf = ({ name, mediaType, size }: Pick<FilePart, "name" | "mediaType" | "size">, link?: string): string => {
  const shown = `📎 ${cleanLine(name ?? mediaType, 200)}${size === undefined ? "" : ` (${sizeOf(size)})`}`;
  return link === undefined ? shown : `${shown}: ${link}`;
};

/** Why a file is not there, as a loss. */
const lossOf = ({ mediaType, size }: Pick<FilePart, "mediaType" | "size">, why: string): Loss => ({
  field: "attachment",
  reason: `A file of type ${mediaType}${size === undefined ? "" : ` (${size} bytes)`} is named, not attached: ${why}.`,
});

const asLink: Loss = { field: "attachment", reason: "A file that was shared by a link stays a link: nothing is fetched." };

/** Which files are to be attached, as far as that is known before they are read. @param most  bytes of all together */
export const filesOf = ({ files = [] }: Command, { attachment = [] }: MessageView, text: string, most: number): Files => {
  const given = new Map(files.map((file) => [file.part, file]));
  const attached: CommandFile[] = [];
  const named: string[] = [];
  const losses: Loss[] = [];
  for (const [index, file] of attachment.entries()) {
    const { part, href, size } = file;
    const gives = given.get(part);
    const leaves = (why: string): void => {
      losses.push(lossOf(file, why));
      if (index < FILES) named.push(lineOf(file));
    };
    if (href !== undefined) {
      losses.push(asLink);
      if (!text.includes(href) && index < FILES) named.push(lineOf(file, href));
    } else if (index >= FILES) leaves(`a mail has ${FILES} files`);
    else if (!gives) leaves("its bytes are at the source only");
    // As transferred it may be said to be half as large again as it is.
    else if (size !== undefined && size > most * 1.5 + 1_000) leaves(tooMuch(most));
    else attached.push(gives);
  }
  return { files: attached, named, losses };
};

/** Why a file is left out for its size. */
export const tooMuch = (most: number): string => `with it the files have more than ${most} bytes`;

/** The mail without one of its files, which is named instead. */
export const without = <T extends Files>(mail: T, file: CommandFile, why: string): T => ({
  ...mail,
  files: mail.files.filter((one) => one !== file),
  named: [...mail.named, lineOf(file)],
  losses: [...mail.losses, lossOf(file, why)],
});

/** The text of a mail with the lines below it. */
export const finished = ({ text, html, named }: Omit<Body, "losses"> & Pick<Files, "named">): Omit<Body, "losses"> => {
  if (named.length === 0) return { text, ...(html !== undefined && { html }) };
  const lines = named.join("\n");
  return { text: text === "" ? lines : `${text}\n\n${lines}`, html: `${html ?? ""}${htmlOfText(lines)}` };
};
