/** The calendar servers of the lab, each with what it can be made to do: a row for every test that holds on all of them. */

import { randomUUID } from "node:crypto";
import type { Content } from "groupstream/testing";
import { startCyrus } from "../../lab/cyrus.ts";
import { startSogo } from "../../lab/sogo.ts";
import { event } from "../../protocol/dav/places.ts";
import { type DavServer, type Kept, radicaleWith, rowsOf, type ServerRow, xandikosWith } from "../dav/servers.ts";

/** Events as they are kept. */
export const events: Kept = { ending: ".ics", text: (uid, { name, text }) => event(uid, name, text) };

/** A running server with the account of `bob`, who is `bob@example.org`. */
export interface CalendarServer extends DavServer {
  /** What is lost of an answer to a meeting whose organiser has no account there; absent: the server does not say. */
  readonly untold?: string;
}

const radicale = async (): Promise<CalendarServer> => ({ ...(await radicaleWith(events)), untold: "RFC 6638" });

const xandikos = async (): Promise<CalendarServer> => ({ ...(await xandikosWith("calendars")), untold: "RFC 6638" });

const sogo = async (): Promise<CalendarServer> => {
  const server = await startSogo({ users: ["bob"] });
  /** Copies of the one event in a calendar, under other names: beside SOGo's own work, which takes 50 ms an event. */
  const copies = async (calendar: string, contents: readonly Content[]): Promise<void> => {
    const name = new URL(calendar).pathname.split("/").at(-2);
    const [folder] = (await server.sql(`SELECT c_folder_id FROM sogo_folder_info WHERE c_path4 = '${name}'`)).split("\n");
    const rows = contents.map((content) => {
      const uid = randomUUID();
      return `(${folder}, '${uid}.ics', '${uid}', '${content.name}', '${event(uid, content.name, content.text)}')`;
    });
    await server.sql(`
      CREATE TEMP TABLE made (folder int, name text, uid text, title text, data text);
      INSERT INTO made VALUES ${rows.join(",")};
      INSERT INTO sogo_store (c_folder_id, c_name, c_content, c_creationdate, c_lastmodified, c_version, c_deleted)
        SELECT folder, name, data, floor(extract(epoch FROM now())), floor(extract(epoch FROM now())), 0, NULL FROM made;
      INSERT INTO sogo_quick_appointment (c_folder_id, c_name, c_uid, c_startdate, c_enddate, c_title, c_classification, c_isopaque,
        c_status, c_component) SELECT folder, name, uid, 1767348000, 1767351600, title, 0, 1, 1, 'vevent' FROM made`);
  };
  return {
    ...server,
    home: server.home("bob"),
    auth: { username: "bob", password: server.password("bob") },
    many: 520,
    fill: copies,
    forget: { cannot: "SOGo's tokens are times: it honours every one" },
    moves: true,
  };
};

const cyrus = async (): Promise<CalendarServer> => {
  const server = await startCyrus({ users: ["bob"] });
  return {
    ...server,
    home: server.home("bob"),
    auth: { username: "bob", password: server.password("bob") },
    many: 520,
    forget: {
      cannot: "Cyrus' tokens are counters of what changed: it honours every one of as long as it remembers what was removed",
    },
    moves: true,
    untold: "SCHEDULE-STATUS 5.1",
  };
};

/** Each server; `undefined` where it cannot be had here, with the reason printed. With CI=1 that is an error. */
export const calendarServers: readonly ServerRow<CalendarServer>[] = rowsOf([
  ["Radicale", radicale],
  ["Xandikos", xandikos],
  ["SOGo", sogo],
  ["Cyrus", cyrus],
]);
