/** The calendar servers of the lab, each with what it can be made to do: a row for every test that holds on all of them. */

import { event } from "../../protocol/dav/places.ts";
import {
  cyrusWith,
  type DavServer,
  type Kept,
  radicaleWith,
  rowsOf,
  type ServerRow,
  sogoWith,
  xandikosWith,
} from "../dav/servers.ts";

/** Events as they are kept. */
export const events: Kept = { ending: ".ics", text: (uid, { name, text }) => event(uid, name, text) };

/** A running server with the account of `bob`, who is `bob@example.org`. */
export interface CalendarServer extends DavServer {
  /** What is lost of an answer to a meeting whose organiser has no account there; absent: the server does not say. */
  readonly untold?: string;
}

const radicale = async (): Promise<CalendarServer> => ({ ...(await radicaleWith(events)), untold: "RFC 6638" });

const xandikos = async (): Promise<CalendarServer> => ({ ...(await xandikosWith("calendars")), untold: "RFC 6638" });

const sogo = async (): Promise<CalendarServer> => ({
  ...(await sogoWith(
    events,
    "Calendar",
    `INSERT INTO sogo_quick_appointment (c_folder_id, c_name, c_uid, c_startdate, c_enddate, c_title, c_classification, c_isopaque,
      c_status, c_component) SELECT folder, name, uid, 1767348000, 1767351600, title, 0, 1, 1, 'vevent' FROM made`,
    true,
  )),
});

/** All events in one calendar. */
const wholeCalendar = (texts: readonly string[]): readonly [string, string] => {
  const component = /BEGIN:VEVENT[\s\S]*END:VEVENT\r\n/;
  const components = texts.map((text) => component.exec(text)?.[0] ?? "");
  return ["text/calendar", texts[0]?.replace(component, components.join("")) ?? ""];
};

const cyrus = async (): Promise<CalendarServer> => ({
  ...(await cyrusWith(events, "home", wholeCalendar)),
  untold: "SCHEDULE-STATUS 5.1",
});

/** Each server; `undefined` where it cannot be had here, with the reason printed. With CI=1 that is an error. */
export const calendarServers: readonly ServerRow<CalendarServer>[] = rowsOf([
  ["Radicale", radicale],
  ["Xandikos", xandikos],
  ["SOGo", sogo],
  ["Cyrus", cyrus],
]);
