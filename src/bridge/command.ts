/** One step of a delivery as the adapter sees it. */

import type { Adapter, Command, Manifest, Verb } from "../contract/adapter.ts";
import type { Loss } from "../contract/view.ts";
import type { ActorId, Place } from "../contract/words.ts";
import { placeOf, systemIri, systemOf } from "../contract/words.ts";
import { collectionFrom } from "../store/collection.ts";
import type { DeliveryRecord, StoredEntry } from "../store/contract.ts";
import type { Decision, FoldedView } from "./decide.ts";
import { filesOf, type OpenPart, safelyNamed } from "./files.ts";
import { rendered, type SplitText } from "./render.ts";
import type { Rendering } from "./wish.ts";

/** What is carried where. */
export interface CommandSource {
  readonly manifest: Manifest;
  readonly adapter: Adapter;
  readonly delivery: DeliveryRecord;
  readonly entry: StoredEntry;
}

/** One thing to perform, ready but for its collection. */
export interface Step {
  readonly verb: Verb;
  readonly rendering?: Rendering;
  readonly emoji?: string;
  readonly undoes?: Verb;
  /** In whose name, where it is not the author's of the object. */
  readonly actor?: ActorId;
}

/** What of the hub a command is made with. */
export interface CommandNeeds {
  readonly open?: OpenPart;
  readonly link: (uuid: string) => string | undefined;
  readonly split: SplitText;
}

/** The command of one step. */
export const deliveryCommand = (
  { open, link, split }: CommandNeeds,
  { adapter, manifest, delivery, entry }: CommandSource,
  { route, folded, sources, uuid, parent, root, been, records }: Decision,
  { verb, rendering, emoji, undoes, actor }: Step,
): { readonly command: Command; readonly losses: readonly Loss[] } => {
  const collection = records.get(targetPlace(delivery.target, adapter, rendering));
  const view = folded?.view;
  const author = view && "attributedTo" in view ? view.attributedTo?.id : undefined;
  const item = rendering?.item ?? (verb === "Create" ? parent : undefined);
  const whole = verb === "Create" || verb === "Update";
  const acts = manifest.acts?.includes("Create") === true;
  const shown =
    whole && view
      ? rendered(view, route?.route, { acts, threaded: parent !== undefined || root !== undefined, split })
      : undefined;
  const object = shown && safelyNamed(shown.view);
  const files = object && open ? filesOf(object, sources, open) : [];
  const at = uuid === undefined ? undefined : link(uuid);
  const command: Command = {
    id: delivery.id,
    attempt: delivery.attempt + 1,
    verb,
    actor: actor ?? author ?? systemIri(route?.from ?? systemOf(delivery.target)),
    activity: JSON.parse(entry.activity) as Record<string, unknown>,
    ...(object && { object }),
    ...(files.length > 0 && { files }),
    ...(whole && at !== undefined && { link: at }),
    ...(route?.route.language && { language: route.route.language }),
    ...(collection && { collection: collectionFrom(collection) }),
    // While it is listed its position says nothing of what comes after.
    ...(verb === "Create" && collection?.position !== undefined && !collection.listing && { position: collection.position }),
    ...(item && { item }),
    ...(root && { root }),
    ...(route?.route.reach && { reach: route.route.reach }),
    ...(emoji !== undefined && { emoji }),
    ...(undoes !== undefined && { undoes }),
    trail: trailOf(view, been, (place) => records.get(place)?.address),
  };
  return { command, losses: shown?.losses ?? [] };
};

const targetPlace = (target: Place, adapter: Adapter, rendering: Rendering | undefined): Place =>
  rendering ? placeOf(adapter.id, rendering.item.collection) : target;

/** Where it has been: what it brought with it, and every collection it is in here. */
const trailOf = (
  view: FoldedView["view"] | undefined,
  been: readonly Place[],
  addressOf: (place: Place) => string | undefined,
) => [...new Set([...(view?.trail ?? []), ...been.flatMap((place) => addressOf(place) ?? [])])];
