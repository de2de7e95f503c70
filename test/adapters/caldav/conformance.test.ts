/** The conformance kit on calendars of real servers. */

import { randomUUID } from "node:crypto";
import { caldav } from "groupstream/adapters/caldav";
import { type DavCollection, davMake, davPut, davRemove, hrefOfKey, openDav } from "groupstream/protocol";
import { adapterConformance, type Content, type World } from "groupstream/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
import { calendarAt, event, fetchKeys, never } from "../../protocol/dav/places.ts";
import { type CalendarServer, calendarServers } from "./servers.ts";

interface Thing {
  readonly collection: DavCollection;
  readonly key: string;
}

let worlds = 0;
const worldOn = async ({ url, auth, home, many, fill, forget, moves }: CalendarServer): Promise<World> => {
  const dav = openDav({ system: "dav", url, auth, allow: "private" });
  const place = `w${++worlds}`;
  const made: string[] = [];
  const make = async (name: string): Promise<string> => {
    const calendar = `${home}${place}-${name}/`;
    const done = await davMake(dav, calendar, { kind: "calendar", name: `${place} ${name}` }, never);
    if (done.kind !== "done") throw new Error(`${calendar} is not made: ${JSON.stringify(done)}`);
    made.push(calendar);
    return calendar;
  };
  const collections = [await make("one"), await make("two")] as const;
  const write = async (calendar: string, uid: string, data: string): Promise<Thing> => {
    const key = `${uid}.ics`;
    const collection = calendarAt(calendar);
    const [now] = await fetchKeys(dav, collection, [key]);
    const condition = now && "revision" in now ? { match: now.revision } : ({ create: true } as const);
    const done = await davPut(dav, hrefOfKey(key, calendar), data, { kind: "calendar", ...condition }, never);
    if (done.kind !== "done") throw new Error(`${key} is not written: ${JSON.stringify(done)}`);
    return { collection, key };
  };
  const put = (calendar: string, { name, text }: Content, uid: string = randomUUID()): Promise<Thing> =>
    write(calendar, uid, event(uid, name, text));
  const remove = async (thing: unknown): Promise<void> => {
    const { collection, key } = thing as Thing;
    const [now] = await fetchKeys(dav, collection, [key]);
    const done = await davRemove(dav, hrefOfKey(key, collection.url), now && "revision" in now ? now.revision : "", never);
    if (done.kind !== "done") throw new Error(`${key} is not removed: ${JSON.stringify(done)}`);
  };
  return {
    collections,
    many,
    create: (collection, content) => put(collection, content),
    ...(fill && { fill }),
    change: async (thing, content) => {
      const { collection, key } = thing as Thing;
      await put(collection.url, content, key.replace(/\.ics$/, ""));
    },
    remove,
    move: async (thing, to) => {
      const { collection, key } = thing as Thing;
      const from = hrefOfKey(key, collection.url);
      const destination = hrefOfKey(key, to);
      if (moves) {
        const headers = { destination, overwrite: "F" };
        const { status } = await dav.ask({ method: "MOVE", url: from, headers }, never);
        if (status !== 201) throw new Error(`${key} is not moved: ${status}`);
        return { collection: calendarAt(to), key };
      }
      // Where there is no MOVE clients write it there, and remove it here.
      const body = new TextDecoder().decode((await dav.ask({ method: "GET", url: from }, never)).body);
      const moved = await write(to, key.replace(/\.ics$/, ""), body);
      await remove(thing);
      return moved;
    },
    flag: { cannot: "events have no flags" },
    spoil: async (collection) => {
      const uid = randomUUID();
      // Nobody who lives has an appointment then.
      const data = event(uid, "Early").replace(/^DTSTART[^\r\n]*/m, "DTSTART:17000101T090000Z");
      await write(collection, uid, data.replace(/^DTEND[^\r\n]*\r?\n/m, ""));
    },
    found: () => make(`more${randomUUID()}`),
    forget,
    cut: { cannot: "each request has a line of its own" },
    slow: { cannot: "the server cannot be told to be slow" },
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
      for (const calendar of made) await dav.send({ method: "DELETE", url: calendar }, never);
      await dav[Symbol.asyncDispose]();
    },
  };
};

for (const [name, start] of calendarServers) {
  const server = await start();
  describe.skipIf(!server)(`caldav on ${name} ${server?.version}`, () => {
    let begun = 0;
    beforeAll(() => {
      begun = performance.now();
    });
    afterAll(async () => {
      console.log(`the kit on ${name} ${server?.version}: ${Math.round((performance.now() - begun) / 1_000)} s`);
      await server?.stop();
    });
    adapterConformance({
      test: (title, check) => it(title, { timeout: 60_000 }, check),
      title: `on ${name}`,
      world: () => worldOn(server!),
      make: () => caldav({ id: "cal", url: server!.url, auth: server!.auth, owner: "mailto:bob@example.org", allow: "private" }),
    });
  });
}
