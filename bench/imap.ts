/** First passes over a real mailbox, against loops that do nothing but read and insert the same. */

import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { startDovecot } from "../test/lab/dovecot.ts";
import { fill } from "../test/lab/mails.ts";
import { type Bench, median, round } from "./bar.ts";
import type { FloorTarget, FloorTime } from "./imap/floor.ts";
import type { Kind, Pass } from "./imap/pass.ts";
import { run as quiet } from "./quiet.ts";

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

/** A pass in a process of its own, ms. */
const timed = async (pass: Pass, corpus: Corpus): Promise<number> => {
  const script = join(import.meta.dirname, "imap/pass.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--conditions=groupstream:source",
    "--disable-warning=ExperimentalWarning",
    script,
    JSON.stringify(pass),
  ]);
  const { messages, ms } = JSON.parse(stdout) as FloorTime;
  if (messages !== corpus.count) throw new Error(`${messages} of ${corpus.count} messages were read`);
  return ms;
};

export const run = async (bench: Bench): Promise<void> => {
  const { full, say, note } = bench;
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
      const measured = (kind: Kind, model?: string): Promise<number> =>
        timed({ kind, target, file: file(), ...(model !== undefined && { model }) }, corpus);
      /** The one and the other in turn, so that a busy moment meets both. */
      const paired = async (ours: () => Promise<number>, floor: () => Promise<number>): Promise<readonly [number, number]> => {
        const [own, least]: [number[], number[]] = [[], []];
        for (let n = 0; n < runs; n++) {
          own.push(await ours());
          least.push(await floor());
        }
        return [median(own), median(least)];
      };

      await measured("literal");
      const model = file();
      await timed({ kind: "metadata", target, file: model }, corpus);
      const [own, least] = await paired(
        () => measured("metadata"),
        () => measured("rows", model),
      );
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
        value: round((await measured("envelope")) / 1000),
        unit: "s",
      });
      say({
        name: `  imapflow drops the header literal (${corpus.name})`,
        value: round((await measured("literal")) / 1000),
        unit: "s",
      });

      const [shown, parsed] = await paired(
        () => measured("previews"),
        () => measured("parsed"),
      );
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
  if (full) await quiet(bench);
};
