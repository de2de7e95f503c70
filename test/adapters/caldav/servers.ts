/** The calendar servers of the lab, each with what it can be made to do: a row for every test that holds on all of them. */

import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Can, Content } from "groupstream/testing";
import { LabUnavailable } from "../../lab/packages.ts";
import { startRadicale } from "../../lab/radicale.ts";
import { startSogo } from "../../lab/sogo.ts";
import { startXandikos } from "../../lab/xandikos.ts";
import { event } from "../../protocol/dav/places.ts";

/** A running server with the account of `bob`, who is `bob@example.org`. */
export interface CalendarServer {
  readonly version: string;
  readonly url: string;
  /** Where bob's calendars are made. */
  readonly home: string;
  readonly auth: { readonly username: string; readonly password: string };
  /** So many things need two pages. */
  readonly many: Can<number>;
  /** Puts so many events into an empty calendar, at once. */
  readonly fill?: (calendar: string, contents: readonly Content[]) => Promise<void>;
  /** Makes every sync-token invalid. */
  readonly forget: Can<() => Promise<void>>;
  readonly moves: boolean;
  /** It tells organisers of answers (RFC 6638). */
  readonly schedules: boolean;
  stop(): Promise<void>;
}

const radicale = async (): Promise<CalendarServer> => {
  const server = await startRadicale({ users: ["bob"] });
  return {
    ...server,
    home: `${server.url}bob/`,
    auth: { username: "bob", password: server.password("bob") },
    many: 520,
    // It takes files that are put beside it; by PUT they take ten times as long.
    fill: async (calendar, contents) => {
      const folder = join(server.dir, "data/collection-root", new URL(calendar).pathname);
      for (const { name, text } of contents)
        await writeFile(join(folder, `${randomUUID()}.ics`), event(randomUUID(), name, text));
    },
    forget: () => server.forget(),
    moves: true,
    schedules: false,
  };
};

const xandikos = async (): Promise<CalendarServer> => {
  const server = await startXandikos();
  return {
    ...server,
    home: `${server.url}user/calendars/`,
    // It asks nobody who they are.
    auth: { username: "bob", password: "unasked" },
    many: { cannot: "Xandikos reads an event in 35 ms, and writes one in 120: two pages of them take it minutes" },
    forget: { cannot: "Xandikos' tokens are trees of its Git, which it keeps" },
    moves: false,
    schedules: false,
  };
};

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
    schedules: true,
  };
};

/** Each server; `undefined` where it cannot be had here, with the reason printed. With CI=1 that is an error. */
export const calendarServers: readonly (readonly [name: string, start: () => Promise<CalendarServer | undefined>])[] = (
  [
    ["Radicale", radicale],
    ["Xandikos", xandikos],
    ["SOGo", sogo],
  ] as const
).map(([name, start]) => [
  name,
  () =>
    start().catch((error): undefined => {
      if (!(error instanceof LabUnavailable) || process.env.CI) throw error;
      console.warn(`skipped: ${name}: ${error.message}`);
    }),
]);
