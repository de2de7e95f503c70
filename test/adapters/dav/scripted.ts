/** A server that says what it is told to: one account, one calendar or address book, what is in it, and what it answers instead. */

import type { ServerResponse } from "node:http";
import type { DavKind } from "../../../src/protocol/dav/names.ts";
import { type Asked, multistatus, reply, scripted, there, token } from "../../protocol/dav/places.ts";

/** What stands at a key. */
export interface Standing {
  readonly etag: string;
  readonly data: string;
  readonly scheduleTag?: string;
}

/** A server under way; `items` is what its collection holds. */
export interface Scripted {
  readonly url: string;
  readonly calendar: string;
  readonly asked: readonly Asked[];
  readonly items: Map<string, Standing>;
  /** Something changed: another sync-token. */
  touch(): void;
}

const cdata = (text: string): string => `<![CDATA[${text.replaceAll("]]>", "]]]]><![CDATA[>")}]]>`;

/** The words of a kind in XML. */
const kinds = {
  calendar: { type: "c:calendar", homes: "c:calendar-home-set", data: "c:calendar-data" },
  addressbook: { type: "a:addressbook", homes: "a:addressbook-home-set", data: "a:address-data" },
} as const;

/** As {@link scriptedDav}, with a calendar. */
export const scriptedCalendar = (
  instead?: (asked: Asked, response: ServerResponse, server: Scripted) => boolean,
  features?: string,
): Promise<Scripted> => scriptedDav("calendar", instead, features);

/**
 * Starts it; its collection is `/cal/`.
 * @param instead  answers a request in its own way, and says so
 */
export const scriptedDav = async (
  kind: DavKind,
  instead: (asked: Asked, response: ServerResponse, server: Scripted) => boolean = () => false,
  features = "1, calendar-access, calendar-auto-schedule",
): Promise<Scripted> => {
  const { type, homes, data: property } = kinds[kind];
  const items = new Map<string, Standing>();
  let version = 0;
  const touch = (): void => void (version += 1);
  const row = (key: string, { etag, data }: Standing, whole: boolean): string =>
    there(`/cal/${key}`, `<d:getetag>"${etag}"</d:getetag>${whole ? `<${property}>${cdata(data)}</${property}>` : ""}`);
  const propfind = ({ path, headers }: Asked): string => {
    if (path === "/cal/") {
      const own = `<d:resourcetype><d:collection/><${type}/></d:resourcetype><d:displayname>Work</d:displayname>${token(`t${version}`)}`;
      const members = headers.depth === "1" ? [...items].map(([key, item]) => row(key, item, false)) : [];
      return there("/cal/", own) + members.join("");
    }
    const principal =
      "<d:current-user-principal><d:href>/me/</d:href></d:current-user-principal><d:resourcetype><d:principal/></d:resourcetype>" +
      `<${homes}><d:href>/</d:href></${homes}>`;
    const calendar = path === "/" && headers.depth === "1" ? propfind({ path: "/cal/", headers: {}, method: "", body: "" }) : "";
    return there(path, principal) + calendar;
  };
  const report = ({ body }: Asked): string => {
    if (!body.includes("multiget")) return [...items].map(([key, item]) => row(key, item, false)).join("") + token(`t${version}`);
    const keys = [...body.matchAll(/\/cal\/([^<]+)</g)].map((match) => match[1]!);
    return keys.flatMap((key) => (items.has(key) ? row(key, items.get(key)!, true) : [])).join("");
  };
  const server = await scripted((asked, response) => {
    const self: Scripted = { url: `${server.url}/`, calendar: `${server.url}/cal/`, asked: server.asked, items, touch };
    if (instead(asked, response, self)) return;
    const { method, path, headers } = asked;
    const key = path.replace("/cal/", "");
    const item = items.get(key);
    if (method === "OPTIONS") return void response.writeHead(200, { dav: features }).end();
    if (method === "PROPFIND") return reply(response, multistatus(propfind(asked)));
    if (method === "REPORT") return reply(response, multistatus(report(asked)));
    if (method === "GET" && item) {
      const tag = item.scheduleTag === undefined ? {} : { "schedule-tag": item.scheduleTag };
      return void response.writeHead(200, { etag: `"${item.etag}"`, ...tag }).end(item.data);
    }
    if (method === "DELETE" && item && headers["if-match"] === `"${item.etag}"`) {
      touch();
      items.delete(key);
      return void response.writeHead(204).end();
    }
    if (method !== "PUT") return void response.writeHead(404).end();
    const stale =
      (headers["if-none-match"] !== undefined && item !== undefined) ||
      (headers["if-match"] !== undefined && headers["if-match"] !== `"${item?.etag}"`) ||
      (headers["if-schedule-tag-match"] !== undefined && headers["if-schedule-tag-match"] !== item?.scheduleTag);
    if (stale) return void response.writeHead(412).end();
    touch();
    items.set(key, { ...item, etag: `e${version}`, data: asked.body });
    response.writeHead(204).end();
  });
  return { url: `${server.url}/`, calendar: `${server.url}/cal/`, asked: server.asked, items, touch };
};
