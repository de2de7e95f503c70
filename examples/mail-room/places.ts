/** The places of the example: a real Dovecot, a submission server that hands over to it, a real Prosody; and people at them. */

import { imap } from "groupstream/adapters/imap";
import { xmpp } from "groupstream/adapters/xmpp";
import { startDovecot } from "../servers/dovecot.ts";
import { startProsody } from "../servers/prosody.ts";
import { startSmtp } from "../servers/smtp.ts";
import { Person } from "../servers/xmpp.ts";

export const mailbox = "support@example.org";
export const customer = "ada@example.org";

/** A mail of the customer to the mailbox. */
export interface Letter {
  readonly id: string;
  readonly subject: string;
  readonly text: string;
  /** The Message-ID it answers. */
  readonly answers?: string;
  /** A text file with it. */
  readonly file?: { readonly name: string; readonly text: string };
}

/** The parts of a mail: its text, and its file. */
const bodyOf = ({ text, file }: Letter): readonly string[] => {
  const plain = ["Content-Type: text/plain; charset=utf-8", "", text, ""];
  if (!file) return plain;
  const attached = [
    `Content-Type: text/plain; charset=utf-8; name="${file.name}"`,
    `Content-Disposition: attachment; filename="${file.name}"`,
    "Content-Transfer-Encoding: base64",
    "",
    Buffer.from(file.text).toString("base64"),
  ];
  return ['Content-Type: multipart/mixed; boundary="parts"', "", "--parts", ...plain, "--parts", ...attached, "--parts--", ""];
};

const written = (letter: Letter): Buffer => {
  const { id, subject, answers } = letter;
  return Buffer.from(
    [
      `From: Ada Lovelace <${customer}>`,
      `To: Support <${mailbox}>`,
      `Subject: ${subject}`,
      `Date: ${new Date().toUTCString().replace("GMT", "+0000")}`,
      `Message-ID: <${id}>`,
      ...(answers === undefined ? [] : [`In-Reply-To: ${answers}`, `References: ${answers}`]),
      "MIME-Version: 1.0",
      ...bodyOf(letter),
    ].join("\r\n"),
  );
};

/** Starts everything; disposal stops it and leaves nothing behind. */
export const openPlaces = async () => {
  const stack = new AsyncDisposableStack();
  const dovecot = await startDovecot();
  stack.defer(() => dovecot.stop());
  const smtp = stack.use(await startSmtp({ dovecot }));
  const prosody = await startProsody();
  stack.defer(() => prosody.stop());
  const room = `support@${prosody.rooms}`;
  const colleague = await Person.open(prosody, await prosody.user("ann"));
  stack.defer(() => colleague.stop());
  // The first to enter makes the room.
  await colleague.enter(room, "Ann");
  // A mailbox stands once something was filed in it.
  for (const address of [mailbox, customer])
    await dovecot.append(address, "Archive", [written({ id: `begun@${address}`, subject: "begun", text: "" })]);
  const { password } = await prosody.user("bridge");
  return {
    dovecot,
    smtp,
    prosody,
    room,
    colleague,
    /** Both systems, ready to be read and written. */
    systems: () => [
      imap({
        id: "mail",
        host: dovecot.host,
        port: dovecot.port,
        auth: { user: mailbox, pass: dovecot.password },
        owner: `mailto:${mailbox}`,
        readers: ["mailto:ann@example.org"],
        smtp: { host: smtp.host, port: smtp.port, from: { name: "Support", address: mailbox } },
      }),
      xmpp({
        id: "chat",
        domain: prosody.domain,
        service: `xmpp://${prosody.host}:${prosody.port}`,
        username: "bridge",
        password,
        nickname: "Mail",
        rooms: [room],
        audience: ["mailto:ann@example.org"],
      }),
    ],
    /** The customer writes to the mailbox. */
    writes: (letter: Letter): Promise<number[]> => dovecot.append(mailbox, "INBOX", [written(letter)]),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
};

export type Places = Awaited<ReturnType<typeof openPlaces>>;
