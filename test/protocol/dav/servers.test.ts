/** The reading engine and the writes against real servers: Radicale 3.1 and Xandikos 0.2. */

import type { Page } from "groupstream";
import { hrefOfKey } from "groupstream/protocol/dav";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { Dav } from "../../../src/protocol/dav/client.ts";
import type { DiscoveredCollection } from "../../../src/protocol/dav/collection.ts";
import { davCollections, discoverDav } from "../../../src/protocol/dav/discover.ts";
import type { DavKind } from "../../../src/protocol/dav/names.ts";
import { davMake, davPut, davRemove } from "../../../src/protocol/dav/write.ts";
import { LabUnavailable } from "../../lab/packages.ts";
import { startRadicale } from "../../lab/radicale.ts";
import { startXandikos } from "../../lab/xandikos.ts";
import { access, all, calendarAt, card, close, event, fetchKeys, lookAt, never, plainly, reading, told } from "./places.ts";

const orSkip = <T>(starting: Promise<T>): Promise<T | undefined> =>
  starting.catch((error): undefined => {
    if (!(error instanceof LabUnavailable) || process.env.CI) throw error;
    console.warn(`skipped: ${error.message}`);
  });

const radicale = await orSkip(startRadicale({ users: ["anna", "bob"] }));
const xandikos = await orSkip(startXandikos());

afterEach(close);
afterAll(async () => {
  await radicale?.stop();
  await xandikos?.stop();
});

/** Counts requests of an access. */
const counted = (dav: Dav): Dav & { count(): number } => {
  let requests = 0;
  const ask: Dav["ask"] = (request, signal) => {
    requests += 1;
    return dav.ask(request, signal);
  };
  return {
    ...dav,
    ask,
    multistatus: (request, signal) => {
      requests += 1;
      return dav.multistatus(request, signal);
    },
    count: () => {
      const before = requests;
      requests = 0;
      return before;
    },
  };
};

interface Place {
  /** How names of files end: Xandikos reads no card from one that is called a calendar's. */
  readonly end: string;
  readonly dav: Dav & { count(): number };
  /** An empty collection. */
  readonly collection: DiscoveredCollection;
  readonly text: (uid: string, name: string) => string;
}

let made = 0;
const place = async (server: "radicale" | "xandikos", kind: DavKind): Promise<Place> => {
  const home =
    server === "radicale" ? `${radicale!.url}anna/` : `${xandikos!.url}user/${kind === "calendar" ? "calendars" : "contacts"}/`;
  const dav = counted(access(server === "radicale" ? radicale!.url : xandikos!.url));
  const url = `${home}${kind}${++made}/`;
  const done = await davMake(dav, url, { kind, name: `Place ${made}` }, never);
  if (done.kind !== "done") throw new Error(`${url} is not made: ${JSON.stringify(done)}`);
  const principal = await discoverDav(dav, kind, never);
  const collection = (await davCollections(dav, kind, principal, never)).find((one) => one.url === url);
  if (!collection) throw new Error(`${url} is not shown`);
  return { dav, collection, ...(kind === "calendar" ? { text: event, end: "ics" } : { text: card, end: "vcf" }) };
};

const write = async ({ dav, collection, text, end }: Place, uid: string, name: string): Promise<void> => {
  const { kind } = collection;
  const url = hrefOfKey(`${uid}.${end}`, collection.url);
  expect(await davPut(dav, url, text(uid, name), { kind, create: true }, never)).toMatchObject({ kind: "done" });
};

/** Writes another version of what is there. */
const overwrite = async (at: Place, uid: string, name: string): Promise<void> => {
  const [now] = await fetchKeys(at.dav, at.collection, [`${uid}.${at.end}`]);
  const { kind } = at.collection;
  if (!now || !("revision" in now)) throw new Error(`${uid} is not there`);
  const url = hrefOfKey(`${uid}.${at.end}`, at.collection.url);
  expect(await davPut(at.dav, url, at.text(uid, name), { kind, match: now.revision }, never)).toMatchObject({ kind: "done" });
};

const last = (pages: readonly Page[]): Page => pages.at(-1)!;

const cases = [
  ["radicale", "calendar"],
  ["radicale", "addressbook"],
  ["xandikos", "calendar"],
  ["xandikos", "addressbook"],
] as const;

