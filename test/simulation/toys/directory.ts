/** A directory with a change log, as DirSync gives it: people, and groups whose members come and go by patches. */

import {
  type Adapter,
  GroupstreamError,
  type Json,
  type Page,
  type Patch,
  type Position,
  type ProfileView,
  type Sighting,
} from "groupstream";
import { padded } from "../random.ts";
import { type Env, type Fact, type Toy, type Truth, toyManifest } from "../world.ts";

interface Entry {
  readonly tag: string;
  readonly group: boolean;
  phone: string;
  readonly members: Set<string>;
  usn: number;
}

interface Row {
  readonly usn: number;
  readonly key: string;
  readonly room: string;
  readonly what: "made" | "gone" | { readonly phone?: string; readonly add?: string; readonly remove?: string };
}

export class DirectoryToy implements Toy {
  readonly id: string;
  readonly #env: Env;
  readonly #ordered: boolean;
  readonly #rooms = new Map<string, Map<string, Entry>>([
    ["people", new Map()],
    ["groups", new Map()],
  ]);
  readonly #log: Row[] = [];
  #usn = 0;
  #count = 0;
  #generation = 0;
  #cut = 0;
  #empty = 0;

  /** @param ordered  entries carry their USN */
  constructor(id: string, ordered: boolean, env: Env) {
    this.id = id;
    this.#ordered = ordered;
    this.#env = env;
  }

  fill(count: number): void {
    for (let i = 0; i < count; i += 1) this.#make(i % 4 === 3 ? "groups" : "people");
  }

  #line(what: string): void {
    this.#env.step(`${this.id} ${what}`);
    if (this.#cut > 0) {
      this.#cut -= 1;
      throw new GroupstreamError("unreachable", `${this.id}: no answer; it is tried again`, { system: this.id });
    }
  }

  adapter(): Adapter {
    const toy = this;
    const entries = (room: string) => toy.#rooms.get(room) as Map<string, Entry>;
    return {
      contract: 1,
      id: toy.id,
      kind: "toy-directory",
      async describe() {
        return toyManifest({ plausible: 0.1 });
      },
      async *collections() {
        toy.#line("rootDSE");
        for (const id of toy.#rooms.keys()) yield { id, name: id, audience: "public" };
      },
      changes: ({ id }, since) => toy.#changes(id, since),
      async *fetch({ id }, keys) {
        for (const key of keys) {
          toy.#line(`search ${key}`);
          const entry = entries(id).get(key);
          yield entry ? toy.#whole(key, entry) : { key, gone: true };
        }
      },
      async [Symbol.asyncDispose]() {},
    };
  }

  async *#changes(room: string, since: Position | undefined): AsyncGenerator<Page> {
    const { random, presence } = this.#env;
    this.#line(`search ${room}`);
    const place = since as { g: number; usn: number } | undefined;
    if (place && place.g !== this.#generation)
      throw new GroupstreamError("position-lost", `${this.id}: the cookie is unknown; it is listed again`);
    const g = this.#generation;
    const entries = this.#rooms.get(room) as Map<string, Entry>;
    const upTo = this.#usn;
    if (!place) {
      presence.opens(`${this.id}/${room}`);
      const id = `${room} ${presence.tick()}`;
      // A restored replica answers with next to nothing, once.
      const keys = this.#empty > 0 ? [...entries.keys()].slice(0, 1) : [...entries.keys()];
      if (this.#empty > 0) this.#empty -= 1;
      while (keys.length > 4) {
        const sightings = keys
          .splice(0, 4)
          .flatMap((key): Sighting[] => (entries.has(key) ? [this.#whole(key, entries.get(key) as Entry)] : []));
        yield { sightings, position: { g: -1, usn: 0 }, listing: { id } };
        this.#line(`search ${room}, next page`);
      }
      const sightings = keys.flatMap((key): Sighting[] =>
        entries.has(key) ? [this.#whole(key, entries.get(key) as Entry)] : [],
      );
      yield { sightings, position: { g, usn: upTo }, listing: { id, last: true } };
      return;
    }
    let at = place.usn;
    for (;;) {
      const rows = this.#log.filter((row) => row.room === room && row.usn > at && row.usn <= upTo);
      const now = rows.slice(0, 1 + random.int(4));
      const done = now.length === rows.length;
      at = done ? upTo : (now.at(-1) as Row).usn;
      const keys = [...new Set(now.map(({ key }) => key))];
      yield { sightings: keys.map((key) => this.#together(key, now, entries)), position: { g, usn: at } };
      if (done) return;
      this.#line(`search ${room}, more changes`);
    }
  }

  /** What several rows of a page say of one entry. */
  #together(key: string, rows: readonly Row[], entries: ReadonlyMap<string, Entry>): Sighting {
    const mine = rows.filter((row) => row.key === key);
    const last = mine.at(-1) as Row;
    const order = this.#ordered ? { order: padded(last.usn) } : {};
    if (last.what === "gone") return { key, gone: true, ...order };
    const entry = entries.get(key);
    if (mine.some(({ what }) => what === "made")) return entry ? this.#whole(key, entry) : { key, gone: true, ...order };
    const members = new Map<string, boolean>();
    let phone: string | undefined;
    for (const { what } of mine) {
      if (typeof what === "string") continue;
      if (what.add !== undefined) members.set(what.add, true);
      if (what.remove !== undefined) members.set(what.remove, false);
      phone = what.phone ?? phone;
    }
    const which = (there: boolean): readonly Json[] => [...members].filter(([, one]) => one === there).map(([member]) => member);
    const patch: Patch = {
      key,
      revision: String(last.usn),
      ...(phone !== undefined && { set: { fields: { telephoneNumber: phone } } }),
      ...(which(true).length > 0 && { add: { members: which(true) } }),
      ...(which(false).length > 0 && { remove: { members: which(false) } }),
      ...order,
    };
    return patch;
  }

  #whole(key: string, entry: Entry): Sighting {
    const object: ProfileView = {
      type: entry.group ? "Group" : "Person",
      name: entry.tag,
      ...(!entry.group && { fields: { telephoneNumber: entry.phone } }),
      ...(entry.group && { members: [...entry.members] }),
    };
    return {
      key,
      revision: String(entry.usn),
      object,
      same: [{ id: `entry:${key}`, within: "system", weight: "identity" }],
      ...(this.#ordered && { order: padded(entry.usn) }),
    };
  }

  truth(): Truth {
    const fact = (entry: Entry): Fact => ({
      tag: entry.tag,
      copies: 1,
      flags: [],
      reactions: [],
      props: entry.group ? { members: [...entry.members].sort() } : { fields: { telephoneNumber: entry.phone } },
    });
    return new Map([...this.#rooms].map(([room, entries]) => [`${this.id}/${room}`, [...entries.values()].map(fact)]));
  }

  calm(): void {
    this.#cut = 0;
    this.#empty = 0;
  }

  again(): void {
    this.#generation += 1;
  }

  mutate(): string | undefined {
    const { random } = this.#env;
    const roll = random.int(100);
    const room = random.chance(0.6) ? "groups" : "people";
    const [key, entry] = random.pick([...(this.#rooms.get(room) as Map<string, Entry>)]) ?? [];
    if (roll < 25 || key === undefined || !entry) return this.#make(room);
    if (roll < 35) return this.#drop(room, key, entry);
    if (!entry.group) {
      entry.phone = `+49 ${this.#usn}`;
      this.#book(room, key, { phone: entry.phone });
      return `${entry.tag} gets the number ${entry.phone}`;
    }
    const [member] = random.pick([...(this.#rooms.get("people") as Map<string, Entry>)]) ?? [];
    if (member === undefined) return undefined;
    const had = entry.members.delete(member);
    if (!had) entry.members.add(member);
    this.#book(room, key, had ? { remove: member } : { add: member });
    return `${member} ${had ? "leaves" : "joins"} ${entry.tag}`;
  }

  trouble(): string | undefined {
    // Only a loss that is implausible may be a lie: a smaller one would be believed.
    const many = [...this.#rooms.values()].every((entries) => entries.size > 22);
    if (many && this.#env.settled && this.#env.random.chance(0.7)) {
      this.#generation += 1;
      this.#empty = 1;
      return "forgets its cookies and lists one entry only, once";
    }
    if (this.#env.random.chance(0.35)) {
      this.#cut = 1;
      return "does not answer";
    }
    this.#generation += 1;
    return "forgets its cookies";
  }

  #book(room: string, key: string, what: Row["what"]): void {
    this.#usn += 1;
    this.#log.push({ usn: this.#usn, key, room, what });
    const entry = this.#rooms.get(room)?.get(key);
    if (entry) entry.usn = this.#usn;
  }

  #make(room: string): string {
    this.#count += 1;
    const group = room === "groups";
    const tag = `${group ? "g" : "u"}${this.#count}`;
    const key = `uuid-${this.#count}`;
    this.#rooms.get(room)?.set(key, { tag, group, phone: "+49 0", members: new Set(), usn: 0 });
    this.#env.presence.enter(`${this.id}/${room}`, tag);
    this.#book(room, key, "made");
    return `${tag} is made`;
  }

  #drop(room: string, key: string, entry: Entry): string {
    this.#rooms.get(room)?.delete(key);
    this.#env.presence.leave(`${this.id}/${room}`, entry.tag);
    this.#book(room, key, "gone");
    return `${entry.tag} is removed`;
  }
}
