/** What must hold after any number of deaths, between the mailbox, the log and the receiver. */

import { placeOf } from "groupstream";
import type { Store, StoredEntry } from "../../src/store/contract.ts";
import { oneEach, sameAsWorld } from "../../test/simulation/laws.ts";
import { type Heard, Replay } from "../../test/simulation/replay.ts";
import type { Truth } from "../../test/simulation/world.ts";
import type { Received } from "../receiver.ts";
import type { Stay } from "./script.ts";
import type { Trace } from "./store.ts";

/** Everything known of one history when it is over. */
export interface Evidence {
  readonly store: Store;
  readonly trace: readonly Trace[];
  readonly stays: readonly Stay[];
  /** The server's own answer: mailbox → mail → flags. */
  readonly standing: ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;
  readonly received: readonly Received[];
}

type Complain = (what: string) => void;

/** Clocks are read a moment before and after what they stand for, ms. */
const margin = 20;

/** What happens to a mail. */
const expected: ReadonlySet<string> = new Set(["Create", "Delete", "Move", "Add", "Remove"]);

/** What the mailbox is, in the words of the simulated worlds. */
const truthOf = ({ standing }: Evidence): Truth =>
  new Map(
    [...standing].map(([mailbox, mails]) => {
      const facts = [...mails].map(([tag, flags]) => ({ tag, copies: 1, flags: [...flags], reactions: [], props: {} }));
      return [placeOf("mail", mailbox), facts];
    }),
  );

/** The laws of the simulated worlds: each word is true when it is told, nothing is told twice, and all together is what stands there. */
const toldTruly = async (evidence: Evidence, entries: readonly StoredEntry[], complain: Complain): Promise<void> => {
  const { store, trace } = evidence;
  const say = (law: string, what: string): void => complain(`${law} ${what}`);
  const replay = new Replay(say, () => false);
  const written = new Map(trace.flatMap((line) => ("told" in line ? line.told : [])).map((one) => [one.id, one]));
  const records = trace.flatMap((line) => ("quiet" in line ? [line] : [])).toSorted((a, b) => a.after - b.after);
  /** What was recorded before this entry. In a transaction that died it never was. */
  const recorded = async (seq: number): Promise<Heard["quiet"]> => {
    const kept = [];
    while (records[0] && records[0].after < seq)
      for (const one of records.shift()?.quiet ?? [])
        if ((await store.object(one.object))?.items.some(({ place }) => place === one.place)) kept.push(one);
    return kept;
  };
  for (const entry of entries) {
    const { version } = written.get(entry.id) ?? {};
    if (version === undefined) complain(`entry ${entry.seq} was not seen being written`);
    if (!expected.has(entry.type)) complain(`entry ${entry.seq}: no ${entry.type} was expected`);
    const { object } = JSON.parse(entry.activity) as { object: { id: string } };
    const told = { n: entry.object, uuid: object.id.replace("urn:uuid:", ""), version: version ?? Number.NaN };
    replay.read({ quiet: await recorded(entry.seq), entries: [entry], objects: [told], items: [] });
  }
  replay.read({ quiet: await recorded(Number.POSITIVE_INFINITY), entries: [], objects: [], items: [] });
  sameAsWorld(truthOf(evidence), replay, new Map(), say);
  oneEach(replay, new Map(), new Map(), say);
};

/** What came, and stood before a look opened and after it had finished, is told. */
const toldAtAll = ({ trace, stays }: Evidence, entries: readonly StoredEntry[], complain: Complain): void => {
  const heard = new Set(stays.filter(({ initial }) => initial).map(({ name }) => name));
  for (const { type, activity } of entries)
    if (type === "Create") heard.add((JSON.parse(activity) as { object: { name: string } }).object.name);
  const looks = trace.flatMap((line) => ("openedAt" in line ? [line] : []));
  for (const { name, mailbox, from, until } of stays) {
    const outlived = looks.some(
      ({ place, openedAt, finishedAt }) => place === `mail/${mailbox}` && from + margin < openedAt && finishedAt + margin < until,
    );
    if (outlived && !heard.has(name)) complain(`${name} outlived a look at ${mailbox} and was never told`);
  }
};

/** Every entry reached the receiver; a repeat is known by its webhook-id. */
const receivedAll = ({ received }: Evidence, entries: readonly StoredEntry[], complain: Complain): void => {
  const ids = Map.groupBy(received, ({ activity }) => activity.id);
  for (const { seq, id, type } of entries) if (!ids.has(id)) complain(`entry ${seq} (${type}) never reached the receiver`);
  for (const [activity, hooks] of ids)
    if (new Set(hooks.map(({ id }) => id)).size > 1) complain(`${activity} came under several webhook-ids`);
  for (const [id, hooks] of Map.groupBy(received, (hook) => hook.id))
    if (new Set(hooks.map(({ activity }) => activity.id)).size > 1) complain(`webhook-id ${id} stands for several activities`);
  const known = new Set(entries.map(({ id }) => id));
  for (const id of ids.keys()) if (!known.has(id)) complain(`${id} was received and is not in the log`);
};

/** What each law says of this history; the sentences that were told. */
export const judge = async (evidence: Evidence, complain: Complain): Promise<readonly string[]> => {
  const entries = await evidence.store.entries(0, 1_000_000);
  await toldTruly(evidence, entries, complain);
  toldAtAll(evidence, entries, complain);
  receivedAll(evidence, entries, complain);
  return entries.map(({ activity }) => (JSON.parse(activity) as { summaryMap: { en: string } }).summaryMap.en);
};
