/**
 * Sample mail: the same seed gives the same bytes. Threads with References, umlauts in every place a mail can have them,
 * plain, alternative and mixed structures, files, list mail; in German and English.
 */

import type { Dovecot } from "./dovecot.ts";
import type { Letter } from "./imap.ts";

/** A sample letter and where it belongs. */
export interface Sample extends Letter {
  readonly raw: string;
  readonly date: Date;
  readonly flags: readonly string[];
  readonly mailbox: string;
  readonly messageId: string;
  readonly subject: string;
}

export interface SampleOptions {
  readonly count: number;
  /** Default 1. */
  readonly seed?: number;
  /** `rich`: HTML, files, about 12 KB each; `small`: one plain part, under 1 KB. Default rich. */
  readonly size?: "rich" | "small";
  /** Filled in turn, thread by thread; default `INBOX`, `Support`, `Projekte/Büro`, `Sent`. */
  readonly mailboxes?: readonly string[];
  /** Date of the first letter, one comes every 7 minutes; default 2026-01-05T08:00:00Z. */
  readonly from?: Date;
}

/** Numbers in [0, 1) that depend on the seed alone (mulberry32). */
const dice = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};

const people = [
  ["Anna Weber", "anna@example.org"],
  ["Jürgen Groß", "juergen.gross@example.org"],
  ["Maria Sánchez", "maria@example.net"],
  ["Łukasz Nowak", "lukasz@example.net"],
  ["Priya Raman", "priya@example.com"],
  ["Tom O'Brien", "tom@example.com"],
  ["Support Team", "support@example.org"],
  ["Zoë Müller", "zoe@example.net"],
] as const;

const topics = [
  "Angebot für die Büroräume",
  "Quarterly numbers",
  "Rückfrage zur Rechnung 4711",
  "Workshop in Düsseldorf",
  "Printer on the third floor",
  "Einladung zum Sommerfest",
  "Draft of the contract",
  "Übergabe an den Support",
  "Server maintenance on Friday",
  "Café-Bestellung fürs Team",
] as const;

const sentences = [
  "Könnten Sie das bitte bis Freitag prüfen?",
  "The second column still shows last year's figures.",
  "Anbei die überarbeitete Fassung.",
  "I would rather decide this together on Monday.",
  "Die Änderungen betreffen nur § 3 und die Anlage.",
  "Thanks, that answers my question.",
  "Wir treffen uns um 14 Uhr im großen Saal.",
  "Please find the file attached.",
  "Grüße aus dem Süden – hier scheint die Sonne.",
  "Let me know if anything is missing.",
] as const;

const word = (text: string): string =>
  /^[\x20-\x7e]*$/.test(text) ? text : `=?utf-8?B?${Buffer.from(text).toString("base64")}?=`;
const address = ([name, at]: readonly [string, string]): string =>
  /^[A-Za-z ]+$/.test(name) ? `${name} <${at}>` : /^[\x20-\x7e]*$/.test(name) ? `"${name}" <${at}>` : `${word(name)} <${at}>`;

const quotedPrintable = (text: string): string =>
  text
    .split("\n")
    .map((line) => {
      let [out, column] = ["", 0];
      for (const c of line) {
        const coded = /[\x20-\x3c\x3e-\x7e]/.test(c) ? c : encodeURIComponent(c).replaceAll("%", "=");
        if (column + coded.length > 72) [out, column] = [`${out}=\r\n`, 0];
        out += coded;
        column += coded.length;
      }
      return out;
    })
    .join("\r\n");

const wrap = (base64: string): string => base64.replace(/.{76}/g, "$&\r\n");

/** Weekday and month by name, RFC 5322 section 3.3. */
const mailDate = (date: Date): string => date.toUTCString().replace("GMT", "+0000");

interface Thread {
  readonly topic: string;
  readonly mailbox: string;
  readonly ids: string[];
  readonly left: number;
}

