/**
 * Delivering to a target that holds things: one delivery is a wish. It is decided, previewed, stored as `sending`, performed
 * and booked; whatever is found in between is decided again.
 */

import type { Loss } from "../activity/view.ts";
import type { Adapter, Command, Found, Manifest, Receipt, Verb } from "../adapter.ts";
import { faultOf, isGroupstreamError } from "../errors.ts";
import type { DeliveryRecord, Item, RouteRecord, Store, StoredEntry, Tick, Transaction } from "../store/contract.ts";
import type { ActorId, ItemKey, Place } from "../words.ts";
import { collectionOf, placeOf } from "../words.ts";
import { type Carried, commandOf, type Step } from "./command.ts";
import { lingering } from "./linger.ts";
import type { ParsedRoute } from "./routes.ts";
import { type Decided, decide, type Folded } from "./standing.ts";
import { reactionWish } from "./wish.ts";

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
    answered: {
      delivery: DeliveryRecord;
      actor: ActorId;
      found?: Found;
      since: Tick;
      /** What it moved: no longer where it was. */
      left?: { place: Place; key: ItemKey };
    },
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

const verbOf = (emoji: string): Verb => (emoji === "👍" ? "Like" : "EmojiReact");

/** What is to be done with the object itself, then with the reactions on what stands of it. */
const stepsOf = ({ wish, reactions }: Decided): readonly Step[] => {
  const own: readonly Step[] =
    wish.does === "Create"
      ? [{ verb: "Create" }]
      : wish.does === "Update" || wish.does === "Delete"
        ? wish.items.map((rendering): Step => ({ verb: wish.does, rendering }))
        : [];
  if (wish.does === "Delete") return own;
  const reacted = reactions.flatMap(({ item, ...both }): readonly Step[] => {
    const { add, undo } = reactionWish(both);
    return [
      ...add.map((emoji): Step => ({ verb: verbOf(emoji), rendering: { item }, emoji })),
      ...undo.map((emoji): Step => ({ verb: "Undo", undoes: verbOf(emoji), rendering: { item }, emoji })),
    ];
  });
  return [...own, ...reacted];
};

const nameOf = ({ verb, rendering, emoji = "" }: Step): string =>
  `${verb} ${rendering?.item.collection} ${rendering?.item.key} ${emoji}`;

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

/** One delivery, as it is attempted. */
interface Attempting extends Carried {
  readonly holding: Holding;
  readonly signal: AbortSignal;
}

/** Attempts one delivery. undefined: aborted; what was being sent stays `sending`. */
export const attempt = async (
  holding: Holding,
  adapter: Adapter,
  delivery: DeliveryRecord,
  entry: StoredEntry,
  signal: AbortSignal,
): Promise<Attempt | undefined> => {
  const manifest = await holding.manifest(adapter, signal);
  const attempting: Attempting = { holding, adapter, manifest, delivery, entry, signal };
  let { decided, since } = await decideNow(attempting);
  if (decided.unread && ["Create", "Update"].includes(decided.wish.does)) {
    await holding.reread(decided.unread, signal);
    ({ decided, since } = await decideNow(attempting));
  }
  if (delivery.state === "unknown") {
    const { command } = await commandOf(holding.store, attempting, decided, { verb: delivery.verb as Verb });
    const known = await settled(attempting, command, since);
    if (known) return known;
  }
  const been = decided.wish.does === "Create" ? await beenThere(attempting, decided) : undefined;
  if (been !== undefined) return { kind: "closed", state: "void", reason: been };
  if (decided.wish.does === "wait") return { kind: "open", reason: decided.wish.because, wait: patience };
  const [first] = stepsOf(decided);
  if (first && !first.emoji && !adapter.performs?.[first.verb])
    return { kind: "closed", state: "void", reason: `${adapter.id} (${adapter.kind}) cannot ${first.verb}` };

  // After each step it is decided anew: what was made may be reacted to, what was found may have changed.
  const tried = new Set<string>();
  let performed: "nothing" | "something" | "all, and booked" = "nothing";
  let verb: Verb | undefined;
  for (;;) {
    const able = stepsOf(decided).filter((step) => adapter.performs?.[step.verb] && !tried.has(nameOf(step)));
    const [step] = able;
    if (!step) break;
    tried.add(nameOf(step));
    const more = able.length > 1 || (step.verb === "Create" && decided.reacting);
    verb ??= step.verb;
    const done = await perform(attempting, decided, step, { verb, more, since });
    if (done !== "skipped" && done !== "booked") return done;
    if (done === "booked") performed = more ? "something" : "all, and booked";
    if (done === "booked" && !more) break;
    ({ decided, since } = await decideNow(attempting));
  }
  if (performed === "all, and booked") return { kind: "closed", state: "done", booked: true };
  if (performed === "something") return { kind: "closed", state: "done" };
  const reason = decided.wish.does === "nothing" ? decided.wish.because : "it stands there as it should";
  // Nobody can tell whether it was sent: who is told that it was not, and why, would be told a lie.
  if (delivery.state === "unknown" && manifest.acts?.some((verb) => verb === delivery.verb))
    return { kind: "answered", receipt: { outcome: "refused", reason: `it is not repeated: ${reason}` } };
  return { kind: "closed", state: "void", reason };
};

