/**
 * A source with a change feed, as Microsoft Graph has one: immutable ids across folders, entries that may come again and
 * in another order, tokens that expire.
 *
 * `patches`: entries say what changed, with an order · `references`: the feed has no order, so it only says which.
 */

import {
  type Adapter,
  GroupstreamError,
  type Json,
  type MessageView,
  type Page,
  type Position,
  type Read,
  type Sighting,
  type Whole,
} from "groupstream";
import { padded } from "../random.ts";
import { type Env, type Fact, type Toy, type Truth, toyManifest } from "../world.ts";

interface Thing {
  readonly tag: string;
  subject: string;
  flags: Set<string>;
  version: number;
  readonly came: number;
}

/** What the feed holds for good: what a thing was when it changed. */
interface Row {
  readonly n: number;
  readonly key: string;
  readonly what:
    | { readonly gone: true; readonly version: number }
    | {
        readonly fresh: boolean;
        readonly version: number;
        readonly text: string;
        readonly flags: readonly string[];
        readonly flagged?: string;
        readonly unflagged?: string;
      };
}

interface Folder {
  readonly id: string;
  readonly things: Map<string, Thing>;
  readonly feed: Row[];
  generation: number;
}

const flagNames = ["flagged", "red", "blue"] as const;

export class DeltaToy implements Toy {
  readonly id: string;
  readonly #env: Env;
  readonly #mode: "patches" | "references";
  readonly #folders: Folder[] = [];
  #n = 0;
  #count = 0;
  #cut = 0;

  constructor(id: string, mode: "patches" | "references", env: Env) {
    this.id = id;
    this.#mode = mode;
    this.#env = env;
    for (const name of ["Inbox", "Later", "Done"]) this.#folders.push({ id: name, things: new Map(), feed: [], generation: 0 });
  }

  fill(count: number): void {
    for (let i = 0; i < count; i += 1) this.#make(this.#env.random.pick(this.#folders) as Folder);
  }

