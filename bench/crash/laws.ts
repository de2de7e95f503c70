/** What must hold after any number of deaths, between the mailbox, the log and the receiver. */

import type { Store, StoredEntry } from "../../src/store/contract.ts";
import type { Received } from "../receiver.ts";
import { replay } from "./replay.ts";
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

const doubles = (values: readonly string[]): string[] => [...new Set(values.filter((value, n) => values.indexOf(value) !== n))];

/** Replaying the log onto what was recorded silently gives what stands in the mailbox. */
const sameAsMailbox = async (
  { store, trace, standing }: Evidence,
  entries: readonly StoredEntry[],
  complain: Complain,
): Promise<void> => {
  const records = [];
  for (const line of trace) {
    if (!("quiet" in line)) continue;
    const kept = [];
    // What was recorded in a transaction that died never was.
    for (const one of line.quiet)
      if ((await store.object(one.object))?.items.some(({ place }) => place === one.place)) kept.push(one);
    records.push({ ...line, quiet: kept });
  }
  const told = new Map<string, Map<string, Set<string>>>();
  const names: string[] = [];
  for (const { name, at } of replay(entries, records, complain).values()) {
    names.push(name);
    for (const [mailbox, flags] of at) told.set(mailbox, (told.get(mailbox) ?? new Map()).set(name, flags));
  }
  for (const name of doubles(names)) complain(`${name} is told as two objects`);
  for (const mailbox of new Set([...told.keys(), ...standing.keys()])) {
    const [real, known] = [
      standing.get(mailbox) ?? new Map<string, Set<string>>(),
      told.get(mailbox) ?? new Map<string, Set<string>>(),
    ];
    for (const name of new Set([...real.keys(), ...known.keys()])) {
      const [is, said] = [real.get(name), known.get(name)];
      if (!is) complain(`${name} is told to be in ${mailbox}, and is not`);
      else if (!said) complain(`${name} is in ${mailbox}, and is not told to be`);
      else if (is.symmetricDifference(said).size > 0)
        complain(`${name} in ${mailbox} has flags [${[...is]}], told [${[...said]}]`);
    }
  }
};

/** No activity twice, no change of an object twice. */
const toldOnce = ({ trace }: Evidence, entries: readonly StoredEntry[], complain: Complain): void => {
  for (const id of doubles(entries.map(({ id }) => id))) complain(`activity ${id} is told twice`);
  const kept = new Set(entries.map(({ id }) => id));
  const written = new Map(trace.flatMap((line) => ("told" in line ? line.told : [])).map((one) => [one.id, one]));
  const changes = [...written.values()].filter(({ id }) => kept.has(id));
  for (const what of doubles(changes.map(({ object, version, facet }) => `object ${object}, version ${version}, ${facet}`)))
    complain(`told twice: ${what}`);
  if (changes.length !== entries.length)
    complain(`${entries.length} entries, of which ${changes.length} were seen being written`);
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
  await sameAsMailbox(evidence, entries, complain);
  toldOnce(evidence, entries, complain);
  toldAtAll(evidence, entries, complain);
  receivedAll(evidence, entries, complain);
  return entries.map(({ activity }) => (JSON.parse(activity) as { summaryMap: { en: string } }).summaryMap.en);
};
