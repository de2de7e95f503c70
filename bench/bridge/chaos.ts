/**
 * Conversations cross both ways while every line is cut at random and the hub is killed: a customer writes, somebody in the room
 * answers beneath the post, the customer answers that mail, and so on. In the end each is there once, in its thread, in its order.
 */

import { type ChildProcess, fork } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Element } from "@xmpp/xml";
import { openHub } from "groupstream";
import { startDovecot } from "../../test/lab/dovecot.ts";
import { startProsody } from "../../test/lab/prosody.ts";
import { startSmtp } from "../../test/lab/smtp.ts";
import { startTcpProxy } from "../../test/lab/tcp-proxy.ts";
import { Person, part } from "../../test/lab/xmpp.ts";
import { Random } from "../../test/simulation/random.ts";
import type { Bench } from "../bar.ts";
import { keyOf, letter, mailbox, optionsOf, type Settings } from "./places.ts";

/** Conversations that go on at once. */
const atOnce = 12;
/** A message that is not across after so long is lost, ms. */
const patience = 120_000;

const fieldOf = (raw: string, name: string): string =>
  new RegExp(`^${name}: (.*(?:\r\n[ \t].*)*)`, "im").exec(raw)?.[1]?.replace(/\r\n/g, "") ?? "";

/** What of a list that only grows carries a key, in the list's order. Each entry is looked at once, however often one asks. */
const indexed = <T>(list: readonly T[], keysOf: (entry: T) => readonly string[]): ((key: string) => readonly T[]) => {
  const found = new Map<string, T[]>();
  let seen = 0;
  return (key) => {
    for (; seen < list.length; seen += 1) {
      const entry = list[seen] as T;
      for (const one of keysOf(entry)) found.set(one, [...(found.get(one) ?? []), entry]);
    }
    return found.get(key) ?? [];
  };
};