  #line(what: string): void {
    this.#env.step(`${this.id} ${what}`);
    if (this.#cut > 0) {
      this.#cut -= 1;
      throw new GroupstreamError("throttled", `${this.id}: too many requests; it goes on by itself`, {
        system: this.id,
        retryAfter: 1,
      });
    }
  }

  #place(folder: Folder): string {
    return `${this.id}/${folder.id}`;
  }

  adapter(): Adapter {
    const toy = this;
    const find = (id: string): Folder => toy.#folders.find((folder) => folder.id === id) as Folder;
    return {
      contract: 1,
      id: toy.id,
      kind: "toy-delta",
      async describe() {
        return toyManifest();
      },
      async *collections() {
        toy.#line("mailFolders");
        for (const { id } of toy.#folders) yield { id, name: id, audience: "unknown" };
      },
      changes: ({ id }, since, read) => toy.#changes(find(id), since, read),
      async *fetch({ id }, keys, read) {
        for (const key of keys) {
          toy.#line(`GET ${key}`);
          const thing = find(id).things.get(key);
          yield thing
            ? toy.#whole(key, thing, read)
            : { key, gone: true, ...(toy.#mode === "patches" && { order: padded(toy.#n) }) };
        }
      },
      async [Symbol.asyncDispose]() {},
    };
  }

  async *#changes(folder: Folder, since: Position | undefined, read: Read): AsyncGenerator<Page> {
    const { random, presence } = this.#env;
    this.#line(`delta ${folder.id}`);
    const place = since as { g: number; n: number; began: number; listing?: { id: string; after: string } } | undefined;
    const { generation } = folder;
    if (place && place.g !== generation)
      throw new GroupstreamError("position-lost", `${this.id}: the delta token has expired; it is listed again`);
    const open = place ? place.listing : { id: `${folder.id} ${presence.tick()}`, after: "" };
    const from = place?.n ?? this.#n;
    const began = place?.began ?? this.#n;
    if (!place) presence.opens(this.#place(folder));
    if (open) {
      let { after } = open;
      for (;;) {
        const keys = [...folder.things.keys()].sort().filter((key) => key > after);
        const now = keys.slice(0, 1 + random.int(3));
        after = now.at(-1) ?? after;
        const last = now.length === keys.length;
        const sightings = now.map((key): Sighting => {
          const thing = folder.things.get(key) as Thing;
          return this.#mode === "references" ? { key, revision: String(thing.version) } : this.#whole(key, thing, read);
        });
        const position = { g: generation, n: from, began, ...(!last && { listing: { id: open.id, after } }) };
        yield { sightings, position, listing: { id: open.id, ...(last && { last: true as const }) } };
        if (last) return;
        this.#line(`delta ${folder.id} lists on`);
      }
    }
    const upTo = this.#n;
    let at = from;
    for (;;) {
      const rows = folder.feed.filter(({ n }) => n > at && n <= upTo);
      const fresh = rows.slice(0, 1 + random.int(3));
      const done = fresh.length === rows.length;
      at = done ? upTo : (fresh.at(-1) as Row).n;
      // Entries since the token began come again, and in any order; of one page the last state of a key counts.
      const repeated = random.chance(0.4) ? random.shuffle(folder.feed.filter(({ n }) => n > began && n <= at)).slice(0, 2) : [];
      const page = new Map(
        random
          .shuffle([...fresh.filter(({ key }) => !repeated.some((row) => row.key === key)), ...repeated])
          .map((row) => [row.key, row]),
      );
      for (const row of fresh) if ((page.get(row.key)?.n ?? 0) < row.n) page.set(row.key, row);
      const sightings = [...page.values()].flatMap((row) => this.#shown(folder, row, fresh, read));
      yield { sightings, position: { g: generation, n: at, began } };
      if (done) return;
      this.#line(`delta ${folder.id} goes on`);
    }
  }

  /** A page brings one sighting per key: what several entries say of it is put together. */
  #shown(folder: Folder, row: Row, fresh: readonly Row[], read: Read): readonly Sighting[] {
    const { key, what } = row;
    if (this.#mode === "references")
      return "gone" in what && !folder.things.has(key) ? [{ key, gone: true }] : [{ key, revision: String(what.version) }];
    if ("gone" in what) return [{ key, gone: true, order: padded(what.version) }];
    const together = fresh.filter((one) => one.key === key && one.n <= row.n).map((one) => one.what);
    if (what.fresh || together.some((one) => "gone" in one || one.fresh)) {
      const thing: Thing = {
        tag: what.text.split(" ")[0] as string,
        subject: what.text,
        flags: new Set(what.flags),
        version: what.version,
        came: folder.things.get(key)?.came ?? 0,
      };
      return [this.#whole(key, thing, read)];
    }
    return [
      {
        key,
        revision: String(what.version),
        set: { text: what.text, edition: padded(what.version), flags: what.flags as Json },
        order: padded(what.version),
      },
    ];
  }

  #whole(key: string, thing: Thing, read: Read): Whole {
    const object: MessageView = {
      type: "Note",
      name: thing.tag,
      ...(read.text !== "none" && { text: thing.subject }),
      edition: padded(thing.version),
      flags: [...thing.flags],
    };
    return {
      key,
      revision: String(thing.version),
      object,
      same: [{ id: `immutable:${key}`, within: "system", weight: "identity" }],
      ...(thing.came > 0 && { came: new Date(thing.came).toISOString() }),
      ...(this.#mode === "patches" && { order: padded(thing.version) }),
    };
  }

  truth(): Truth {
    return new Map(
      this.#folders.map((folder) => [
        this.#place(folder),
        [...folder.things.values()].map(
          (thing): Fact => ({
            tag: thing.tag,
            copies: 1,
            flags: [...thing.flags].sort(),
            reactions: [],
            props: { text: thing.subject },
          }),
        ),
      ]),
    );
  }

  calm(): void {
    this.#cut = 0;
  }

  again(): void {
    for (const folder of this.#folders) folder.generation += 1;
  }

  mutate(): string | undefined {
    const { random } = this.#env;
    const folder = random.pick(this.#folders) as Folder;
    const [key, thing] = random.pick([...folder.things]) ?? [];
    const roll = random.int(100);
    if (roll < 25 || key === undefined || !thing) return this.#make(folder);
    if (roll < 45) {
      const flag = random.pick(flagNames) as string;
      const had = thing.flags.delete(flag);
      if (!had) thing.flags.add(flag);
      this.#book(folder, key, thing, false);
      return `${had ? "unflags" : "flags"} ${thing.tag} ${flag}`;
    }
    if (roll < 65) {
      thing.subject = `${thing.tag} edited ${this.#n}`;
      this.#book(folder, key, thing, false);
      return `edits ${thing.tag}`;
    }
    this.#drop(folder, key, thing);
    if (roll < 85) return `deletes ${thing.tag} in ${folder.id}`;
    const target = random.pick(this.#folders.filter((one) => one !== folder)) as Folder;
    target.things.set(key, thing);
    this.#env.presence.enter(this.#place(target), thing.tag);
    this.#book(target, key, thing, true);
    return `moves ${thing.tag} from ${folder.id} to ${target.id}`;
  }

  trouble(): string | undefined {
    if (this.#env.random.chance(0.5)) {
      this.#cut = 1;
      return "throttles";
    }
    const folder = this.#env.random.pick(this.#folders) as Folder;
    folder.generation += 1;
    return `forgets the token of ${folder.id}`;
  }

  #book(folder: Folder, key: string, thing: Thing, fresh: boolean): void {
    this.#n += 1;
    thing.version = this.#n;
    folder.feed.push({ n: this.#n, key, what: { fresh, version: this.#n, text: thing.subject, flags: [...thing.flags] } });
  }

  #drop(folder: Folder, key: string, thing: Thing): void {
    this.#n += 1;
    folder.things.delete(key);
    folder.feed.push({ n: this.#n, key, what: { gone: true, version: this.#n } });
    this.#env.presence.leave(this.#place(folder), thing.tag);
  }

  #make(folder: Folder): string {
    this.#count += 1;
    const tag = `${this.id}-${this.#count}`;
    const thing: Thing = { tag, subject: `${tag} first`, flags: new Set(), version: 0, came: this.#env.clock.now() };
    const key = `id-${padded(this.#count)}`;
    folder.things.set(key, thing);
    this.#env.presence.enter(this.#place(folder), tag);
    this.#book(folder, key, thing, true);
    return `${tag} arrives in ${folder.id}`;
  }
}
