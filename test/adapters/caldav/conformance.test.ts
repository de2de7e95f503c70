/** The conformance kit on calendars of real servers. */

import { caldav } from "groupstream/adapters/caldav";
import { adapterConformance } from "groupstream/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
import { event } from "../../protocol/dav/places.ts";
import { type WorldOf, worldOn } from "../dav/world.ts";
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

for (const [name, start] of calendarServers) {
  const server = await start();
  describe.skipIf(!server)(`caldav on ${name} ${server?.version}`, () => {
    let begun = 0;
    beforeAll(() => {
      begun = performance.now();
    });
    afterAll(async () => {
      console.log(`the kit on ${name} ${server?.version}: ${Math.round((performance.now() - begun) / 1_000)} s`);
      await server?.stop();
    });
    adapterConformance({
      test: (title, check) => it(title, { timeout: 60_000 }, check),
      title: `on ${name}`,
      world: () => worldOn(server!, calendars),
      make: () => caldav({ id: "cal", url: server!.url, auth: server!.auth, owner: "mailto:bob@example.org", allow: "private" }),
    });
  });
}
