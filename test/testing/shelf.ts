/**
 * The system in memory with what only some checks of the kit need: patches and orders, revisions of collections, lines that are cut, answers that
 * take their time, a source that repeats itself, losses, and acts. The liars are made from its adapter, which tells the truth.
 */

import { setTimeout as sleep } from "node:timers/promises";
import type {
  Adapter,
  Command,
  ItemKey,
  Level,
  Loss,
  Manifest,
  Page,
  Perform,
  Position,
  Receipt,
  Sighting,
  View,
  Whole,
} from "groupstream";
import { GroupstreamError } from "groupstream";
import { MemorySystem, type World } from "groupstream/testing";
import { memoryWorld } from "./memory.ts";

type Changes = NonNullable<Adapter["changes"]>;

const full: Level = { level: "full" };
const none = (why: string): Level => ({ level: "none", why });
const takes = ["Create", "Update", "Delete", "Like", "Undo"] as const;

const orderOf = (seq: number): string => String(seq).padStart(10, "0");
const isWhole = (one: Sighting): one is Whole => "object" in one && one.object !== undefined;

/** What is there as changes of a note that is known. */
const patchOf = (one: Sighting): Sighting => {
  if (!isWhole(one)) return one;
  const { type: _type, flags = [], reactions = [], ...view } = one.object;
  return {
    key: one.key,
    revision: one.revision,
    set: { ...view, flags, reactions } as never,
    ...(one.order && { order: one.order }),
  };
};

/** A shelf holds names and texts. */
const shelved = ({ object, ...command }: Command): { readonly command: Command; readonly losses: Loss[] } => {
  if (object?.type !== "Note") return { command, losses: [] };
  const { type, name = "", text = "", ...rest } = object;
  const losses = Object.keys(rest).map((field) => ({ field, reason: "A shelf holds names and texts." }));
  return { command: { ...command, object: { type, name, text } }, losses };
};

export class Shelves extends MemorySystem {
  readonly lines = new Set<AbortController>();
  /** Names of what was posted. */
  readonly posted: string[] = [];
  readonly posts: boolean;
  delay = 0;
  /** It reports everything again, as it was at first. */
  repeating = false;
  #seq = 0;
  #keys = 0;

  /** @param posts  what is put there by the adapter is posted: an act, known again by its digest only */
  constructor(posts = false) {
    super("shelf", "a", "b");
    this.posts = posts;
    this.markers = !posts;
    this.pageSize = 4;
    this.before = (_, signal) => sleep(this.delay, undefined, { signal }).catch(() => undefined);
    const { self, gives } = this.manifest as Required<Manifest>;
    const arrives = { name: full, text: full, inReplyTo: full, published: none("Shelves know no times.") };
    this.manifest = {
      ...{ server: "Shelves 1", mapping: 1, self, gives, ...(posts && { acts: ["Create"] as const }) },
      takes: { ...Object.fromEntries(takes.map((verb) => [verb, full])), Move: none("Nobody asked for it yet.") },
      arrives: { ...arrives, content: { level: "degraded", lost: "Only its words." } },
    };
  }

  key(): ItemKey {
    return `n${String((this.#keys += 1)).padStart(5, "0")}`;
  }

  override add(shelf: string, object: View, more: Partial<Omit<Whole, "object">> = {}): ItemKey {
    return super.add(shelf, object, { ...more, key: more.key ?? this.key() });
  }

  override put(shelf: string, sighting: Sighting): void {
    const order = isWhole(sighting) || "gone" in sighting ? { order: orderOf((this.#seq += 1)) } : {};
    super.put(shelf, { ...sighting, ...order });
  }

  /** Where a look stands that has read everything. */
  end(shelf: string): Position {
    const { generation, journal } = this.at(shelf);
    return { generation, at: journal.length };
  }

  /** A line that may be cut, beside the call's own signal. */
  #line(signal: AbortSignal): AbortSignal & Disposable {
    const line = new AbortController();
    this.lines.add(line);
    return Object.assign(AbortSignal.any([signal, line.signal]), { [Symbol.dispose]: () => void this.lines.delete(line) });
  }

  async *#changes(honest: Changes, ...[collection, since, read, signal]: Parameters<Changes>): AsyncGenerator<Page> {
    using line = this.#line(signal);
    const end = this.end(collection.id);
    let pages = 0;
    for await (const page of honest(collection, since, read, line)) {
      pages += 1;
      yield page.listing ? page : { ...page, sightings: page.sightings.map(patchOf) };
    }
    if (pages === 0) yield { sightings: [], position: end };
    if (since === undefined || !this.repeating) return;
    const old = this.standing(collection.id).map(({ key }) => ({ key, revision: "0", set: { flags: [] }, order: orderOf(0) }));
    yield { sightings: old, position: this.end(collection.id) };
  }

  /** As it is performed in memory, less what a shelf loses; what was posted stays as it is. */
  async #perform(honest: Perform, asked: Command, signal: AbortSignal): Promise<Receipt> {
    const { command, losses } = shelved(asked);
    const { verb, item, preview } = command;
    const ours = item && this.get(item.collection, item.key)?.mine;
    if (this.posts && ours && !preview && (verb === "Update" || verb === "Delete"))
      return { outcome: "refused", reason: "shelf: what was posted stays as it is." };
    using line = this.#line(signal);
    try {
      const receipt = await honest(command, line);
      if (this.posts && verb === "Create" && receipt.outcome === "done" && !preview) this.posted.push(command.object?.name ?? "");
      await this.before(verb, line);
      signal.throwIfAborted();
      if (line.aborted) return { outcome: "unknown", reason: "shelf: the line was cut." };
      return receipt.outcome === "done" && losses.length > 0 ? { ...receipt, losses } : receipt;
    } catch (error) {
      signal.throwIfAborted();
      if (!line.aborted) throw error;
      return { outcome: "refused", reason: "shelf: the line was cut before anything was done; it is tried again.", again: true };
    }
  }

  override adapter(): Adapter {
    const source = this;
    const honest = super.adapter() as Required<Adapter>;
    const performing = takes.map((verb) => {
      const perform: Perform = (command, signal) => this.#perform(honest.performs[verb] as Perform, command, signal);
      return [verb, perform];
    });
    const { receive: _receive, content: _content, ...rest } = honest;
    return {
      ...rest,
      kind: "shelf",
      async *collections(signal) {
        for await (const one of honest.collections(signal)) {
          const { generation, journal } = source.at(one.id);
          yield { ...one, revision: `${generation}:${journal.length}:${source.repeating}` };
        }
      },
      changes: (...look) => this.#changes(honest.changes, ...look),
      performs: Object.fromEntries(performing),
      find: (command, signal) => honest.find(shelved(command).command, signal),
    };
  }
}

/** Shelves as a world of the kit. */
export interface ShelfWorld extends World {
  readonly shelves: Shelves;
}

export const shelfWorld = (posts = false): ShelfWorld => {
  const shelves = new Shelves(posts);
  return {
    ...memoryWorld(shelves, 11),
    shelves,
    cut: async () => {
      const cut = new GroupstreamError("unreachable", "shelf: the line was cut; it is tried again");
      for (const line of shelves.lines) line.abort(cut);
    },
    slow: async (ms) => void (shelves.delay = ms),
    repeat: async () => void (shelves.repeating = true),
    effects: async () => [...shelves.posted],
  };
};
