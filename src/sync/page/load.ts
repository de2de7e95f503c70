/** What reconcile looks at: loaded inside the transaction, for one page. */

import type { Evidence, Sighting, Whole } from "../../contract/adapter.ts";
import type { ActorId, ItemKey, ListingId, Place, SystemId } from "../../contract/words.ts";
import { systemOf } from "../../contract/words.ts";
import type {
  CollectionRecord,
  DeliveryRecord,
  EvidenceKey,
  Item,
  ObjectRecord,
  QuarantineRecord,
  RowNo,
  SystemRecord,
  Tick,
  Transaction,
} from "../../store/contract.ts";
import { directlyNamed, evidenceKey, refKeys, refsOf, scopeOf } from "../../store/references.ts";
import type { Rules } from "../rules.ts";

/** How far text was read. */
export type TextLevel = "none" | "preview" | "full";

/** A sighting, and how far its text was read. */
export interface Sighted {
  readonly sighting: Sighting;
  readonly text: TextLevel;
}

/** An item that an act of ours took away from where it was. */
export interface MovedFrom {
  readonly place: Place;
  readonly key: ItemKey;
}

/** The look a page belongs to, as of this page. */
export interface LookState {
  readonly system: SystemRecord;
  readonly collection: CollectionRecord;
  readonly opened: Tick;
  /** Wall clock, ms. */
  readonly openedAt: number;
  readonly listing?: {
    readonly id: ListingId;
    readonly opened: Tick;
    readonly openedAt: number;
    readonly last?: true;
    readonly count?: number;
  };
  /** The look asked on a new connection. */
  readonly fresh: boolean;
  /** The adapter's abilities. */
  readonly fetches: boolean;
  readonly looks: boolean;
  readonly mapping: number;
  /** How far policy lets text be read outside a baseline. */
  readonly wants: TextLevel;
  /** From which share on a loss is implausible. */
  readonly share: number;
  /** `all`: the baseline is told; a time (ms): what came later is. */
  readonly history?: "all" | number;
  /** The page is what a target answered to these deliveries: what it shows under a key is what that one made or changed. */
  readonly receipts?: ReadonlyMap<ItemKey, { readonly delivery: DeliveryRecord; readonly left?: MovedFrom }>;
}

/** What was fetched because reconcile asked for it. */
export interface Fetched {
  /** Items a listing that ended cannot speak for. */
  readonly absent: ReadonlyMap<ItemKey, Sighting>;
  /** Partners by hint, by item: their evidence with digest; undefined where they could not be had. */
  readonly partners: ReadonlyMap<RowNo, readonly Evidence[] | undefined>;
  /** New keys whose digest was asked for. */
  readonly digested: ReadonlySet<ItemKey>;
}

export const nothingFetched: Fetched = { absent: new Map(), partners: new Map(), digested: new Set() };

/** Everything reconcile decides upon. */
export interface LoadedPage {
  readonly look: LookState;
  readonly now: number;
  readonly tick: Tick;
  readonly items: ReadonlyMap<ItemKey, Item>;
  readonly family: ReadonlyMap<RowNo, readonly Item[]>;
  readonly objects: ReadonlyMap<RowNo, ObjectRecord>;
  readonly strong: ReadonlyMap<string, RowNo>;
  readonly hints: ReadonlyMap<string, readonly RowNo[]>;
  /** Names that were asked for among the hints. */
  readonly mentioned: ReadonlySet<string>;
  readonly threads: ReadonlyMap<string, RowNo>;
  /** Objects named by collection and key or by a marker of ours: see `directName`. */
  readonly named: ReadonlyMap<string, RowNo>;
  readonly places: ReadonlyMap<Place, { readonly owner?: ActorId; readonly role?: string; readonly self?: ActorId }>;
  readonly quarantined: ReadonlyMap<ItemKey, QuarantineRecord>;
  /** Sightings of what a delivery of ours made, by key. */
  readonly ours: ReadonlyMap<ItemKey, DeliveryRecord>;
  /** At the end of a listing: what it never showed. */
  readonly absent: readonly Item[];
  readonly counts: { readonly present: number; readonly stamped: number };
  readonly fetched: Fetched;
  readonly rules: Rules;
  readonly mint: (what: "item" | "object") => RowNo;
  readonly uuid: () => string;
}

export const isWhole = (sighting: Sighting): sighting is Whole => "object" in sighting && sighting.object !== undefined;

/** By these a delivery makes something new; by the others it changes what is there. */
export const creatingVerbs: ReadonlySet<string> = new Set(["Create", "Announce"]);

/**
 * Which of these sightings show what a delivery of ours made: by the marker of any, open or closed; where a source can carry
 * none, by the digest of one that may have been performed, each for one sighting only.
 */
