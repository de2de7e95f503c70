/** First passes over a real mailbox, against loops that do nothing but read and insert the same. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openHub } from "groupstream";
import { imap } from "groupstream/adapters/imap";
import { type Dovecot, startDovecot } from "../test/lab/dovecot.ts";
import { fill } from "../test/lab/mails.ts";
import { type Bench, median, round } from "./bar.ts";
import { dropping, envelopeFields, type FloorTarget, type FloorTime, literalFields, previewing } from "./imap/floor.ts";
import { insertingRows, rowsOf } from "./imap/rows.ts";

const runs = 3;

interface Corpus {
  readonly name: string;
  readonly user: string;
  readonly mailboxes: readonly string[];
  readonly size: "rich" | "small";
  readonly count: number;
}

const corpora = (full: boolean): readonly Corpus[] => [
  {
    name: "rich, four folders",
    user: "rich",
    mailboxes: ["INBOX", "Support", "Projekte/Büro", "Sent"],
    size: "rich",
    count: full ? 20_000 : 4_000,
  },
  { name: "small, one folder", user: "small", mailboxes: ["INBOX"], size: "small", count: full ? 100_000 : 10_000 },
];

/** One hub, one sync, a new store. */
const product = async (server: Dovecot, corpus: Corpus, file: string, previews: boolean): Promise<FloorTime> => {
  const started = performance.now();
  const mail = imap({
    id: "mail",
    host: server.host,
    port: server.port,
    auth: { user: server.user(corpus.user), pass: server.password },
    exclude: [],
  });
  const hub = await openHub({
    store: file,
    systems: [mail],
    ...(previews && { history: "all" as const, policy: { body: "preview" as const } }),
  });
  try {
    const [line] = await hub.sync();
    if (!line || line.failures.length > 0) throw new Error(JSON.stringify(line?.failures));
    return { messages: line.seen, ms: performance.now() - started };
  } finally {
    await hub.close();
  }
};

export const run = async ({ full, say, note }: Bench): Promise<void> => {
  const server = await startDovecot();
  const dir = await mkdtemp(join(tmpdir(), "groupstream-bench-"));
  try {
    for (const corpus of corpora(full)) {
      note(`filling ${corpus.count} messages (${corpus.name})`);
      await fill(server, server.user(corpus.user), { count: corpus.count, size: corpus.size, mailboxes: [...corpus.mailboxes] });
      const target: FloorTarget = {
        host: server.host,
        port: server.port,
        user: server.user(corpus.user),
        pass: server.password,
        mailboxes: corpus.mailboxes,
      };
      let files = 0;
      const file = (): string => join(dir, `${corpus.user}-${files++}.db`);
      const measured = async (work: () => Promise<FloorTime>): Promise<number> => {
        const { messages, ms } = await work();
        if (messages !== corpus.count) throw new Error(`${messages} of ${corpus.count} messages were read`);
        return ms;
      };

      await dropping(target, literalFields);
      const model = file();
      await product(server, corpus, model, false);
      const rows = rowsOf(model);
      const [ours, floor]: [number[], number[]] = [[], []];
      for (let n = 0; n < runs; n++) {
        ours.push(await measured(() => product(server, corpus, file(), false)));
        floor.push(await measured(() => insertingRows(target, file(), rows)));
      }
      const [own, least] = [median(ours), median(floor)];
      say({
        name: `first pass, metadata (${corpus.name})`,
        value: round(own / 1000),
        unit: "s",
        against: `imapflow, same fields, same rows: ${round(least / 1000)} s`,
        ratio: round(own / least),
        bar: 1.3,
        holds: own / least <= 1.3,
      });
      say({
        name: `  imapflow drops envelope, structure, references (${corpus.name})`,
        value: round((await measured(() => dropping(target, envelopeFields))) / 1000),
        unit: "s",
      });
      say({
        name: `  imapflow drops the header literal (${corpus.name})`,
        value: round((await measured(() => dropping(target, literalFields))) / 1000),
        unit: "s",
      });

      const [withText, textFloor]: [number[], number[]] = [[], []];
      for (let n = 0; n < runs; n++) {
        withText.push(await measured(() => product(server, corpus, file(), true)));
        textFloor.push(await measured(() => previewing(target)));
      }
      const [shown, parsed] = [median(withText), median(textFloor)];
      say({
        name: `first pass with previews of all (${corpus.name})`,
        value: round(shown / 1000),
        unit: "s",
        against: `imapflow, same bytes, same parser, dropped: ${round(parsed / 1000)} s`,
        ratio: round(shown / parsed),
        bar: 1.4,
        holds: shown / parsed <= 1.4,
      });
    }
  } finally {
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  }
};
