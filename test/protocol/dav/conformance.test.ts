/** The conformance kit on the smallest adapter over the engine, against Radicale: what the adapters for calendars and people rest on. */

import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Adapter } from "groupstream";
import {
  type Dav,
  type DavCollection,
  davChanges,
  davCollections,
  davFetch,
  davMake,
  davPut,
  davRemove,
  discoverDav,
  hrefOfKey,
  openDav,
} from "groupstream/protocol";
import { adapterConformance, type Content, type World } from "groupstream/testing";
import { afterAll, describe, it } from "vitest";
import { LabUnavailable } from "../../lab/packages.ts";
import { startRadicale } from "../../lab/radicale.ts";
import { event, fetchKeys, never, reading } from "./places.ts";

const server = await startRadicale().catch((error): undefined => {
  if (!(error instanceof LabUnavailable) || process.env.CI) throw error;
  console.warn(`skipped: ${error.message}`);
});
afterAll(() => server?.stop());

const open = (): Dav =>
  openDav({ system: "dav", url: server!.url, auth: { username: "anna", password: server!.password("anna") }, allow: "private" });

const notes = (): Adapter => {
  const dav = open();
  const found = new Map<string, DavCollection>();
  const shown = async (signal: AbortSignal) =>
    davCollections(dav, "calendar", await discoverDav(dav, "calendar", signal), signal);
  const at = async (id: string, signal: AbortSignal): Promise<DavCollection> => {
    if (!found.has(id)) for (const one of await shown(signal)) found.set(one.url, one);
    return found.get(id)!;
  };
  return {
    contract: 1,
    id: "dav",
    kind: "notes",
    describe: async (signal) => {
      await shown(signal);
      return { server: "Radicale", mapping: 1, gives: { changes: { level: "full" } }, takes: {} };
    },
    async *collections(signal) {
      for (const { url, name, syncToken } of await shown(signal))
        yield { id: url, name, audience: "unknown", ...(syncToken !== undefined && { revision: syncToken }) };
    },
    async *changes({ id }, since, read, signal) {
      yield* davChanges(dav, await at(id, signal), since, reading, read, signal);
    },
    async *fetch({ id }, keys, read, signal) {
      yield* davFetch(dav, await at(id, signal), keys, reading, read, signal);
    },
    [Symbol.asyncDispose]: () => dav[Symbol.asyncDispose](),
  };
};

interface Thing {
  readonly collection: DavCollection;
  readonly key: string;
}

let worlds = 0;
const world = async (): Promise<World> => {
  const dav = open();
  const place = `w${++worlds}`;
  const made: string[] = [];
  const make = async (name: string): Promise<string> => {
    const url = `${server!.url}anna/${place}-${name}/`;
    await davMake(dav, url, { kind: "calendar", name: `${place} ${name}` }, never);
    made.push(url);
    return url;
  };
  const collections = [await make("one"), await make("two")] as const;
  const of = (url: string): DavCollection => ({ url, kind: "calendar", name: "", components: [], syncs: true });
  const put = async (url: string, { name, text }: Content, uid: string = randomUUID()): Promise<Thing> => {
    const key = `${uid}.ics`;
    const [now] = await fetchKeys(dav, of(url), [key]);
    const condition = now && "revision" in now ? { match: now.revision } : ({ create: true } as const);
    const done = await davPut(dav, hrefOfKey(key, url), event(uid, name, text), { kind: "calendar", ...condition }, never);
    if (done.kind !== "done") throw new Error(`${key} is not written: ${done.kind}`);
    return { collection: of(url), key };
  };
  const remove = async (thing: unknown): Promise<void> => {
    const { collection, key } = thing as Thing;
    const [now] = await fetchKeys(dav, collection, [key]);
    await davRemove(dav, hrefOfKey(key, collection.url), now && "revision" in now ? now.revision : "", never);
  };
  return {
    collections,
    many: 520,
    create: (collection, content) => put(collection, content),
    // Radicale takes files that are put beside it; by PUT they take ten times as long.
    fill: async (collection, contents) => {
      const folder = join(server!.dir, "data/collection-root", new URL(collection).pathname);
      for (const content of contents)
        await writeFile(join(folder, `${randomUUID()}.ics`), event(randomUUID(), content.name, content.text));
    },
    change: async (thing, content) => {
      const { collection, key } = thing as Thing;
      await put(collection.url, content, key.replace(/\.ics$/, ""));
    },
    remove,
    move: { cannot: "these notes have no identity of their own" },
    flag: { cannot: "notes have no flags" },
    // The reading of this test takes an event without a name for one that cannot be read.
    spoil: async (collection) => void (await put(collection, { name: "", text: "" })),
    found: () => make(`more${randomUUID()}`),
    forget: () => server!.forget(),
    cut: { cannot: "each request has a line of its own" },
    slow: { cannot: "Radicale cannot be told to be slow" },
    repeat: { cannot: "sync-collection tells states, not events" },
    [Symbol.asyncDispose]: async () => {
      for (const url of made) await dav.send({ method: "DELETE", url }, never);
      await dav[Symbol.asyncDispose]();
    },
  };
};

describe.skipIf(!server)("an adapter of DAV", () => {
  adapterConformance({ test: it, title: "the engine on Radicale", world, make: notes });
});
