/**
 * Delivering to a target that holds things: one delivery is a wish. It is decided, previewed, stored as `sending`, performed
 * and booked; whatever is found in between is decided again.
 */

import type { Adapter, Command, Found, Receipt, Verb } from "../contract/adapter.ts";
import type { Because } from "../contract/because.ts";
import { isCarried } from "../contract/scheduling.ts";
import type { Loss } from "../contract/view.ts";
import { type SystemId, systemOf } from "../contract/words.ts";
import type { DeliveryRecord, Item, RouteRecord, StoredEntry, Tick } from "../store/contract.ts";
import { deliveryCommand, type Step } from "./command.ts";
import { type Decision, decide, refOf } from "./decide.ts";
import { withGrace } from "./grace.ts";
import {
  type Attempt,
  type AttemptContext,
  certain,
  type DeliveryContext,
  failedBy,
  groundOf,
  lookAgainAfter,
  type NotDone,
  resolveUnknown,
  withoutReason,
} from "./outcome.ts";
import { isReaction, type ReactionAnswer, reactionAnswer } from "./reaction-answer.ts";
import { reactionWish } from "./wish.ts";

const verbOf = (emoji: string): Verb => (emoji === "👍" ? "Like" : "EmojiReact");

/** What is to be done with the object itself, then with the reactions on what stands of it. */
const stepsOf = ({ wish, reactions }: Decision): readonly Step[] => {
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

const cannot = ({ id, kind }: Adapter, verb: Verb): Because => ({ code: "cannot", system: id, kind, verb });

/** What an adapter answers, whatever it throws; undefined: aborted, it may have been done. */
const asked = async (adapter: Adapter, command: Command, signal: AbortSignal): Promise<Receipt | NotDone | undefined> => {
  try {
    const perform = adapter.performs?.[command.verb];
    return await (perform?.(command, signal) ?? { outcome: "refused", because: cannot(adapter, command.verb) });
  } catch (error) {
    if (signal.aborted) return undefined;
    return failedBy(error);
  }
};

/** Attempts one delivery. undefined: aborted; what was being sent stays `sending`. */
export const attempt = async (
  context: DeliveryContext,
  adapter: Adapter,
  delivery: DeliveryRecord,
  { entry, told }: { readonly entry: StoredEntry; readonly told: readonly StoredEntry[] },
  signal: AbortSignal,
): Promise<Attempt | undefined> => {
  const manifest = await context.manifest(adapter, signal);
  const attempting: AttemptContext = { context, adapter, manifest, delivery, entry, told, signal };
  const first = await decideNow(attempting, true);
  if (!first) return { kind: "over" };
  let { decided, since } = first;
  if (decided.unread && ["Create", "Update"].includes(decided.wish.does)) {
    await context.reread(decided.unread, signal);
    ({ decided, since } = await decideAgain(attempting));
  }
  if (delivery.state === "unknown") {
    const { command } = deliveryCommand(context, attempting, decided, { verb: delivery.verb as Verb });
    const known = await resolveUnknown(attempting, command, since);
    if (known) return known;
  }
  const mute = await muteAmong(isReaction(entry) ? decided.items : [], context, signal);
  const answer = reactionAnswer({
    ...attempting,
    ...decided,
    ...context,
    target: delivery.target,
    performs: performing(adapter),
    mute,
  });
  if (answer) return answerNow(attempting, decided, answer, since);
  const been = decided.wish.does === "Create" ? await beenThere(attempting, decided) : undefined;
  if (been !== undefined) return { kind: "closed", state: "void", because: been };
  if (decided.wish.does === "wait") return { kind: "open", because: decided.wish.because, wait: lookAgainAfter };
  const [begin] = stepsOf(decided);
  if (begin && !begin.emoji && !adapter.performs?.[begin.verb])
    return { kind: "closed", state: "void", because: cannot(adapter, begin.verb) };

  // After each step it is decided anew: what was made may be reacted to, what was found may have changed.
  const tried = new Set<string>();
  let something = false;
  let verb: Verb | undefined;
  for (;;) {
    const able = stepsOf(decided).filter((step) => adapter.performs?.[step.verb] && !tried.has(nameOf(step)));
    const [step] = able;
    if (!step) break;
    tried.add(nameOf(step));
    const more = able.length > 1 || (step.verb === "Create" && decided.reacting);
    verb ??= step.verb;
    const done = await perform(attempting, decided, step, { verb, more, since });
    if (done !== "skipped" && !(done && "booked" in done)) return done;
    if (done !== "skipped" && !more) return { kind: "closed", state: "done", booked: done.booked };
    something ||= done !== "skipped";
    ({ decided, since } = await decideAgain(attempting));
  }
  if (something) return { kind: "closed", state: "done" };
  const because: Because = decided.wish.does === "nothing" ? decided.wish.because : { code: "as-it-should" };
  // Nobody can tell whether it was sent: who is told that it was not, and why, would be told a lie.
  if (delivery.state === "unknown" && manifest.acts?.some((verb) => verb === delivery.verb))
    return { kind: "answered", receipt: { outcome: "refused", because: { code: "not-repeated", ground: because } } };
  return { kind: "closed", state: "void", because };
};

/** Systems among whose items an invitation is answered by mail as well, since they tell nobody. One that cannot be asked is taken for one that tells. */
const muteAmong = async (
  items: readonly Item[],
  { takes }: DeliveryContext,
  signal: AbortSignal,
): Promise<ReadonlySet<SystemId>> => {
  const mute = new Set<SystemId>();
  if (!items.some(isCarried)) return mute;
  for (const system of new Set(items.map(({ place }) => systemOf(place)))) {
    const level = await takes(system, "Accept", signal).catch(() => undefined);
    signal.throwIfAborted();
    if (level && level.level !== "full") mute.add(system);
  }
  return mute;
};

const performing = ({ performs = {} }: Adapter): ReadonlySet<string> => new Set(Object.keys(performs));

/** Does what a reaction asks for, once. */
const answerNow = async (
  attempting: AttemptContext,
  decided: Decision,
  answer: ReactionAnswer,
  since: Tick,
): Promise<Attempt | undefined> => {
  if ("because" in answer) return { kind: "closed", state: answer.refused ? "refused" : "void", because: answer.because };
  const { verb, item, actor } = answer;
  const done = await perform(
    attempting,
    decided,
    { verb, actor, rendering: { item: refOf(item) } },
    { verb, more: false, since },
  );
  return done && typeof done === "object" && "booked" in done
    ? { kind: "closed", state: "done", booked: done.booked }
    : skipped(done);
};

/** An answer has no digest that could say that it stands there already. */
const skipped = <T>(done: T | "skipped"): T => {
  if (done === "skipped") throw new Error("an answer was skipped");
  return done;
};

interface Now {
  readonly decided: Decision;
  readonly since: Tick;
}

/** @param first  it was found due, and may have been ended since: undefined */
const decideNow = async (
  { context, manifest, delivery, entry, told }: AttemptContext,
  first: boolean,
): Promise<Now | undefined> => {
  const { store } = context;
  const stood: readonly RouteRecord[] = await store.routes();
  return store.transaction(async (tx) => {
    if (first && !isStill(delivery, await tx.delivery(delivery.id))) return undefined;
    const { routes, fold, roots } = context;
    const deciding = { routes, acts: manifest.acts ?? [], self: manifest.self, fold, told, stood, roots };
    return { decided: await decide(tx, delivery, entry, deciding), since: tx.tick() };
  });
};

const decideAgain = async (attempting: AttemptContext): Promise<Now> => (await decideNow(attempting, false)) as Now;

/** True if nobody has gone on with it. */
export const isStill = ({ state, attempt }: DeliveryRecord, current: DeliveryRecord | undefined): boolean =>
  current?.state === state && current.attempt === attempt;

/**
 * Previews, stores as `sending`, performs and books one step.
 * @param verb  what the delivery is remembered by: its first step's
 * @param more  other steps follow: the delivery stays `sending`
 */
const perform = async (
  attempting: AttemptContext,
  decided: Decision,
  step: Step,
  { verb, more, since }: { readonly verb: Verb; readonly more: boolean; readonly since: Tick },
): Promise<"skipped" | { readonly booked: DeliveryRecord } | Exclude<Attempt, { kind: "closed" }> | undefined> => {
  const { context, adapter, manifest, delivery, signal } = attempting;
  const { command: ready, losses: left } = deliveryCommand(context, attempting, decided, step);
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
    changed: context.now(),
    ...(digest !== undefined && { digest }),
    ...lossesOf(left, preview.losses),
  };
  await context.keep(sending);
  using patient = withGrace(signal);
  const receipt = await asked(adapter, ready, patient.signal);
  if (!receipt) return undefined;
  if (receipt.outcome !== "done") {
    if (receipt.outcome === "refused" && receipt.gone && step.rendering) {
      // The item is marked as if the source had said so.
      const found: Found = { collection: step.rendering.item.collection, sighting: { key: step.rendering.item.key, gone: true } };
      const refused: DeliveryRecord = { ...sending, state: "refused", ...groundOf(receipt) };
      await context.book(adapter, { delivery: refused, actor: ready.actor, found, since }, patient.signal);
    }
    return { kind: "answered", receipt };
  }
  const found = receipt.stands ?? shownBy(step, delivery);
  if (!found && step.verb === "Create" && adapter.changes && !manifest.acts?.includes("Create"))
    return { kind: "answered", receipt: { outcome: "unknown", because: certain } };
  const closing: DeliveryRecord = {
    ...sending,
    state: more ? "sending" : "done",
    changed: context.now(),
    ...lossesOf(left, receipt.losses),
    ...receipt.partly,
  };
  await context.book(adapter, { delivery: closing, actor: ready.actor, since, ...(found && { found }) }, patient.signal);
  return { booked: closing };
};

const lossesOf = (ours: readonly Loss[], theirs: readonly Loss[] = []): { losses?: readonly Loss[] } =>
  ours.length + theirs.length > 0 ? { losses: [...ours, ...theirs] } : {};

/** What an item has become is read again where the target does not say; a revision nobody knows is fetched. */
const shownBy = ({ rendering }: Step, { id }: DeliveryRecord): Found | undefined =>
  rendering && { collection: rendering.item.collection, sighting: { key: rendering.item.key, revision: `${id} unread` } };

/** Rings of hubs end here: what has been at the target's address is not delivered to it again. */
const beenThere = async (
  { context, adapter, delivery: { target } }: AttemptContext,
  { folded }: Decision,
): Promise<Because | undefined> => {
  const trail = folded?.view.trail ?? [];
  if (trail.length === 0) return undefined;
  const address = (await context.store.collections(adapter.id)).find(({ place }) => place === target)?.address;
  return address !== undefined && trail.includes(address) ? { code: "been-there" } : undefined;
};