for (const [server, kind] of cases) {
  describe.skipIf(server === "radicale" ? !radicale : !xandikos)(`${server}, ${kind}`, () => {
    it("is found from the host, from a home, and as itself", async () => {
      const { collection } = await place(server, kind);
      const host = server === "radicale" ? radicale!.url : xandikos!.url;
      const home = collection.url.replace(/[^/]+\/$/, "");
      for (const url of [host, home, collection.url]) {
        const dav = access(url);
        const principal = await discoverDav(dav, kind, never);
        const shown = await davCollections(dav, kind, principal, never);
        expect(shown.map((one) => one.url)).toContain(collection.url);
        expect(shown.find((one) => one.url === collection.url)).toMatchObject({ kind, syncs: true, writable: true });
        if (url === collection.url) expect(shown).toHaveLength(1);
        expect(principal.features).toContain("addressbook");
      }
      const name = server === "radicale" || kind === "calendar" ? /^Place \d+$/ : /./;
      expect(collection.name).toMatch(name);
    });

    it("lists, tells ten changes in two requests, and nothing when nothing changed", async () => {
      const at = await place(server, kind);
      const { dav, collection, end } = at;
      const first = await lookAt(dav, collection);
      expect(first).toHaveLength(1);
      expect(first[0]).toMatchObject({ sightings: [], listing: { last: true } });
      for (let uid = 0; uid < 12; uid += 1) await write(at, `e${uid}`, `Name ${uid}`);
      dav.count();
      const came = await lookAt(dav, collection, first[0]!.position);
      expect(dav.count()).toBe(2);
      expect(told(came)).toEqual(Array.from({ length: 12 }, (_, uid) => `e${uid}.${end} Name ${uid}`).sort());
      expect(came.some(({ listing }) => listing)).toBe(false);

      const listed = await lookAt(dav, collection);
      expect(told(listed)).toEqual(told(came));
      const revisions = (pages: readonly Page[]) =>
        pages
          .flatMap(({ sightings }) => sightings.map((one) => ("revision" in one ? `${one.key} ${one.revision}` : one.key)))
          .sort();
      expect(revisions(listed)).toEqual(revisions(came));

      dav.count();
      expect(await lookAt(dav, collection, last(came).position)).toEqual([]);
      expect(dav.count()).toBe(1);

      for (let uid = 0; uid < 5; uid += 1) await overwrite(at, `e${uid}`, `Other ${uid}`);
      for (let uid = 5; uid < 10; uid += 1) {
        const [now] = await fetchKeys(dav, collection, [`e${uid}.${end}`]);
        const revision = now && "revision" in now ? now.revision : "";
        expect(await davRemove(dav, hrefOfKey(`e${uid}.${end}`, collection.url), revision, never)).toMatchObject({
          kind: "done",
        });
      }
      dav.count();
      const changed = await lookAt(dav, collection, last(listed).position);
      expect(dav.count()).toBe(2);
      expect(told(changed)).toEqual([
        ...Array.from({ length: 5 }, (_, uid) => `e${uid}.${end} Other ${uid}`),
        ...Array.from({ length: 5 }, (_, uid) => `e${uid + 5}.${end} gone`),
      ]);
      // Radicale lists what is gone in an initial report.
      const again = await lookAt(dav, collection);
      expect(told(again).filter((one) => one.endsWith("gone"))).toEqual([]);
      expect(told(again)).toHaveLength(7);
    });

    it("lists by references when its token is not honoured, and goes on from there", async () => {
      const at = await place(server, kind);
      await write(at, "a", "First");
      await write(at, "b", "Second");
      const listed = await lookAt(at.dav, at.collection);
      const position = last(listed).position as { readonly token: string };
      for (const token of ["http://no.example/such/token", "0", `${position.token}x`]) {
        const pages = await lookAt(at.dav, at.collection, { ...position, token } as never);
        expect(told(pages)).toEqual([`a.${at.end} ref`, `b.${at.end} ref`]);
        expect(last(pages).listing?.last).toBe(true);
        await overwrite(at, "a", `Another ${token.length}`);
        expect(told(await lookAt(at.dav, at.collection, last(pages).position))).toEqual([`a.${at.end} Another ${token.length}`]);
      }
    });

    it("answers each key once: whole, or gone", async () => {
      const at = await place(server, kind);
      await write(at, "a", "First");
      await write(at, "b@c d", "Second");
      const { end } = at;
      const keys = [`gone.${end}`, `a.${end}`, `b@c%20d.${end}`, "no-such-key", `a.${end}`];
      const answers = await fetchKeys(at.dav, at.collection, keys);
      expect(told([{ sightings: answers, position: null }])).toEqual([
        `a.${end} First`,
        `b@c%20d.${end} Second`,
        `gone.${end} gone`,
        "no-such-key gone",
      ]);
    });

    it("writes only what is as it was read", async () => {
      const at = await place(server, kind);
      const { dav, collection, text, end } = at;
      const url = hrefOfKey(`a.${end}`, collection.url);
      const created = await davPut(dav, url, text("a", "First"), { kind, create: true }, never);
      expect(created).toMatchObject({ kind: "done" });
      expect(await davPut(dav, url, text("a", "Twice"), { kind, create: true }, never)).toEqual({ kind: "changed" });
      const [now] = await fetchKeys(dav, collection, [`a.${end}`]);
      const revision = now && "revision" in now ? now.revision : "";
      if (created.kind === "done" && created.revision !== undefined) expect(created.revision).toBe(revision);
      const edited = await davPut(dav, url, text("a", "Edited"), { kind, match: revision }, never);
      expect(edited).toMatchObject({ kind: "done" });
      expect(await davPut(dav, url, text("a", "Late"), { kind, match: revision }, never)).toEqual({ kind: "changed" });
      expect(await davRemove(dav, url, revision, never)).toEqual({ kind: "changed" });
      const [then] = await fetchKeys(dav, collection, [`a.${end}`]);
      expect(told([{ sightings: [then!], position: null }])).toEqual([`a.${end} Edited`]);
      const current = then && "revision" in then ? then.revision : "";
      expect(await davRemove(dav, url, current, never)).toMatchObject({ kind: "done" });
      expect((await davRemove(dav, url, current, never)).kind).toMatch(/^(gone|changed)$/);
      expect(told([{ sightings: await fetchKeys(dav, collection, [`a.${end}`]), position: null }])).toEqual([`a.${end} gone`]);
    });
  });
}

