/** The conformance kit on calendars of real servers. */

import { caldav } from "groupstream/adapters/caldav";
import { event } from "../../protocol/dav/places.ts";
import { conformanceOn } from "../dav/conformance.ts";
import type { WorldOf } from "../dav/world.ts";
import { calendarServers, events } from "./servers.ts";

const calendars: WorldOf = {
  ...events,
  kind: "calendar",
  // Nobody who lives has an appointment then. Cyrus takes no event that ends as it begins.
  spoilt: (uid) =>
    event(uid, "Early")
      .replace(/^DTSTART[^\r\n]*/m, "DTSTART:17000101T090000Z")
      .replace(/^DTEND[^\r\n]*/m, "DURATION:PT1H"),
  wish: ({ name, text }) => ({
    type: "Event",
    name,
    text,
    start: "2026-12-03T10:00:00",
    end: "2026-12-03T11:30:00",
    timezone: "Europe/Berlin",
    startTime: "2026-12-03T09:00:00Z",
    endTime: "2026-12-03T10:30:00Z",
    status: "tentative",
  }),
};

await conformanceOn("caldav", calendarServers, calendars, ({ url, auth }) =>
  caldav({ id: "cal", url, auth, owner: "mailto:bob@example.org", allow: "private" }),
);
