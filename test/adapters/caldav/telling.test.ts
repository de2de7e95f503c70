/** A server that tells the invited by itself (RFC 6638): what is written to it, so that nobody is told who should not be. */

import { randomUUID } from "node:crypto";
import type { Adapter, Command, EventView, Receipt, Verb } from "groupstream";
import { caldav } from "groupstream/adapters/caldav";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Asked, close, multistatus, never, opened, reply, scripted, there } from "../../protocol/dav/places.ts";

const ada = "mailto:ada@example.org";
const bob = "mailto:bob@example.org";
const eve = { id: "mailto:eve@example.org", name: "Eve", answer: "none" as const };
const meeting: EventView = {
  type: "Event",
  name: "Review",
  text: "Numbers",
  start: "2026-12-03T10:00:00",
  end: "2026-12-03T11:00:00",
  timezone: "Europe/Berlin",
};

const props = `<d:current-user-principal><d:href>/ada/</d:href></d:current-user-principal>
<d:resourcetype><d:collection/><c:calendar/></d:resourcetype><d:displayname>Work</d:displayname>
<c:calendar-home-set><d:href>/ada/</d:href></c:calendar-home-set>
<c:calendar-user-address-set><d:href>${ada}</d:href></c:calendar-user-address-set>`;

/** A calendar that schedules, as far as it can be asked for what it is. @param strict  it takes no strangers as organisers */
const start = async (strict: boolean) => {
  const resources = new Map<string, string>();
  let version = 0;
  const etags = new Map<string, string>();
  const after: { report?: (() => void) | undefined } = {};
  const put = ({ path, headers, body }: Asked): number => {
    const [match, none] = [headers["if-match"], headers["if-none-match"]];
    if ((none && resources.has(path)) || (match && match !== etags.get(path))) return 412;
    if (strict && headers.host && /ORGANIZER/.test(body) && !/ORGANIZER[^\r\n]*ada@/.test(body.replace(/\r\n /g, ""))) return 403;
    resources.set(path, body);
    etags.set(path, `"${++version}"`);
    return 201;
  };
  const server = await scripted((asked, response) => {
    const { method, path, headers } = asked;
    response.setHeader("DAV", "1, calendar-access, calendar-auto-schedule");
    if (method === "OPTIONS") return void response.writeHead(200).end();
    if (method === "PROPFIND") return reply(response, multistatus(there("/ada/", props)));
    if (method === "REPORT") {
      const hrefs = [...asked.body.matchAll(/<(?:\w+:)?href>([^<]+)</g)].map(([, href]) => href!);
      const rows = hrefs.map((href) =>
        resources.has(href)
          ? there(href, `<d:getetag>${etags.get(href)}</d:getetag><c:calendar-data>${resources.get(href)}</c:calendar-data>`)
          : `<d:response><d:href>${href}</d:href><d:status>HTTP/1.1 404 No</d:status></d:response>`,
      );
      reply(response, multistatus(rows.join("")));
      return after.report?.();
    }
    if (method === "GET" && resources.has(path)) {
      response.writeHead(200, { "content-type": "text/calendar", etag: etags.get(path) }).end(resources.get(path));
      return after.report?.();
    }
    if (method === "PUT") return void response.writeHead(put(asked)).end();
    if (method === "DELETE") {
      const fits = headers["if-match"] === etags.get(path);
      if (fits) resources.delete(path);
      return void response.writeHead(fits ? 204 : 412).end();
    }
    return void response.writeHead(404).end();
  });
  return { ...server, resources, put, after };
};

