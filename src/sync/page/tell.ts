/** tell: each object's change → the activities to be, and who they are credited to. Pure. */

import type { By } from "../../contract/adapter.ts";
import type { View } from "../../contract/view.ts";
import type { ActorId, DeliveryId, Place, SystemId } from "../../contract/words.ts";
import { placeOf } from "../../contract/words.ts";
import type { DeliveryRecord } from "../../store/contract.ts";
import { type Draft, tell } from "../../tell/index.ts";
import type { ObjectChange } from "./fold.ts";

/** A change with something to tell. */
export interface ToldChange {
  readonly change: ObjectChange;
  readonly drafts: readonly Draft[];
  readonly view: View;
}

/** What is told of these changes; silent ones are left out. */
export const tellChanges = (changes: readonly ObjectChange[]): readonly ToldChange[] =>
  changes.flatMap((change): ToldChange[] => {
    const drafts = tell(change.before, change.after);
    const view = (change.after.folded ?? change.before.folded)?.view;
    return drafts.length === 0 || !view ? [] : [{ change, drafts, view }];
  });

/** Who asked for a delivery. */
export interface Credit {
  readonly delivery: DeliveryRecord;
  readonly actor: ActorId;
}

/** The cause of an entry about what our account wrote, where no delivery of ours is known to have made it. */
const unknownCause = "self";

/** The receipt that answers for a change; one alone answers for all that is told. */
export const creditOf = ({ object }: ObjectChange, receipts: readonly Credit[] = []): Credit | undefined =>
  receipts.length > 1 ? receipts.find(({ delivery }) => delivery.object === object.n) : receipts[0];

/**
 * Who did it. Only what was asked for is the asker's: what else the answer shows was done by somebody else. What is made has its
 * labels from who made it.
 */
export const credited = (
  { before, attribution }: ObjectChange,
  { type }: Draft,
  receipt: Credit | undefined,
): { readonly by?: By } => {
  const verb = receipt?.delivery.verb;
  const asked = type === verb || (type === "Add" && verb === "Create" && before.folded === undefined);
  if (receipt && asked) return { by: { actor: { id: receipt.actor }, from: "server" } };
  return attribution.by ? { by: attribution.by } : {};
};

/** The delivery that caused it, if one of ours did. */
export const causeOf = ({ attribution }: ObjectChange, receipt: Credit | undefined): { readonly cause?: DeliveryId } => {
  if (receipt) return { cause: receipt.delivery.id };
  return attribution.mine ? { cause: unknownCause } : {};
};

/** Where an activity happened: what it names, else wherever the object is; the system alone where it is nowhere. */
export const placesOf = (draft: Draft, change: ObjectChange, system: SystemId): readonly Place[] => {
  const named = [draft.target, draft.origin].filter((place): place is Place => place !== undefined);
  const all = new Set([...named, ...change.after.at.keys(), ...change.before.at.keys()]);
  return all.size > 0 ? [...all] : [placeOf(system, "")];
};