export const chaos = async ({ full, say, note }: Bench): Promise<void> => {
  const [conversations, turns, kills] = full ? [1_000, 10, 50] : [100, 10, 5];
  const random = new Random(Number(process.env.SEED ?? 7));
  const dir = await mkdtemp(join(tmpdir(), "groupstream-bridge-"));
  const dovecot = await startDovecot();
  const smtp = await startSmtp();
  const prosody = await startProsody({ sql: true });
  const lines = await Promise.all([dovecot.port, smtp.port, prosody.port].map((port) => startTcpProxy(port)));
  const [imapLine, smtpLine, xmppLine] = lines as [(typeof lines)[0], (typeof lines)[0], (typeof lines)[0]];
  let hub: ChildProcess | undefined;
  let stopping = false;
  try {
    const room = `support@${prosody.rooms}`;
    const ann = await Person.open(prosody, await prosody.user("ann"));
    await ann.enter(room, "Ann");
    const { password } = await prosody.user("bridge");
    const settings: Settings = {
      store: join(dir, "hub.db"),
      imap: { port: imapLine.port, user: mailbox, password: dovecot.password },
      smtp: { port: smtpLine.port },
      xmpp: { port: xmppLine.port, password, room },
    };
    const begin = (): Promise<void> =>
      new Promise((resolve) => {
        hub = fork(join(import.meta.dirname, "hub.ts"), [JSON.stringify(settings)], {
          execArgv: ["--conditions=groupstream:source", "--disable-warning=ExperimentalWarning"],
          stdio: ["ignore", "ignore", "inherit", "ipc"],
        });
        hub.once("message", () => resolve());
        hub.once("exit", () => resolve());
      });
    await dovecot.append(mailbox, "INBOX", [letter("begun@example.net", "begun", "begun", "")]);
    await begin();

    const posted = (stanza: Element): string | undefined =>
      stanza.name === "message" && stanza.attrs.from === `${room}/Mail` ? (stanza.getChildText("body") ?? undefined) : undefined;
    const posts = indexed(ann.heard, (stanza) => /: (c\d+t\d+x)$/.exec(posted(stanza) ?? "")?.slice(1) ?? []);
    const mails = indexed(smtp.taken, ({ raw }) => /\r\n(c\d+t\d+x)\r\n/.exec(raw.toString())?.slice(1) ?? []);
    const awaited = async <T>(what: string, find: () => T | undefined): Promise<T> => {
      for (const until = Date.now() + patience; Date.now() < until; await pause(100)) {
        const found = find();
        if (found !== undefined) return found;
      }
      const looking = await openHub({ store: settings.store, systems: [] });
      const open = (await looking.deliveries({ limit: 100_000 })).filter(({ state }) => !["done", "void"].includes(state));
      note(
        `  ${what}: ${JSON.stringify(open.slice(0, 4))} ${JSON.stringify((await looking.status()).systems.map(({ id, failing }) => [id, failing]))}`,
      );
      await looking.close();
      throw new Error(`lost: ${what}`);
    };
    const problems: string[] = [];
    let crossed = 0;
    const converse = async (c: number): Promise<void> => {
      let answers = "";
      let root = "";
      let above = "";
      for (let t = 0; t < turns; t += 2) {
        const [asked, replied] = [`c${c}t${t}x`, `c${c}t${t + 1}x`];
        await dovecot.append(mailbox, "INBOX", [letter(`${asked}@example.net`, `Conversation ${c}`, asked, answers)]);
        const post = await awaited(`post ${asked}`, () => posts(asked)[0]);
        crossed += 1;
        const beneath = String(post.getChild("reply")?.attrs.id ?? "");
        if (t > 0 && beneath !== above && beneath !== root) problems.push(`wrong thread: ${asked} stands beneath ${beneath}`);
        if (t === 0) root = keyOf(room, post);
        const said = await ann.text(room, replied, part.reply(`${room}/Mail`, keyOf(room, post)));
        above = said.key;
        const mail = await awaited(`mail ${replied}`, () => mails(replied)[0]);
        crossed += 1;
        const raw = mail.raw.toString();
        if (!fieldOf(raw, "In-Reply-To").includes(`${asked}@`))
          problems.push(`wrong thread: ${replied} answers ${fieldOf(raw, "In-Reply-To")}`);
        answers = fieldOf(raw, "Message-ID");
      }
    };
    const breaking = (async (): Promise<number> => {
      let done = 0;
      while (!stopping) {
        await pause(3_000 + random.int(5_000));
        if (stopping) break;
        if (done < kills && random.chance(0.75)) {
          done += 1;
          hub?.kill("SIGKILL");
          await begin();
        } else lines[random.int(3)]?.cut();
      }
      return done;
    })();
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < conversations) {
        next += 1;
        await converse(next).catch((error: Error) => void problems.push(error.message));
        if (next % 50 === 0) note(`${next} of ${conversations} conversations`);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    stopping = true;
    const killed = await breaking;
    // Whoever echoes or repeats does it now.
    await pause(6_000);
    hub?.kill("SIGKILL");
    await pause(200);
    await using last = await openHub(optionsOf(settings));
    await last.sync();
    let unknown = 0;
    for (const { state } of await last.deliveries({ limit: 100_000 })) if (state === "unknown") unknown += 1;

    let [doubled, copies, disordered] = [0, 0, 0];
    const heard = new Map(ann.heard.map((stanza, at) => [stanza, at]));
    for (let c = 1; c <= conversations; c += 1) {
      const order: number[] = [];
      for (let t = 0; t < turns; t += 2) {
        const shown = posts(`c${c}t${t}x`);
        doubled += Math.max(0, shown.length - 1);
        order.push(...shown.map((stanza) => heard.get(stanza) ?? 0));
        const sent = mails(`c${c}t${t + 1}x`);
        copies += Math.max(0, sent.length - 1);
        if (new Set(sent.map(({ raw }) => fieldOf(raw.toString(), "Message-ID"))).size > 1)
          problems.push(`c${c}t${t + 1}: sent under several Message-IDs`);
      }
      if (order.some((one, at) => at > 0 && one < (order[at - 1] ?? 0))) disordered += 1;
    }
    const ours = ann.heard.filter((stanza) => posted(stanza) !== undefined).length;
    const echoes = Math.max(0, ours - doubled - (conversations * turns) / 2);
    for (const problem of problems.slice(0, 10)) note(`  ${problem}`);
    const lost = problems.filter((problem) => problem.startsWith("lost")).length;
    const astray = problems.length - lost;
    note(`${crossed} posts and mails crossed, ${killed} kills, ${unknown} deliveries unknown at the end`);
    const zero = (name: string, value: number): void => say({ name, value, unit: "messages", bar: 0, holds: value === 0 });
    zero(`${conversations} conversations: lost`, lost);
    zero("in the wrong thread", astray);
    zero("out of order within a thread", disordered);
    zero("echoes", echoes);
    zero("posts doubled in the room", doubled);
    say({
      name: "copies of mails",
      value: copies,
      unit: "mails",
      against: `${killed} kills`,
      bar: killed,
      holds: copies <= killed,
    });
    await ann.stop();
  } finally {
    stopping = true;
    hub?.kill("SIGKILL");
    for (const line of lines) await line[Symbol.asyncDispose]();
    await prosody.stop();
    await smtp[Symbol.asyncDispose]();
    await dovecot.stop();
    await rm(dir, { recursive: true, force: true });
  }
};
