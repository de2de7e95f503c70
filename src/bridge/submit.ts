/** What an application asks to be done: checked, performed at once, booked; answered with what was done where, or why not. */

import type { Loss } from "../activity/view.ts";
import type { Adapter, Found, ItemRef, Obstacle, Receipt, Verb } from "../adapter.ts";
import { faultOf, GroupstreamError } from "../errors.ts";
import type { CollectionRecord, DeliveryRecord, Item, Store } from "../store/contract.ts";
import type { DeliveryId, ItemKey, ObjectId, Place, SystemId } from "../words.ts";
import { collectionOf, placeOf, systemOf } from "../words.ts";
import type { Holding } from "./attempt.ts";
import { commandOf, type Request } from "./request.ts";
import { refOf } from "./standing.ts";

/** What became of it. */
export type Submitted =
  | {
      readonly outcome: "done" | "previewed";
      readonly delivery: DeliveryId;
      readonly place: Place;
      /** What stands there now, where the target can say. */
      readonly key?: ItemKey;
      /** What was, or would be, done in the target's own words. */
      readonly native?: string;
      readonly losses: readonly Loss[];
    }
  | { readonly outcome: "refused"; readonly reason: string; readonly obstacle?: Obstacle }
  /** It may have been done; the delivery shows it once that is known. */
  | { readonly outcome: "unknown"; readonly delivery: DeliveryId; readonly reason: string };

/** What submitting needs of the hub. */
export interface Submitting extends Holding {
  readonly systems: ReadonlyMap<SystemId, Adapter>;
  readonly uuid: () => string;
}

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

const refused = (reason: string, obstacle?: Obstacle): Submitted => ({
  outcome: "refused",
  reason,
  ...(obstacle && { obstacle }),
});

/** Where it is to be done, on which item. */
interface Spot {
  readonly adapter: Adapter;
  readonly item?: Item;
  readonly collection?: CollectionRecord;
}

/** The UUID at the end of an object's id. */
const uuidIn = (id: ObjectId): string => id.slice(Math.max(id.lastIndexOf("/"), id.lastIndexOf(":")) + 1);

const named = (records: readonly CollectionRecord[], name: string): CollectionRecord | undefined =>
  records.find((record) => record.name === name) ?? records.find((record) => record.id === name);

/** Does what is asked. Fails: `misconfigured` for what nobody could do: an unknown object, system or verb. */
export const submit = async (
  submitting: Submitting,
  request: Request,
  { preview = false, signal }: { readonly preview?: boolean; readonly signal: AbortSignal },
): Promise<Submitted> => {
  const { store, now } = submitting;
  const spot = await spotOf(submitting, request);
  if ("outcome" in spot) return spot;
  const { adapter, item, collection } = spot;
  const place = item?.place ?? collection?.place ?? placeOf(adapter.id, "");
  const perform = adapter.performs?.[request.type];
  if (!perform) return refused(`${adapter.id} (${adapter.kind}) cannot ${request.type}`);
  const id = submitting.uuid();
  const command = commandOf(request, spot, id, await rootOf(store, item));
  const foreseen = await answerOf(() => perform({ ...command, preview: true }, signal), signal);
  if (foreseen.outcome !== "done")
    return refused(foreseen.reason, foreseen.outcome === "refused" ? foreseen.obstacle : undefined);
  const common = { delivery: id, place, ...(foreseen.native !== undefined && { native: foreseen.native }) };
  if (preview) return { outcome: "previewed", ...common, losses: foreseen.losses ?? [] };

  const { sending, since } = await store.transaction(async (tx) => {
    const since = tx.tick();
    const sending: DeliveryRecord = {
      id,
      target: place,
      // No entry asked for it: numbered downwards, so that it collides with none.
      seq: -since,
      object: request.type === "Create" ? 0 : (item?.object ?? 0),
      lane: id,
      state: "sending",
      verb: request.type,
      attempt: 1,
      next: now(),
      created: now(),
      changed: now(),
      ...(foreseen.digest !== undefined && { digest: foreseen.digest }),
    };
    await tx.write({ deliveries: [sending] });
    return { sending, since };
  });
  const receipt = await answerOf(() => perform(command, signal), signal);
  const closed = { ...sending, changed: now() };
  if (receipt.outcome === "done") {
    const losses = receipt.losses ?? [];
    const delivery: DeliveryRecord = { ...closed, state: "done", ...(losses.length > 0 && { losses }), ...receipt.partly };
    const found: Found | undefined = receipt.stands;
    await submitting.book(
      adapter,
      {
        delivery,
        actor: request.actor,
        since,
        ...(found && { found }),
        ...(request.type === "Move" && item && { left: { place: item.place, key: item.key } }),
      },
      signal,
    );
    return {
      outcome: "done",
      ...common,
      ...(found && { place: placeOf(adapter.id, found.collection), key: found.sighting.key }),
      losses,
    };
  }
  const state = receipt.outcome;
  const obstacle = receipt.outcome === "unknown" ? "unsure" : receipt.obstacle;
  const blocked = { ...closed, state, reason: receipt.reason, ...(obstacle && { obstacle }) };
  await store.transaction((tx) => tx.write({ deliveries: [blocked] }));
  return state === "refused" ? refused(receipt.reason, obstacle) : { outcome: "unknown", delivery: id, reason: receipt.reason };
};

/** What an adapter answers; what it throws may have been done. */
const answerOf = async (ask: () => Promise<Receipt>, signal: AbortSignal): Promise<Receipt> => {
  try {
    return await ask();
  } catch (error) {
    signal.throwIfAborted();
    return { outcome: "unknown", reason: `the adapter failed: ${faultOf(error)}` };
  }
};

const rootOf = async (store: Store, item: Item | undefined): Promise<ItemRef | undefined> => {
  if (!item) return undefined;
  return store.transaction(async (tx) => {
    const [object] = await tx.objects([item.object]);
    const there = placeOf(systemOf(item.place), "");
    const [first] = object ? await tx.inThread(object.thread, there, { without: 0, states: ["here"], limit: 1 }) : [];
    return first && refOf(first);
  });
};

/** Finds where to do it, or says why it cannot be done. */
const spotOf = async (submitting: Submitting, request: Request): Promise<Spot | Submitted> => {
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
  const known = await store.object(uuidIn(about));
  if (!known) throw new GroupstreamError("misconfigured", `object: ${about} is not known here; take an id of the log`);
  const standing = known.items.filter((item) => item.role === "own" && item.state !== "gone");
  // A label or another folder is of the same system as the item; what is created may be elsewhere.
  const able = standing.filter((item) => {
    const adapter = systems.get(systemOf(item.place));
    return adapter?.performs?.[request.type] && (!system || adapter.id === system);
  });
  const inPerson = personal.has(request.type) || request.notify === true;
  const owns = (item: Item): boolean => {
    const { owner, audience = "unknown" } = records.find(({ place }) => place === item.place) ?? {};
    if (owner !== undefined && person(owner) === person(request.actor)) return true;
    return !inPerson && Array.isArray(audience) && audience.some((one) => person(one) === person(request.actor));
  };
  const item = able.find(owns);
  if (item) {
    const adapter = systems.get(systemOf(item.place)) as Adapter;
    return { adapter, item, ...(collection && { collection }) };
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
