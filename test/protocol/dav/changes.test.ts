/** The reading engine against servers that answer as the worst ones do. */

import type { Page, Position, Sighting } from "groupstream";
import { afterEach, describe, expect, it } from "vitest";
import {
  access,
  calendarAt,
  close,
  event,
  failing,
  fetchKeys,
  lookAt,
  multistatus,
  reply,
  scripted,
  there,
  token,
  told,
} from "./places.ts";

afterEach(close);

const last = (pages: readonly Page[]): Position => pages.at(-1)!.position;

/** A collection at `/cal/` that can be told to behave. */
class Server {
  readonly items = new Map<string, { etag: string; data: string }>();
  /** What sync-collection answers, by token; undefined: 403. */
  sync = new Map<string, string>();
  token = "1";
  ctag: string | undefined = undefined;
  /** Statuses of reports, by the method or the report's name. */
  readonly status = new Map<string, number>();
  etags = true;
  /** Leaves these out of a multiget, or their data. */
  readonly silent = new Set<string>();
  /** What it answers to a query for everything; undefined: 404. */
  query: (() => string) | undefined = undefined;
  /** Extra properties of a member. */
  extra = "";
  readonly log: string[] = [];

  put(name: string, etag: string, summary = name): void {
    this.items.set(name, { etag, data: event(name, summary) });
  }

  etag(name: string): string {
    return this.etags ? `<d:getetag>"${this.items.get(name)?.etag}"</d:getetag>` : "";
  }

  row(name: string): string {
    const data = `<c:calendar-data><![CDATA[${this.items.get(name)?.data}]]></c:calendar-data>`;
    return there(`/cal/${name}`, this.etag(name) + data);
  }

  members(): string {
    const own = there("/cal/", "<d:resourcetype><d:collection/><c:calendar/></d:resourcetype><d:getetag>x</d:getetag>");
    return own + [...this.items.keys()].map((name) => there(`/cal/${name}`, this.etag(name) + this.extra)).join("");
  }

  async open() {
    const server = await scripted(({ method, path, headers, body }, response) => {
      const report = /<(?:D|C):(sync-collection|calendar-multiget|calendar-query) /.exec(body)?.[1];
      const what = report ?? (method === "PROPFIND" ? `${method} ${headers.depth}` : method);
      this.log.push(what);
      const status = this.status.get(what);
      if (status !== undefined) return response.writeHead(status).end();
      if (what === "PROPFIND 0") {
        const ctag = this.ctag === undefined ? "" : `<s:getctag>${this.ctag}</s:getctag>`;
        return reply(
          response,
          multistatus(there("/cal/", `${this.token === "" ? "" : `<d:sync-token>${this.token}</d:sync-token>`}${ctag}`)),
        );
      }
      if (what === "PROPFIND 1") return reply(response, multistatus(this.members()));
      if (what === "sync-collection") {
        const asked = /<D:sync-token>(.*?)<\/D:sync-token>/s.exec(body)?.[1] ?? "";
        const answer = this.sync.get(asked);
        return answer === undefined ? response.writeHead(403).end() : reply(response, multistatus(answer));
      }
      if (what === "calendar-query") return this.query ? reply(response, this.query()) : response.writeHead(404).end();
      if (what === "calendar-multiget") {
        const names = [...body.matchAll(/<D:href>\/cal\/(.*?)<\/D:href>/g)].map((match) => match[1]!);
        const rows = names.flatMap((name) => {
          const item = this.items.get(name);
          if (this.silent.has(name)) return [];
          return item ? this.row(name) : failing(`/cal/${name}`, 404);
        });
        return reply(response, multistatus(rows.join("")));
      }
      const item = this.items.get(path.slice("/cal/".length));
      if (method !== "GET" || !item) return response.writeHead(404).end();
      return response.writeHead(200, this.etags ? { etag: `"${item.etag}"` } : {}).end(item.data);
    });
    let time = Date.UTC(2026, 0, 1);
    return {
      dav: access(server.url, { now: () => time }),
      collection: calendarAt(`${server.url}/cal/`),
      plain: calendarAt(`${server.url}/cal/`, { syncs: false }),
      pass: (ms: number) => {
        time += ms;
      },
    };
  }