const decideNow = async ({ holding, manifest, delivery, entry }: Attempting): Promise<{ decided: Decided; since: Tick }> => {
  const { store } = holding;
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

/**
 * Previews, stores as `sending`, performs and books one step.
 * @param verb  what the delivery is remembered by: its first step's
 * @param more  other steps follow: the delivery stays `sending`
 */
const perform = async (
  attempting: Attempting,
  decided: Decided,
  step: Step,
  { verb, more, since }: { readonly verb: Verb; readonly more: boolean; readonly since: Tick },
): Promise<"skipped" | "booked" | Attempt | undefined> => {
  const { holding, adapter, manifest, delivery, signal } = attempting;
  const { command: ready, losses: left } = await commandOf(holding.store, attempting, decided, step);
  const preview = await asked(adapter, { ...ready, preview: true }, signal);
  if (!preview) return undefined;
  // A preview does nothing: whatever it could not say was certainly not done.
  if (preview.outcome === "unknown") return { kind: "answered", receipt: { ...preview, outcome: "refused", again: true } };
  if (preview.outcome === "refused") return { kind: "answered", receipt: preview };
  if (step.verb === "Update" && preview.digest !== undefined && preview.digest === step.rendering?.digest) return "skipped";
  // A reaction has no content: the delivery keeps the digest of what it made.
  const digest = step.emoji === undefined ? preview.digest : undefined;
  const sending: DeliveryRecord = {
    ...withoutReason(delivery),
    state: "sending",
    verb,
    attempt: ready.attempt,
    changed: holding.now(),
    ...(digest !== undefined && { digest }),
    ...lossesOf(left, preview.losses),
  };
  await holding.store.transaction((tx) => tx.write({ deliveries: [sending] }));
  using patient = lingering(signal);
  const receipt = await asked(adapter, ready, patient.signal);
  if (!receipt) return undefined;
  if (receipt.outcome !== "done") {
    if (receipt.outcome === "refused" && receipt.gone && step.rendering) {
      // The item is marked as if the source had said so.
      const found: Found = { collection: step.rendering.item.collection, sighting: { key: step.rendering.item.key, gone: true } };
      const refused: DeliveryRecord = { ...sending, state: "refused", reason: receipt.reason };
      await holding.book(adapter, { delivery: refused, actor: ready.actor, found, since }, patient.signal);
    }
    return { kind: "answered", receipt };
  }
  const found = receipt.stands ?? shownBy(step, delivery);
  if (!found && step.verb === "Create" && adapter.changes && !manifest.acts?.includes("Create"))
    return { kind: "answered", receipt: { outcome: "unknown", reason: certain } };
  const closing: DeliveryRecord = {
    ...sending,
    state: more ? "sending" : "done",
    changed: holding.now(),
    ...lossesOf(left, receipt.losses),
    ...receipt.partly,
  };
  await holding.book(adapter, { delivery: closing, actor: ready.actor, since, ...(found && { found }) }, patient.signal);
  return "booked";
};

const lossesOf = (ours: readonly Loss[], theirs: readonly Loss[] = []): { losses?: readonly Loss[] } =>
  ours.length + theirs.length > 0 ? { losses: [...ours, ...theirs] } : {};

/** What an item has become is read again where the target does not say; a revision nobody knows is fetched. */
const shownBy = ({ rendering }: Step, { id }: DeliveryRecord): Found | undefined =>
  rendering && { collection: rendering.item.collection, sighting: { key: rendering.item.key, revision: `${id} unread` } };

/** The target said that it is done, not what stands there: it is looked for, and never repeated. */
const certain = "it was done; what stands there has not been seen yet";

/** Rings of hubs end here: what has been at the target's address is not delivered to it again. */
const beenThere = async (
  { holding, adapter, delivery: { target } }: Attempting,
  { folded }: Decided,
): Promise<string | undefined> => {
  const trail = folded?.view.trail ?? [];
  if (trail.length === 0) return undefined;
  const address = (await holding.store.collections(adapter.id)).find(({ place }) => place === target)?.address;
  return address !== undefined && trail.includes(address) ? "it has been there already, by its trail" : undefined;
};

const withoutReason = ({ reason: _reason, obstacle: _obstacle, ...rest }: DeliveryRecord): DeliveryRecord => rest;

/** What other deliveries made there: not what this one is looking for, though its text be the same. */
const takenAt = (store: Store, { target, object }: DeliveryRecord): Promise<readonly ItemKey[]> =>
  store.transaction(async (tx) => {
    const standing = collectionOf(target) === "" ? [] : await tx.standing(target);
    return standing.flatMap((item) => (item.role === "rendering" && item.object !== object ? [item.key] : []));
  });

/**
 * What may have been done is settled first: by what the target finds, else by a look that opened after the attempt had ended
 * and did not show it. undefined: it was certainly not done, or nobody can tell, and it is repeated under the same id.
 */
const settled = async (
  { holding, adapter, delivery, signal }: Attempting,
  command: Command,
  since: Tick,
): Promise<Attempt | undefined> => {
  const { store, now, book } = holding;
  // What is repeated without effect need not be found.
  if (delivery.verb !== "Create" && delivery.verb !== "Announce") return undefined;
  const sure = delivery.reason === certain;
  if (adapter.find) {
    try {
      const found = await adapter.find({ ...command, taken: await takenAt(store, delivery) }, signal);
      if (found === "absent" && !sure) return undefined;
      if (found !== "unknown" && found !== "absent") {
        const done: DeliveryRecord = { ...withoutReason(delivery), state: "done", changed: now() };
        await book(adapter, { delivery: done, actor: command.actor, found, since }, signal);
        return { kind: "closed", state: "done", booked: true };
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!isGroupstreamError(error)) throw error;
      return { kind: "open", reason: sure ? certain : `it may have been done, and ${error.message}`, wait: patience };
    }
  }
  const place = command.collection && placeOf(adapter.id, command.collection.id);
  if (!adapter.changes || place === undefined) return undefined;
  const record = (await store.collections(adapter.id)).find((one) => one.place === place);
  const looked = (record?.openedAt ?? 0) > delivery.changed && (record?.finishedAt ?? 0) > delivery.changed;
  if (looked) return sure ? { kind: "closed", state: "done", reason: "it was done, and does not show there" } : undefined;
  return { kind: "open", reason: sure ? certain : "it may have been done: a look at the target will show it", wait: patience };
};
