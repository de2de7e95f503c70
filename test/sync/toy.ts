/**
 * The system in memory under a test's hand: every call is written down, it fails where it is told to, and it may be made to show what is not so.
 */

import type { Adapter, Evidence, MessageView, Page, Read, Sighting, View, Whole } from "groupstream";
import { GroupstreamError } from "groupstream";
import { type MemoryCollection, MemorySystem } from "groupstream/testing";

export type Folder = MemoryCollection & {
  /** Thrown by the next looks until taken away. */
  fails?: GroupstreamError;
  /** Pages given instead of the true ones, one list per look. */
  script: (readonly Page[] | ((since: unknown) => readonly Page[]))[];
  /** Server's own count, where a listing gives one. */
  count?: number;
};

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

export class Toy extends MemorySystem {
  readonly calls: string[] = [];
  /** Folders that discovery does not show now. */
  readonly hidden = new Set<string>();
  /** What fetch answers instead of the truth. */
  fetched: (key: string, read: Read) => Sighting | undefined = () => undefined;
  disposed = 0;

  constructor(id = "mail", ...folders: string[]) {
    super(id);
    this.manifest = { server: "Toy 1", mapping: 1, gives: {}, takes: {} };
    for (const name of folders.length > 0 ? folders : ["INBOX", "Archive"]) this.folder(name);
  }

  folder(id: string, over: Partial<Folder> = {}): Folder {
    const made = this.open({ id, name: id, audience: ["mailto:team@example.org"] });
    return Object.assign(made, { generation: "1", script: [], ...over });
  }

  override at(id: string): Folder {
    return super.at(id) as Folder;
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

  /** The position is no longer honoured: a listing follows. */
  lose(id: string): void {
    this.at(id).generation += "'";
  }

  looks(id: string): readonly string[] {
    return this.calls.filter((call) => call.startsWith(`changes ${id} `));
  }

  async #step(what: string, signal: AbortSignal): Promise<void> {
    await this.before(what, signal);
    signal.throwIfAborted();
  }

  /** With the digest of its text where that is asked for. */
  #digested(id: string, sighting: Sighting, read: Read): Sighting {
    const { text } = (this.get(id, sighting.key)?.object ?? {}) as MessageView;
    if (!read.digest || text === undefined || !("object" in sighting) || !sighting.object) return sighting;
    return { ...sighting, same: [...(sighting.same ?? []), digest(text)] };
  }

  async *#changes(
    honest: NonNullable<Adapter["changes"]>,
    ...[collection, since, read, signal]: Parameters<NonNullable<Adapter["changes"]>>
  ): AsyncGenerator<Page> {
    const { id } = collection;
    const folder = this.at(id);
    const kind = since === undefined ? "list" : (since as { listing?: unknown }).listing ? "resume" : "delta";
    this.calls.push(`changes ${id} ${kind} ${read.text}${read.fresh ? " fresh" : ""}`);
    await this.#step(`open ${id}`, signal);
    if (folder.fails) throw folder.fails;
    const scripted = folder.script.shift();
    for (const page of typeof scripted === "function" ? scripted(since) : (scripted ?? [])) {
      await this.#step(`page ${id}`, signal);
      yield page;
    }
    if (scripted) return;
    for await (const { sightings, position, listing } of honest(collection, since, read, signal)) {
      const count = listing?.last && folder.count !== undefined && { count: folder.count };
      const shown = sightings.map((one) => this.#digested(id, one, read));
      yield { sightings: shown, position, ...(listing && { listing: { ...listing, ...count } }) };
    }
    await this.#step(`close ${id}`, signal);
  }

  /** The honest adapter. */
  protected honest(): Adapter {
    return super.adapter();
  }

  /** An adapter that only gives; `over` takes abilities away or puts others there. */
  override adapter(over: { [name in keyof Adapter]?: Adapter[name] | undefined } = {}): Adapter {
    const toy = this;
    const { performs: _performs, find: _find, ...honest } = this.honest();
    const { changes, fetch, watch } = honest as Required<Adapter>;
    const made = {
      ...honest,
      kind: "toy",
      describe: (signal) => {
        toy.calls.push("describe");
        return honest.describe(signal);
      },
      async *collections(signal, fresh) {
        toy.calls.push(`collections${fresh ? " fresh" : ""}`);
        for await (const one of honest.collections(signal)) {
          if (toy.hidden.has(one.id)) continue;
          const { fails: _fails, script: _script, count: _count, ...shown } = one as Folder;
          yield shown;
          await toy.#step("collections on", signal);
        }
      },
      changes: (...look) => toy.#changes(changes, ...look),
      async *fetch(collection, keys, read, signal) {
        const { id } = collection;
        toy.calls.push(`fetch ${id} ${keys.join(",")}${read.digest ? " digest" : ""}`);
        for (const key of keys)
          for await (const one of fetch(collection, [key], read, signal))
            yield toy.fetched(key, read) ?? toy.#digested(id, one, read);
      },
      content: async (item, part, signal) => {
        toy.calls.push(`content ${item.collection} ${item.key} ${part}`);
        await toy.#step("content", signal);
        if (!toy.at(item.collection).items.has(item.key))
          throw new GroupstreamError("unreachable", `${item.collection}: it is gone`);
        return new Blob([`${item.collection} ${item.key} ${part}`]).stream() as ReadableStream<Uint8Array>;
      },
      watch: (...watched) => {
        toy.calls.push("watch");
        return watch(...watched);
      },
      [Symbol.asyncDispose]: async () => void (toy.disposed += 1),
      ...over,
    } as Adapter;
    for (const name of Object.keys(over) as (keyof Adapter)[])
      if (made[name] === undefined) delete (made as unknown as Record<string, unknown>)[name as string];
    return made;
  }
}
