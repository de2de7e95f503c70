/** How soon an answer in the room has been accepted by the mail server: from the room's showing it to SMTP's 250. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Element } from "@xmpp/xml";
import { openHub } from "groupstream";
import { startDovecot } from "../../test/lab/dovecot.ts";
import { startProsody } from "../../test/lab/prosody.ts";
import { startSmtp } from "../../test/lab/smtp.ts";
import { Person, part } from "../../test/lab/xmpp.ts";
import { type Bench, percentile, round } from "../bar.ts";
import { keyOf, letter, mailbox, optionsOf } from "./places.ts";

/** An answer that is not accepted after so long is lost, ms. */
const patience = 20_000;
/** Between two answers, ms: each is alone. */
const apart = 150;
/** Answers that are not counted: connections are made, code is compiled. */
const first = 5;

const awaited = async <T>(what: string, find: () => T | undefined): Promise<T> => {
  for (const until = performance.now() + patience; performance.now() < until; await pause(1)) {
    const found = find();
    if (found !== undefined) return found;
  }
  throw new Error(`lost: ${what}`);
};

export const latency = async ({ full, say }: Bench): Promise<void> => {
  const count = first + (full ? 200 : 50);
  const dir = await mkdtemp(join(tmpdir(), "groupstream-bridge-"));
  const dovecot = await startDovecot();
  const smtp = await startSmtp();
  const prosody = await startProsody();
  const ending = new AbortController();
  try {
    const room = `support@${prosody.rooms}`;
    const ann = await Person.open(prosody, await prosody.user("ann"));
    await ann.enter(room, "Ann");
    const { password } = await prosody.user("bridge");
    await dovecot.append(mailbox, "INBOX", [letter("question-0@example.net", "Question 0", "question 0x")]);
    await using hub = await openHub(
      optionsOf({
        store: join(dir, "hub.db"),
        imap: { port: dovecot.port, user: mailbox, password: dovecot.password },
        smtp: { port: smtp.port },
        xmpp: { port: prosody.port, password, room },
      }),
    );
    await hub.sync();
    const running = hub.run({ signal: ending.signal });
    running.catch(() => undefined);
    const postOf = (n: number): Element | undefined =>
      ann.heard.find(
        (stanza) => stanza.attrs.from === `${room}/Mail` && (stanza.getChildText("body") ?? "").endsWith(`: question ${n}x`),
      );
    const later: number[] = [];
    for (let n = 1; n <= count; n += 1) {
      await dovecot.append(mailbox, "INBOX", [letter(`question-${n}@example.net`, `Question ${n}`, `question ${n}x`)]);
      const post = await awaited(`the post of question ${n}`, () => postOf(n));
      await pause(apart);
      const answer = `answer ${n}x`;
      await ann.text(room, answer, part.reply(`${room}/Mail`, keyOf(room, post)));
      const shown = performance.now();
      await awaited(answer, () => smtp.taken.find(({ raw }) => raw.includes(`\r\n${answer}\r\n`)));
      if (n > first) later.push(performance.now() - shown);
    }
    ending.abort();
    await running.catch(() => undefined);
    const p50 = percentile(later, 0.5);
    say({
      name: "an answer in the room, until SMTP has accepted it, p50",
      value: round(p50, 1),
      unit: "ms",
      against: `${later.length} answers, p95 ${round(percentile(later, 0.95), 1)} ms`,
      bar: 100,
      holds: p50 < 100,
    });
    await ann.stop();
  } finally {
    ending.abort();
    await prosody.stop();
    await smtp[Symbol.asyncDispose]();
    await dovecot.stop();
    await rm(dir, { recursive: true, force: true });
  }
};
