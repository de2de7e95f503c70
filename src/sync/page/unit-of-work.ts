/**
 * The page's books: what every item was and is, new objects and evidence. Kept by reconcile and settle, closed once, then
 * turned into changes and objectChanges. No I/O.
 */

import type { By, Evidence, Patch, Whole } from "../../contract/adapter.ts";
import { isCarried } from "../../contract/scheduling.ts";
import type { ObjectType } from "../../contract/view.ts";
import type { ItemKey, ListingId, SystemId } from "../../contract/words.ts";
import { systemOf } from "../../contract/words.ts";
import type {
  Changes,
  DeliveryRecord,
  EvidenceKey,
  EvidenceRecord,
  Item,
  ObjectRecord,
  QuarantineRecord,
  RowNo,
} from "../../store/contract.ts";
import { evidenceKey, scopeOf } from "../../store/references.ts";
import { hereAgain, markedAt } from "./item-rows.ts";
import type { LoadedPage } from "./load.ts";

/** Who did it and when, as the sighting that changed the object says. */
export interface Attribution {
  readonly by?: By;
  /** Written by the account we act with, though by no delivery we know: told, never carried on. */
  readonly mine?: true;
}

/** An object whose items changed: its items before and after. */
export interface TouchedObject {
  readonly object: ObjectRecord;
  readonly before: readonly Item[];
  readonly after: readonly Item[];
  /** Where items are recorded beside what was told: what of `before` was told. */
  readonly toldBefore?: readonly Item[];
  readonly attribution: Attribution;
}

const none: readonly RowNo[] = [];

type KnownState = Pick<LoadedPage, "items" | "family" | "objects" | "strong" | "tick" | "now" | "mint" | "uuid"> & {
  readonly rules: LoadedPage["rules"];
  readonly quarantined?: LoadedPage["quarantined"];
  readonly look: { readonly listing?: { readonly id: ListingId }; readonly collection: { readonly place: string } };
};

export class UnitOfWork {
  readonly #loaded: KnownState;
  /** Items as they were before, amended by what is taken as having been so. Undefined: new. */
  readonly #was = new Map<RowNo, Item | undefined>();
  readonly #now = new Map<RowNo, Item>();
  readonly #keys = new Map<ItemKey, RowNo>();
  readonly #stamps = new Map<RowNo, { n: RowNo; stamp?: ListingId; seen: number }>();
  readonly #objects = new Map<RowNo, ObjectRecord>();
  readonly #evidence = new Map<string, EvidenceRecord>();
  readonly #hinted = new Map<string, readonly RowNo[]>();
  readonly #threads = new Map<string, { scope: string; id: string; thread: RowNo }>();
  readonly #links: { a: RowNo; b: RowNo }[] = [];
  readonly #quiet: Item[] = [];
  readonly #by = new Map<RowNo, By>();
  readonly #mine = new Set<RowNo>();
  readonly #family = new Map<RowNo, Set<RowNo>>();
  readonly #rows = new Map<RowNo, Item>();
  readonly #released: ItemKey[] = [];
  readonly #found: DeliveryRecord[] = [];

  constructor(loaded: KnownState) {
    this.#loaded = loaded;
    for (const [object, items] of loaded.family) {
      this.#family.set(object, new Set(items.map(({ n }) => n)));
      for (const item of items) this.#rows.set(item.n, item);
    }
    for (const item of loaded.items.values()) this.#rows.set(item.n, item);
  }

  /** The item of this key in the page's collection, as it is by now. */
  item(key: ItemKey): Item | undefined {
    const n = this.#keys.get(key) ?? this.#loaded.items.get(key)?.n;
    if (n === undefined) return undefined;
    const row = this.#now.get(n) ?? this.#rows.get(n);
    const stamp = this.#stamps.get(n);
    return row && stamp ? { ...row, ...stamp } : row;
  }

  object(n: RowNo): ObjectRecord | undefined {
    return this.#objects.get(n) ?? this.#loaded.objects.get(n);
  }

