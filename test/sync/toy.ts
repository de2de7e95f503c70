/** A system under a test's hand: folders of items with a journal, every call written down, faults at any step. */

import type {
  Adapter,
  Audience,
  Collection,
  Evidence,
  Manifest,
  MessageView,
  Page,
  Read,
  Sighting,
  View,
  Whole,
} from "groupstream";
import { GroupstreamError } from "groupstream";

export interface Folder {
  readonly id: string;
  name: string;
  role?: Collection["role"];
  audience: Audience;
  owner?: string;
  revision?: string;
  items: Map<string, Sighting>;
  journal: Sighting[];
  /** Positions of an older one are lost. */
  generation: number;
  /** Thrown by the next looks until taken away. */
  fails?: GroupstreamError;
  /** Pages given instead of the true ones, one list per look. */
  script: (readonly Page[] | ((since: unknown) => readonly Page[]))[];
  /** Server's own count, where a listing gives one. */
  count?: number;
}

export interface Position {
  readonly at: number;
  readonly generation: number;
  readonly listing?: { readonly id: string; readonly next: number; readonly keys: readonly string[] };
}

/** A note of this tag: equal tags are the same mail, by content evidence and by hint. */
export const note = (tag: string, over: Partial<MessageView> = {}): MessageView => ({
  type: "Note",
  name: tag,
  content: `<p>${tag}</p>`,
  text: tag,
  published: "2026-01-01T00:00:00Z",
  attributedTo: { id: "mailto:ada@example.org", name: "Ada" },
  to: [{ id: "mailto:team@example.org" }],
  ...over,
});

export const content = (tag: string): Evidence => ({ id: `content:${tag}`, within: "system", weight: "content" });
export const hint = (tag: string): Evidence => ({ id: `mid:${tag}`, within: "everywhere", weight: "hint" });
export const identity = (tag: string): Evidence => ({ id: `id:${tag}`, within: "system", weight: "identity" });
export const digest = (tag: string): Evidence => ({ id: `digest:${tag}`, within: "everywhere", weight: "content" });

export const whole = (key: string, object: View, over: Partial<Omit<Whole, "key" | "object">> = {}): Whole => ({
  key,
  revision: JSON.stringify(object).length.toString(36) + JSON.stringify(object.flags ?? []),
  object,
  same: [content(object.name ?? key), hint(object.name ?? key)],
  ...over,
});

export class Toy {
  readonly id: string;
  readonly folders = new Map<string, Folder>();
  readonly calls: string[] = [];
  manifest: Manifest = { server: "Toy 1", mapping: 1, gives: {}, takes: {} };
  /** Sightings on a page. */
  pageSize = 500;
  /** Called at every step; may throw, may wait. */
  step: (what: string, signal: AbortSignal) => unknown = () => undefined;
  /** Folders that discovery does not show now. */
  readonly hidden = new Set<string>();
  /** What fetch answers instead of the truth. */
  fetched: (key: string, read: Read) => Sighting | undefined = () => undefined;
  /** Rings the doorbell. */
  ring: (id: string) => void = () => undefined;
  disposed = 0;
  #listings = 0;

  constructor(id = "mail", ...folders: string[]) {
    this.id = id;
    for (const name of folders.length > 0 ? folders : ["INBOX", "Archive"]) this.folder(name);
  }

  folder(id: string, over: Partial<Folder> = {}): Folder {
    const made: Folder = {
      id,
      name: id,
      audience: ["mailto:team@example.org"],
      items: new Map(),
      journal: [],
      generation: 1,
      script: [],
      ...over,
    };
    this.folders.set(id, made);
    return made;
  }

  at(id: string): Folder {
    const folder = this.folders.get(id);
    if (!folder) throw new Error(`no folder ${id}`);
    return folder;
  }

  /** Puts or changes an item. */
  put(id: string, sighting: Sighting): void {
    this.at(id).items.set(sighting.key, sighting);
    this.at(id).journal.push(sighting);
  }

  /** A mail of this tag, by default under its own tag as key. */
  mail(
    id: string,
    tag: string,
    over: Partial<MessageView> = {},
    more: Partial<Omit<Whole, "key" | "object">> & { key?: string } = {},
  ) {
    const { key = tag, ...rest } = more;
    this.put(id, whole(key, note(tag, over), { same: [content(tag), hint(tag)], ...rest }));
  }

  drop(id: string, key: string, over: { final?: true; order?: string } = {}): void {
    this.at(id).items.delete(key);
    this.at(id).journal.push({ key, gone: true, ...over });
  }

  move(key: string, from: string, to: string, as = key): void {
    const sighting = this.at(from).items.get(key);
    if (!sighting) throw new Error(`no item ${key} in ${from}`);
    this.drop(from, key);
    this.put(to, { ...sighting, key: as });
  }

  /** The position is no longer honoured: a listing follows. */
  lose(id: string): void {
    this.at(id).generation += 1;
  }

  looks(id: string): readonly string[] {
    return this.calls.filter((call) => call.startsWith(`changes ${id} `));
  }

