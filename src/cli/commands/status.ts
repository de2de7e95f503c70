/** `groupstream status`: what runs, not what is configured. Makes nothing and asks no server. */

import { systemOf } from "../../contract/words.ts";
import type { Quarantined } from "../../observe/quarantine.ts";
import { type CollectionStatus, needsPerson, type SystemStatus, type Trouble } from "../../observe/status.ts";
import { begun, type Command, loaded, reading } from "../call.ts";
import { exit, failureSentence } from "../failure.ts";
import { spoken } from "../pace.ts";
import type { Words } from "../words/index.ts";
import { deliveriesOf } from "./sync.ts";

export const status: Command = async (call) => {
  const { out, words } = call;
  const { options } = await loaded(call);
  await using hub = await reading(options);
  const now = await hub.status();
  const quarantine = await hub.quarantine();
  out.record("status", { ...now, quarantine });
  if (!begun(options)) {
    out.say(words.nothingYet);
    return exit.well;
  }
  if (typeof options.store === "string") out.say(words.status.store(options.store, now.seq));
  for (const system of now.systems) for (const line of linesOf(system, quarantine, words)) out.say(line);
  for (const { id } of options.systems) if (!now.systems.some((system) => system.id === id)) out.say(words.status.notYet(id));
  for (const { name, behind } of now.readers) out.say(words.status.reader(name, behind));
  const deliveries = deliveriesOf(now, words);
  if (deliveries !== undefined) out.say(deliveries);
  return needsPerson(now) ? exit.person : exit.well;
};

const failingLines = (where: string, { nextTry, ...failing }: Trouble, words: Words): readonly string[] => [
  `  ${failureSentence(where, failing, words)}`,
  `    ${[words.status.failing(failing.since, failing.attempts), ...(nextTry === undefined ? [] : [words.nextTry(nextTry)])].join("; ")}`,
];

/** Collections named of each system; of the others only what is wrong. All are in the JSON. */
const mostShown = 20;

const collectionLine = ({ name, lag, told, quarantined, listing }: CollectionStatus, words: Words): string => {
  const said = words.status;
  return [
    `    ${name}: ${lag === undefined ? said.neverLooked : said.looked(spoken(lag))}`,
    ...(told > 0 ? [said.told(told)] : []),
    ...(quarantined > 0 ? [said.inQuarantine(quarantined)] : []),
    ...(listing ? [said.listing] : []),
  ].join(", ");
};

/** Items in quarantine named for each system; all are counted. */
const mostNamed = 10;

const linesOf = (system: SystemStatus, quarantine: readonly Quarantined[], words: Words): readonly string[] => {
  const { collections } = system;
  const said = words.status;
  return [
    said.system(system.id, system.kind, system.items, system.told),
    ...(system.lastDiscovery ? [`  ${said.last(system.lastDiscovery)}`] : []),
    ...(collections.length > 0
      ? [`  ${said.collections(collections.length, collections.filter(({ listing }) => listing).length)}`]
      : []),
    ...(system.missing > 0 ? [`  ${said.missing(system.missing)}`] : []),
    ...(system.quarantined > 0 ? [`  ${said.quarantined(system.quarantined)}`] : []),
    ...quarantine
      .filter(({ place }) => systemOf(place) === system.id)
      .slice(0, mostNamed)
      .map(({ place, key, reason }) => `    ${place} ${key}: ${reason}`),
    ...(system.failing ? failingLines(system.id, system.failing, words) : []),
    ...(system.silent ? [`  ${said.silent(system.id, spoken(3 * (system.interval ?? 0)))}`] : []),
    ...collections.slice(0, mostShown).map((collection) => collectionLine(collection, words)),
    ...collections.flatMap(({ place, failing, held, silent }) => [
      // Where the whole system is silent that is said once.
      ...(silent && !system.silent ? [`  ${said.silent(place, spoken(3 * (system.interval ?? 0)))}`] : []),
      ...(failing ? failingLines(place, failing, words) : []),
      ...(held ? [`  ${words.held(place)}`] : []),
    ]),
  ];
};
