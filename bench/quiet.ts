/**
 * What it costs on the wire to learn that nothing is new in many folders, and that a little is in one of them, against imapflow
 * asking for just that. A counting line between client and server sees every command and every byte.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openHub } from "groupstream";
import { imap } from "groupstream/adapters/imap";
import { startDovecot } from "../test/lab/dovecot.ts";
import { fill, mails } from "../test/lab/mails.ts";
import { type Bench, round } from "./bar.ts";
import { type Counting, counting, type Exchange, imapCommand } from "./counting.ts";
import { connected, type FloorTarget, sameFields } from "./imap/floor.ts";

const folders = Array.from({ length: 50 }, (_, n) => (n === 0 ? "INBOX" : `Projects/Folder ${String(n).padStart(2, "0")}`));
const changedFolder = folders[7] as string;

const bytesOf = (exchanges: readonly Exchange[]): number => exchanges.reduce((sum, { bytes }) => sum + bytes, 0);
/** Names of commands with how often, for people. */
const shortly = (exchanges: readonly Exchange[]): string =>
  exchanges.map(({ command, bytes }) => `${command.slice(0, 70)} (${bytes})`).join("\n  ") || "none";

/** Where a mailbox stands, by a client of its own. */
interface Standing {
  readonly modseq: bigint;
  readonly validity: bigint;
  readonly uidNext: number;
}

const standing = async (target: FloorTarget): Promise<Standing> => {
  const client = await connected(target, { qresync: true });
  try {
    const { highestModseq, uidValidity, uidNext } = await client.mailboxOpen(changedFolder, { readOnly: true });
    if (highestModseq === undefined) throw new Error("the server gives no HIGHESTMODSEQ");
    return { modseq: highestModseq, validity: uidValidity, uidNext };
  } finally {
    client.close();
  }
};

/** imapflow: SELECT with QRESYNC from where it stood, one fetch of the new ones. */
const floor = async (target: FloorTarget, line: Counting, since: Standing): Promise<readonly Exchange[]> => {
  const client = await connected(target, { qresync: true });
  try {
    // Opening a mailbox that was never listed would list it.
    await client.list();
    line.take();
    await client.mailboxOpen(changedFolder, { readOnly: true, changedSince: String(since.modseq), uidValidity: since.validity });
    let fresh = 0;
    for await (const _ of client.fetch(`${since.uidNext}:*`, sameFields, { uid: true })) fresh++;
    if (fresh !== 10) throw new Error(`imapflow read ${fresh} of 10 new messages`);
    return line.take();
  } finally {
    client.close();
  }
};

export const run = async ({ full, say, note }: Bench): Promise<void> => {
  const count = full ? 100_000 : 10_000;
  const server = await startDovecot();
  const dir = await mkdtemp(join(tmpdir(), "groupstream-quiet-"));
  const user = server.user("quiet");
  const lines = [await counting(server.port, imapCommand), await counting(server.port, imapCommand)] as const;
  const [ours, theirs] = lines;
  const target: FloorTarget = { host: server.host, port: theirs.port, user, pass: server.password, mailboxes: [changedFolder] };
  try {
    note(`filling ${count} messages in ${folders.length} folders`);
    await fill(server, user, { count, size: "small", mailboxes: folders });
    await using hub = await openHub({
      store: join(dir, "hub.db"),
      systems: [imap({ id: "mail", host: server.host, port: ours.port, auth: { user, pass: server.password }, exclude: [] })],
      policy: { body: "none" },
    });
    const sync = async (): Promise<{ seen: number; told: number; exchanges: readonly Exchange[] }> => {
      ours.take();
      const [result] = await hub.sync();
      if (!result || result.failures.length > 0) throw new Error(JSON.stringify(result?.failures));
      return { seen: result.seen, told: result.told, exchanges: ours.take() };
    };
    const first = await sync();
    if (first.seen !== count) throw new Error(`${first.seen} of ${count} messages were read`);
    // The first round after a look still closes the mailbox it read.
    const after = await sync();
    note(`nothing new, right after a look:\n  ${shortly(after.exchanges)}`);
    const quiet = await sync();
    note(`nothing new:\n  ${shortly(quiet.exchanges)}`);
    const lists = quiet.exchanges.filter(({ command }) => /^LIST .*STATUS/.test(command)).length;
    say({
      name: `nothing new in ${folders.length} folders of ${count}: commands`,
      value: quiet.exchanges.length,
      unit: "commands",
      against: "one LIST with STATUS",
      bar: 1,
      holds: quiet.exchanges.length === 1 && lists === 1,
    });
    const each = bytesOf(quiet.exchanges) / folders.length;
    say({ name: "nothing new: bytes a folder", value: round(each, 1), unit: "bytes", bar: 250, holds: each <= 250 });

    const since = await standing({ ...target, port: server.port });
    const fresh = [...mails({ count: 10, seed: 5, size: "small", mailboxes: [changedFolder] })];
    const client = await server.raw(user);
    try {
      await client.command(`SELECT "${changedFolder}"`);
      await client.command("UID STORE 11:20 +FLAGS.SILENT ($reviewed)");
      await client.command("UID STORE 21:25 +FLAGS.SILENT (\\Deleted)");
      await client.command("UID EXPUNGE 21:25");
    } finally {
      client.close();
    }
    await server.append(
      user,
      changedFolder,
      fresh.map(({ raw, date }) => ({ raw, date })),
    );
    const least = await floor(target, theirs, since);
    const news = await sync();
    note(`10 new, 10 flagged, 5 removed (${news.seen} seen, ${news.told} told):\n  ${shortly(news.exchanges)}`);
    note(`imapflow:\n  ${shortly(least)}`);
    // 10 Create, 10 Update, 5 Delete.
    if (news.told !== 25) throw new Error(`${news.told} of 25 activities were told`);
    const within = news.exchanges.filter(({ command }) => !command.startsWith("LIST "));
    say({
      name: "10 new, 10 re-flagged, 5 removed: round trips there",
      value: within.length,
      unit: "commands",
      against: `imapflow: ${least.length}`,
      bar: 3,
      holds: within.length <= 3,
    });
    const ratio = bytesOf(within) / bytesOf(least);
    say({
      name: "10 new, 10 re-flagged, 5 removed: bytes there",
      value: bytesOf(within),
      unit: "bytes",
      against: `imapflow, SELECT with QRESYNC and one fetch: ${bytesOf(least)} bytes`,
      ratio: round(ratio),
      bar: 1.5,
      holds: ratio <= 1.5,
    });
  } finally {
    for (const line of lines) await line[Symbol.asyncDispose]();
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  }
};
