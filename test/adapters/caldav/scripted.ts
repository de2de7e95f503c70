/** A calendar server that says what it is told to: one account, one calendar, what is in it, and what it answers instead. */

import type { ServerResponse } from "node:http";
import { type Asked, multistatus, reply, scripted, there, token } from "../../protocol/dav/places.ts";

/** What stands at a key. */
export interface Standing {
  readonly etag: string;
  readonly data: string;
  readonly scheduleTag?: string;
}

/** A server under way; `items` is what its calendar holds. */
export interface Scripted {
  readonly url: string;
  readonly calendar: string;
  readonly asked: readonly Asked[];
  readonly items: Map<string, Standing>;
  /** Something changed: another sync-token. */
  touch(): void;
}

const cdata = (text: string): string => `<![CDATA[${text.replaceAll("]]>", "]]]]><![CDATA[>")}]]>`;

/**
 * Starts it.
 * @param instead  answers a request in its own way, and says so
 */
export const scriptedCalendar = async (
  instead: (asked: Asked, response: ServerResponse, server: Scripted) => boolean = () => false,
  features = "1, calendar-access, calendar-auto-schedule",
): Promise<Scripted> => {
  const items = new Map<string, Standing>();
  let version = 0;
  const touch = (): void => void (version += 1);
  const row = (key: string, { etag, data }: Standing, whole: boolean): string =>
    there(`/cal/${key}`, `<d:getetag>"${etag}"</d:getetag>${whole ? `<c:calendar-data>${cdata(data)}</c:calendar-data>` : ""}`);
  const propfind = ({ path, headers }: Asked): string => {
    if (path === "/cal/") {
      const own = `<d:resourcetype><d:collection/><c:calendar/></d:resourcetype><d:displayname>Work</d:displayname>${token(`t${version}`)}`;
      const members = headers.depth === "1" ? [...items].map(([key, item]) => row(key, item, false)) : [];
      return there("/cal/", own) + members.join("");
    }
    const principal =
      "<d:current-user-principal><d:href>/me/</d:href></d:current-user-principal><d:resourcetype><d:principal/></d:resourcetype>" +
      "<c:calendar-home-set><d:href>/</d:href></c:calendar-home-set>";
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
    if (method !== "PUT") return void response.writeHead(404).end();
    const stale =
      (headers["if-match"] !== undefined && headers["if-match"] !== `"${item?.etag}"`) ||
      (headers["if-schedule-tag-match"] !== undefined && headers["if-schedule-tag-match"] !== item?.scheduleTag);
    if (stale) return void response.writeHead(412).end();
    touch();
    items.set(key, { ...item, etag: `e${version}`, data: asked.body });
    response.writeHead(204).end();
  });
  return { url: `${server.url}/`, calendar: `${server.url}/cal/`, asked: server.asked, items, touch };
};
