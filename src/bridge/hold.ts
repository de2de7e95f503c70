/**
 * Delivering to a target that holds things: one delivery is a wish. It is decided, previewed, stored as `sending`, performed
 * and booked; whatever is found in between is decided again.
 */

import type { Adapter, Command, Found, Manifest, Receipt, Verb } from "../adapter.ts";
import { faultOf, isGroupstreamError } from "../errors.ts";
import { collectionFrom } from "../store/collection.ts";
import type { DeliveryRecord, Item, RouteRecord, Store, StoredEntry, Tick, Transaction } from "../store/contract.ts";
import type { ActorId, Place } from "../words.ts";
import { placeOf, systemOf } from "../words.ts";
import { rendered } from "./render.ts";
import type { ParsedRoute } from "./routes.ts";
import { type Decided, decide, type Folded } from "./standing.ts";
import { type Rendering, reactionWish } from "./wish.ts";

/** What holding targets need of the hub. */
export interface Holding {
  readonly store: Store;
  readonly now: () => number;
  readonly routes: readonly ParsedRoute[];
  readonly manifest: (adapter: Adapter, signal: AbortSignal) => Promise<Manifest>;
  readonly fold: (tx: Transaction, items: readonly Item[]) => Promise<Folded | undefined>;
  /** Reads an item again with its text. */
  readonly reread: (item: Item, signal: AbortSignal) => Promise<void>;
  /** Books an answer: what stands there now, and the delivery it closes. */
  readonly book: (
    adapter: Adapter,
    answered: { delivery: DeliveryRecord; actor: ActorId; found?: Found; since: Tick },
    signal: AbortSignal,
  ) => Promise<void>;
}

/** How an attempt left the delivery. `open`: nothing was performed, it is looked at again. */
export type Attempt =
  | { readonly kind: "closed"; readonly state: "done" | "void"; readonly reason?: string; readonly booked?: true }
  | { readonly kind: "open"; readonly reason: string; readonly wait: number }
  | { readonly kind: "answered"; readonly receipt: Receipt & { outcome: "refused" | "unknown" } };

/** What was sent and has not been seen, or cannot be read, is waited for so long between looks, ms. */
const patience = 5_000;

/** One thing to perform, ready but for its collection. */
interface Step {
  readonly verb: Verb;
  readonly rendering?: Rendering;
  readonly emoji?: string;
  readonly undoes?: Verb;
}

const stepsOf = ({ wish, reactions }: Decided, entry: StoredEntry): readonly Step[] => {
  if (["Like", "EmojiReact", "Undo"].includes(entry.type))
    return reactions.flatMap(({ item, ...reacted }) => {
      const { add, undo } = reactionWish(reacted);
      const verb = (emoji: string): Verb => (emoji === "👍" ? "Like" : "EmojiReact");
      return [
        ...add.map((emoji): Step => ({ verb: verb(emoji), rendering: { item }, emoji })),
        ...undo.map((emoji): Step => ({ verb: "Undo", undoes: verb(emoji), rendering: { item }, emoji })),
      ];
    });
  if (wish.does === "Create") return [{ verb: "Create" }];
  if (wish.does === "Update" || wish.does === "Delete")
    return wish.items.map((rendering): Step => ({ verb: wish.does, rendering }));
  return [];
};

/** What an adapter answers, whatever it throws; undefined: aborted, it may have been done. */
const asked = async (adapter: Adapter, command: Command, signal: AbortSignal): Promise<Receipt | undefined> => {
  try {
    const perform = adapter.performs?.[command.verb];
    return await (perform?.(command, signal) ?? { outcome: "refused", reason: `${adapter.id} cannot ${command.verb}` });
  } catch (error) {
    if (signal.aborted) return undefined;
    return { outcome: "unknown", reason: `the adapter failed: ${faultOf(error)}` };
  }
};

