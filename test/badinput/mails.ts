/** Mails that nobody sends by accident: written in pieces, so that the process that makes them stays small too. */

import { open } from "node:fs/promises";

const date = "Mon, 23 Nov 2026 10:00:00 +0000";

/** The header fields every mail here begins with; Content-Type and the empty line are still to come. */
export const head = (id: string, more = ""): string =>
  `From: Ada <ada@example.net>\r\nTo: anna@example.org\r\nSubject: ${id}\r\nDate: ${date}\r\nMessage-ID: <${id}@bad.example>\r\n${more}`;

/** An ordinary mail. */
export const ordinary = (id: string, body = "hello"): string => `${head(id)}Content-Type: text/plain\r\n\r\n${body}\r\n`;

/** What a large mail is made of: a beginning, a block that is repeated, an end. */
export interface Large {
  readonly begin: string;
  readonly block?: string;
  readonly times?: number;
  readonly end?: string;
}

const MB = 1_000_000;
const filling = (line: string): { block: string; times: number } => {
  const block = line.repeat(Math.ceil(MB / line.length));
  return { block, times: Math.ceil((100 * MB) / block.length) };
};

const nested = (depth: number): string => {
  let raw = head("nested");
  for (let level = 0; level < depth; level++) raw += `Content-Type: multipart/mixed; boundary="b${level}"\r\n\r\n--b${level}\r\n`;
  raw += "Content-Type: text/plain\r\n\r\nat the bottom\r\n";
  for (let level = depth - 1; level >= 0; level--) raw += `\r\n--b${level}--\r\n`;
  return raw;
};

const recipients = (field: string, count: number): string =>
  `${field}: ${Array.from({ length: count }, (_, index) => `"User, ${index}" <${field.toLowerCase()}${index}@example.org>`).join(",\r\n ")}\r\n`;

/** Each by the subject it is told with. */
export const large: Readonly<Record<string, Large>> = {
  attachment: {
    begin: `${head("attachment")}Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSee the file.\r\n--b\r\nContent-Type: application/octet-stream; name=film.bin\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\n`,
    ...filling(`${"QUJD".repeat(19)}\r\n`),
    end: "--b--\r\n",
  },
  text: { begin: `${head("text")}Content-Type: text/plain\r\n\r\n`, ...filling(`${"word ".repeat(15)}\r\n`) },
  line: {
    begin: `${head("line")}Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n`,
    ...filling("äöü "),
    end: "\r\n",
  },
  // As many elements for each byte as HTML can have.
  html: { begin: `${head("html")}Content-Type: text/html\r\n\r\n`, ...filling("a<br>b<hr>c<b>d</b>\r\n") },
  // What is escaped grows fourfold and more.
  brackets: { begin: `${head("brackets")}Content-Type: text/html\r\n\r\nx`, block: "<".repeat(MB), times: 2 },
  quotes: { begin: `${head("quotes")}Content-Type: text/plain\r\n\r\n`, block: '"'.repeat(MB), times: 2 },
  nested: { begin: nested(1_000) },
  recipients: {
    begin: `${recipients("Cc", 10_000)}${recipients("Bcc", 10_000)}${head("recipients", recipients("To", 10_000))}\r\nhello all\r\n`,
  },
  everything: {
    begin: `${recipients("Cc", 10_000)}${recipients("Bcc", 10_000)}${head("everything", recipients("To", 10_000))}Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n${"a<br>b<hr>c<b>d</b>\r\n".repeat(70_000)}\r\n--b\r\nContent-Type: application/octet-stream\r\n\r\n`,
    ...filling(`${"QUJD".repeat(19)}\r\n`),
    end: "--b--\r\n",
  },
};

/** Writes a large mail to a file. */
export const writeLarge = async (path: string, { begin, block = "", times = 0, end = "" }: Large): Promise<void> => {
  const file = await open(path, "w", 0o644);
  try {
    await file.write(begin);
    const bytes = Buffer.from(block);
    for (let count = 0; count < times; count++) await file.write(bytes);
    await file.write(end);
  } finally {
    await file.close();
  }
};
