/** A mail → its bytes, and what is done to the bytes of a mail that is passed on. */

import type { Mail } from "./compose.ts";
import type { Nodemailer } from "./nodemailer.ts";

/** A mail that is passed on, whole. */
export interface Original {
  readonly bytes: Uint8Array;
  readonly name: string;
}

/** The octets of a letter, after which a header line ends. */
const LF = 0x0a;
const CR = 0x0d;

const startsField = (line: string): boolean => /^(?:resent-)?bcc[ \t]*:/i.test(line);

/**
 * A mail without its Bcc fields (RFC 5322 section 3.6.3): a Sent copy may name those who were told unseen, and passed on it
 * would name them to everybody. Only the header of the outermost message is looked into.
 */
export const withoutBcc = (bytes: Uint8Array): Uint8Array => {
  const pieces: Uint8Array[] = [];
  let start = 0;
  let hidden = false;
  while (start < bytes.length) {
    const found = bytes.indexOf(LF, start);
    const end = found < 0 ? bytes.length : found + 1;
    const first = bytes[start];
    if (first === LF || (first === CR && end === start + 2)) break;
    const folded = first === 0x20 || first === 0x09;
    if (!folded) hidden = startsField(Buffer.from(bytes.subarray(start, Math.min(end, start + 40))).toString("latin1"));
    if (!hidden) pieces.push(bytes.subarray(start, end));
    start = end;
  }
  return Buffer.concat([...pieces, bytes.subarray(start)]);
};

/** Nothing beyond ASCII, and no line longer than 998: what every server takes. */
const isSevenBit = (bytes: Uint8Array): boolean => bytes.every((octet) => octet < 0x80);

/** Bytes as they go out, equal for equal mails: no Bcc, boundaries made of the Message-ID. */
export const bytesOf = async (
  { MailComposer }: Nodemailer,
  mail: Mail,
  original?: Original,
): Promise<{ readonly bytes: Buffer; readonly eightBit: boolean }> => {
  const composer = new MailComposer({
    from: { name: mail.from.name ?? "", address: mail.from.address },
    to: mail.to.map(({ name = "", address }) => ({ name, address })),
    cc: mail.cc.map(({ name = "", address }) => ({ name, address })),
    ...(mail.replyTo !== undefined && { replyTo: { name: "", address: mail.replyTo } }),
    subject: mail.subject,
    messageId: `<${mail.messageId}>`,
    ...(mail.inReplyTo !== undefined && { inReplyTo: mail.inReplyTo }),
    ...(mail.references.length > 0 && { references: [...mail.references] }),
    date: mail.date,
    text: mail.text,
    ...(mail.html !== undefined && { html: mail.html }),
    ...(mail.trail !== undefined && { headers: { "X-Groupstream-Trail": mail.trail } }),
    ...(original && {
      attachments: [
        {
          contentType: "message/rfc822",
          contentDisposition: "attachment",
          filename: original.name,
          content: Buffer.from(original.bytes.buffer, original.bytes.byteOffset, original.bytes.byteLength),
        },
      ],
    }),
    baseBoundary: mail.messageId.replace(/[^A-Za-z0-9]/g, "").slice(0, 50),
    newline: "win",
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const bytes = await composer.compile().build();
  return { bytes, eightBit: original !== undefined && !isSevenBit(original.bytes) };
};
