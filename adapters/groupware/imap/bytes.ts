/** A mail → its bytes, and what is done to the bytes of a mail that is passed on. */

import type { CommandFile } from "groupstream";
import { withoutBcc } from "groupstream/protocol/mail";
import { finished } from "./body.ts";
import type { Mail } from "./compose.ts";
import type { Nodemailer } from "./nodemailer.ts";

/** A mail that is passed on, whole. */
export interface Original {
  readonly bytes: Uint8Array;
  readonly name: string;
}

/** Nothing beyond ASCII, and no line longer than 998: what every server takes. */
const isSevenBit = (bytes: Uint8Array): boolean => bytes.every((octet) => octet < 0x80);

/** A mail in a mail. */
const ENCLOSED = "message/rfc822";

/** A mail among the files loses its Bcc; other types with a structure of their own (RFC 2046 section 5) are bytes like any. */
const attachmentOf = ({ name, mediaType }: CommandFile, content: Buffer) => {
  if (mediaType === ENCLOSED) return { name, type: ENCLOSED, content: withoutBcc(content) };
  return { name, type: /^(?:multipart|message)\//.test(mediaType) ? "application/octet-stream" : mediaType, content };
};

/** Bytes as they go out, equal for equal mails: no Bcc, boundaries made of the Message-ID. */
export const bytesOf = async (
  { MailComposer }: Nodemailer,
  mail: Mail,
  original?: Original,
  contents: ReadonlyMap<CommandFile, Buffer> = new Map(),
): Promise<{ readonly bytes: Buffer; readonly eightBit: boolean }> => {
  const { text, html } = finished(mail);
  const attachments = [
    ...(original ? [{ name: original.name, type: ENCLOSED, content: original.bytes }] : []),
    ...[...contents].map(([file, content]) => attachmentOf(file, content)),
  ];
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
    text,
    ...(html !== undefined && { html }),
    ...(mail.calendar && { icalEvent: { method: mail.calendar.method, content: mail.calendar.text, filename: "reply.ics" } }),
    ...(mail.trail !== undefined && { headers: { "X-Groupstream-Trail": mail.trail } }),
    attachments: attachments.map(({ name, type, content }) => ({
      contentType: type,
      contentDisposition: "attachment",
      filename: name,
      content: Buffer.from(content.buffer, content.byteOffset, content.byteLength),
    })),
    baseBoundary: mail.messageId.replace(/[^A-Za-z0-9]/g, "").slice(0, 50),
    newline: "win",
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const bytes = await composer.compile().build();
  // What is enclosed whole is not encoded (RFC 2046 section 5.2.1).
  return { bytes, eightBit: attachments.some(({ type, content }) => type === ENCLOSED && !isSevenBit(content)) };
};