describe.skipIf(!radicale)("radicale", () => {
  it("shows nothing to who is not known, and what is another's to nobody", async () => {
    const stranger = access(radicale!.url, { auth: { username: "anna", password: "wrong" } });
    await expect(discoverDav(stranger, "calendar", never)).rejects.toMatchObject({ code: "unauthenticated" });
    const bob = access(radicale!.url, { auth: { username: "bob", password: radicale!.password("bob") } });
    const { collection } = await place("radicale", "calendar");
    await expect(lookAt(bob, collection)).rejects.toMatchObject({ code: "forbidden" });
  });

  it("keeps its tokens over a kill, and is listed when it lost them", async () => {
    const at = await place("radicale", "calendar");
    await write(at, "a", "First");
    const listed = await lookAt(at.dav, at.collection);
    await radicale!.kill();
    await expect(lookAt(at.dav, at.collection, last(listed).position)).rejects.toMatchObject({ code: "unreachable" });
    await radicale!.start();
    expect(await lookAt(at.dav, at.collection, last(listed).position)).toEqual([]);
    await radicale!.forget();
    await write(at, "b", "Second");
    const pages = await lookAt(at.dav, at.collection, last(listed).position);
    expect(last(pages).listing?.last).toBe(true);
    expect(told(pages)).toEqual(["a.ics ref", "b.ics ref"]);
  });

  it("goes on with a listing from each of its pages, and reads large answers that come compressed", async () => {
    const at = await place("radicale", "calendar");
    const long = "x".repeat(200_000);
    for (let uid = 0; uid < 20; uid += 1) await write(at, `e${String(uid).padStart(2, "0")}`, `${uid} ${long}`);
    const answer = await at.dav.ask(
      { method: "PROPFIND", url: at.collection.url, depth: "1", headers: { "accept-encoding": "gzip" } },
      never,
    );
    expect(answer.headers["content-encoding"]).toBe("gzip");
    expect(Buffer.from(answer.body).toString()).toContain("multistatus");
    const shows = {
      ...reading,
      sightingOf: ({ key, revision, data }: { key: string; revision: string; data: string }) => ({
        key,
        revision,
        object: { type: "Note" as const, name: key, text: data },
      }),
    };
    const pages = await lookAt(at.dav, at.collection, undefined, shows);
    expect(pages.length).toBeGreaterThan(3);
    const names = told(pages).sort();
    expect(names).toHaveLength(20);
    expect(new Set(pages.map(({ listing }) => listing?.id)).size).toBe(1);
    for (const [index, page] of pages.entries()) {
      expect(Buffer.byteLength(JSON.stringify(page.sightings))).toBeLessThanOrEqual(1024 * 1024);
      expect(page.listing?.last === true).toBe(index === pages.length - 1);
      if (page.listing?.last) continue;
      const rest = await lookAt(at.dav, at.collection, JSON.parse(JSON.stringify(page.position)), shows);
      // What was read ahead is read again: nobody has said yet what is there.
      expect(told(rest)).toEqual(names);
      expect(rest[0]?.listing?.id).not.toBe(page.listing?.id);
      for (const [next, { listing, position }] of rest.entries()) {
        if (listing?.last) continue;
        const more = await lookAt(at.dav, at.collection, JSON.parse(JSON.stringify(position)), shows);
        expect([...told(rest.slice(0, next + 1)), ...told(more)]).toEqual(names);
        expect(more[0]?.listing?.id).toBe(listing?.id);
      }
    }
  });

  it("stops when it is told to, with the signal's reason", async () => {
    const { dav, collection } = await place("radicale", "calendar");
    const { davChanges } = await import("../../../src/protocol/dav/changes.ts");
    for (const delay of [0, 1, 5]) {
      const abort = new AbortController();
      const reason = new Error("enough");
      setTimeout(() => abort.abort(reason), delay);
      const end = await all(davChanges(dav, collection, undefined, reading, plainly, abort.signal)).catch((error) => error);
      expect(end === reason || Array.isArray(end)).toBe(true);
    }
    await expect(
      all(davChanges(dav, collection, undefined, reading, plainly, AbortSignal.abort(new Error("no")))),
    ).rejects.toThrow("no");
    await expect(lookAt(dav, calendarAt(`${radicale!.url}anna/none/`))).rejects.toMatchObject({ code: "forbidden" });
  });
});