  asked(): string[] {
    return this.log.splice(0);
  }
}

describe("a first listing", () => {
  it("drops what an initial report calls gone, and keeps the report's token, spaces and all", async () => {
    const server = new Server();
    server.put("a.ics", "1");
    server.sync.set("", there("/cal/a.ics", server.etag("a.ics")) + failing("/cal/old.ics", 404) + token(" 0 "));
    const { dav, collection } = await server.open();
    const pages = await lookAt(dav, collection);
    expect(told(pages)).toEqual(["a.ics a.ics"]);
    expect(last(pages)).toMatchObject({ token: " 0 " });
    expect(server.asked()).toEqual(["calendar-query", "sync-collection", "calendar-multiget"]);
    server.sync.set(" 0 ", token(" 0 "));
    expect(await lookAt(dav, collection, last(pages))).toEqual([]);
  });

  it("is not believed where a server cuts it and skips the rest", async () => {
    const server = new Server();
    for (const name of ["a.ics", "b.ics", "c.ics"]) server.put(name, "1");
    // sabre: the newest token with a truncated answer, so that the next one is empty.
    server.sync.set("", there("/cal/a.ics", server.etag("a.ics")) + failing("/cal/", 507) + token("9"));
    server.sync.set("9", token("9"));
    const { dav, collection } = await server.open();
    const pages = await lookAt(dav, collection);
    expect(told(pages)).toEqual(["a.ics a.ics", "b.ics b.ics", "c.ics c.ics"]);
  });

  it.each([400, 403, 501, 507])("goes by PROPFIND where the empty token is answered by %i", async (status) => {
    const server = new Server();
    server.put("a.ics", "1");
    server.status.set("sync-collection", status);
    const { dav, collection } = await server.open();
    const pages = await lookAt(dav, collection);
    expect(told(pages)).toEqual(["a.ics a.ics"]);
    expect(last(pages)).toMatchObject({ token: "1" });
  });

  it("gives every item although the server has no ETags, and the same revision each time", async () => {
    const server = new Server();
    server.etags = false;
    server.token = "";
    server.put("a.ics", "1");
    const { dav, plain } = await server.open();
    const pages = await lookAt(dav, plain);
    const again = await lookAt(dav, plain, last(pages));
    expect(again.flatMap(({ sightings }) => sightings)).toEqual(pages.flatMap(({ sightings }) => sightings));
    server.put("a.ics", "1", "Other");
    const changed = await lookAt(dav, plain, last(again));
    expect(told(changed)).toEqual(["a.ics Other"]);
    const revision = ([page]: Page[]) => (page!.sightings[0] as { revision: string }).revision;
    expect(revision(changed)).not.toBe(revision(again));
    expect(revision(pages)).toMatch(/^sha256:/);
  });

  it("keeps its position small and goes on after a page, however many items there are", async () => {
    const server = new Server();
    for (let at = 0; at < 240; at += 1) server.put(`e${String(at).padStart(5, "0")}.ics`, "1");
    server.sync.set("", server.members() + token("1"));
    const { dav, collection } = await server.open();
    const pages = await lookAt(dav, collection);
    expect(pages.map(({ sightings, listing }) => [sightings.length, listing?.last])).toEqual([
      [100, undefined],
      [100, undefined],
      [40, true],
    ]);
    for (const { position } of pages) expect(JSON.stringify(position).length).toBeLessThan(500);
    // What came and went meanwhile is told by the next look, since the token is the one of the opening.
    server.items.delete("e00180.ics");
    server.put("e00000a.ics", "1");
    server.sync.set("", server.members() + token("2"));
    const rest = await lookAt(dav, collection, pages[0]!.position);
    expect(told(rest)).toHaveLength(139);
    expect(last(rest)).toMatchObject({ token: "1" });
    expect(rest[0]?.listing?.id).toBe(pages[0]?.listing?.id);
  });
});

