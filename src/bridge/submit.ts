/** What an application asks to be done: checked, performed at once, booked; answered with what was done where, or why not. */

import type { Adapter, Found, ItemRef, Obstacle, Receipt } from "../contract/adapter.ts";
import type { Loss } from "../contract/view.ts";
import type { DeliveryId, ItemKey, Place, SystemId } from "../contract/words.ts";
import { placeOf, systemOf } from "../contract/words.ts";
import { reasonOf } from "../language/because.ts";
import type { DeliveryRecord, Item, Store } from "../store/contract.ts";
import { refOf } from "./decide.ts";
import { type DeliveryContext, failedBy, groundOf, type NotDone } from "./outcome.ts";
import { requestCommand, type Submission } from "./request.ts";
import { type RequestTarget, refused, resolveTarget } from "./request-target.ts";

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
export interface Submitting extends DeliveryContext {
  readonly systems: ReadonlyMap<SystemId, Adapter>;
  readonly uuid: () => string;
}

/** Does what is asked. Fails: `misconfigured` for what nobody could do: an unknown object, system or verb. */
export const submit = async (
  submitting: Submitting,
  request: Submission,
  { preview = false, signal }: { readonly preview?: boolean; readonly signal: AbortSignal },
): Promise<Submitted> => {
  const where = await resolveTarget(submitting, request, signal);
  if ("outcome" in where) return where;
  const done = await carryOut(submitting, request, where, { preview, signal });
  if (done.outcome !== "done") return done;
  const losses = [...done.losses];
  for (const one of where.beside ?? []) {
    const kept = await carryOut(submitting, request, one, { preview, signal });
    if (kept.outcome === "refused" || kept.outcome === "unknown")
      losses.push({
        field: "calendar",
        reason: `The organiser was told; the person's own calendar was not changed: ${kept.reason}`,
      });
  }
  return { ...done, losses };
};

/** Does it in one place. */
const carryOut = async (
  submitting: Submitting,
  request: Submission,
  where: RequestTarget,
  { preview, signal }: { readonly preview: boolean; readonly signal: AbortSignal },
): Promise<Submitted> => {
  const { store, now } = submitting;
  const { adapter, item, collection } = where;
  const place = item?.place ?? collection?.place ?? placeOf(adapter.id, "");
  const perform = adapter.performs?.[request.type];
  if (!perform) return refused(`${adapter.id} (${adapter.kind}) cannot ${request.type}`);
  const id = submitting.uuid();
  const command = requestCommand(request, where, id, await rootInSystem(store, item));
  const foreseen = await answerOf(() => perform({ ...command, preview: true }, signal), signal);
  if (foreseen.outcome !== "done")
    return refused(saidBy(foreseen), foreseen.outcome === "refused" ? foreseen.obstacle : undefined);
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
  const blocked = { ...closed, state, ...groundOf(receipt), ...(obstacle && { obstacle }) };
  await store.transaction((tx) => tx.write({ deliveries: [blocked] }));
  const reason = saidBy(receipt);
  return state === "refused" ? refused(reason, obstacle) : { outcome: "unknown", delivery: id, reason };
};

/** Errors are for developers: in English, whoever says them. */
const saidBy = (unmet: NotDone): string => ("reason" in unmet ? unmet.reason : reasonOf(unmet.because));

/** What an adapter answers; what it throws may have been done. */
const answerOf = async (ask: () => Promise<Receipt>, signal: AbortSignal): Promise<Receipt | NotDone> => {
  try {
    return await ask();
  } catch (error) {
    signal.throwIfAborted();
    return failedBy(error);
  }
};

const rootInSystem = async (store: Store, item: Item | undefined): Promise<ItemRef | undefined> => {
  if (!item) return undefined;
  return store.transaction(async (tx) => {
    const [object] = await tx.objects([item.object]);
    const there = placeOf(systemOf(item.place), "");
    const [first] = object ? await tx.inThread(object.thread, there, { without: 0, states: ["here"], limit: 1 }) : [];
    return first && refOf(first);
  });
};
