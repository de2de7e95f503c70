/**
 * A real mailbox as one activity stream: read, told as sentences, delivered as signed webhooks, then followed live.
 * `npm run quickstart` starts it. Nothing is left running; `.lab/quickstart` is kept.
 *
 *   -- --lang en|de     default from the environment
 *   -- --maildir        a Maildir folder instead of the server
 *   -- --folder FOLDER  kept there instead
 */

import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Activity, type Entry, type Hub, isGroupstreamError, openHub, type Progress, textOfSummary } from "groupstream";
import { webhook } from "groupstream/adapters/webhook";
import { openMailbox, sampleSize } from "./quickstart/mailbox.ts";
import { startReceiver } from "./quickstart/receiver.ts";
import { languages } from "./quickstart/words.ts";

const { lang, ...wishes } = parseArgs({
  options: { lang: { type: "string" }, folder: { type: "string" }, maildir: { type: "boolean" } },
}).values;
const language = (lang ?? process.env.LC_ALL ?? process.env.LANG ?? "en").startsWith("de") ? "de" : "en";
const words = languages[language];
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Sentences printed at most. */
const shown = 12;

/** Activities bring their sentences with them, as AS2 wants it: in HTML. */
const sentenceOf = ({ summaryMap }: Activity): string => `  ${textOfSummary(summaryMap[language])}`;

/** @param size  what is known to be there, before the mailbox has said so */
const bar = (size: number) => {
  const seen = new Map<string, Progress>();
  let tty = process.stderr.isTTY;
  return {
    show: (progress: Progress): void => {
      seen.set(progress.place, progress);
      if (!tty) return;
      const done = [...seen.values()].reduce((sum, step) => sum + step.seen, 0);
      const left = [...seen.values()].reduce((sum, step) => sum + (step.estimate ?? 0), 0);
      const all = Math.max(done + left, size, 1);
      const filled = Math.round((24 * done) / all);
      process.stderr.write(`\r\x1b[K${words.reading} ${"█".repeat(filled)}${"░".repeat(24 - filled)} ${done} / ${all}`);
    },
    end: (): void => {
      if (tty) process.stderr.write("\r\x1b[K");
      tty = false;
    },
  };
};

const newMail = () => {
  const id = `${Date.now()}.${randomBytes(4).toString("hex")}@example.net`;
  const subject = language === "de" ? "Gruß vom Quickstart" : "Greetings from the quickstart";
  return {
    raw: [
      "From: Ada Lovelace <ada@example.net>",
      "To: sample@example.org",
      `Subject: =?utf-8?B?${Buffer.from(subject).toString("base64")}?=`,
      `Date: ${new Date().toUTCString().replace("GMT", "+0000")}`,
      `Message-ID: <${id}>`,
      "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=utf-8",
      "",
      "Hello from the other side.",
      "",
    ].join("\r\n"),
    subject,
  };
};

const main = async (): Promise<void> => {
  await using mailbox = await openMailbox(wishes);
  if (mailbox.without !== undefined) say(words.noServer(mailbox.without));
  say(words.source(mailbox.name, mailbox.folder));

  const secret = `whsec_${randomBytes(32).toString("base64")}`;
  await using receiver = await startReceiver(secret);
  const store = join(mailbox.folder, "groupstream.db");
  const isFirst = !existsSync(store);
  const progress = bar(isFirst ? sampleSize : 0);
  await using hub = await openHub({
    store,
    systems: [
      mailbox.system,
      webhook({ id: "receiver", url: receiver.url, secret, audience: ["mailto:receiver@example.org"], allow: "private" }),
    ],
    routes: [{ from: "mail", to: "receiver", widen: "the receiver is this example itself, on this machine" }],
    history: mailbox.since,
    progress: progress.show,
  });

  const { seq: before } = await hub.status();
  const started = performance.now();
  const lines = await hub.sync();
  progress.end();
  for (const { failures } of lines) for (const { message } of failures) say(words.failed(message));
  if (lines.some(({ failures }) => failures.length > 0)) process.exitCode = 1;
  const items = (await hub.status()).systems.reduce((sum, system) => sum + system.items, 0);
  say(words.read(items, ((performance.now() - started) / 1000).toFixed(1)));

  const told = await Array.fromAsync(hub.activities({ after: before }));
  if (told.length === 0) say(words.nothing);
  else {
    say(isFirst ? words.history(told.length) : words.news(told.length));
    if (told.length > shown) say(`  ${words.more(told.length - shown)}`);
    for (const { activity } of told.slice(-shown)) say(sentenceOf(activity));
  }
  say(receiver.count === 0 ? words.noHooks : words.hooks(receiver.count));

  await follow();
  say(words.again);

  async function follow(): Promise<void> {
    const stop = new AbortController();
    const { promise: listening, resolve: looked } = Promise.withResolvers<void>();
    const running = hub.run({ signal: stop.signal, onLine: ({ system }) => system === "mail" && looked() });
    let late: NodeJS.Timeout | undefined;
    try {
      await Promise.race([listening, running]);
      await new Promise((resolve) => setTimeout(resolve, 700));
      const { seq: after } = await hub.status();
      say(words.arriving);
      const mail = newMail();
      await mailbox.deliver(mail);
      const stored = performance.now();
      late = setTimeout(() => stop.abort(new Error(`${words.late} ${mailbox.folder}`)), 30_000);
      const next = await first(hub.activities({ after, follow: true, signal: stop.signal }));
      if (!next) throw new Error(`${words.late} ${mailbox.folder}`);
      const toldAfter = performance.now() - stored;
      say(sentenceOf(next.activity));
      await Promise.race([receiver.received(next.activity.id as string), running]);
      say(`  ${words.latency(Math.round(toldAfter), Math.round(performance.now() - stored))}`);
      await settled(hub);
      if (mailbox.without === undefined) say(words.pause);
    } finally {
      clearTimeout(late);
      stop.abort();
      await running;
    }
  }
};

/** Until every receipt is written down: a delivery cut off before that is made again at the next start. */
const settled = async (hub: Hub): Promise<void> => {
  for (let waited = 0; waited < 2_000; waited += 20) {
    const { pending = 0, sending = 0 } = (await hub.status()).deliveries;
    if (pending + sending === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

const first = async (entries: AsyncIterable<Entry>): Promise<Entry | undefined> => {
  for await (const entry of entries) return entry;
  return undefined;
};

try {
  await main();
} catch (error) {
  say(words.failed(isGroupstreamError(error) || error instanceof Error ? error.message : String(error)));
  process.exitCode = 1;
}
