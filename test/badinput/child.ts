/**
 * A process that reads one mailbox, calendar or address book by a hub: its peak of memory is that of what it is given. Each line on standard input
 * is answered by one: an empty line asks for a round, a content URL for its bytes.
 */

import { createInterface } from "node:readline";
import { type Adapter, openHub } from "groupstream";
import { caldav } from "groupstream/adapters/caldav";
import { carddav } from "groupstream/adapters/carddav";
import { imap } from "groupstream/adapters/imap";
import { maildir } from "groupstream/adapters/maildir";
import type { Read, Round, Start, Told } from "./process.ts";

const { store, body, source } = JSON.parse(process.argv[2] ?? "") as Start;
const systemOf = (): Adapter => {
  if (source.kind === "maildir") return maildir({ id: "mail", path: source.path, owner: "mailto:anna@example.org" });
  if (source.kind === "imap")
    return imap({ id: "mail", host: "127.0.0.1", port: source.port, auth: { user: source.user, pass: "test" } });
  const auth = { username: "anna", password: "test" };
  const access = { url: source.url, auth, owner: "mailto:anna@example.org", allow: "private" } as const;
  return source.kind === "carddav" ? carddav({ id: "people", ...access }) : caldav({ id: "cal", ...access });
};

const hub = await openHub({ store, systems: [systemOf()], policy: { body } });
let after = 0;

const used = (since: number) => ({
  ms: Math.round(performance.now() - since),
  peak: process.resourceUsage().maxRSS * 1024,
  rss: process.memoryUsage.rss(),
});

const round = async (): Promise<Round> => {
  const since = performance.now();
  const [line] = await hub.sync();
  const took = used(since);
  const told: Told[] = [];
  for await (const { seq, activity } of hub.activities({ after })) {
    after = seq;
    const { name, content, attachment } = activity.object as { name: string; content?: string; attachment?: { url: string }[] };
    const losses = activity["groupstream:losses"] ?? [];
    told.push({
      type: String(activity.type),
      name,
      ...(content !== undefined && { content: content.length }),
      losses: losses.map(({ field }) => field),
      files: (attachment ?? []).map(({ url }) => url),
    });
  }
  return { ...took, told, quarantined: (await hub.status()).systems[0]?.quarantined ?? 0, failures: line?.failures ?? [] };
};

const read = async (url: string): Promise<Read> => {
  const since = performance.now();
  let bytes = 0;
  for await (const chunk of await hub.content(url)) bytes += chunk.length;
  return { ...used(since), bytes };
};

const answer = (value: Round | Read): void => void process.stdout.write(`${JSON.stringify(value)}\n`);

answer(await round());
for await (const line of createInterface({ input: process.stdin })) answer(line === "" ? await round() : await read(line));
await hub.close();
