/** `groupstream status`: what runs, not what is configured. Makes nothing and asks no server. */

import { errorTable } from "../../errors.ts";
import type { Quarantined } from "../../observe/quarantine.ts";
import type { SystemStatus } from "../../observe/status.ts";
import type { Failing } from "../../store/contract.ts";
import { systemOf } from "../../words.ts";
import { begun, type Command, loaded, reading } from "../call.ts";
import { exit, failureSentence } from "../failure.ts";
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
  const failing = now.systems.flatMap((system) => [system.failing, ...system.collections.map((one) => one.failing)]);
  const needed =
    failing.some((one) => one && errorTable[one.code].human) ||
    now.systems.some(({ collections }) => collections.some(({ held }) => held));
  return needed ? exit.person : exit.well;
};

const failingLines = (where: string, failing: Failing, words: Words): readonly string[] => [
  `  ${failureSentence(where, failing, words)}`,
  `    ${words.status.failing(new Date(failing.since).toISOString(), failing.attempts)}`,
];

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
    ...collections.flatMap(({ place, failing, held }) => [
      ...(failing ? failingLines(place, failing, words) : []),
      ...(held ? [`  ${words.held(place)}`] : []),
    ]),
  ];
};
