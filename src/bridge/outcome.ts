/**
 * What may have been done is settled before anything else: by what the target finds, or by a look at it. And what an attempt is
 * made with and leaves.
 */

import type { Adapter, Command, Found, Level, Manifest, Obstacle, Receipt, Verb } from "../contract/adapter.ts";
import type { Because } from "../contract/because.ts";
import { faultOf, isGroupstreamError } from "../contract/errors.ts";
import type { ActorId, ItemKey, Place, SystemId } from "../contract/words.ts";
import { collectionOf, placeOf } from "../contract/words.ts";
import type { DeliveryRecord, Item, Store, StoredEntry, Tick } from "../store/contract.ts";
import type { CommandSource } from "./command.ts";
import type { DecisionContext, Roots } from "./decide.ts";
import type { OpenPart } from "./files.ts";
import type { SplitText } from "./render.ts";
import type { ParsedRoute } from "./routes.ts";

/** What context targets need of the hub. */
export interface DeliveryContext {
  readonly store: Store;
  readonly now: () => number;
  readonly routes: readonly ParsedRoute[];
  readonly manifest: (adapter: Adapter, signal: AbortSignal) => Promise<Manifest>;
  /** How well a system takes a verb. Fails where it cannot be asked. */
  readonly takes: (system: SystemId, verb: Verb, signal: AbortSignal) => Promise<Level | undefined>;
  readonly fold: DecisionContext["fold"];
  /** One name for all the ids of one person. */
  readonly person: (id: ActorId) => ActorId;
  /** What is remembered while the hub runs. */
  readonly roots: Roots;
  /** Bytes of files; absent where policy does not let text be read in full. */
  readonly open?: OpenPart;
  /** The https id of the object of this UUID; undefined where ids lead nowhere. */
  readonly link: (uuid: string) => string | undefined;
  /** Tells the new text of an answer from what it quotes. */
  readonly split: SplitText;
  /** Reads an item again with its text. */
  readonly reread: (item: Item, signal: AbortSignal) => Promise<void>;
  /** Stores a delivery as it goes along. */
  readonly keep: (delivery: DeliveryRecord) => Promise<void>;
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

type Refusal = Exclude<Receipt, { outcome: "done" }>;
type Ours<R> = R extends unknown ? Omit<R, "reason"> & { readonly because: Because } : never;

/** What was answered where nothing was done, or nobody can tell: by the target in its words, or by the hub itself. */
export type NotDone = Refusal | Ours<Refusal>;

/** How an attempt left the delivery. `open`: nothing was performed, it is looked at again. `over`: its lane had ended it before. */
export type Attempt =
  | { readonly kind: "over" }
  | {
      readonly kind: "closed";
      readonly state: "done" | "void" | "refused" | "dead";
      readonly because?: Because;
      readonly obstacle?: Obstacle;
      /** As it was booked with what the target answered. */
      readonly booked?: DeliveryRecord;
    }
  | { readonly kind: "open"; readonly because: Because; readonly wait: number }
  | { readonly kind: "answered"; readonly receipt: NotDone };

/** One delivery, as it is attempted. */
export interface AttemptContext extends CommandSource {
  readonly context: DeliveryContext;
  /** Every entry of its object, when it was begun. */
  readonly told: readonly StoredEntry[];
  readonly signal: AbortSignal;
}

/** What was sent and has not been seen, or cannot be read, is waited for so long between looks, ms. */
export const lookAgainAfter = 5_000;

/** The target said that it is done, not what stands there: it is looked for, and never repeated. */
export const certain: Because = { code: "done-unseen" };

/** Before it is said anew why it stands as it does. */
export const withoutReason = ({
  because: _because,
  reason: _reason,
  obstacle: _obstacle,
  ...rest
}: DeliveryRecord): DeliveryRecord => rest;

/** Who says why, and what: a delivery says it alike. */
export const groundOf = (unmet: NotDone): Pick<DeliveryRecord, "because" | "reason"> =>
  "reason" in unmet ? { reason: unmet.reason } : { because: unmet.because };

/** An adapter that threw while it performed: it may have been done. */
export const failedBy = (error: unknown): NotDone => ({
  outcome: "unknown",
  because: { code: "adapter-failed", fault: faultOf(error) },
});

/** What other deliveries made there: not what this one is looking for, though its text be the same. */
const takenAt = (store: Store, { target, object }: DeliveryRecord): Promise<readonly ItemKey[]> =>
  store.transaction(async (tx) => (collectionOf(target) === "" ? [] : tx.renderingKeys(target, object)));

/**
 * What may have been done is settled first: by what the target finds, else by a look that opened after the attempt had ended
 * and did not show it. undefined: it was certainly not done, or nobody can tell, and it is repeated under the same id.
 */
export const resolveUnknown = async (
  { context, adapter, delivery, signal }: AttemptContext,
  command: Command,
  since: Tick,
): Promise<Attempt | undefined> => {
  const { store, now, book } = context;
  // What is repeated without effect need not be found.
  if (delivery.verb !== "Create" && delivery.verb !== "Announce") return undefined;
  const sure = delivery.because?.code === certain.code;
  const place = command.collection && placeOf(adapter.id, command.collection.id);
  if (adapter.find) {
    try {
      const found = await adapter.find({ ...command, taken: await takenAt(store, delivery) }, signal);
      if (found === "absent" && !sure) return undefined;
      if (found !== "unknown" && found !== "absent") {
        const done: DeliveryRecord = { ...withoutReason(delivery), state: "done", changed: now() };
        await book(adapter, { delivery: done, actor: command.actor, found, since }, signal);
        return { kind: "closed", state: "done", booked: done };
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!isGroupstreamError(error)) throw error;
      return { kind: "open", because: sure ? certain : { code: "perhaps-and", said: error.message }, wait: lookAgainAfter };
    }
  }
  if (!adapter.changes || place === undefined) return undefined;
  const record = (await store.collections(adapter.id)).find((one) => one.place === place);
  const looked = (record?.openedAt ?? 0) > delivery.changed && (record?.finishedAt ?? 0) > delivery.changed;
  if (looked) return sure ? { kind: "closed", state: "done", because: { code: "done-unshown" } } : undefined;
  return { kind: "open", because: sure ? certain : { code: "perhaps-done" }, wait: lookAgainAfter };
};