describe("what a first look reads ahead", () => {
  /** Three items that a query brings, and the listing names. */
  const three = (): Server => {
    const server = new Server();
    for (const name of ["a.ics", "b.ics", "c.ics"]) server.put(name, "1");
    server.query = () => multistatus([...server.items.keys()].map((name) => server.row(name)).join(""));
    server.sync.set("", server.members() + token("1"));
    return server;
  };
  const all = ["a.ics a.ics", "b.ics b.ics", "c.ics c.ics"];

  it("is not asked for again where the listing names it so", async () => {
    const server = three();
    const { dav, collection } = await server.open();
    const pages = await lookAt(dav, collection);
    expect(told(pages)).toEqual(all);
    expect(server.asked()).toEqual(["calendar-query", "sync-collection"]);
    expect(new Set(pages.map(({ listing }) => listing?.id)).size).toBe(1);
    expect(pages.map(({ listing }) => listing?.last)).toEqual([undefined, true]);
    expect(last(pages)).toMatchObject({ token: "1" });
    server.sync.set("1", token("1"));
    expect(await lookAt(dav, collection, last(pages))).toEqual([]);
  });

  it("is asked for again where it changed before the listing, and what came meanwhile with it", async () => {
    const server = three();
    const { dav, collection } = await server.open();
    const early = server.query!();
    server.query = () => early;
    server.put("b.ics", "2", "Later");
    server.put("d.ics", "1");
    server.sync.set("", server.members() + token("2"));
    const pages = await lookAt(dav, collection);
    expect(pages.map(({ sightings }) => told([{ sightings, position: null }]))).toEqual([all, ["b.ics Later", "d.ics d.ics"]]);
    expect(server.asked()).toEqual(["calendar-query", "sync-collection", "calendar-multiget"]);
  });

  it("is missed at the next look where it went before the listing: no token tells it any more", async () => {
    const server = three();
    const { dav, collection } = await server.open();
    const early = server.query!();
    server.query = () => early;
    server.items.delete("b.ics");
    server.sync.set("", server.members() + token("2"));
    server.sync.set("2", token("2"));
    const pages = await lookAt(dav, collection);
    expect(told(pages)).toEqual(all);
    server.token = "2";
    const next = await lookAt(dav, collection, last(pages));
    expect(told(next)).toEqual(["a.ics ref", "c.ics ref"]);
    expect(next.at(-1)?.listing?.last).toBe(true);
    expect(await lookAt(dav, collection, last(next))).toEqual([]);
  });

  it("begins anew where it was broken off, without reading ahead", async () => {
    const server = three();
    const { dav, collection } = await server.open();
    const [page] = await lookAt(dav, collection);
    server.asked();
    server.items.delete("b.ics");
    server.sync.set("", server.members() + token("2"));
    const rest = await lookAt(dav, collection, page!.position);
    expect(told(rest)).toEqual(["a.ics a.ics", "c.ics c.ics"]);
    // Of another listing: b.ics is not in it.
    expect(rest[0]?.listing?.id).not.toBe(page?.listing?.id);
    expect(last(rest)).toMatchObject({ token: "2" });
    expect(server.asked()).toEqual(["sync-collection", "calendar-multiget"]);
  });

  it.each([
    ["nothing", () => multistatus("")],
    ["no multistatus", () => "<html/>"],
    ["no XML", () => "BEGIN:VCALENDAR"],
    ["a document type", () => `<!DOCTYPE x>${multistatus("")}`],
    ["rows without ETags", () => multistatus(there("/cal/a.ics", "<c:calendar-data>BEGIN:VCALENDAR</c:calendar-data>"))],
    ["rows without data", () => multistatus(there("/cal/a.ics", '<d:getetag>"1"</d:getetag>'))],
    ["itself", () => multistatus(there("/cal/", '<d:getetag>"1"</d:getetag><c:calendar-data>x</c:calendar-data>'))],
  ])("leaves all to the multiget where the query gives %s", async (_, answer) => {
    const server = three();
    server.query = answer;
    const { dav, collection } = await server.open();
    expect(told(await lookAt(dav, collection))).toEqual(all);
    expect(server.asked()).toEqual(["calendar-query", "sync-collection", "calendar-multiget"]);
  });

  it("is what came before the answer broke off in a bad row or grew too large", async () => {
    const server = three();
    const [row, ...rest] = [...server.items.keys()].map((name) => server.row(name));
    server.query = () => multistatus(`${row}<d:response><x:y/></d:response>${rest.join("")}`);
    const { dav, collection } = await server.open();
    expect(told(await lookAt(dav, collection)).sort()).toEqual(all);
    server.query = () => multistatus(`${row}<!--${"x".repeat(17 * 1024 * 1024)}-->${rest.join("")}`);
    server.asked();
    const pages = await lookAt(dav, collection);
    expect(pages.map(({ sightings }) => sightings.length)).toEqual([1, 2]);
    expect(server.asked()).toEqual(["calendar-query", "sync-collection", "calendar-multiget"]);
  });

  it.each([400, 403, 500, 501, 503, 507])("is nothing where the query is answered by %i", async (status) => {
    const server = three();
    server.status.set("calendar-query", status);
    const { dav, collection } = await server.open();
    expect(told(await lookAt(dav, collection))).toEqual(all);
    // The server is not asked for that again.
    server.asked();
    expect(told(await lookAt(dav, collection))).toEqual(all);
    expect(server.asked()).toEqual(["sync-collection", "calendar-multiget"]);
  });

  it("does not hide that the listing fails", async () => {
    const server = three();
    server.status.set("sync-collection", 503);
    const { dav, collection } = await server.open();
    await expect(lookAt(dav, collection)).rejects.toMatchObject({ code: "throttled" });
  });
});

