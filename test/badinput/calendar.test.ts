/**
 * Calendars that are meant ill: objects that hold anything at all, each read in a process of its own, at most 150 MB above what it held
 * idle and 5 s; and servers that answer anything at all. The next event is always told.
 */

import type { ServerResponse } from "node:http";
import { openHub } from "groupstream";
import { caldav } from "groupstream/adapters/caldav";
import { afterEach, describe, expect, it } from "vitest";
import { scriptedCalendar } from "../adapters/dav/scripted.ts";
import { type Asked, close, event, multistatus, scripted, there } from "../protocol/dav/places.ts";
import { type Objects, readsEach } from "./objects.ts";

const bad = (...lines: readonly string[]): string =>
  event("bad", "bad").replace("END:VEVENT", `${lines.join("\r\n")}\r\nEND:VEVENT`);
const without = (pattern: RegExp): string => event("bad", "bad").replace(pattern, "");
const many = (count: number, line: (index: number) => string): string => bad(...Array.from({ length: count }, (_, n) => line(n)));

const objects: Objects = {
  "a description of 10 MB": [() => bad(`DESCRIPTION:${"word ".repeat(2_000_000)}`), "told"],
  "a description of 10 MB, folded": [() => bad(`DESCRIPTION:${`${"word ".repeat(14)}\r\n `.repeat(140_000)}`), "told"],
  "400,000 lines": [() => bad(`DESCRIPTION:${"word\r\n ".repeat(400_000)}`), "held"],
  "17 MB": [() => bad(`DESCRIPTION:${"word ".repeat(3_500_000)}`), "held"],
  "each second, without end": [() => bad("RRULE:FREQ=SECONDLY"), "told"],
  "each 30th of February": [() => bad("RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"), "told"],
  "100,000 attendees": [() => many(100_000, (n) => `ATTENDEE;CN=A${n}:mailto:a${n}@example.org`), "told"],
  "50,000 days left out": [
    () =>
      bad(
        "RRULE:FREQ=DAILY",
        ...Array.from({ length: 50_000 }, (_, n) => `EXDATE:20270101T${String(n % 24).padStart(2, "0")}0000Z`),
      ),
    "told",
  ],
  "10,000 alarms": [() => many(10_000, () => "BEGIN:VALARM\r\nACTION:AUDIO\r\nTRIGGER:-PT5M\r\nEND:VALARM"), "told"],
  "10,000 components one in another": [() => bad("BEGIN:X-A\r\n".repeat(10_000)), "held"],
  "several calendars of one event each": [() => bad() + event("other", "other"), "held"],
  "two events of two UIDs": [() => bad("END:VEVENT", "BEGIN:VEVENT", "UID:other", "DTSTART:20260102T100000Z"), "held"],
  "a byte order mark": [() => `\ufeff${bad()}`, "told"],
  "no end": [() => without(/END:VEVENT[\s\S]*/), "held"],
  "a page of HTML": [() => "<!doctype html><title>Login</title>", "held"],
  nothing: [() => "", "held"],
  "NUL and lone surrogates": [() => bad("DESCRIPTION:a\u0000b\ud800c"), "told"],
  "the year 9999": [() => event("bad", "bad").replaceAll("2026010", "9999010"), "held"],
};

describe("an object of a calendar", () => {
  readsEach(objects, { kind: "calendar", adapter: "caldav", ending: ".ics", well: event });
});

type Answer = (response: ServerResponse) => void;
const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (response) =>
    void response.writeHead(code, headers).end("a secret of the server's");
const xml =
  (body: string, headers: Record<string, string> = {}): Answer =>
  (response) =>
    void response.writeHead(207, { "content-type": "application/xml", ...headers }).end(body);
const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">${Array.from({ length: 20 }, (_, n) => `<!ENTITY ${String.fromCharCode(98 + n)} "${`&${String.fromCharCode(97 + n)};`.repeat(10)}">`).join("")}]>`;
const whole = multistatus(there("/cal/", "<d:getetag>1</d:getetag>"));

/** What a server answers, and the error it is. */
const answers: readonly (readonly [what: string, answer: Answer, code: string])[] = [
  ["an XML bomb", xml(`${bomb}<d:multistatus xmlns:d="DAV:">&u;</d:multistatus>`), "malformed"],
  [
    "an external entity",
    xml(`<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><d:multistatus xmlns:d="DAV:">&a;</d:multistatus>`),
    "malformed",
  ],
  ["elements a million deep", xml(`<?xml version="1.0"?>${"<a>".repeat(1_000_000)}`), "malformed"],
  [
    "fewer bytes than it said",
    (response) => void response.writeHead(207, { "content-length": "100000" }).end(whole, () => response.destroy()),
    "unreachable",
  ],
  ["401", status(401), "unauthenticated"],
  ["403", status(403), "forbidden"],
  ["404", status(404), "forbidden"],
  ["423", status(423), "throttled"],
  ["429, and when to come again", status(429, { "retry-after": "7" }), "throttled"],
  ["503, and when to come again", status(503, { "retry-after": "60" }), "throttled"],
  ["507", status(507), "unreachable"],
  ["200 and a page", status(200), "unreachable"],
];

describe("a server's answer", () => {
  afterEach(close);
  const hubOn = async (instead: (asked: Asked, response: ServerResponse) => boolean) => {
    const server = await scriptedCalendar(instead);
    const auth = { username: "anna", password: "hunter2" };
    const system = caldav({ id: "cal", url: server.url, auth, owner: "mailto:anna@example.org", allow: "private" });
    return { server, hub: await openHub({ store: ":memory:", systems: [system] }) };
  };

  it.each(answers)("%s, to a look", async (_, answer, code) => {
    let hostile = false;
    // The stamp of the calendar: what every look begins with.
    const { server, hub } = await hubOn(({ method, path }, response) => {
      if (!hostile || method === "OPTIONS" || path !== "/cal/") return false;
      answer(response);
      return true;
    });
    await using _hub = { [Symbol.asyncDispose]: () => hub.close() };
    await hub.sync();
    server.items.set("a.ics", { etag: "1", data: event("a", "after") });
    server.touch();
    hostile = true;
    const [line] = await hub.sync();
    expect(line?.failures).toMatchObject([{ code }]);
    const said = JSON.stringify([line, await hub.status()]);
    expect(said).not.toContain("hunter2");
    expect(said).not.toContain("a secret of");
    hostile = false;
    await hub.sync();
    const names = (await Array.fromAsync(hub.activities())).map(({ activity }) => activity.summaryMap.en);
    expect(names).toEqual([expect.stringContaining("after")]);
  });

  it("a redirect to another host shows that host nothing, and an address there is never asked", async () => {
    const stranger = await scripted((_, response) => response.writeHead(207).end(whole));
    const elsewhere = stranger.url.replace("127.0.0.1", "127.0.0.2");
    const { hub } = await hubOn(({ method }, response) => {
      if (method !== "PROPFIND") return false;
      response.writeHead(301, { location: `${elsewhere}/cal/` }).end();
      return true;
    });
    await using _hub = { [Symbol.asyncDispose]: () => hub.close() };
    const [line] = await hub.sync();
    expect(line?.failures).toMatchObject([{ code: "unreachable", message: expect.stringContaining("hosts") }]);
    expect(stranger.asked).toEqual([]);
  });
});