/** Letters in the order they arrived. */
export function* mails(options: SampleOptions): Generator<Sample> {
  const { count, seed = 1, size = "rich", mailboxes = ["INBOX", "Support", "Projekte/Büro", "Sent"] } = options;
  const roll = dice(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(roll() * list.length)] as T;
  const start = (options.from ?? new Date("2026-01-05T08:00:00Z")).getTime();
  const file = Buffer.from(Array.from({ length: 12_000 }, () => Math.floor(roll() * 256)));
  const open: Thread[] = [];
  for (let n = 0; n < count; n++) {
    const date = new Date(start + n * 420_000);
    const going = open.length > 0 && roll() < 0.6 ? Math.floor(roll() * open.length) : -1;
    const thread: Thread = open[going] ?? {
      topic: `${pick(topics)} (${n + 1})`,
      mailbox: mailboxes[n % mailboxes.length] as string,
      ids: [],
      left: Math.floor(roll() * 5),
    };
    const messageId = `<${seed}.${n + 1}.${Math.floor(roll() * 1e9).toString(36)}@mail.example.org>`;
    const subject = thread.ids.length > 0 ? `Re: ${thread.topic}` : thread.topic;
    const [from, to] = [pick(people), pick(people)];
    const lines = Array.from({ length: size === "rich" ? 4 + Math.floor(roll() * 20) : 2 }, () => pick(sentences));
    const text = `Hallo ${to[0].split(" ")[0]},\n\n${lines.join("\n")}\n\n${from[0]}\n`;
    const head = [
      `Received: from mx.example.org (mx.example.org [192.0.2.25]) by mail.example.org with ESMTPS id ${n + 1}; ${mailDate(date)}`,
      `From: ${address(from)}`,
      `To: ${address(to)}`,
      ...(roll() < 0.2 ? [`Cc: ${address(pick(people))}, ${address(pick(people))}`] : []),
      `Subject: ${word(subject)}`,
      `Date: ${mailDate(date)}`,
      `Message-ID: ${messageId}`,
      ...(thread.ids.length > 0 ? [`In-Reply-To: ${thread.ids.at(-1)}`, `References: ${thread.ids.join("\r\n ")}`] : []),
      ...(roll() < 0.05 ? ["List-Id: <team.example.org>", "Precedence: list"] : []),
      "MIME-Version: 1.0",
    ];
    const body = size === "small" ? plain(text) : rich(text, lines, n, roll, file);
    yield {
      raw: `${head.join("\r\n")}\r\n${body}`,
      date,
      mailbox: thread.mailbox,
      messageId,
      subject,
      flags: [
        ...(roll() < 0.5 ? ["\\Seen"] : []),
        ...(roll() < 0.05 ? ["\\Flagged"] : []),
        ...(roll() < 0.05 ? ["$label1"] : []),
      ],
    };
    thread.ids.push(messageId);
    if (going < 0) open.push(thread);
    else if (thread.ids.length > thread.left) open.splice(going, 1);
    if (open.length > 12) open.shift();
  }
}

const plain = (text: string): string =>
  `Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n${quotedPrintable(text)}`;

const html = (lines: readonly string[]): string => {
  const rows = lines.map((line) => `<p style="margin:0 0 1em 0;font-family:Arial,sans-serif">${line}</p>`).join("\n");
  return `Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n${quotedPrintable(`<html><body>${rows}</body></html>`)}`;
};

const rich = (text: string, lines: readonly string[], n: number, roll: () => number, file: Buffer): string => {
  const kind = roll();
  if (kind < 0.2) return plain(text);
  const alternative = `Content-Type: multipart/alternative; boundary="a-${n}"\r\n\r\n--a-${n}\r\n${plain(text)}\r\n--a-${n}\r\n${html(lines)}\r\n--a-${n}--\r\n`;
  if (kind < 0.45) return alternative;
  const bytes = file.subarray(0, 2_000 + Math.floor(roll() * 10_000));
  const name = kind < 0.7 ? `filename="report-${n}.pdf"` : `filename*=utf-8''Pr%C3%BCfbericht-${n}.pdf`;
  const part = `Content-Type: application/pdf\r\nContent-Disposition: attachment; ${name}\r\nContent-Transfer-Encoding: base64\r\n\r\n${wrap(bytes.toString("base64"))}`;
  return `Content-Type: multipart/mixed; boundary="m-${n}"\r\n\r\n--m-${n}\r\n${alternative}\r\n--m-${n}\r\n${part}\r\n--m-${n}--\r\n`;
};

/** Stores the sample in a user's mailboxes; resolves with how many letters each mailbox got. */
export const fill = async (server: Dovecot, user: string, options: SampleOptions): Promise<Map<string, number>> => {
  const filled = new Map<string, number>();
  const waiting = new Map<string, Sample[]>();
  const store = async (mailbox: string, letters: Sample[]): Promise<void> => {
    await server.append(user, mailbox, letters);
    filled.set(mailbox, (filled.get(mailbox) ?? 0) + letters.length);
  };
  for (const letter of mails(options)) {
    const batch = waiting.get(letter.mailbox) ?? [];
    waiting.set(letter.mailbox, batch);
    batch.push(letter);
    if (batch.length === 500) await store(letter.mailbox, batch.splice(0));
  }
  for (const [mailbox, batch] of waiting) if (batch.length > 0) await store(mailbox, batch);
  return filled;
};
