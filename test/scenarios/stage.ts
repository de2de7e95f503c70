/** A stage for directed scenarios: a source whose state a test writes down, and what the hub tells of it. */

import type { Adapter, Collection, Evidence, Page, Read, Sighting, View, Whole } from "groupstream";
import { sqliteStore } from "groupstream/stores/sqlite";
import { type MemoryCollection, MemorySystem } from "groupstream/testing";
import { type Hub, openHubWith } from "../../src/hub/hub.ts";
import type { Store } from "../../src/store/contract.ts";
import type { Rules } from "../../src/sync/rules.ts";
import { FakeClock } from "../simulation/clock.ts";

/** An item of the source, without its key. */
export type Thing = Omit<Whole, "key" | "revision"> & { readonly revision?: string };

/** How one look at a collection is answered, instead of by a listing of what is there. */
export type Look = (room: Room, since: unknown, read: Read) => AsyncIterable<Page> | Iterable<Page>;

/** A collection whose looks may be answered otherwise. */
export type Room = Omit<MemoryCollection, "items"> & {
  readonly items: Map<string, Whole>;
  /** The answers to the next looks; then listings again. */
  readonly looks: Look[];
};

let listings = 0;

/** One page that lists all there is. */
export const listing = (room: Room, keys: readonly string[] = [...room.items.keys()]): Page => {
  listings += 1;
  return {
    sightings: keys.map((key) => seen(room, key)),
    position: { listed: listings },
    listing: { id: `l${listings}`, last: true },
  };
};

/** One page of changes. */
export const changed = (...sightings: Sighting[]): Page => {
  listings += 1;
  return { sightings, position: { changed: listings } };
};

export const seen = (room: Room, key: string): Sighting => room.items.get(key) ?? { key, gone: true };

/**
 * The system in memory as one that lists its rooms each time it is looked at, and only gives. What is there is shown whole whatever may be read,
 * a change as a test writes it down.
 */
export class Stage extends MemorySystem {
  /** What the next discoveries answer, by room ids; then the truth again. */
  readonly discoveries: string[][] = [];
  /** False: nothing can be asked for by key. */
  fetches = true;
  /** How a key that is asked for is answered. */
  fetching: (room: Room, key: string) => Sighting = seen;

  constructor(id: string, ...rooms: string[]) {
    super(id);
    this.manifest = { server: "Stage", mapping: 1, gives: {}, takes: {} };
    for (const room of rooms) this.open(room);
  }

  override open(id: string): MemoryCollection {
    return Object.assign(super.open(id), { looks: [] });
  }

  room(id: string): Room {
    return this.at(id) as unknown as Room;
  }

  /** Something stands there as this. */
  set(room: string, key: string, thing: Thing): void {
    this.put(room, { revision: JSON.stringify(thing), ...thing, key });
  }

  override adapter(): Adapter {
    const stage = this;
    const { performs: _performs, find: _find, watch: _watch, fetch: _fetch, ...honest } = super.adapter();
    return {
      ...honest,
      kind: "stage",
      async *collections(): AsyncGenerator<Collection> {
        for (const id of stage.discoveries.shift() ?? [...stage.collections.keys()]) {
          const { items: _items, journal: _journal, generation: _generation, looks: _looks, ...shown } = stage.room(id);
          yield shown;
        }
      },
      async *changes({ id }, since, read) {
        const room = stage.room(id);
        yield* room.looks.shift()?.(room, since, read) ?? [listing(room)];
      },
      ...(stage.fetches && {
        async *fetch({ id }: Collection, keys: readonly string[]) {
          for (const key of keys) yield stage.fetching(stage.room(id), key);
        },
      }),
      async receive(request, to) {
        const { room, sightings } = (await request.json()) as { room: string; sightings: Sighting[] };
        await to.keep(room, sightings);
        return new Response(null, { status: 202 });
      },
    };
  }
}