describe("a later look", () => {
  const listed = async (server: Server) => {
    for (const name of ["a.ics", "b.ics"]) server.put(name, "1");
    server.sync.set("", server.members() + token("1"));
    const opened = await server.open();
    const pages = await lookAt(opened.dav, opened.collection);
    server.asked();
    return { ...opened, position: last(pages) };
  };

  it("goes on at once where the answer is cut", async () => {
    const server = new Server();
    const { dav, collection, position } = await listed(server);
    server.put("a.ics", "2", "Other");
    server.put("c.ics", "1");
    server.sync.set("1", there("/cal/a.ics", server.etag("a.ics")) + failing("/cal/", 507) + token("2"));
    server.sync.set("2", there("/cal/c.ics", server.etag("c.ics")) + failing("/cal/b.ics", 404) + token("3"));
    const pages = await lookAt(dav, collection, position);
    expect(told(pages)).toEqual(["a.ics Other", "b.ics gone", "c.ics c.ics"]);
    expect(last(pages)).toMatchObject({ token: "3" });
    expect(server.asked()).toEqual(["sync-collection", "sync-collection", "calendar-multiget"]);
  });

  it("does not go round and round with a server that never comes to an end", async () => {
    const server = new Server();
    const { dav, collection, position } = await listed(server);
    server.sync.set("1", failing("/cal/", 507) + token("1"));
    const pages = await lookAt(dav, collection, position);
    expect(told(pages)).toEqual(["a.ics ref", "b.ics ref"]);
  });

  it("gives many changes as references", async () => {
    const server = new Server();
    const { dav, collection, position } = await listed(server);
    for (let at = 0; at < 101; at += 1) server.put(`n${at}.ics`, "1");
    server.sync.set("1", server.members() + token("2"));
    const pages = await lookAt(dav, collection, position);
    expect(told(pages).every((one) => one.endsWith("ref"))).toBe(true);
    expect(told(pages)).toHaveLength(103);
    expect(server.asked()).toEqual(["sync-collection"]);
  });

  it.each([400, 403, 409, 412, 415, 500, 507])("lists quietly where its token is answered by %i", async (status) => {
    const server = new Server();
    const { dav, collection, position } = await listed(server);
    server.status.set("sync-collection", status);
    server.token = "7";
    const pages = await lookAt(dav, collection, position);
    expect(told(pages)).toEqual(["a.ics ref", "b.ics ref"]);
    expect(pages.at(-1)?.listing?.last).toBe(true);
    expect(last(pages)).toMatchObject({ token: "7" });
  });

  it.each([
    [401, "unauthenticated"],
    [429, "throttled"],
    [503, "throttled"],
    [502, "unreachable"],
  ])("is an error and no listing where the server answers %i", async (status, code) => {
    const server = new Server();
    const { dav, collection, position } = await listed(server);
    server.status.set("sync-collection", status);
    await expect(lookAt(dav, collection, position)).rejects.toMatchObject({ code });
    expect(server.asked()).toEqual(["sync-collection"]);
  });

  it("lists once a day, and when the clock was set back", async () => {
    const server = new Server();
    const { dav, collection, position, pass } = await listed(server);
    server.sync.set("1", token("1"));
    pass(24 * 3_600_000 - 1);
    expect(await lookAt(dav, collection, position)).toEqual([]);
    pass(1);
    const pages = await lookAt(dav, collection, position);
    expect(told(pages)).toEqual(["a.ics ref", "b.ics ref"]);
    expect(await lookAt(dav, collection, last(pages))).toEqual([]);
    pass(-1_000);
    expect(await lookAt(dav, collection, last(pages))).toHaveLength(1);
  });

  it("lists by a query where the server does not come to an end with PROPFIND; where it takes none, that is the failure", async () => {
    const server = new Server();
    const { dav, collection, position, pass } = await listed(server);
    server.status.set("PROPFIND 1", 504);
    server.query = () => multistatus(server.members());
    pass(24 * 3_600_000);
    expect(told(await lookAt(dav, collection, position))).toEqual(["a.ics ref", "b.ics ref"]);
    expect(server.asked()).toEqual(["PROPFIND 0", "PROPFIND 1", "calendar-query"]);
    server.query = undefined;
    await expect(lookAt(dav, collection, position)).rejects.toMatchObject({ code: "unreachable" });
    server.status.set("PROPFIND 1", 503);
    server.asked();
    await expect(lookAt(dav, collection, position)).rejects.toMatchObject({ code: "throttled" });
    expect(server.asked()).toEqual(["PROPFIND 0", "PROPFIND 1"]);
  });

  it("lists after a change of this moment where tokens are times", async () => {
    const server = new Server();
    const { dav, collection, position } = await listed(server);
    const second = Math.floor(Date.now() / 1_000);
    const [before, over, now] = [String(second - 100), String(second - 50), String(second)];
    const changed = there("/cal/a.ics", server.etag("a.ics"));
    server.sync.set(before, changed + token(over));
    server.sync.set(over, changed + token(now));
    const calm = await lookAt(dav, collection, { ...(position as object), token: before });
    expect(last(calm)).not.toHaveProperty("doubt");
    const hasty = await lookAt(dav, collection, last(calm));
    expect(last(hasty)).toMatchObject({ token: now, doubt: true });
    expect(told(await lookAt(dav, collection, last(hasty)))).toEqual(["a.ics ref", "b.ics ref"]);
  });

  it("lists again where the last one went in this moment: nothing that is there says so", async () => {
    const server = new Server();
    server.token = String(Math.floor(Date.now() / 1_000));
    server.sync.clear();
    const { dav, collection } = await server.open();
    const pages = await lookAt(dav, collection);
    expect(told(pages)).toEqual([]);
    expect(last(pages)).toMatchObject({ doubt: true });
    server.put("b.ics", "1");
    expect(told(await lookAt(dav, collection, last(pages)))).toEqual(["b.ics ref"]);
  });

  it("asks for the ctag alone where that is all there is", async () => {
    const server = new Server();
    server.put("a.ics", "1");
    server.token = "";
    server.ctag = "1";
    const { dav, plain } = await server.open();
    const pages = await lookAt(dav, plain);
    server.asked();
    expect(await lookAt(dav, plain, last(pages))).toEqual([]);
    expect(server.asked()).toEqual(["PROPFIND 0"]);
    server.put("b.ics", "1");
    server.ctag = "2";
    expect(told(await lookAt(dav, plain, last(pages)))).toEqual(["a.ics ref", "b.ics ref"]);
  });

  it("says that a position is lost where it is not one of these", async () => {
    const server = new Server();
    const { dav, collection, position } = await listed(server);
    const wrong: readonly Position[] = [
      null,
      "1",
      [],
      {},
      { ...(position as object), v: 2 },
      { ...(position as object), token: 1 },
      { ...(position as object), listing: { id: "a" } },
      { ...(position as object), listing: null },
    ];
    for (const one of wrong) await expect(lookAt(dav, collection, one)).rejects.toMatchObject({ code: "position-lost" });
    expect(server.asked()).toEqual([]);
  });
});

