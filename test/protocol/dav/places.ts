/** What the DAV tests share: accesses, sightings, and a strict server that says what it is told to. */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { ListingId, Page, Position, Read, Sighting } from "groupstream";
import type { DavReading } from "groupstream/protocol/dav";
import { davChanges, davFetch } from "../../../src/protocol/dav/changes.ts";
import { type Dav, type DavOptions, openDav } from "../../../src/protocol/dav/client.ts";
import type { DiscoveredCollection } from "../../../src/protocol/dav/collection.ts";
import { http, type Listening } from "../http/servers.ts";

export const never: AbortSignal = new AbortController().signal;
export const plainly: Read = { text: "none", behaviour: false };

/** Everything that was opened; closed after each test. */
export const opened: AsyncDisposable[] = [];
export const close = async (): Promise<void> => {
  for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
};

export const access = (url: string, options: Partial<DavOptions> = {}): Dav => {
  const auth = { username: "anna", password: "secret-anna" };
  const dav = openDav({ system: "dav", url, auth, allow: "private", timeout: 20_000, ...options });
  opened.push(dav);
  return dav;
};

/** What the server was asked, and says. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A server that answers by `answer`, and keeps what it was asked. */
export const scripted = async (
  answer: (asked: Asked, response: ServerResponse) => void,
): Promise<Listening & { readonly asked: Asked[] }> => {
  const asked: Asked[] = [];
  const server = await http((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const one = { method: request.method ?? "", path: request.url ?? "", headers: request.headers, body };
      asked.push(one);
      answer(one, response);
    });
  });
  opened.push(server);
  return { ...server, asked };
};

export const multistatus = (content: string): string =>
  `<?xml version="1.0"?><d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:a="urn:ietf:params:xml:ns:carddav" xmlns:s="http://calendarserver.org/ns/">${content}</d:multistatus>`;
export const there = (href: string, props: string): string =>
  `<d:response><d:href>${href}</d:href><d:propstat><d:prop>${props}</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>`;
export const failing = (href: string, status: number): string =>
  `<d:response><d:href>${href}</d:href><d:status>HTTP/1.1 ${status} No</d:status></d:response>`;
export const token = (text: string): string => `<d:sync-token>${text}</d:sync-token>`;
export const reply = (response: ServerResponse, body: string, status = 207): void => {
  response.writeHead(status, { "content-type": "application/xml" }).end(body);
};

export const calendarAt = (url: string, more: Partial<DiscoveredCollection> = {}): DiscoveredCollection => ({
  url,
  kind: "calendar",
  name: "Calendar",
  components: [],
  syncs: true,
  ...more,
});

const descriptionIn = (data: string): string =>
  (/^DESCRIPTION:(.*?)\r?$/m.exec(data.replace(/\r?\n[ \t]/g, ""))?.[1] ?? "").replaceAll("\\n", "\n");

let minted = 0;
/** Shows the summary of an event with its description, or the name of a card, as a note; what has none is malformed. */
export const reading: DavReading = {
  mint: () => `listing-${++minted}` as ListingId,
  sightingOf: ({ key, revision, data }, read) => {
    const name = /^(?:SUMMARY|FN):(.+?)\r?$/m.exec(data)?.[1];
    return name === undefined
      ? { key, revision, malformed: { reason: "It has no name." } }
      : {
          key,
          revision,
          object: { type: "Note", name, ...(read.text !== "none" && { text: descriptionIn(data).slice(0, 2_000) }) },
        };
  },
};

export const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
};

/** An access that keeps what it is asked: the names of reports, else the method. */
export const overheard = (dav: Dav): { readonly dav: Dav; readonly asked: string[] } => {
  const asked: string[] = [];
  const ask: Dav["ask"] = (request, signal) => {
    asked.push(/<[A-Z]:([a-z]+-[a-z]+) xmlns/.exec(request.body ?? "")?.[1] ?? request.method);
    return dav.ask(request, signal);
  };
  return { dav: { ...dav, ask }, asked };
};

export const lookAt = (
  dav: Dav,
  collection: DiscoveredCollection,
  since?: Position,
  more: Partial<DavReading> = {},
): Promise<Page[]> => all(davChanges(dav, collection, since, { ...reading, ...more }, plainly, never));

export const fetchKeys = (dav: Dav, collection: DiscoveredCollection, keys: readonly string[]): Promise<Sighting[]> =>
  all(davFetch(dav, collection, keys, reading, plainly, never));

/** `key name`, `key gone`, `key ref`, `key malformed`, sorted. */
export const told = (pages: readonly Page[]): string[] =>
  pages
    .flatMap(({ sightings }) => sightings)
    .map((one) => {
      if ("gone" in one) return `${one.key} gone`;
      if ("malformed" in one) return `${one.key} malformed`;
      if ("out" in one) return `${one.key} out`;
      return `${one.key} ${"object" in one && one.object && "name" in one.object ? one.object.name : "ref"}`;
    })
    .sort();

export const event = (uid: string, summary: string, text = ""): string =>
  [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//test//EN",
    "BEGIN:VEVENT",
    `UID:${uid}`,
    "DTSTAMP:20260101T000000Z",
    "DTSTART:20260102T100000Z",
    "DTEND:20260102T110000Z",
    `SUMMARY:${summary}`,
    ...(text === "" ? [] : [`DESCRIPTION:${text.replaceAll("\n", "\\n")}`]),
    "END:VEVENT",
    "END:VCALENDAR",
    "",
  ].join("\r\n");

export const card = (uid: string, name: string): string =>
  ["BEGIN:VCARD", "VERSION:3.0", `UID:${uid}`, `FN:${name}`, `N:${name};;;;`, "END:VCARD", ""].join("\r\n");
