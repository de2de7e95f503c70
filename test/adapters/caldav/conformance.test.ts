/** The conformance kit on calendars of a real Radicale. */

import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Adapter } from "groupstream";
import { caldav } from "groupstream/adapters/caldav";
import { type Dav, type DavCollection, davMake, davPut, davRemove, hrefOfKey, openDav } from "groupstream/protocol";
import { adapterConformance, type Content, type World } from "groupstream/testing";
import { afterAll, describe, it } from "vitest";
import { LabUnavailable } from "../../lab/packages.ts";
import { startRadicale } from "../../lab/radicale.ts";
import { event, fetchKeys, never } from "../../protocol/dav/places.ts";

const server = await startRadicale().catch((error): undefined => {
  if (!(error instanceof LabUnavailable) || process.env.CI) throw error;
  console.warn(`skipped: ${error.message}`);
});
afterAll(() => server?.stop());

const open = (): Dav =>
  openDav({ system: "dav", url: server!.url, auth: { username: "anna", password: server!.password("anna") }, allow: "private" });

const calendars = (): Adapter =>
  caldav({
    id: "cal",
    url: server!.url,
    auth: { username: "anna", password: server!.password("anna") },
    owner: "mailto:anna@example.org",
    allow: "private",
  });

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
    move: async (thing, to) => {
      const { collection, key } = thing as Thing;
      const destination = hrefOfKey(key, to);
      await dav.send({ method: "MOVE", url: hrefOfKey(key, collection.url), headers: { destination, overwrite: "F" } }, never);
      return { collection: of(to), key };
    },
    flag: { cannot: "events have no flags" },
    spoil: async (collection) => {
      const folder = join(server!.dir, "data/collection-root", new URL(collection).pathname);
      const uid = randomUUID();
      // Nobody who lives has an appointment then.
      const data = event(uid, "Early", "")
        .replace(/^DTSTART[^\r\n]*/m, "DTSTART:17000101T090000Z")
        .replace(/^DTEND[^\r\n]*\r?\n/m, "");
      await writeFile(join(folder, `${uid}.ics`), data);
    },
    found: () => make(`more${randomUUID()}`),
    forget: () => server!.forget(),
    cut: { cannot: "each request has a line of its own" },
    slow: { cannot: "Radicale cannot be told to be slow" },
    wish: ({ name, text }) => ({
      type: "Event",
      name,
      text,
      start: "2026-12-03T10:00:00",
      end: "2026-12-03T11:30:00",
      timezone: "Europe/Berlin",
      startTime: "2026-12-03T09:00:00Z",
      endTime: "2026-12-03T10:30:00Z",
      status: "tentative",
    }),
    repeat: { cannot: "sync-collection tells states, not events" },
    [Symbol.asyncDispose]: async () => {
      for (const url of made) await dav.send({ method: "DELETE", url }, never);
      await dav[Symbol.asyncDispose]();
    },
  };
};

describe.skipIf(!server)("caldav", () => {
  adapterConformance({ test: it, title: "on Radicale", world, make: calendars });
});
