/** Where the bridge stands: a mailbox and a room on real servers, each behind a line that can be cut. */

import type { Element } from "@xmpp/xml";
import type { HubOptions } from "groupstream";
import { bridge } from "groupstream";
import { imap } from "groupstream/adapters/imap";
import { xmpp } from "groupstream/adapters/xmpp";

/** What a hub's process must know. */
export interface Settings {
  readonly store: string;
  readonly imap: { readonly port: number; readonly user: string; readonly password: string };
  readonly smtp: { readonly port: number };
  readonly xmpp: { readonly port: number; readonly password: string; readonly room: string };
}

/** Where the customers write to. */
export const mailbox = "support@example.org";

const host = "127.0.0.1";

export const optionsOf = ({ store, imap: mail, smtp, xmpp: chat }: Settings): HubOptions => ({
  store,
  systems: [
    imap({
      id: "mail",
      host,
      port: mail.port,
      auth: { user: mail.user, pass: mail.password },
      owner: `mailto:${mail.user}`,
      smtp: { host, port: smtp.port, from: { name: "Support", address: mail.user } },
    }),
    xmpp({
      id: "chat",
      domain: "localhost",
      service: `xmpp://${host}:${chat.port}`,
      username: "bridge",
      password: chat.password,
      nickname: "Mail",
      rooms: [chat.room],
      audience: ["mailto:ann@example.org"],
    }),
  ],
  routes: bridge("mail/INBOX", "chat/support", {
    there: { widen: "a benchmark" },
    back: { to: "mail", only: "replies", widen: "a benchmark" },
  }),
  poll: 1_000,
});

/** A customer's mail. @param answers  the Message-ID it answers, in its angles */
export const letter = (id: string, subject: string, text: string, answers = ""): Buffer =>
  Buffer.from(
    [
      "From: Ada <ada@example.net>",
      `To: ${mailbox}`,
      `Subject: ${subject}`,
      `Date: ${new Date().toUTCString().replace("GMT", "+0000")}`,
      `Message-ID: <${id}>`,
      ...(answers === "" ? [] : [`In-Reply-To: ${answers}`, `References: ${answers}`]),
      "Content-Type: text/plain",
      "",
      text,
      "",
    ].join("\r\n"),
  );

/** The room's own id of a message it shows (XEP-0359). */
export const keyOf = (room: string, stanza: Element): string =>
  String(stanza.getChildren("stanza-id").find(({ attrs }) => attrs.by === room)?.attrs.id);