  async #step(what: string, signal: AbortSignal): Promise<void> {
    await this.step(what, signal);
    signal.throwIfAborted();
  }

  /** As the policy asks; without text where it says so. */
  #read(sighting: Sighting, read: Read): Sighting {
    if (!("object" in sighting) || sighting.object === undefined) return sighting;
    const { content: html, text, ...bare } = sighting.object as MessageView;
    const object = read.text === "none" ? bare : sighting.object;
    const same = read.digest && text !== undefined ? [...(sighting.same ?? []), digest(`${text}`)] : sighting.same;
    return { ...sighting, object, ...(same && { same }) };
  }

  async *#changes(id: string, since: Position | undefined, read: Read, signal: AbortSignal): AsyncGenerator<Page> {
    const folder = this.at(id);
    this.calls.push(
      `changes ${id} ${since === undefined ? "list" : since.listing ? "resume" : "delta"} ${read.text}${read.fresh ? " fresh" : ""}`,
    );
    await this.#step(`open ${id}`, signal);
    if (folder.fails) throw folder.fails;
    const scripted = folder.script.shift();
    if (scripted) {
      for (const page of typeof scripted === "function" ? scripted(since) : scripted) {
        await this.#step(`page ${id}`, signal);
        yield page;
      }
      return;
    }
    if (since && since.generation !== folder.generation)
      throw new GroupstreamError("position-lost", `${this.id}/${id}: listed again`);
    const { generation } = folder;
    let at = since?.at ?? folder.journal.length;
    const listing = since ? since.listing : { id: `L${(this.#listings += 1)}`, next: 0, keys: [...folder.items.keys()] };
    if (listing) {
      let next = listing.next;
      do {
        await this.#step(`page ${id}`, signal);
        const keys = listing.keys.slice(next, next + this.pageSize);
        next += keys.length;
        const last = next >= listing.keys.length;
        const sightings = keys.flatMap((key) => folder.items.get(key) ?? []).map((one) => this.#read(one, read));
        yield {
          sightings,
          position: last ? { at, generation } : { at, generation, listing: { ...listing, next } },
          listing: {
            id: listing.id,
            ...(last && { last: true as const, ...(folder.count !== undefined && { count: folder.count }) }),
          },
        };
        if (last) break;
      } while (next < listing.keys.length);
    }
    while (at < folder.journal.length) {
      await this.#step(`page ${id}`, signal);
      const some = folder.journal.slice(at, at + this.pageSize);
      at += some.length;
      const latest = new Map(some.map((sighting) => [sighting.key, sighting]));
      yield { sightings: [...latest.values()].map((one) => this.#read(one, read)), position: { at, generation } };
    }
    await this.#step(`close ${id}`, signal);
  }

  /** The adapter; `over` takes abilities away or puts others there. */
  adapter(over: { [name in keyof Adapter]?: Adapter[name] | undefined } = {}): Adapter {
    const toy = this;
    const adapter: Adapter = {
      contract: 1,
      id: toy.id,
      kind: "toy",
      describe: async (signal) => {
        toy.calls.push("describe");
        await toy.#step("describe", signal);
        return toy.manifest;
      },
      collections: async function* (signal, fresh) {
        toy.calls.push(`collections${fresh ? " fresh" : ""}`);
        await toy.#step("discover", signal);
        for (const { id, name, role, audience, owner, revision } of toy.folders.values()) {
          if (toy.hidden.has(id)) continue;
          yield { id, name, audience, ...(role && { role }), ...(owner && { owner }), ...(revision && { revision }) };
          await toy.#step("discover on", signal);
        }
      },
      changes: (collection, since, read, signal) =>
        toy.#changes(collection.id, since as unknown as Position | undefined, read, signal),
      fetch: async function* (collection, keys, read, signal) {
        toy.calls.push(`fetch ${collection.id} ${keys.join(",")}${read.digest ? " digest" : ""}`);
        for (const key of keys) {
          await toy.#step(`fetch ${collection.id}`, signal);
          yield toy.fetched(key, read) ?? toy.#read(toy.at(collection.id).items.get(key) ?? { key, gone: true }, read);
        }
      },
      content: async (item, part, signal) => {
        toy.calls.push(`content ${item.collection} ${item.key} ${part}`);
        await toy.#step("content", signal);
        if (!toy.at(item.collection).items.has(item.key))
          throw new GroupstreamError("unreachable", `${item.collection}: it is gone`);
        return new Blob([`${item.collection} ${item.key} ${part}`]).stream() as ReadableStream<Uint8Array>;
      },
      watch: async function* (_collections, signal) {
        toy.calls.push("watch");
        const rung: string[] = [];
        let wake: () => void = () => undefined;
        toy.ring = (id) => {
          rung.push(id);
          wake();
        };
        signal.addEventListener("abort", () => wake(), { once: true });
        for (;;) {
          signal.throwIfAborted();
          const id = rung.shift();
          if (id !== undefined) yield id;
          else await new Promise<void>((resolve) => (wake = resolve));
        }
      },
      [Symbol.asyncDispose]: async () => void (toy.disposed += 1),
    };
    const made = { ...adapter, ...over };
    for (const name of Object.keys(over) as (keyof Adapter)[])
      if (made[name] === undefined) delete (made as Record<string, unknown>)[name as string];
    return made as Adapter;
  }
}