const oursOf = async (
  tx: Transaction,
  { receipts, system }: LookState,
  wholes: readonly Whole[],
): Promise<Map<ItemKey, DeliveryRecord>> => {
  const ours = new Map<ItemKey, DeliveryRecord>();
  let open: DeliveryRecord[] | undefined;
  for (const { key, mine } of wholes) {
    if (!mine || receipts?.has(key)) continue;
    if (mine.marker !== undefined) {
      const delivery = await tx.delivery(mine.marker);
      if (delivery && systemOf(delivery.target) === system.id) ours.set(key, delivery);
    } else if (mine.digest !== undefined) {
      open ??= [...(await tx.openDeliveries(system.id))];
      const at = open.findIndex(({ digest }) => digest === mine.digest);
      const [delivery] = at < 0 ? [] : open.splice(at, 1);
      if (delivery) ours.set(key, delivery);
    }
  }
  for (const [key, { delivery }] of receipts ?? []) ours.set(key, delivery);
  return ours;
};

/** Loads the loaded of a page. Two rounds of lookups: the keys and evidence first, then all that their objects have. */
export const loadPage = async (
  tx: Transaction,
  look: LookState,
  page: readonly Sighted[],
  rest: { now: number; tick: Tick; rules: Rules; fetched: Fetched; uuid: () => string },
): Promise<LoadedPage> => {
  const { place } = look.collection;
  const system = systemOf(place);
  const items = new Map(
    (await tx.items(place, [...new Set(page.map(({ sighting }) => sighting.key))])).map((item) => [item.key, item]),
  );

  const listed = look.listing?.last ? await tx.listed(place, look.listing.id) : undefined;
  const absent = (rest.rules.listing && listed?.unstamped) || [];
  for (const item of absent) items.set(item.key, item);
  const wholes = [...page.map(({ sighting }) => sighting), ...rest.fetched.absent.values()].filter(isWhole);
  const fresh = wholes.filter(({ key }) => (items.get(key)?.state ?? "gone") === "gone");
  const [strongKeys, hintKeys]: [EvidenceKey[], EvidenceKey[]] = [[], []];
  const evidence = [...wholes.map(({ same }) => same), ...rest.fetched.partners.values()];
  for (const list of evidence)
    for (const one of list ?? []) (one.weight === "hint" ? hintKeys : strongKeys).push(scopeOf(one, system));
  const strong = new Map((await tx.strong(strongKeys)).map((row) => [evidenceKey(row), row.object]));
  const ours = await oursOf(tx, look, wholes);
  // What a delivery of ours made is in its object's conversation, whatever it names.
  const refs = fresh.flatMap((whole) => (creatingVerbs.has(ours.get(whole.key)?.verb ?? "") ? [] : refsOf(whole.object)));
  const hints = new Map<string, RowNo[]>();
  // A conversation is named again and again.
  const mentioned = new Map([...hintKeys, ...refKeys(refs, system)].map((key) => [evidenceKey(key), key]));
  for (const row of await tx.hints([...mentioned.values()])) {
    const name = evidenceKey(row);
    const list = hints.get(name);
    if (list) list.push(row.object);
    else hints.set(name, [row.object]);
  }
  const threadKeys = [...mentioned].filter(([name]) => !hints.has(name)).map(([, key]) => key);
  const threads = new Map((await tx.threads(threadKeys)).map((row) => [evidenceKey(row), row.thread]));
  const named = await directlyNamed(tx, refs, system);

  const ns = new Set<RowNo>([...strong.values(), ...[...hints.values()].flat(), ...threads.values(), ...named.values()]);
  for (const { object } of ours.values()) if (object > 0) ns.add(object);
  for (const item of items.values()) if (item.object > 0) ns.add(item.object);
  const family = new Map<RowNo, Item[]>();
  for (const item of await tx.itemsOf([...ns])) family.set(item.object, [...(family.get(item.object) ?? []), item]);
  const objects = new Map((await tx.objects([...ns])).map((object) => [object.n, object]));

  const places = new Map<Place, { owner?: ActorId; role?: string; self?: ActorId }>();
  const standing = [...family.values()].flat().map((item) => item.place);
  const selves = new Map<SystemId, ActorId | undefined>([[system, look.system.self]]);
  for (const record of await tx.collectionsAt([...new Set([place, ...standing])])) {
    const { owner, role } = record;
    const id = systemOf(record.place);
    if (!selves.has(id)) selves.set(id, (await tx.system(id))?.self);
    const self = selves.get(id);
    places.set(record.place, {
      ...(owner !== undefined && { owner }),
      ...(role !== undefined && { role }),
      ...(self !== undefined && { self }),
    });
  }
  return {
    look,
    items,
    family,
    objects,
    strong,
    hints,
    mentioned: new Set(mentioned.keys()),
    threads,
    named,
    ours,
    places,
    absent,
    quarantined: new Map((await tx.quarantined(place)).map((record) => [record.key, record])),
    counts: listed ?? { present: 0, stamped: 0 },
    mint: (what) => tx.mint(what),
    ...rest,
  };
};