  /** Items of the object that are not gone, as they are by now. */
  presentItems(object: RowNo): Item[] {
    return [...(this.#family.get(object) ?? [])]
      .map((n) => this.#now.get(n) ?? this.#rows.get(n))
      .filter((item): item is Item => item !== undefined && item.object === object && item.state !== "gone");
  }

  marked(item: Item, absent: boolean): Item {
    return markedAt(item, absent, this.#loaded);
  }

  /** Books an item as it is now; the stamp and tick of this page are put on it. */
  put(item: Item, source?: { whole?: Whole; patch?: Patch }): Item {
    const { listing, collection } = this.#loaded.look;
    const ours = item.place === collection.place && source !== undefined;
    // A listing counts what the source counts, and that is the mail.
    const stamp = listing && !isCarried(item) ? listing.id : undefined;
    const stamped = item.seen === this.#loaded.tick && (stamp === undefined || item.stamp === stamp);
    const booked = ours && !stamped ? { ...item, seen: this.#loaded.tick, ...(stamp !== undefined && { stamp }) } : item;
    if (!this.#was.has(item.n)) this.#was.set(item.n, this.#rows.get(item.n));
    this.#now.set(item.n, booked);
    if (item.place === collection.place) this.#keys.set(item.key, item.n);
    const family = this.#family.get(item.object) ?? new Set();
    family.add(item.n);
    this.#family.set(item.object, family);
    const by = source?.whole?.by ?? source?.patch?.by;
    if (by && item.object > 0) this.#by.set(item.object, by);
    if (source?.whole?.mine && item.role === "own" && !this.#rows.has(item.n)) this.#mine.add(item.object);
    if (source?.whole) this.release(item.key);
    this.#stamps.delete(item.n);
    return booked;
  }

  /** It can be read again, or is no longer there: nothing of it waits in quarantine. */
  release(key: ItemKey): void {
    if (this.#loaded.quarantined?.has(key)) this.#released.push(key);
  }

  /** What a delivery made was seen: if that was not known yet, it is now. */
  seenOf(delivery: DeliveryRecord): void {
    if (["pending", "sending", "retrying", "unknown"].includes(delivery.state)) this.#found.push(delivery);
  }

  /** Only seen again. */
  stamp(item: Item): void {
    const { listing } = this.#loaded.look;
    if (item.state !== "here") this.put(hereAgain(item), {});
    else if (this.#now.has(item.n)) this.put(item, {});
    else
      this.#stamps.set(item.n, { n: item.n, seen: this.#loaded.tick, ...(listing && !isCarried(item) && { stamp: listing.id }) });
  }

  /** Takes it that the item had been so all along. */
  amend(item: Item): void {
    this.#was.set(item.n, item);
  }

  /** Takes it that this new item had been there all along: recorded, not told. */
  quiet(item: Item): void {
    this.#was.set(item.n, item);
    this.#quiet.push(item);
  }

  newObject(type: ObjectType, thread: RowNo | undefined): ObjectRecord {
    const n = this.#loaded.mint("object");
    const record: ObjectRecord = { n, uuid: this.#loaded.uuid(), type, version: 0, thread: thread ?? n };
    this.#objects.set(n, record);
    this.#family.set(n, new Set());
    return record;
  }

  /** The object that holds this evidence, by now. */
  holder(evidence: Evidence, system: SystemId): RowNo | undefined {
    return this.#holder(evidenceKey(scopeOf(evidence, system)));
  }

  #holder(name: string): RowNo | undefined {
    return this.#evidence.get(name)?.object ?? this.#loaded.strong.get(name);
  }

  /** Books evidence of an object; strong evidence another object holds already stays with it. */
  witness(object: RowNo, evidence: readonly Evidence[], system = systemOf(this.#loaded.look.collection.place)): void {
    for (const one of evidence) {
      const key = scopeOf(one, system);
      const name = evidenceKey(key);
      if (one.weight === "hint") {
        const named = this.#hinted.get(name) ?? none;
        if (named.includes(object)) continue;
        this.#hinted.set(name, [...named, object]);
        this.#evidence.set(`${name} ${object}`, { ...key, strong: false, object });
      } else if (this.#holder(name) === undefined) this.#evidence.set(name, { ...key, strong: true, object });
    }
  }

  /** Later evidence about an item that is assigned already: a link, never a merge. */
  link(object: RowNo, evidence: readonly Evidence[]): void {
    const system = systemOf(this.#loaded.look.collection.place);
    for (const one of evidence) {
      if (one.weight === "hint") continue;
      const other = this.holder(one, system);
      if (other !== undefined && other !== object) this.#links.push({ a: Math.min(object, other), b: Math.max(object, other) });
    }
    this.witness(object, evidence);
  }

  /** The conversation of things that are named but not seen yet. */
  thread({ scope, id }: EvidenceKey, thread: RowNo): void {
    this.#threads.set(evidenceKey({ scope, id }), { scope, id, thread });
  }

  /** @param name  the evidence's key, as {@link evidenceKey} writes it */
  threadNamed(name: string): RowNo | undefined {
    return this.#threads.get(name)?.thread;
  }

  /** Objects of this page that gave this hint. */
  hinted(name: string): readonly RowNo[] {
    return this.#hinted.get(name) ?? none;
  }

  /** A partner's evidence with digest, or that it could not be had. */
  partner(n: RowNo, evidence: readonly Evidence[] | undefined): void {
    const item = this.#rows.get(n);
    if (!item) return;
    if (evidence) this.witness(item.object, evidence, systemOf(item.place));
    this.put({ ...(this.#now.get(n) ?? item), digested: true });
  }

  stampedHere(): readonly Item[] {
    const { listing, collection } = this.#loaded.look;
    const stamped = [...this.#stamps.keys()].map((n) => this.#rows.get(n)).filter((item): item is Item => item !== undefined);
    return [...this.#now.values(), ...stamped].filter(
      (item) =>
        item.place === collection.place &&
        (this.#stamps.get(item.n)?.stamp ?? item.stamp) === listing?.id &&
        item.state !== "gone",
    );
  }

  /** Everything that is to be stored, and every object whose items changed, as they were and are. */
  close(quarantine: readonly QuarantineRecord[] = []): { changes: Changes; touched: readonly TouchedObject[] } {
    const { place } = this.#loaded.look.collection;
    return {
      touched: this.#touched(),
      changes: {
        items: [...this.#now.values()],
        stamps: [...this.#stamps.values()],
        objects: [...this.#objects.values()],
        evidence: [...this.#evidence.values()],
        threads: [...this.#threads.values()],
        links: this.#links,
        quarantine,
        deliveries: this.#found.map(({ reason: _reason, because: _because, ...delivery }) => ({
          ...delivery,
          state: "done" as const,
          changed: this.#loaded.now,
        })),
        released: this.#released.map((key) => ({ place, key })),
        quiet: this.#quiet.flatMap((item) =>
          item.view ? [{ object: this.object(item.object)?.uuid ?? "", place: item.place, view: item.view }] : [],
        ),
      },
    };
  }

  #touched(): readonly TouchedObject[] {
    const objects = new Set<RowNo>();
    for (const [n, item] of this.#now) {
      objects.add(item.object);
      objects.add(this.#was.get(n)?.object ?? 0);
    }
    objects.delete(0);
    const quiet = new Set(this.#quiet.map(({ n }) => n));
    const touched: TouchedObject[] = [];
    for (const n of objects) {
      const object = this.object(n);
      if (!object) continue;
      const rows = [...(this.#family.get(n) ?? [])];
      const joins = rows.some((row) => quiet.has(row)) && rows.some((row) => !quiet.has(row));
      // Recorded as having been so: most of a baseline.
      if (!joins && rows.every((row) => this.#was.get(row) === this.#now.get(row))) continue;
      const ofIt = (item: Item | undefined): item is Item => item?.object === n;
      const before = rows.map((row) => (this.#was.has(row) ? this.#was.get(row) : this.#rows.get(row))).filter(ofIt);
      const after = rows.map((row) => this.#now.get(row) ?? this.#rows.get(row)).filter(ofIt);
      const by = this.#by.get(n);
      touched.push({
        object,
        before,
        after,
        ...(joins && { toldBefore: before.filter((item) => !quiet.has(item.n)) }),
        attribution: { ...(by && { by }), ...(this.#mine.has(n) && { mine: true as const }) },
      });
    }
    return touched;
  }
}