/** Attempts one delivery. undefined: aborted; what was being sent stays `sending`. */
export const attempt = async (
  holding: Holding,
  adapter: Adapter,
  delivery: DeliveryRecord,
  entry: StoredEntry,
  signal: AbortSignal,
): Promise<Attempt | undefined> => {
  const { store } = holding;
  const manifest = await holding.manifest(adapter, signal);
  const decideNow = async (): Promise<{ decided: Decided; since: Tick }> => {
    const told = await store.find({ object: entry.object });
    const stood: readonly RouteRecord[] = await store.routes();
    return store.transaction(async (tx) => ({
      decided: await decide(tx, delivery, entry, {
        routes: holding.routes,
        acts: manifest.acts ?? [],
        self: manifest.self,
        fold: holding.fold,
        told,
        stood,
      }),
      since: tx.tick(),
    }));
  };
  let { decided, since } = await decideNow();
  if (decided.unread && ["Create", "Update"].includes(decided.wish.does)) {
    await holding.reread(decided.unread, signal);
    ({ decided, since } = await decideNow());
  }
  const command = (step: Step): Promise<Command> => commandOf(holding, adapter, delivery, entry, decided, step);

  if (delivery.state === "unknown") {
    const known = await settled(holding, adapter, delivery, await command({ verb: delivery.verb as Verb }), since, signal);
    if (known) return known;
  }
  const been = decided.wish.does === "Create" ? await beenThere(holding, adapter, delivery, decided) : undefined;
  if (been !== undefined) return { kind: "closed", state: "void", reason: been };
  const steps = stepsOf(decided, entry);
  if (steps.length === 0) {
    if (decided.wish.does === "wait") return { kind: "open", reason: decided.wish.because, wait: patience };
    const reason = decided.wish.does === "nothing" ? decided.wish.because : "it stands there as it should";
    return { kind: "closed", state: "void", reason };
  }
  const lacking = steps.find(({ verb }) => !adapter.performs?.[verb]);
  if (lacking) return { kind: "closed", state: "void", reason: `${adapter.id} (${adapter.kind}) cannot ${lacking.verb}` };

  let performed = 0;
  for (const step of steps) {
    const ready = await command(step);
    const preview = await asked(adapter, { ...ready, preview: true }, signal);
    if (!preview) return undefined;
    // A preview does nothing: whatever it could not say was certainly not done.
    if (preview.outcome === "unknown") return { kind: "answered", receipt: { ...preview, outcome: "refused", again: true } };
    if (preview.outcome === "refused") return { kind: "answered", receipt: preview };
    if (step.verb === "Update" && preview.digest !== undefined && preview.digest === step.rendering?.digest) continue;
    const sending: DeliveryRecord = {
      ...withoutReason(delivery),
      state: "sending",
      verb: step.verb,
      attempt: ready.attempt,
      changed: holding.now(),
      ...(preview.digest !== undefined && { digest: preview.digest }),
      ...(preview.losses && { losses: preview.losses }),
    };
    await store.transaction((tx) => tx.write({ deliveries: [sending] }));
    const receipt = await asked(adapter, ready, signal);
    if (!receipt) return undefined;
    if (receipt.outcome !== "done") {
      if (receipt.outcome === "refused" && receipt.gone && step.rendering)
        await markGone(
          holding,
          adapter,
          ready,
          { ...sending, state: "refused", reason: receipt.reason },
          step.rendering,
          since,
          signal,
        );
      return { kind: "answered", receipt };
    }
    performed += 1;
    const last = step === steps.at(-1);
    const closing: DeliveryRecord = {
      ...sending,
      state: last ? "done" : "sending",
      changed: holding.now(),
      ...(receipt.digest !== undefined && { digest: receipt.digest }),
      ...(receipt.losses && { losses: receipt.losses }),
    };
    const answered = { delivery: closing, actor: ready.actor, since, ...(receipt.stands && { found: receipt.stands }) };
    await holding.book(adapter, answered, signal);
  }
  if (performed === 0) return { kind: "closed", state: "void", reason: "it stands there as it should" };
  return { kind: "closed", state: "done", booked: true };
};

/** Rings of hubs end here: what has been at the target's address is not delivered to it again. */
const beenThere = async (
  { store }: Holding,
  adapter: Adapter,
  { target }: DeliveryRecord,
  { folded }: Decided,
): Promise<string | undefined> => {
  const trail = folded?.view.trail ?? [];
  if (trail.length === 0) return undefined;
  const address = (await store.collections(adapter.id)).find(({ place }) => place === target)?.address;
  return address !== undefined && trail.includes(address) ? "it has been there already, by its trail" : undefined;
};

