/** `groupstream sync`: one round, for cron. */

import type { Hub } from "../../hub/hub.ts";
import type { Entry } from "../../hub/log.ts";
import type { Status } from "../../observe/status.ts";
import type { SystemLine } from "../../sync/round.ts";
import { type Command, loaded, opened } from "../call.ts";
import { exit, troubleIn } from "../failure.ts";
import type { Words } from "../words/index.ts";

/** Sentences printed on a terminal; more are in the log. JSON lines are printed all. */
const mostShown = 200;

export const sync: Command = async (call) => {
  const { out, words, signal } = call;
  const { options } = await loaded(call);
  await using hub = await opened(options, out);
  const before = await hub.status();
  const lines = await hub.sync({ signal });
  out.settle();
  const { length } = await tell(hub, before.seq, out.human ? mostShown : Number.POSITIVE_INFINITY, out, words);
  let needed = false;
  for (const line of lines) {
    out.record("system", line);
    needed = troubleIn(line, out, words) || needed;
    if (line.failures.length === 0) out.say(lineOf(line, words));
  }
  if (length === 0 && lines.some((line) => line.seen > 0 && isFirst(before, line.system))) out.say(words.silent);
  const status = await hub.status();
  out.record("deliveries", status.deliveries);
  const deliveries = deliveriesOf(status, words);
  if (options.routes?.length && deliveries !== undefined) out.say(deliveries);
  return needed ? exit.person : exit.well;
};

/** Prints what was told after `seq`, the newest `most` of it. */
const tell = async (
  hub: Hub,
  seq: number,
  most: number,
  out: Parameters<typeof troubleIn>[1],
  words: Words,
): Promise<Entry[]> => {
  const last = (await hub.status()).seq;
  const from = Math.max(seq, last - most);
  if (from > seq) out.say(words.earlier(from - seq));
  const entries: Entry[] = [];
  for await (const entry of hub.activities({ after: from })) {
    entries.push(entry);
    out.entry(entry);
  }
  return entries;
};

const isFirst = (before: Status, id: string): boolean =>
  before.systems.find((system) => system.id === id)?.lastDiscovery === undefined;

const lineOf = (line: SystemLine, words: Words): string =>
  line.seen === 0 && line.told === 0 && line.open === 0 ? words.unchanged(line.system) : words.synced(line.system, line);

/** `12 done, 1 tried again`; undefined where nothing was ever to be delivered. */
export const deliveriesOf = ({ deliveries }: Status, words: Words): string | undefined => {
  const parts = Object.entries(words.states).flatMap(([state, word]) => {
    const count = deliveries[state as keyof typeof words.states] ?? 0;
    return count > 0 ? [`${count} ${word}`] : [];
  });
  return parts.length > 0 ? words.deliveries(parts) : undefined;
};
