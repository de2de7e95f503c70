/** Where an application's request is done: on which item, or in which collection; or why nowhere. */

import type { Adapter, Level, Obstacle, Verb } from "../contract/adapter.ts";
import { GroupstreamError } from "../contract/errors.ts";
import type { SystemId } from "../contract/words.ts";
import { collectionOf, systemOf, uuidOf } from "../contract/words.ts";
import type { CollectionRecord, Item } from "../store/contract.ts";
import { answerVerbs, byTelling, takesVerb, toKeepBeside } from "./invitation-answer.ts";
import type { Submission } from "./request.ts";
import type { Submitted, Submitting } from "./submit.ts";

/** What only the person whose collection it is may do there. */
const personal: ReadonlySet<Verb> = new Set([
  "Accept",
  "TentativeAccept",
  "Reject",
  "Offer",
  "Invite",
  "Like",
  "EmojiReact",
  "Undo",
]);

export const refused = (reason: string, obstacle?: Obstacle): Submitted => ({
  outcome: "refused",
  reason,
  ...(obstacle && { obstacle }),
});

/** Where it is to be done, on which item. */
export interface RequestTarget {
  readonly adapter: Adapter;
  readonly item?: Item;
  readonly collection?: CollectionRecord;
  /** The person's calendars that are to show the answer as well, and tell nobody. */
  readonly beside?: readonly { readonly adapter: Adapter; readonly item: Item }[];
}

const named = (records: readonly CollectionRecord[], name: string): CollectionRecord | undefined =>
  records.find((record) => record.name === name) ?? records.find((record) => record.id === name);

/** In the order in which they are to do it: an answer goes where the organiser hears of it. */
const preferred = async (
  { systems, manifest }: Submitting,
  items: readonly Item[],
  verb: Verb,
  signal: AbortSignal,
): Promise<{ readonly item?: Item; readonly beside: readonly Item[] }> => {
  const [only] = items;
  if (!answerVerbs.has(verb) || items.length < 2) return { ...(only && { item: only }), beside: [] };
  const levels = new Map<SystemId, Level | undefined>();
  for (const id of new Set(items.map(({ place }) => systemOf(place)))) {
    const adapter = systems.get(id);
    // What cannot be asked now is taken at its word.
    const said = adapter && (await manifest(adapter, signal).catch(() => undefined));
    signal.throwIfAborted();
    levels.set(id, said?.takes[verb]);
  }
  const [item, ...rest] = byTelling(items, ({ place }) => levels.get(systemOf(place)));
  return { ...(item && { item }), beside: item ? toKeepBeside(item, rest) : [] };
};

/** Finds where to do it, or says why it cannot be done. */
export const resolveTarget = async (
  submitting: Submitting,
  request: Submission,
  signal: AbortSignal,
): Promise<RequestTarget | Submitted> => {
  const { store, systems, person } = submitting;
  const [system, ...rest] = (request.target ?? "").split("/");
  const name = rest.join("/");
  if (system && !systems.has(system))
    throw new GroupstreamError(
      "misconfigured",
      `target: there is no system "${system}"; there are ${[...systems.keys()].join(", ") || "none"}`,
    );
  const records = await store.collections();
  const collection = name
    ? named(
        records.filter(({ place }) => systemOf(place) === system),
        name,
      )
    : undefined;
  if (name && !collection)
    throw new GroupstreamError("misconfigured", `target: ${system} has no collection "${name}"; groupstream doctor names them`);
  const { object } = request;
  const about = typeof object === "string" ? object : object.type === "Note" ? object.inReplyTo : undefined;
  if (about === undefined) {
    const adapter = system ? systems.get(system) : undefined;
    if (!adapter) throw new GroupstreamError("misconfigured", "target: say in which system to create it");
    const owner = collection?.owner;
    if (request.notify && (owner === undefined || person(owner) !== person(request.actor)))
      return refused(`${request.actor} invites nobody from a calendar that is not their own; name one of theirs as target`);
    return { adapter, ...(collection && { collection }) };
  }
  const known = await store.object(uuidOf(about));
  if (!known) throw new GroupstreamError("misconfigured", `object: ${about} is not known here; take an id of the log`);
  const standing = known.items.filter((item) => item.role === "own" && item.state !== "gone");
  // A label or another folder is of the same system as the item; what is created may be elsewhere.
  const able = standing.filter((item) => {
    const adapter = systems.get(systemOf(item.place));
    return adapter?.performs?.[request.type] && takesVerb(item, request.type) && (!system || adapter.id === system);
  });
  const inPerson = personal.has(request.type) || request.notify === true;
  const owns = (item: Item): boolean => {
    const { owner, audience = "unknown" } = records.find(({ place }) => place === item.place) ?? {};
    if (owner !== undefined && person(owner) === person(request.actor)) return true;
    return !inPerson && Array.isArray(audience) && audience.some((one) => person(one) === person(request.actor));
  };
  const { item, beside } = await preferred(submitting, able.filter(owns), request.type, signal);
  const adapterOf = ({ place }: Item): Adapter => systems.get(systemOf(place)) as Adapter;
  if (item) {
    const adapter = adapterOf(item);
    return {
      adapter,
      item,
      beside: beside.map((one) => ({ adapter: adapterOf(one), item: one })),
      ...(collection && { collection }),
    };
  }
  if (able.length > 0)
    return refused(
      inPerson
        ? `no collection of ${request.actor} that holds it is connected; connect it, or link the ids in \`people\``
        : `${request.actor} has no part in ${[...new Set(able.map(({ place }) => collectionOf(place)))].join(", ")}; declare who reads it`,
    );
  return refused(
    standing.length === 0
      ? "it stands nowhere any more"
      : `nothing that holds it can ${request.type}: ${[...new Set(standing.map(({ place }) => systemOf(place)))].join(", ")}`,
  );
};
