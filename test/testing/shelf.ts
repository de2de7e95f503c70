/** Shelves with notes on them: a source in memory that keeps a journal, and an adapter that tells the truth about it. */

import { setTimeout as sleep } from "node:timers/promises";
import { type Adapter, type CollectionId, GroupstreamError, type Page, type Read, type Sighting } from "groupstream";
import type { Content, World } from "groupstream/testing";
import { self, shelfPerforms, shelfTakes } from "./shelf-performing.ts";

/** A note; `id` is the same wherever it is moved, `key` is not. */
export interface Note {
  readonly key: string;
  readonly id: string;
  readonly shelf: string;
  name: string;
  text: string;
  flagged: boolean;
  /** When it last changed, by the journal. */
  seq: number;
  broken?: true;
  /** What we put there: by which delivery, or what it says. */
  readonly mine?: { readonly marker?: string; readonly digest?: string };
  /** The key of the note it answers. */
  readonly answers?: string;
  liked?: boolean;
}

/** The source. Positions name its epoch. */
export class Shelves implements World {
  readonly collections = ["a", "b"] as const;
  /** Pages are small, so few need many. */
  readonly many = 11;
  readonly notes = new Map<string, Note>();
  readonly removed: { readonly shelf: string; readonly key: string; readonly seq: number }[] = [];
  readonly shelves = new Set(["a", "b"]);
  readonly lines = new Set<AbortController>();
  readonly bells = new Set<(shelf: string) => void>();
  epoch = 1;
  seq = 0;
  delay = 0;
  /** It reports everything again, as it was at first. */
  repeating = false;
  /** Names of what was posted. */
  readonly posted: string[] = [];
  readonly posts: boolean;

  /** @param posts  what is put there by the adapter is posted: an act, known again by its digest only */
  constructor(posts = false) {
    this.posts = posts;
  }

  create = async (where: string, { name, text }: Content): Promise<Note> =>
    this.put({ shelf: where, name, text, flagged: false });
  change = async (thing: unknown, { name, text }: Content): Promise<void> =>
    void Object.assign(thing as Note, { name, text, seq: ++this.seq });
  remove = async (thing: unknown): Promise<void> => {
    const { key, shelf } = thing as Note;
    this.notes.delete(key);
    this.removed.push({ shelf, key, seq: ++this.seq });
    this.#ring(shelf);
  };
  move = async (thing: unknown, to: string): Promise<Note> => {
    const { id, name, text, flagged } = thing as Note;
    await this.remove(thing);
    return this.put({ shelf: to, name, text, flagged }, id);
  };
  flag = async (thing: unknown, on: boolean): Promise<void> =>
    void Object.assign(thing as Note, { flagged: on, seq: ++this.seq });
  spoil = async (where: string): Promise<void> => {
    this.put({ shelf: where, name: "spoilt", text: "", flagged: false, broken: true });
  };
  found = async (): Promise<string> => {
    this.shelves.add("c");
    return "c";
  };
  forget = async (): Promise<void> => void (this.epoch += 1);
  cut = async (): Promise<void> => {
    for (const line of this.lines) line.abort();
  };
  slow = async (ms: number): Promise<void> => void (this.delay = ms);
  repeat = async (): Promise<void> => void (this.repeating = true);
  effects = async (): Promise<readonly string[]> => [...this.posted];

  put(note: Omit<Note, "key" | "id" | "seq">, id?: string): Note {
    const seq = ++this.seq;
    const key = `n${String(seq).padStart(5, "0")}`;
    const put: Note = { ...note, key, id: id ?? key, seq };
    this.notes.set(key, put);
    this.#ring(note.shelf);
    return put;
  }
  on(shelf: string): Note[] {
    return [...this.notes.values()].filter((note) => note.shelf === shelf);
  }
  #ring(shelf: string): void {
    for (const ring of this.bells) ring(shelf);
  }
  async [Symbol.asyncDispose](): Promise<void> {}
}

const pageSize = 4;

/** Journal up to which was read; in a listing also the last key that was shown. */
interface Place {
  readonly v: 1;
  readonly epoch: number;
  readonly seq: number;
  readonly listing?: string;
  readonly after?: string;
}

const orderOf = (seq: number): string => String(seq).padStart(10, "0");

const textOf = ({ text }: Note, read: Read): { text?: string } =>
  read.text === "none" ? {} : { text: read.text === "preview" ? text.slice(0, 2_000) : text };

const reactionsOf = ({ liked }: Note) => (liked ? [{ actor: self, emoji: "👍" }] : []);

const wholeOf = (note: Note, read: Read): Sighting => {
  const { key, id, seq, name, flagged, broken, shelf, mine, answers } = note;
  if (broken) return { key, revision: String(seq), malformed: { reason: "The note cannot be read.", part: "raw" } };
  return {
    key,
    revision: String(seq),
    object: {
      type: "Note",
      name,
      ...textOf(note, read),
      ...(flagged && { flags: ["flagged"] }),
      ...(answers !== undefined && { inReplyTo: [{ collection: shelf, key: answers }] }),
      reactions: reactionsOf(note),
    },
    ...(mine && { mine }),
    same: [{ id, within: "system", weight: "identity" }],
    order: orderOf(seq),
  };
};