/** A mail as a source shows it: same text everywhere, another size in each account. */
export const mail = (
  name: string,
  over: { text?: string; mid?: string; size?: number; flags?: string[]; came?: string; parent?: string; read?: Read } = {},
): Thing => {
  const mid = over.mid ?? name;
  const text = over.text ?? `Text of ${name}`;
  const same: Evidence[] = [
    { id: `text:${mid}:${text}`, within: "everywhere", weight: "content" },
    { id: `size:${mid}:${over.size ?? 1000}`, within: "system", weight: "content" },
    { id: `mid:${mid}`, within: "everywhere", weight: "hint" },
  ];
  const object: View = {
    type: "Note",
    name,
    text,
    ...(over.flags && { flags: over.flags }),
    ...(over.parent !== undefined && {
      inReplyTo: [{ evidence: `mid:${over.parent}` }],
      context: [{ evidence: `mid:${over.parent}` }],
    }),
  };
  return { object, same, ...(over.came !== undefined && { came: over.came }) };
};

type Doc = Readonly<Record<string, unknown>>;

const where = (doc: Doc | undefined): string => {
  if (!doc) return "";
  const id = String(doc.id);
  if (id.startsWith("groupstream:flag/")) return `#${doc.name}@${where({ id: doc.context })}`;
  return id.startsWith("groupstream:collection/")
    ? decodeURIComponent(id.slice("groupstream:collection/".length))
    : String(doc.name ?? id);
};

/** `Move m1 mail/INBOX > mail/Archive`, `Add m1 > #red@mail/INBOX`, `Update m1 (startTime)`. */
const sentence = (doc: Doc): string => {
  const object = doc.object as Doc;
  const changes = doc["groupstream:changed"] as string[] | undefined;
  const names = names$.get(String(object.id)) ?? String(object.name ?? object.id ?? names$.get(String(object.object)));
  if (object.name !== undefined) names$.set(String(object.id), String(object.name));
  const from = where(doc.origin as Doc | undefined);
  const to = where(doc.target as Doc | undefined);
  return `${doc.type} ${object.name ?? names}${from ? ` ${from}` : ""}${to ? ` > ${to}` : ""}${changes ? ` (${changes})` : ""}`;
};
const names$ = new Map<string, string>();

/** A hub over stages, on a store of its own. */
export class Play {
  readonly clock = new FakeClock();
  readonly #stages: readonly Stage[];
  readonly #rules: Partial<Rules>;
  readonly #history: "all" | undefined;
  #store: Store | undefined;
  #hub: Hub | undefined;
  #seq = 0;

  constructor(stages: readonly Stage[], { rules = {}, history }: { rules?: Partial<Rules>; history?: "all" } = {}) {
    this.#stages = stages;
    this.#rules = rules;
    this.#history = history;
  }

  /** A process begins, on the store of the one before or on this one. */
  async open(store?: Store): Promise<Hub> {
    await this.#hub?.close();
    this.#store = store ?? this.#store ?? (await sqliteStore(":memory:"));
    this.#seq = await this.#store.lastSeq();
    const history = this.#history && { history: this.#history };
    this.#hub = await openHubWith({
      store: this.#store,
      systems: this.#stages.map((stage) => stage.adapter()),
      policy: { body: "full" },
      clock: this.clock,
      rules: this.#rules,
      ...history,
    });
    return this.#hub;
  }

  /** One sync; what it told. */
  async sync(): Promise<readonly string[]> {
    return (await this.documents()).map(sentence);
  }

  /** One sync; what it told, in full. */
  async documents(): Promise<readonly Doc[]> {
    const hub = this.#hub ?? (await this.open());
    this.clock.advance(60_000);
    await hub.sync();
    return this.news();
  }

  /** A call from outside; what it told. */
  async call(system: string, room: string, ...sightings: Sighting[]): Promise<readonly string[]> {
    const hub = this.#hub ?? (await this.open());
    const response = await hub.receive(
      system,
      new Request("http://127.0.0.1/", { method: "POST", body: JSON.stringify({ room, sightings }) }),
    );
    if (!response.ok) throw new Error(`answered ${response.status}`);
    return (await this.news()).map(sentence);
  }

  async news(): Promise<readonly Doc[]> {
    const hub = this.#hub as Hub;
    const out: Doc[] = [];
    for await (const { seq, activity } of hub.activities({ after: this.#seq })) {
      out.push(activity as unknown as Doc);
      this.#seq = seq;
    }
    return out;
  }

  get store(): Store {
    return this.#store as Store;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#hub?.close();
    await this.#store?.[Symbol.asyncDispose]();
  }
}