describe.each([
  ["that takes strangers as organisers", false],
  ["that takes none", true],
])("a server %s", (_, strict) => {
  let server: Awaited<ReturnType<typeof start>>;
  let adapter: Adapter;
  const ask = async (verb: Verb, more: Partial<Command>): Promise<Receipt> => {
    const [collection] = await Array.fromAsync(adapter.collections(never));
    const command = { id: randomUUID(), attempt: 1, verb, actor: ada, activity: {}, trail: [], collection, ...more };
    return adapter.performs![verb]!(command as Command, never);
  };
  const stored = (): string => [...server.resources.values()].map((text) => text.replace(/\r\n /g, "")).join("");
  const at = (path: string, ...lines: string[]) => {
    const body = [
      "BEGIN:VCALENDAR",
      "VERSION:2.0",
      "PRODID:-//test//EN",
      "BEGIN:VEVENT",
      "UID:one",
      "DTSTAMP:20261101T080000Z",
      "DTSTART:20261203T100000Z",
      "SUMMARY:Review",
      ...lines,
      "END:VEVENT",
      "END:VCALENDAR",
      "",
    ].join("\r\n");
    server.put({ method: "PUT", path, headers: {}, body });
    return { collection: `${new URL("/ada/", server.url)}`, key: "one.ics" };
  };

  beforeEach(async () => {
    server = await start(strict);
    adapter = caldav({
      id: "cal",
      url: `${new URL("/ada/", server.url)}`,
      auth: { username: "ada", password: "secret" },
      allow: ["private", "http"],
    });
    opened.push(adapter);
  });
  afterEach(close);

  it("tells nobody of what is made, unless the person whose calendar it is asks for it", async () => {
    const object: EventView = { ...meeting, attributedTo: { id: ada }, attendees: [eve] };
    expect(await ask("Create", { object })).toMatchObject({ outcome: "done", losses: [] });
    expect(stored()).toMatch(/ATTENDEE;[^\n]*SCHEDULE-AGENT=CLIENT[^\n]*:mailto:eve/);
    server.resources.clear();
    expect(await ask("Create", { object, notify: true })).toMatchObject({ outcome: "done", losses: [] });
    expect(stored()).not.toContain("SCHEDULE-AGENT");
    expect(stored()).toMatch(/ATTENDEE;[^\n]*RSVP=TRUE[^\n]*:mailto:eve/);
  });

  it("never tells of what somebody else organises; where it refuses them they are named in the text, and that is a loss", async () => {
    const object: EventView = { ...meeting, attributedTo: { id: bob, name: "Bob" }, attendees: [eve] };
    const receipt = await ask("Create", { object, notify: true });
    expect(receipt).toMatchObject({ outcome: "done" });
    const losses = receipt.outcome === "done" ? receipt.losses?.map(({ field }) => field) : [];
    expect(losses).toEqual(strict ? ["attributedTo", "attendees"] : []);
    if (!strict) {
      expect(stored()).toMatch(/ORGANIZER;[^\n]*SCHEDULE-AGENT=CLIENT[^\n]*:mailto:bob/);
      return;
    }
    expect(stored()).not.toMatch(/ORGANIZER|ATTENDEE/);
    expect(stored()).toContain("DESCRIPTION:Numbers\\n\\nOrganised by: Bob (bob@example.org)\\nInvited: Eve");
    // What changes later finds it as it was made.
    const [path] = [...server.resources.keys()];
    const item = { collection: `${new URL("/ada/", server.url)}`, key: path!.split("/").at(-1)! };
    expect(await ask("Update", { object: { ...object, text: "Figures" }, item })).toMatchObject({ outcome: "done" });
    expect(stored()).toContain("DESCRIPTION:Figures\\n\\nOrganised by: Bob (bob@example.org)");
  });

  it("is not brought to tell the invited of a change nobody asked it to tell", async () => {
    const item = at("/ada/one.ics", `ORGANIZER:${ada}`, `ATTENDEE:${eve.id}`);
    const base: EventView = {
      type: "Event",
      name: "Review",
      startTime: "2026-12-03T10:00:00Z",
      attributedTo: { id: ada },
      attendees: [{ id: eve.id, answer: "none" }],
    };
    const object: EventView = { ...base, name: "Retrospective" };
    const before = stored();
    expect(await ask("Update", { item, base, object })).toMatchObject({
      outcome: "refused",
      reason: expect.stringContaining("notify"),
    });
    expect(await ask("Delete", { item, base })).toMatchObject({ outcome: "refused", reason: expect.stringContaining("notify") });
    expect(stored()).toBe(before);
    expect(await ask("Update", { item, base, object, notify: true })).toMatchObject({ outcome: "done" });
    expect(stored()).toContain("SUMMARY:Retrospective");
  });

  it("answers no invitation that is merely taken out of the calendar", async () => {
    const item = at("/ada/one.ics", "ORGANIZER:MAILTO:ada-s-boss@example.org", `ATTENDEE:${ada}`);
    expect(await ask("Delete", { item })).toMatchObject({ outcome: "done", stands: { sighting: { gone: true } } });
    expect(server.asked.find(({ method }) => method === "DELETE")?.headers["schedule-reply"]).toBe("F");
  });

  it("goes on after a change of somebody else's that comes in between", async () => {
    const item = at("/ada/one.ics", "LOCATION:Room 1");
    const base: EventView = { type: "Event", name: "Review", location: "Room 1", startTime: "2026-12-03T10:00:00Z" };
    server.after.report = () => {
      server.after.report = undefined;
      at("/ada/one.ics", "LOCATION:Room 7");
    };
    expect(await ask("Update", { item, base, object: { ...base, name: "Retrospective" } })).toMatchObject({ outcome: "done" });
    expect(server.asked.filter(({ method }) => method === "PUT")).toHaveLength(2);
    expect(stored()).toContain("LOCATION:Room 7");
    expect(stored()).toContain("SUMMARY:Retrospective");
  });
});
