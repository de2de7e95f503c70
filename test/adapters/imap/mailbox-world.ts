/**
 * Mailboxes of a real Dovecot as a world of the conformance kit: an account of its own, moved by a raw client. The adapter
 * sees it as it is, or through a proxy with the habits of another server; then the line can be cut and slowed, UIDVALIDITY
 * changes on demand, and messages that are listed cannot be fetched.
 */

import type { Can, Content, World } from "groupstream/testing";
import type { Dovecot } from "../../lab/dovecot.ts";
import { mailboxName, type RawImap } from "../../lab/imap.ts";
import { type ImapProxy, startProxy, type Trait } from "../../lab/imap-proxy/index.ts";
import { delaying, refusing } from "../../lab/imap-proxy/traits/trouble.ts";
import { uidvalidity } from "../../lab/imap-proxy/traits/uidvalidity.ts";
import { startSmtp } from "../../lab/smtp.ts";

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
  /** Where the adapter connects: the server, or the proxy before it. */
  readonly port: number;
  readonly collections: readonly [string, string];
}

/** The server a world stands on: Dovecot as it is, or with the habits of another. */
export interface Habits {
  /** What the proxy does beside trouble on demand; made anew for each world. */
  readonly traits: () => readonly Trait[];
  /** The two mailboxes; default INBOX and Archive. */
  readonly mailboxes?: readonly [string, string];
  /** The id of the collection the adapter makes of a mailbox; default its name. */
  readonly idOf?: (mailbox: string, raw: RawImap) => string | Promise<string>;
  /** Why no mailbox can be made that the adapter shows. */
  readonly foundsNone?: string;
  /** Why no position can be lost. */
  readonly forgetsNone?: string;
}

/** Trouble that the proxy makes on demand, and the proxy. */
interface Trouble {
  readonly proxy: ImapProxy;
  readonly validity: ReturnType<typeof uidvalidity>;
  readonly delay: ReturnType<typeof delaying>;
  readonly refusals: ReturnType<typeof refusing>;
}

const troubled = async (port: number, traits: readonly Trait[]): Promise<Trouble> => {
  const [validity, delay, refusals] = [uidvalidity(), delaying(), refusing()];
  return { proxy: await startProxy(port, [delay, refusals, validity, ...traits]), validity, delay, refusals };
};

/** An account that can send, and where to. */
export interface SendingWorld extends MailboxWorld {
  readonly smtp: number;
}

/** A new account with two mailboxes in it, and a submission server that keeps what it takes. */
export const sendingWorld = async (server: Dovecot): Promise<SendingWorld> => {
  const smtp = await startSmtp();
  const world = await mailboxWorld(server);
  return {
    ...world,
    smtp: smtp.port,
    wish: ({ name, text }) => ({ type: "Note", name, text, to: [{ id: "mailto:ann@example.org", name: "Ann" }] }),
    effects: async () => smtp.taken.map(({ to, raw }) => [to, raw.toString()]),
    [Symbol.asyncDispose]: async () => {
      await smtp[Symbol.asyncDispose]();
      await world[Symbol.asyncDispose]();
    },
  };
};

/** A new account with two mailboxes in it. */
export const mailboxWorld = async (server: Dovecot, habits?: Habits): Promise<MailboxWorld> => {
  const user = server.user(`kit${++accounts}`);
  const raw: RawImap = await server.raw(user);
  const [first, second] = habits?.mailboxes ?? ["INBOX", "Archive"];
  for (const mailbox of [first, second])
    if (!/^(INBOX|Trash)$/.test(mailbox)) await raw.command(`CREATE ${mailboxName(mailbox)}`);
  const trouble = habits && (await troubled(server.port, habits.traits()));
  const mailboxes = new Map<string, string>();
  const known = async (mailbox: string): Promise<string> => {
    const id = (await habits?.idOf?.(mailbox, raw)) ?? mailbox;
    mailboxes.set(id, mailbox);
    return id;
  };
  const collections = [await known(first), await known(second)] as const;
  const named = (id: string): string => mailboxes.get(id)!;

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

  const behind = <Do>(what: string, act: (trouble: Trouble) => Do): Can<Do> =>
    trouble ? act(trouble) : cannot(`${what}: among the provider traits`);

  return {
    user,
    port: trouble?.proxy.port ?? server.port,
    collections,
    // Two pages are enough of it behind a proxy: the worker for 1,000 messages and more reads from Dovecot itself elsewhere.
    ...(trouble && { many: 510 }),
    create: async (where, content) => {
      const mailbox = named(where);
      return { mailbox, uid: (await append(mailbox, [content]))[0]! } satisfies Mail;
    },
    fill: async (where, contents) => void (await append(named(where), contents)),
    change: cannot("a stored mail is never edited (RFC 9051 section 2.3.1.1)"),
    remove: async (thing) => {
      const { mailbox, uid } = thing as Mail;
      await within(mailbox, `UID STORE ${uid} +FLAGS.SILENT (\\Deleted)`, `UID EXPUNGE ${uid}`);
    },
    move: async (thing, where) => {
      const { mailbox, uid } = thing as Mail;
      const to = named(where);
      const text = await within(mailbox, `UID MOVE ${uid} ${mailboxName(to)}`);
      return { mailbox: to, uid: Number(/COPYUID \d+ \d+ (\d+)/.exec(text)?.[1]) } satisfies Mail;
    },
    flag: async (thing, on) => {
      const { mailbox, uid } = thing as Mail;
      await within(mailbox, `UID STORE ${uid} ${on ? "+" : "-"}FLAGS (\\Flagged)`);
    },
    spoil: behind("Dovecot gives every mail it holds; one that does not is", ({ refusals }) => async (where) => {
      const mailbox = named(where);
      const [uid] = await append(mailbox, [{ name: "spoilt", text: "Nobody can read this." }]);
      refusals.unfetchable.add(`${mailbox} ${uid}`);
    }),
    found:
      habits?.foundsNone !== undefined
        ? cannot(habits.foundsNone)
        : async () => {
            await raw.command("CREATE Later");
            return known("Later");
          },
    forget:
      habits?.forgetsNone !== undefined
        ? cannot(habits.forgetsNone)
        : behind("Dovecot keeps its UIDVALIDITY; one that changes is", ({ validity, proxy }) => async (where) => {
            validity.renew(named(where));
            proxy.cut();
          }),
    cut: async () => {
      if (trouble) trouble.proxy.cut();
      else
        await server.doveadm("kick", user).catch((error: { readonly code?: unknown }) => {
          // EX_NOHOST: nobody is connected, so there is no line to cut.
          if (error.code !== 68) throw error;
        });
    },
    slow: behind(
      "a local server answers at once; a slow one is",
      ({ delay }) =>
        async (ms) =>
          void (delay.ms = ms),
    ),
    repeat: cannot("IMAP tells states, not events: nothing is reported twice"),
    [Symbol.asyncDispose]: async () => {
      raw.close();
      await trouble?.proxy[Symbol.asyncDispose]();
      const wrong = [...(trouble?.proxy.faults ?? []), ...(trouble?.proxy.refused ?? [])];
      if (wrong.length > 0)
        throw new Error(`the proxy did not understand, or the adapter used what it was not offered: ${wrong[0]}`);
    },
  };
};