const withoutReason = ({ reason: _reason, ...rest }: DeliveryRecord): DeliveryRecord => rest;

/** The target says that it is not there any more: the item is marked as if the source had said so. */
const markGone = (
  holding: Holding,
  adapter: Adapter,
  { actor }: Command,
  delivery: DeliveryRecord,
  { item }: Rendering,
  since: Tick,
  signal: AbortSignal,
): Promise<void> => {
  const found: Found = { collection: item.collection, sighting: { key: item.key, gone: true } };
  return holding.book(adapter, { delivery, actor, found, since }, signal);
};

/**
 * What may have been done is settled first: by what the target finds, else by a look that opened after the attempt had ended
 * and did not show it. undefined: it was certainly not done, or nobody can tell, and it is repeated under the same id.
 */
const settled = async (
  { store, now, book }: Holding,
  adapter: Adapter,
  delivery: DeliveryRecord,
  command: Command,
  since: Tick,
  signal: AbortSignal,
): Promise<Attempt | undefined> => {
  // What is repeated without effect need not be found.
  if (delivery.verb !== "Create" && delivery.verb !== "Announce") return undefined;
  if (adapter.find) {
    try {
      const found = await adapter.find(command, signal);
      if (found === "absent") return undefined;
      if (found !== "unknown") {
        await book(
          adapter,
          { delivery: { ...withoutReason(delivery), state: "done", changed: now() }, actor: command.actor, found, since },
          signal,
        );
        return { kind: "closed", state: "done", booked: true };
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!isGroupstreamError(error)) throw error;
      return { kind: "open", reason: `it may have been done, and ${error.message}`, wait: patience };
    }
  }
  if (!adapter.changes || !command.collection) return undefined;
  const place = placeOf(adapter.id, command.collection.id);
  const record = (await store.collections(adapter.id)).find((one) => one.place === place);
  const looked = (record?.openedAt ?? 0) > delivery.changed && (record?.finishedAt ?? 0) > delivery.changed;
  if (looked) return undefined;
  return { kind: "open", reason: "it may have been done: a look at the target will show it", wait: patience };
};

const commandOf = async (
  { store }: Holding,
  adapter: Adapter,
  delivery: DeliveryRecord,
  entry: StoredEntry,
  { route, folded, parent, root, been }: Decided,
  { verb, rendering, emoji, undoes }: Step,
): Promise<Command> => {
  const own = await store.collections(adapter.id);
  const collection = own.find(({ place }) => place === targetPlace(delivery.target, adapter, rendering));
  const all = new Map((await store.collections()).map((record) => [record.place, record]));
  const view = folded?.view;
  const author = view && "attributedTo" in view ? view.attributedTo?.id : undefined;
  const item = rendering?.item ?? (verb === "Create" ? parent : undefined);
  const whole = verb === "Create" || verb === "Update";
  return {
    id: delivery.id,
    attempt: delivery.attempt + 1,
    verb,
    actor: author ?? `groupstream:system/${encodeURIComponent(route?.from ?? systemOf(delivery.target))}`,
    activity: JSON.parse(entry.activity) as Record<string, unknown>,
    ...(whole && view && { object: rendered(view, route?.route) }),
    ...(collection && { collection: collectionFrom(collection) }),
    ...(item && { item }),
    ...(root && { root }),
    ...(route?.route.reach && { reach: route.route.reach }),
    ...(emoji !== undefined && { emoji }),
    ...(undoes !== undefined && { undoes }),
    trail: trailOf(view, been, (place) => all.get(place)?.address),
  };
};

const targetPlace = (target: Place, adapter: Adapter, rendering: Rendering | undefined): Place =>
  rendering ? placeOf(adapter.id, rendering.item.collection) : target;

/** Where it has been: what it brought with it, and every collection it is in here. */
const trailOf = (view: Folded["view"] | undefined, been: readonly Place[], addressOf: (place: Place) => string | undefined) => [
  ...new Set([...(view?.trail ?? []), ...been.flatMap((place) => addressOf(place) ?? [])]),
];
