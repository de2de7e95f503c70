/** The places of the example: a real Radicale with a calendar and an address book, a real Prosody with a room; and Ann, who has them. */

import { setTimeout as pause } from "node:timers/promises";
import { caldav } from "groupstream/adapters/caldav";
import { carddav } from "groupstream/adapters/carddav";
import { xmpp } from "groupstream/adapters/xmpp";
import { openDav } from "../../src/protocol/dav/client.ts";
import { davMake, davPut } from "../../src/protocol/dav/write.ts";
import { startProsody } from "../../test/lab/prosody.ts";
import { startRadicale } from "../../test/lab/radicale.ts";
import { Person } from "../../test/lab/xmpp.ts";

export const ann = "mailto:ann@example.org";

const never = new AbortController().signal;

/** A meeting of Ada's, as her calendar program writes it. @param edition  raised with every change of its time or place */
const meeting = (hour: number, place: string, edition: number): string =>
  [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Example//Calendar//EN",
    "BEGIN:VEVENT",
    "UID:review@example.org",
    `DTSTAMP:20261101T08000${edition}Z`,
    "SUMMARY:Review",
    `DTSTART;TZID=Europe/Berlin:20301203T${hour}0000`,
    "DURATION:PT1H",
    `LOCATION:${place}`,
    "ORGANIZER;CN=Ada Lovelace:mailto:ada@example.org",
    "ATTENDEE;CN=Ann;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:ann@example.org",
    "ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED:mailto:bob@example.org",
    `SEQUENCE:${edition}`,
    "X-ROOM-NUMBER;X-FLOOR=3:307",
    "END:VEVENT",
    "END:VCALENDAR",
    "",
  ].join("\r\n");

/** Eve's card in Ann's address book. */
const card = (phone: string): string =>
  [
    "BEGIN:VCARD",
    "VERSION:3.0",
    "UID:eve",
    "FN:Eve Moneypenny",
    "N:Moneypenny;Eve;;;",
    "EMAIL:eve@example.org",
    `TEL;TYPE=WORK:${phone}`,
    "END:VCARD",
    "",
  ].join("\r\n");

/** Starts everything; disposal stops it and leaves nothing behind. */
export const openPlaces = async () => {
  const stack = new AsyncDisposableStack();
  const radicale = await startRadicale({ users: ["ann"] });
  stack.defer(() => radicale.stop());
  const prosody = await startProsody();
  stack.defer(() => prosody.stop());
  const room = `team@${prosody.rooms}`;
  const person = await Person.open(prosody, await prosody.user("ann"));
  stack.defer(() => person.stop());
  // The first to enter makes the room.
  await person.enter(room, "Ann");
  // Anybody may call themselves Ann: the room shows whose account it is.
  await person.configure(room, { "muc#roomconfig_whois": "anyone" });
  const { password } = await prosody.user("bridge");

  const auth = { username: "ann", password: radicale.password("ann") };
  const dav = stack.use(openDav({ system: "ada", url: radicale.url, auth, allow: "private" }));
  const calendar = `${radicale.url}ann/work/`;
  await davMake(dav, calendar, { kind: "calendar", name: "Work" }, never);
  const file = `${calendar}review.ics`;
  const book = `${radicale.url}ann/people/`;
  await davMake(dav, book, { kind: "addressbook", name: "People" }, never);
  await davPut(dav, `${book}eve.vcf`, card("+49 30 1234"), { kind: "addressbook", create: true }, never);
  const stands = async (url = file): Promise<{ etag: string; text: string }> => {
    const { headers, body } = await dav.ask({ method: "GET", url }, never);
    return { etag: String(headers.etag), text: new TextDecoder().decode(body) };
  };

  return {
    radicale,
    prosody,
    room,
    person,
    /** Calendar, address book and room, ready to be read and written. */
    systems: () => [
      caldav({ id: "calendars", url: radicale.url, auth, allow: "private", owner: ann }),
      carddav({ id: "contacts", url: radicale.url, auth, allow: "private", owner: ann }),
      xmpp({
        id: "chat",
        domain: prosody.domain,
        service: `xmpp://${prosody.host}:${prosody.port}`,
        username: "bridge",
        password,
        nickname: "Calendar",
        rooms: [room],
        audience: [ann],
      }),
    ],
    /** Who is one person under several ids: Ann answers in the room, and her calendar is hers. */
    people: [{ ids: [ann, `xmpp:ann@${prosody.domain}`] }],
    /** Ada invites Ann. */
    async invites(): Promise<void> {
      await davPut(dav, file, meeting(10, "Room 3", 0), { kind: "calendar", create: true }, never);
    },
    /** Ada moves the meeting, and leaves answers as they are. */
    async moves(): Promise<void> {
      const { etag, text } = await stands();
      const moved = text
        .replace(/^(DTSTART.*T)10(0000\r?)$/m, "$114$2")
        .replace(/^LOCATION:.*$/m, "LOCATION:Library")
        .replace(/^SEQUENCE:0/m, "SEQUENCE:1")
        .replace(/^(DTSTAMP:\d+T08000)0/m, "$11");
      await davPut(dav, file, moved, { kind: "calendar", match: etag }, never);
    },
    /** Eve has another number. */
    async renumbers(): Promise<void> {
      const { etag } = await stands(`${book}eve.vcf`);
      await davPut(dav, `${book}eve.vcf`, card("+49 30 5678"), { kind: "addressbook", match: etag }, never);
    },
    /** The event as the server keeps it. */
    async kept(): Promise<string> {
      return (await stands()).text;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
};

export type Places = Awaited<ReturnType<typeof openPlaces>>;

/** What comes within 20 s. */
export const until = async <T>(what: string, find: () => Promise<T | undefined> | T | undefined): Promise<T> => {
  for (let waited = 0; waited < 20_000; waited += 100) {
    const found = await find();
    if (found !== undefined) return found;
    await pause(100);
  }
  throw new Error(`${what} did not come within 20 s`);
};