const patchOf = (note: Note, read: Read): Sighting => ({
  key: note.key,
  revision: String(note.seq),
  set: { name: note.name, flags: note.flagged ? ["flagged"] : [], reactions: reactionsOf(note), ...textOf(note, read) },
  order: orderOf(note.seq),
});

/** The adapter, as a newly started process has it. */
export const shelfAdapter = (source: Shelves): Adapter => {
  const pause = async (signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    await sleep(source.delay, undefined, { signal }).catch(() => signal.throwIfAborted());
  };
  const now = (): Place => ({ v: 1, epoch: source.epoch, seq: source.seq });

  const list = async function* (shelf: CollectionId, place: Place, read: Read, signal: AbortSignal): AsyncIterable<Page> {
    const { listing: id = "", after: from = "", ...end } = place;
    const line = new AbortController();
    source.lines.add(line);
    try {
      for (let after = from; ; ) {
        await pause(signal);
        if (line.signal.aborted) throw new GroupstreamError("unreachable", "shelf: the line was cut; it is tried again");
        const rest = source.on(shelf).filter(({ key }) => key > after && key <= `n${String(place.seq).padStart(5, "0")}`);
        const notes = rest.slice(0, pageSize);
        const last = rest.length <= pageSize;
        after = notes.at(-1)?.key ?? after;
        yield {
          sightings: notes.map((note) => wholeOf(note, read)),
          position: last ? { ...end } : { ...place, after },
          listing: { id, ...(last && { last: true as const }) },
        };
        if (last) return;
      }
    } finally {
      source.lines.delete(line);
    }
  };

  const delta = async function* (shelf: CollectionId, { seq }: Place, read: Read, signal: AbortSignal): AsyncIterable<Page> {
    await pause(signal);
    const end = now();
    const sightings = [
      ...source.on(shelf).flatMap((note) => (note.seq > seq ? [note.broken ? wholeOf(note, read) : patchOf(note, read)] : [])),
      ...source.removed.flatMap((one): Sighting[] =>
        one.shelf === shelf && one.seq > seq ? [{ key: one.key, gone: true, order: orderOf(one.seq) }] : [],
      ),
      ...(source.repeating
        ? source.on(shelf).map(({ key }): Sighting => ({ key, revision: "0", set: { flags: [] }, order: orderOf(0) }))
        : []),
    ];
    for (let at = 0; at === 0 || at < sightings.length; at += pageSize)
      yield {
        sightings: sightings.slice(at, at + pageSize),
        position: at + pageSize < sightings.length ? { ...now(), seq } : { ...end },
      };
  };

  return {
    contract: 1,
    id: "shelf",
    kind: "shelf",
    describe: async (signal) => {
      signal.throwIfAborted();
      return { server: "Shelves 1", mapping: 1, gives: { changes: { level: "full" } }, ...shelfTakes(source) };
    },
    async *collections(signal) {
      await pause(signal);
      for (const id of source.shelves) {
        const seqs = [...source.on(id), ...source.removed.filter(({ shelf }) => shelf === id)].map(({ seq }) => seq);
        const revision = `${source.epoch}:${Math.max(0, ...seqs)}:${source.repeating}`;
        yield { id, name: `Shelf ${id}`, audience: "unknown", revision };
      }
    },
    async *changes({ id }, since, read, signal) {
      const place = since as unknown as Place | undefined;
      if (!place) yield* list(id, { ...now(), listing: crypto.randomUUID() }, read, signal);
      else if (place.epoch !== source.epoch)
        throw new GroupstreamError("position-lost", "shelf: the position is lost; it is listed again");
      else yield* (place.listing ? list : delta)(id, place, read, signal);
    },
    async *fetch({ id }, keys, read, signal) {
      await pause(signal);
      for (const key of keys) {
        const note = source.notes.get(key);
        yield note?.shelf === id ? wholeOf(note, read) : { key, gone: true };
      }
    },
    async *watch(collections, signal) {
      const shown = new Set(collections.map(({ id }) => id));
      const rang: string[] = [];
      let wake = (): void => undefined;
      const ring = (shelf: string): void => {
        if (shown.has(shelf)) rang.push(shelf);
        wake();
      };
      source.bells.add(ring);
      signal.addEventListener("abort", () => wake(), { once: true });
      try {
        for (;;) {
          signal.throwIfAborted();
          const next = rang.shift();
          if (next !== undefined) yield next;
          else await new Promise<void>((resolve) => (wake = resolve));
        }
      } finally {
        source.bells.delete(ring);
      }
    },
    ...shelfPerforms(source, pause, (note) => wholeOf(note, { text: "full", behaviour: false })),
    async [Symbol.asyncDispose]() {},
  };
};
