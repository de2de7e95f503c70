/** Mailboxes of a real Dovecot as a world of the conformance kit: an account of its own, moved by a raw client. */

import type { Content, World } from "groupstream/testing";
import type { Dovecot } from "../../lab/dovecot.ts";
import { mailboxName, type RawImap } from "../../lab/imap.ts";

/** A mail: where it is. */
interface Mail {
  readonly mailbox: string;
  readonly uid: number;
}

const cannot = (reason: string): { readonly cannot: string } => ({ cannot: reason });

const rawOf = ({ name, text }: Content): string =>
  [
    "From: Ann <ann@example.org>",
    "To: bob@example.org",
    "Date: Mon, 23 Nov 2026 10:00:00 +0000",
    `Message-ID: <${name.replaceAll(" ", "-")}@example.org>`,
    `Subject: ${name}`,
    "Content-Type: text/plain; charset=utf-8",
    "",
    text.replaceAll("\n", "\r\n"),
    "",
  ].join("\r\n");

let accounts = 0;

/** The account, and what is done to it. */
export interface MailboxWorld extends World {
  readonly user: string;
  readonly collections: readonly [string, string];
}

/** A new account with INBOX and Archive in it. */
export const mailboxWorld = async (server: Dovecot): Promise<MailboxWorld> => {
  const user = server.user(`kit${++accounts}`);
  const raw: RawImap = await server.raw(user);
  await raw.command("CREATE Archive");

  /** Works in one mailbox, then lets go of it: what is selected hears of changes late. */
  const within = async (mailbox: string, ...commands: string[]): Promise<string> => {
    await raw.command(`SELECT ${mailboxName(mailbox)}`);
    let text = "";
    for (const command of commands) text += await raw.command(command);
    await raw.command("UNSELECT");
    return text;
  };
  const append = (mailbox: string, contents: readonly Content[]): Promise<number[]> =>
    raw.append(
      mailbox,
      contents.map((content) => ({ raw: rawOf(content), date: new Date() })),
    );

  return {
    user,
    collections: ["INBOX", "Archive"],
    create: async (mailbox, content) => ({ mailbox, uid: (await append(mailbox, [content]))[0]! }) satisfies Mail,
    fill: async (mailbox, contents) => void (await append(mailbox, contents)),
    change: cannot("a stored mail is never edited (RFC 9051 section 2.3.1.1)"),
    remove: async (thing) => {
      const { mailbox, uid } = thing as Mail;
      await within(mailbox, `UID STORE ${uid} +FLAGS.SILENT (\\Deleted)`, `UID EXPUNGE ${uid}`);
    },
    move: async (thing, to) => {
      const { mailbox, uid } = thing as Mail;
      const text = await within(mailbox, `UID MOVE ${uid} ${mailboxName(to)}`);
      return { mailbox: to, uid: Number(/COPYUID \d+ \d+ (\d+)/.exec(text)?.[1]) } satisfies Mail;
    },
    flag: async (thing, on) => {
      const { mailbox, uid } = thing as Mail;
      await within(mailbox, `UID STORE ${uid} ${on ? "+" : "-"}FLAGS (\\Flagged)`);
    },
    spoil: cannot("Dovecot gives every mail it holds; a server that does not is among the provider traits"),
    found: async () => {
      await raw.command("CREATE Later");
      return "Later";
    },
    forget: cannot("Dovecot keeps its UIDVALIDITY; one that changes is among the provider traits"),
    cut: async () => {
      await server.doveadm("kick", user);
    },
    slow: cannot("a local server answers at once; a slow one is among the provider traits"),
    repeat: cannot("IMAP tells states, not events: nothing is reported twice"),
    [Symbol.asyncDispose]: async () => raw.close(),
  };
};