describe("a fetch", () => {
  const revisions = (sightings: readonly Sighting[]) => sightings.map((one) => ("revision" in one ? one.revision : "none"));

  it("asks one by one for what a multiget leaves out, or where it is refused", async () => {
    const server = new Server();
    for (const name of ["a.ics", "b.ics"]) server.put(name, "1");
    server.silent.add("b.ics").add("gone.ics");
    const { dav, collection } = await server.open();
    const keys = ["b.ics", "gone.ics", "a.ics", "other.ics"];
    const expected = ["a.ics a.ics", "b.ics b.ics", "gone.ics gone", "other.ics gone"];
    const answers = await fetchKeys(dav, collection, keys);
    expect(told([{ sightings: answers, position: null }])).toEqual(expected);
    expect(revisions(answers)).toEqual(["1", "none", "1", "none"]);
    expect(server.asked()).toEqual(["calendar-multiget", "GET", "GET"]);
    server.status.set("calendar-multiget", 405);
    expect(told([{ sightings: await fetchKeys(dav, collection, keys), position: null }])).toEqual(expected);
    server.status.set("calendar-multiget", 503);
    await expect(fetchKeys(dav, collection, keys)).rejects.toMatchObject({ code: "throttled" });
  });

  it("asks for a hundred, and for more of a server that answers quickly", async () => {
    const server = new Server();
    for (let at = 0; at < 301; at += 1) server.put(`${at}.ics`, "1");
    const { dav, collection } = await server.open();
    expect(await fetchKeys(dav, collection, [...server.items.keys()])).toHaveLength(301);
    // 100, 200, and the last one.
    expect(server.asked()).toEqual(["calendar-multiget", "calendar-multiget", "calendar-multiget"]);
  });

  it("takes smaller bites of what is too large, and gives up one item alone", async () => {
    const server = new Server();
    for (let at = 0; at < 8; at += 1) server.put(`${at}.ics`, "1", "x".repeat(4_000));
    const { collection } = await server.open();
    const dav = access(collection.url, { maxBytes: 10_000 });
    const answers = await fetchKeys(dav, collection, [...server.items.keys()]);
    expect(told([{ sightings: answers, position: null }]).every((one) => one.endsWith("xxx"))).toBe(true);
    expect(server.asked().length).toBeGreaterThan(4);
    server.put("huge.ics", "5", "x".repeat(17 * 1024 * 1024));
    expect(await fetchKeys(dav, collection, ["huge.ics", "1.ics"])).toMatchObject([
      { key: "huge.ics", revision: "5", malformed: { reason: "The item is larger than 16 MiB." } },
      { key: "1.ics", object: {} },
    ]);
  });

  it("gives what is there and is not given as malformed", async () => {
    const server = new Server();
    server.put("a.ics", "1");
    server.silent.add("a.ics");
    server.status.set("GET", 403);
    const { dav, collection } = await server.open();
    expect(await fetchKeys(dav, collection, ["a.ics"])).toMatchObject([{ key: "a.ics", malformed: {} }]);
  });
});
